//! The place of what the calls keep for each thread, found without a call.
//!
//! A shared library finds a `thread_local!` by a call of its own (`__tls_get_addr`), twice in each of our calls: a fifth
//! of what it takes to lock and unlock a mutex. There is a cheaper form, *initial exec*: the loader says once how far
//! from the thread's own block the value lies, and two instructions find it. Compilers offer that for whole programs
//! only, so it is written out here. Its price is room in a reserve that the loader keeps for libraries that are loaded
//! late: some 1,600 bytes in glibc, of which we take about 300, for all that the standard library and we keep for each
//! thread. Where the processor or the C library is another, it is a `thread_local!` like any other.
//!
//! # Safety
//! 1. A place is `size_of::<Thread>()` bytes, aligned for it, and all zero in a new thread, which is [`Thread::new`]
//!    (a test compares them).
//! 2. It belongs to the thread that asks, lives as long as that thread, and is never moved or dropped.
#![allow(unsafe_code)]

use super::thread::Thread;

#[cfg(all(target_arch = "x86_64", target_env = "gnu", target_pointer_width = "64", not(miri)))]
mod place {
    use std::arch::{asm, global_asm};

    use super::Thread;

    global_asm!(
        ".pushsection .tbss.lasthandle_ffi_thread, \"awT\", @nobits",
        ".globl lasthandle_ffi_thread",
        ".hidden lasthandle_ffi_thread",
        ".type lasthandle_ffi_thread, @tls_object",
        ".size lasthandle_ffi_thread, {size}",
        ".balign {alignment}",
        "lasthandle_ffi_thread:",
        ".zero {size}",
        ".popsection",
        size = const size_of::<Thread>(),
        alignment = const align_of::<Thread>(),
    );

    #[inline(always)]
    #[allow(clippy::inline_always)] // it is two instructions
    pub(super) fn with<R>(body: impl FnOnce(&Thread) -> R) -> R {
        let place: *const Thread;
        // SAFETY: on this system `fs:0` holds the address of the thread's own block, and the loader has written how far
        // from there the symbol lies; nothing is changed but the register and the flags. Both words stay what they are
        // as long as the thread lives, so the answer depends on nothing else (`pure`, `nomem`).
        unsafe {
            asm!(
                "mov {place}, qword ptr fs:[0]",
                "add {place}, qword ptr [rip + lasthandle_ffi_thread@GOTTPOFF]",
                place = out(reg) place,
                options(pure, nomem, nostack),
            );
        }
        // SAFETY: by 1 a `Thread` lies there, and by 2 for longer than this call; only shared references exist.
        body(unsafe { &*place })
    }
}

#[cfg(not(all(target_arch = "x86_64", target_env = "gnu", target_pointer_width = "64", not(miri))))]
mod place {
    use super::Thread;

    thread_local! {
        static PLACE: Thread = const { Thread::new() };
    }

    #[inline]
    pub(super) fn with<R>(body: impl FnOnce(&Thread) -> R) -> R {
        PLACE.with(body)
    }
}

/// What the calls keep for the thread that asks.
pub(crate) struct Near;

impl Near {
    #[inline(always)]
    #[allow(clippy::inline_always, clippy::unused_self)] // used as a `thread_local!` is
    pub(crate) fn with<R>(&self, body: impl FnOnce(&Thread) -> R) -> R {
        place::with(body)
    }
}

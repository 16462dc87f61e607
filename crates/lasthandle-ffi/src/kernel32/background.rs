//! Threads of our own, which the program knows nothing of: none of its signals is handled on them.
//!
//! # Safety
//! Signal masks are plain values, and the calls that change the calling thread's have no other effect.
#![allow(unsafe_code)]

use std::io;
use std::mem::MaybeUninit;
use std::ptr::null_mut;
use std::thread::Builder;

/// Enough for what they do.
const STACK: usize = 256 * 1024;

/// Starts a thread that runs until this process ends, or until `body` does.
pub(crate) fn start(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let quiet = Quiet::begin();
    let started = Builder::new().name(format!("lasthandle-{name}")).stack_size(STACK).spawn(body);
    drop(quiet);
    started.map(drop)
}

/// No signal is delivered to this thread, nor to threads that it starts, until dropped.
pub(crate) struct Quiet(libc::sigset_t);

impl Quiet {
    pub(crate) fn begin() -> Self {
        let mut all = MaybeUninit::uninit();
        // SAFETY: room for a set, which is filled.
        unsafe { libc::sigfillset(all.as_mut_ptr()) };
        let mut before = MaybeUninit::uninit();
        // SAFETY: a set that was just filled, and room for the one before.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) };
        // SAFETY: the call above cannot fail with these arguments, and has written it.
        Self(unsafe { before.assume_init() })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // SAFETY: the set that was there before.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, null_mut()) };
    }
}

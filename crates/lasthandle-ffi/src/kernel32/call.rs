//! What every exported call has around it: the last error of the thread, and errno.
//!
//! A call that fails leaves its code; one that succeeds leaves what was there, unless it says otherwise. Every call ends
//! by storing the last error in errno, too: under Mono and .NET on Linux `Marshal.GetLastWin32Error` reads that, and the
//! system calls underneath may have changed it.
//!
//! # Safety
//! errno of the calling thread may be written at any time.
#![allow(unsafe_code)]

use std::cell::Cell;

use super::code::Code;

thread_local! {
    static LAST: Cell<Code> = const { Cell::new(Code::SUCCESS) };
}

/// The body of a call; `failed` is what it returns on an error.
#[inline]
pub(crate) fn call<R>(failed: R, body: impl FnOnce() -> Result<R, Code>) -> R {
    let returned = body().unwrap_or_else(|code| {
        LAST.set(code);
        failed
    });
    store_errno(LAST.get());
    returned
}

/// A call that says TRUE or FALSE.
#[inline]
pub(crate) fn succeeds(body: impl FnOnce() -> Result<(), Code>) -> i32 {
    call(0, || body().map(|()| 1))
}

pub(crate) fn last_error() -> Code {
    LAST.get()
}

pub(crate) fn set_last_error(code: Code) {
    LAST.set(code);
}

#[inline]
fn store_errno(code: Code) {
    // SAFETY: has no preconditions.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: it points to this thread's errno; see the top.
    unsafe { errno.write(0_i32.wrapping_add_unsigned(code.0)) };
}

/// Defines an exported call. The name is Windows'; a panic in it would be a broken invariant, and ends the process: that
/// is what `extern "C"` does with panics.
macro_rules! export {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $returned:ty)? $body:block)*) => {$(
        $(#[$doc])*
        #[allow(unsafe_code, non_snake_case)] // unsafe: nobody else exports a symbol of this name
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $name($($argument: $type),*) $(-> $returned)? $body
    )*};
}
pub(crate) use export;

/// Defines the narrow and the wide form of calls with an object's name among the arguments, which stands between two
/// semicolons. The body sees it as `Result<Given, Code>`.
macro_rules! export_named {
    ($($(#[$doc:meta])* fn $narrow:ident, $wide:ident($($before:ident: $type:ty),*; $name:ident; $($after:ident: $kind:ty),*)
        -> $returned:ty $body:block)*) => {$(
        $crate::kernel32::call::export! {
            $(#[$doc])*
            fn $narrow($($before: $type,)* $name: $crate::kernel32::pointer::Narrow, $($after: $kind),*) -> $returned {
                let $name = $name.name();
                $body
            }
            $(#[$doc])*
            fn $wide($($before: $type,)* $name: $crate::kernel32::pointer::Wide, $($after: $kind),*) -> $returned {
                let $name = $name.name();
                $body
            }
        }
    )*};
}
pub(crate) use export_named;

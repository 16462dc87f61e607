//! What every exported call has around it: the last error of the thread, and errno.
//!
//! A call that fails leaves its code; one that succeeds leaves what was there, unless it says otherwise. Every call ends
//! by storing the last error in errno, too: under Mono and .NET on Linux `Marshal.GetLastWin32Error` reads that, and the
//! system calls underneath may have changed it.
//!
//! # Safety
//! errno of the calling thread may be written at any time.
#![allow(unsafe_code)]

use super::code::Code;
use super::thread::{THREAD, Thread};

/// The body of a call; `failed` is what it returns on an error.
#[inline]
pub(crate) fn call<R>(failed: R, body: impl FnOnce() -> Result<R, Code>) -> R {
    let returned = body();
    THREAD.with(|thread| {
        let returned = returned.unwrap_or_else(|code| {
            thread.last.set(code);
            failed
        });
        store_errno(thread);
        returned
    })
}

/// A call that says TRUE or FALSE.
#[inline]
pub(crate) fn succeeds(body: impl FnOnce() -> Result<(), Code>) -> i32 {
    call(0, || body().map(|()| 1))
}

pub(crate) fn last_error() -> Code {
    THREAD.with(|thread| thread.last.get())
}

pub(crate) fn set_last_error(code: Code) {
    THREAD.with(|thread| thread.last.set(code));
}

#[inline]
fn store_errno(thread: &Thread) {
    let errno = match thread.errno.get() {
        place if place.is_null() => find_errno(thread),
        place => place,
    };
    // SAFETY: this thread's errno, which stays where it is as long as the thread lives; see the top.
    unsafe { errno.write(0_i32.wrapping_add_unsigned(thread.last.get().0)) };
}

#[cold]
fn find_errno(thread: &Thread) -> *mut i32 {
    // SAFETY: has no preconditions.
    let errno = unsafe { libc::__errno_location() };
    thread.errno.set(errno);
    errno
}

/// Defines an exported call. The name is Windows'; a panic in it would be a broken invariant, and ends the process: that
/// is what `extern "C"` does with panics.
macro_rules! export {
    ($($calls:tt)*) => { $crate::kernel32::call::export_as! { "C"; $($calls)* } };
}
pub(crate) use export;

/// The same for calls out of which a thread may be taken down: they call what the program gave them, or end the thread.
/// They have nothing to drop while they do that.
macro_rules! export_unwinding {
    ($($calls:tt)*) => { $crate::kernel32::call::export_as! { "C-unwind"; $($calls)* } };
}
pub(crate) use export_unwinding;

macro_rules! export_as {
    ($abi:literal; $($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $returned:ty)?
        $body:block)*) => {$(
        $(#[$doc])*
        #[allow(unsafe_code, non_snake_case)] // unsafe: nobody else exports a symbol of this name
        #[unsafe(no_mangle)]
        pub(crate) extern $abi fn $name($($argument: $type),*) $(-> $returned)? $body
    )*};
}
pub(crate) use export_as;

/// Defines the narrow and the wide form of calls with a text among the arguments, which stands between two semicolons.
/// The body sees what the method named first makes of it.
macro_rules! export_text {
    ($method:ident $($(#[$doc:meta])* fn $narrow:ident, $wide:ident($($before:ident: $type:ty),*; $name:ident;
        $($after:ident: $kind:ty),*) -> $returned:ty $body:block)*) => {$(
        $crate::kernel32::call::export! {
            $(#[$doc])*
            fn $narrow($($before: $type,)* $name: $crate::kernel32::pointer::Narrow, $($after: $kind),*) -> $returned {
                let $name = $name.$method();
                $body
            }
            $(#[$doc])*
            fn $wide($($before: $type,)* $name: $crate::kernel32::pointer::Wide, $($after: $kind),*) -> $returned {
                let $name = $name.$method();
                $body
            }
        }
    )*};
}
pub(crate) use export_text;

/// The text is an object's name, a `Result<Given, Code>`.
macro_rules! export_named {
    ($($calls:tt)*) => { $crate::kernel32::call::export_text! { name $($calls)* } };
}
pub(crate) use export_named;

/// The text is a file's path, a `Result<PathBuf, Code>`.
macro_rules! export_path {
    ($($calls:tt)*) => { $crate::kernel32::call::export_text! { path $($calls)* } };
}
pub(crate) use export_path;

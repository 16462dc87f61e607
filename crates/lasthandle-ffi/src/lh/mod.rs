//! The functions with the prefix `lh_`: the library's own types, for C, on every system.
//!
//! # Safety
//! What the header says of pointers: one to an `lh_` type is null or came from the function that makes such, and is
//! closed once, when no other call uses it; one to a result is null or a place for it; a name ends in NUL.
#![allow(unsafe_code)]
#![allow(unreachable_pub, non_camel_case_types)] // public is what cbindgen reads; the types are called as in C
#![allow(clippy::missing_const_for_thread_local)] // they are const: a false alarm on Windows' GNU targets
#![allow(clippy::doc_markdown)] // the header has no use for back-ticks

mod broadcast;
mod channel;
mod company;
mod ends;
mod handle;
mod in_place;
mod latest;
mod list;
mod loan;
mod mapping;
mod message;
mod name;
mod object;
mod taking;
mod wait;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
use std::ptr::null;

use lasthandle::{Error, ErrorKind, Name, Result};

thread_local! {
    static MESSAGE: RefCell<Option<CString>> = const { RefCell::new(None) };
}

/// What went wrong in the last `lh_` function of this thread that failed, as a sentence in UTF-8; null if none did. Valid
/// until the next one fails.
#[unsafe(no_mangle)]
pub extern "C" fn lh_error_message() -> *const c_char {
    let mut found = null();
    // A thread that ends has none any more.
    let _ = MESSAGE.try_with(|message| {
        if let Some(text) = message.borrow().as_ref() {
            found = text.as_ptr();
        }
    });
    found
}

/// The body of a function: its code, and the message put aside.
fn code_of(body: impl FnOnce() -> Result<()>) -> u32 {
    let Err(error) = body() else { return 0 };
    // A name with a NUL inside cannot come from C.
    let _ = MESSAGE.try_with(|message| message.replace(CString::new(error.to_string()).ok()));
    error.windows_code()
}

/// The object behind a pointer from C.
///
/// # Safety
/// See the top of the file.
unsafe fn object<'a, T>(pointer: *const T) -> Result<&'a T> {
    let null = || Error::new(ErrorKind::InvalidHandle).detail("the pointer is null");
    // SAFETY: null, or made by `hand_out` and not closed yet.
    unsafe { pointer.as_ref() }.ok_or_else(null)
}

/// A place for a result, that must be there.
fn place<T>(pointer: *mut T) -> Result<*mut T> {
    let null = || Error::new(ErrorKind::InvalidParameter).detail("there is no place for the result");
    if pointer.is_null() { Err(null()) } else { Ok(pointer) }
}

/// Writes a result, if there is a place for it.
///
/// # Safety
/// See the top of the file.
unsafe fn write<T>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: not null, so a place for it.
        unsafe { place.write(value) };
    }
}

/// A name from C; none for null.
///
/// # Safety
/// See the top of the file.
unsafe fn optional_name(text: *const c_char) -> Result<Option<Name>> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: not null, so it ends in NUL.
    let text = unsafe { CStr::from_ptr(text) };
    let refuse = |_| Error::new(ErrorKind::InvalidName).detail("the name is not UTF-8").during("use the name", None);
    Name::new(text.to_str().map_err(refuse)?).map(Some)
}

/// A name from C, that must be there.
///
/// # Safety
/// See the top of the file.
unsafe fn required_name(text: *const c_char) -> Result<Name> {
    // SAFETY: the contract is the same.
    let name = unsafe { optional_name(text) }?;
    name.ok_or_else(|| Error::new(ErrorKind::InvalidParameter).detail("there is no name"))
}

/// Gives an object to C.
fn hand_out<T>(object: T) -> *mut T {
    Box::into_raw(Box::new(object))
}

/// Takes back what [`hand_out`] gave, to drop it. Null is nothing.
///
/// # Safety
/// See the top of the file.
unsafe fn take_back<T>(pointer: *mut T) {
    if !pointer.is_null() {
        // SAFETY: it came from `hand_out`, and is closed once, here.
        drop(unsafe { Box::from_raw(pointer) });
    }
}

//! Names.
//!
//! # Safety
//! As in `mod.rs`; a text's place has as many bytes as is said.
#![allow(unsafe_code)]

use std::ffi::c_char;

use lasthandle::{Error, ErrorKind, Result};

use super::mapping::lh_mapping;
use super::object::lh_object;
use super::{code_of, object, place, required_name, write};

/// Whether a name keeps the rules, without looking whether anything has it. 0, or what creating and opening say: 6 for
/// the empty name, 161 for a leading backslash, 3 for an unknown prefix or a further backslash, 123 for a prefix alone, or
/// for more than 32,766 UTF-16 units or no UTF-8; 87 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_name_check(name: *const c_char) -> u32 {
    // SAFETY: the contract is the same.
    code_of(|| unsafe { required_name(name) }.map(|_| ()))
}

/// Writes a name with its prefix, Local\\ or Global\\, and a NUL: two names mean the same if, and only if, this is the
/// same. `length`, which may be null, becomes the bytes of the text without the NUL, also where `capacity`, the bytes of
/// `text`, is too small: then the code is 122, and nothing is written to `text`, which may be null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_name_format(
    name: *const c_char,
    text: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> u32 {
    // SAFETY: the contract is the same.
    let whole = || unsafe { required_name(name) }.map(|name| name.to_string());
    // SAFETY: as above.
    unsafe { fill(whole, text, capacity, length) }
}

/// Writes the name of an event, mutex, semaphore or timer as lh_name_format does; empty if it has none, or came from
/// another process.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_object_name(
    of: *const lh_object,
    text: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> u32 {
    // SAFETY: the contract is the same.
    let name = || unsafe { object(of) }.and_then(|object| Ok(object.sync()?.label().unwrap_or_default().to_owned()));
    // SAFETY: as above.
    unsafe { fill(name, text, capacity, length) }
}

/// The same for a mapping.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_mapping_name(
    of: *const lh_mapping,
    text: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> u32 {
    // SAFETY: the contract is the same.
    let name = || unsafe { object(of) }.map(|mapping| mapping.mapping().label().unwrap_or_default().to_owned());
    // SAFETY: as above.
    unsafe { fill(name, text, capacity, length) }
}

/// # Safety
/// As the top of the file says.
unsafe fn fill(name: impl FnOnce() -> Result<String>, text: *mut c_char, capacity: usize, length: *mut usize) -> u32 {
    let mut fits = true;
    let code = code_of(|| {
        let name = name()?;
        // SAFETY: a place, or null.
        unsafe { write(length, name.len()) };
        fits = capacity > name.len();
        if fits {
            let text = place(text)?;
            // SAFETY: there is room for more bytes than the name has.
            unsafe { copy(&name, text) };
        }
        Ok(())
    });
    if code == 0 && !fits { too_small() } else { code }
}

/// The code is Windows' own (`ERROR_INSUFFICIENT_BUFFER`).
fn too_small() -> u32 {
    code_of(|| Err(Error::new(ErrorKind::InvalidParameter).detail("the place for the name is too small")));
    122
}

/// # Safety
/// There is room for the name and a NUL.
unsafe fn copy(name: &str, text: *mut c_char) {
    // SAFETY: there is room for so many bytes, which no other thread uses.
    unsafe { name.as_ptr().cast::<c_char>().copy_to_nonoverlapping(text, name.len()) };
    let end = text.wrapping_add(name.len());
    // SAFETY: there is room for one more.
    unsafe { end.write(0) };
}

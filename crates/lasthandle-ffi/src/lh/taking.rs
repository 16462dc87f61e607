//! Taking an end: what the ends of channels, broadcasts and latest values have in common.
//!
//! # Safety
//! As in `mod.rs`; options are null or point to some, and a type's name is null or ends in NUL.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};
use std::ptr::without_provenance_mut;

use lasthandle::{Error, ErrorKind, Name, Result};

use super::{code_of, place, required_name, write};

/// The body of a function that takes an end `E` by options `O`: `take` returns the handle.
///
/// # Safety
/// See the top of the file.
pub(super) unsafe fn take<O, E>(
    name: *const c_char,
    options: *const O,
    end: *mut *mut E,
    take: impl FnOnce(Option<&O>, Name) -> Result<usize>,
) -> u32 {
    code_of(|| {
        let end = place(end)?;
        // SAFETY: the contract is the same.
        let name = unsafe { required_name(name) }?;
        // SAFETY: null, or options.
        let handle = take(unsafe { options.as_ref() }, name)?;
        // SAFETY: a place.
        unsafe { write(end, without_provenance_mut(handle)) };
        Ok(())
    })
}

/// The type of all messages, as options tell it.
pub(super) struct Kind<'a> {
    /// Size and alignment; none: bytes of any number.
    layout: Option<(usize, usize)>,
    name: Option<&'a str>,
}

impl Kind<'_> {
    /// # Safety
    /// See the top of the file; the name is there for as long as this.
    pub(super) unsafe fn new(size: usize, alignment: u32, name: *const c_char) -> Result<Self> {
        // SAFETY: the contract is the same.
        Ok(Self { layout: layout(size, alignment as usize)?, name: unsafe { text(name) }? })
    }

    /// The library's options, with this type.
    pub(super) fn set<O>(self, options: O, layout: fn(O, usize, usize) -> O, name: fn(O, &str) -> O) -> O {
        let options = match self.layout {
            Some((size, alignment)) => layout(options, size, alignment),
            None => options,
        };
        match self.name {
            Some(text) => name(options, text),
            None => options,
        }
    }
}

fn layout(size: usize, alignment: usize) -> Result<Option<(usize, usize)>> {
    match size {
        0 if alignment > 1 => Err(refuse("a type without a size has no alignment")),
        0 => Ok(None),
        _ if !alignment.is_power_of_two() || size % alignment != 0 => {
            Err(refuse("an alignment is a power of two, and a type's size a multiple of it"))
        }
        _ => Ok(Some((size, alignment))),
    }
}

/// # Safety
/// See the top of the file.
unsafe fn text<'a>(name: *const c_char) -> Result<Option<&'a str>> {
    if name.is_null() {
        return Ok(None);
    }
    // SAFETY: not null, so it ends in NUL.
    let name = unsafe { CStr::from_ptr(name) };
    name.to_str().map(Some).map_err(|_| refuse("the type's name is not UTF-8"))
}

fn refuse(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidParameter).detail(why)
}

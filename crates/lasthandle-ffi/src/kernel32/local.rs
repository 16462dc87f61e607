//! Memory that calls allocate and programs free.
//!
//! # Safety
//! What `LocalFree` is given came from `LocalAlloc` or from a call that says so, and is freed once: by the interface.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::null_mut;

use super::call::{call, export};
use super::code::Code;
use super::named::only;

const ZERO_INIT: u32 = 0x40;

export! {
    /// Allocates memory; what has no fixed address is not to be had.
    fn LocalAlloc(flags: u32, bytes: usize) -> *mut c_void {
        call(null_mut(), || {
            only(flags, ZERO_INIT)?;
            allocate(bytes)
        })
    }

    /// Frees it, and returns null.
    fn LocalFree(memory: *mut c_void) -> *mut c_void {
        // SAFETY: see the top; null is nothing.
        unsafe { libc::free(memory) };
        null_mut()
    }
}

/// Memory for `LocalFree`, all zero.
pub(crate) fn allocate(bytes: usize) -> Result<*mut c_void, Code> {
    // SAFETY: has no preconditions.
    let memory = unsafe { libc::calloc(bytes.max(1), 1) };
    if memory.is_null() { Err(Code::NOT_ENOUGH_MEMORY) } else { Ok(memory) }
}

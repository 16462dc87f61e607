//! The shared library of the C interface, loaded as a program in another language loads it.
//!
//! # Safety
//! The types are those of the library's own header.

use std::ffi::{c_char, c_void};
use std::ptr::null;

use super::{function, load};
use crate::Result;

type Handle = *mut c_void;
type Security = *const c_void;

pub struct Kernel32 {
    pub create_event: extern "C" fn(Security, i32, i32, *const c_char) -> Handle,
    pub create_mutex: extern "C" fn(Security, i32, *const c_char) -> Handle,
    pub set_event: extern "C" fn(Handle) -> i32,
    pub release_mutex: extern "C" fn(Handle) -> i32,
    pub wait: extern "C" fn(Handle, u32) -> u32,
    pub close: extern "C" fn(Handle) -> i32,
    pub map: extern "C" fn(Handle, u32, u32, u32, usize) -> *mut c_void,
    pub unmap: extern "C" fn(*const c_void) -> i32,
    create_mapping: extern "C" fn(Handle, Security, u32, u32, u32, *const c_char) -> Handle,
}

impl Kernel32 {
    /// The library that was built with this program, beside its other parts.
    pub fn load() -> Result<Self> {
        let folder = std::env::current_exe()?.parent().ok_or("no directory")?.join("deps");
        let library = load(&folder.join("liblasthandle_ffi.so"))?;
        Ok(Self {
            create_event: function(library, c"CreateEventA")?,
            create_mutex: function(library, c"CreateMutexA")?,
            set_event: function(library, c"SetEvent")?,
            release_mutex: function(library, c"ReleaseMutex")?,
            wait: function(library, c"WaitForSingleObject")?,
            close: function(library, c"CloseHandle")?,
            map: function(library, c"MapViewOfFile")?,
            unmap: function(library, c"UnmapViewOfFile")?,
            create_mapping: function(library, c"CreateFileMappingA")?,
        })
    }

    /// Memory without a name.
    pub fn mapping(&self, size: u32, protection: u32) -> Handle {
        let memory = std::ptr::without_provenance_mut(usize::MAX);
        (self.create_mapping)(memory, null(), protection, 0, size, null())
    }
}

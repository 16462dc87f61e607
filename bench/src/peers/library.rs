//! Shared libraries, loaded as a program in another language loads them, and never unloaded.

use std::ffi::{CStr, CString, c_void};
use std::mem::transmute_copy;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::Result;

pub fn load(path: &Path) -> Result<*mut c_void> {
    let text = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: a text that ends in NUL; what the library does when it is loaded needs nothing of us.
    let library = unsafe { libc::dlopen(text.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
    if library.is_null() { Err(format!("{} cannot be loaded", path.display()).into()) } else { Ok(library) }
}

/// A function of the type that the library's header gives it.
pub fn function<F>(library: *mut c_void, name: &CStr) -> Result<F> {
    // SAFETY: a library that is loaded, and a text that ends in NUL.
    let address = unsafe { libc::dlsym(library, name.as_ptr()) };
    if address.is_null() {
        return Err(format!("the library has no {}", name.to_string_lossy()).into());
    }
    assert_eq!(size_of::<F>(), size_of_val(&address));
    // SAFETY: `F` is a function of the type that the header gives it, which is a pointer like the address.
    Ok(unsafe { transmute_copy(&address) })
}

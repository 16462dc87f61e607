//! Modules: this library under the names of those of Windows whose functions it has, and the program itself. A module is
//! the address at which it was loaded.
//!
//! # Safety
//! The dynamic linker's functions are given texts that end in NUL, and places for what they tell. No function that is
//! found is called here.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_void};
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut, without_provenance};

use super::call::{call, export, succeeds};
use super::code::Code;
use super::pointer::{Narrow, Wide};
use super::types::{BOOL, HANDLE};

/// The libraries of Windows that have what is exported here.
const NAMES: [&str; 3] = ["kernel32", "kernelbase", "advapi32"];

export! {
    /// The module of that name; null: the program itself.
    fn GetModuleHandleA(name: Narrow) -> HANDLE {
        call(null_mut(), || module(name.bytes().map(|name| String::from_utf8_lossy(name).into_owned())))
    }

    /// The same.
    fn GetModuleHandleW(name: Wide) -> HANDLE {
        call(null_mut(), || module(wide(name)))
    }

    /// The same, but for null: it is always there already.
    fn LoadLibraryA(name: Narrow) -> HANDLE {
        call(null_mut(), || load(name.bytes().map(|name| String::from_utf8_lossy(name).into_owned())))
    }

    /// The same.
    fn LoadLibraryW(name: Wide) -> HANDLE {
        call(null_mut(), || load(wide(name)))
    }

    /// Does nothing: it stays.
    fn FreeLibrary(module: HANDLE) -> BOOL {
        succeeds(|| if module.is_null() { Err(Code::INVALID_HANDLE) } else { known(module) })
    }

    /// The function of that name. Null: the program, which has none.
    fn GetProcAddress(module: HANDLE, name: Narrow) -> *mut c_void {
        call(null_mut(), || {
            if !module.is_null() {
                known(module)?;
            }
            // Functions have numbers on Windows, too, in the place of an address; not here.
            let name = name.bytes_unless_number().ok_or(Code::INVALID_ORDINAL)?;
            // A program exports nothing. Where both are one, it is linked with the library.
            if module != ours() {
                return Err(Code::PROC_NOT_FOUND);
            }
            function(&CString::new(name).map_err(|_| Code::PROC_NOT_FOUND)?)
        })
    }
}

/// No module's name is longer.
const LONGEST: usize = 260;

fn wide(name: Wide) -> Option<String> {
    name.units(LONGEST).map(|units| String::from_utf16_lossy(&units))
}

fn load(name: Option<String>) -> Result<HANDLE, Code> {
    module(Some(name.ok_or(Code::INVALID_PARAMETER)?))
}

fn module(name: Option<String>) -> Result<HANDLE, Code> {
    let Some(name) = name else { return Ok(program()) };
    let name = name.to_ascii_lowercase();
    let stem = name.strip_suffix(".dll").unwrap_or(&name);
    if NAMES.contains(&stem) { Ok(ours()) } else { Err(Code::MOD_NOT_FOUND) }
}

fn known(module: HANDLE) -> Result<(), Code> {
    if module == ours() || module == program() { Ok(()) } else { Err(Code::MOD_NOT_FOUND) }
}

/// What lies at an address, by the dynamic linker.
fn origin(address: *const c_void) -> Option<libc::Dl_info> {
    let mut found = MaybeUninit::uninit();
    // SAFETY: any address may be asked about; the place is there.
    let told = unsafe { libc::dladdr(address, found.as_mut_ptr()) };
    // SAFETY: it says that it has written there.
    (told != 0).then(|| unsafe { found.assume_init() })
}

fn loaded_at(address: *const c_void) -> HANDLE {
    origin(address).map_or(null_mut(), |found| found.dli_fbase)
}

fn ours() -> HANDLE {
    loaded_at((GetModuleHandleA as extern "C" fn(Narrow) -> HANDLE as *const ()).cast())
}

fn program() -> HANDLE {
    // SAFETY: has no preconditions. Where the program begins lies inside it.
    let entry = unsafe { libc::getauxval(libc::AT_ENTRY) };
    loaded_at(without_provenance(usize::try_from(entry).unwrap_or(0)))
}

/// A function of this library: not one of those that it uses, and none of its inner ones.
fn function(name: &CStr) -> Result<*mut c_void, Code> {
    let path = origin(ours()).filter(|_| ours() != program()).map_or(null(), |found| found.dli_fname);
    // SAFETY: the path is the linker's own text, or null for the program. Nothing is loaded: that it is there already is asked for.
    let library = unsafe { libc::dlopen(path, libc::RTLD_LAZY | libc::RTLD_NOLOAD) };
    if library.is_null() {
        return Err(Code::PROC_NOT_FOUND);
    }
    // SAFETY: an open library, and a text.
    let found = unsafe { libc::dlsym(library, name.as_ptr()) };
    // SAFETY: opened above, once. The library stays: it is being executed.
    unsafe { libc::dlclose(library) };
    if !found.is_null() && loaded_at(found) == ours() { Ok(found) } else { Err(Code::PROC_NOT_FOUND) }
}

//! File mappings and their views.
//!
//! # Safety
//! As in `mod.rs`.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};
use std::fs::File;
use std::io;

use lasthandle::{Access, Error, ErrorKind, Mapping, MappingOptions, Protection, Result, View, ViewAccess};

use super::{code_of, hand_out, object, optional_name, place, required_name, take_back, write};

/// A handle of a file mapping.
pub struct lh_mapping(Mapping);

impl lh_mapping {
    pub(super) fn new(mapping: Mapping) -> Self {
        Self(mapping)
    }

    pub(super) fn mapping(&self) -> &Mapping {
        &self.0
    }
}

/// A view of a file mapping: memory.
pub struct lh_view(View);

/// Read.
pub const LH_READ_ONLY: u32 = 0;
/// Read and write what others see.
pub const LH_READ_WRITE: u32 = 1;
/// Read what others see; what is written stays private.
pub const LH_COPY_ON_WRITE: u32 = 2;

/// Creates a mapping of `size` bytes of memory that views can read and write, or opens the one that has the name, as it
/// is. `existed`, which may be null, says which. Close it with lh_mapping_close.
///
/// Memory is zeroed, and promised: running out is error 1455 here, never a fault later.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_mapping_create(
    name: *const c_char,
    size: u64,
    mapping: *mut *mut lh_mapping,
    existed: *mut bool,
) -> u32 {
    code_of(|| {
        let options = Mapping::options().size(size).protection(Protection::ReadWrite);
        // SAFETY: the contract is the same.
        unsafe { create(name, options, place(mapping)?, existed) }
    })
}

/// Creates a mapping over the file with that path (UTF-8, ending in NUL), which must exist, or opens the one that has the
/// name. `size` in bytes; 0: the file's. With LH_READ_WRITE a file that is shorter grows, and what views write gets
/// there, at the latest when all of them are unmapped and the system pleases, or by lh_view_flush; it stays when the
/// processes have ended. With LH_READ_ONLY or LH_COPY_ON_WRITE the file needs only be readable, and never changes. 2: no
/// such file; 1006: it is empty, and the size 0; 8: it is shorter, and may not grow.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_mapping_create_over(
    name: *const c_char,
    path: *const c_char,
    size: u64,
    access: u32,
    mapping: *mut *mut lh_mapping,
    existed: *mut bool,
) -> u32 {
    code_of(|| {
        let mapping = place(mapping)?;
        let access = view_access(access)?;
        // SAFETY: the contract is the same.
        let file = unsafe { open_file(path, access.writes_through()) }?;
        let protection = match access {
            ViewAccess::ReadWrite => Protection::ReadWrite,
            ViewAccess::CopyOnWrite => Protection::WriteCopy,
            _ => Protection::ReadOnly,
        };
        let options = Mapping::options().size(size).protection(protection).file(&file);
        // SAFETY: the contract is the same.
        unsafe { create(name, options, mapping, existed) }
    })
}

/// Reserves `size` bytes of which no memory is promised before lh_view_commit: for sizes of which a part will be used.
/// Otherwise as lh_mapping_create.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_mapping_reserve(
    name: *const c_char,
    size: u64,
    mapping: *mut *mut lh_mapping,
    existed: *mut bool,
) -> u32 {
    code_of(|| {
        let options = Mapping::options().size(size).protection(Protection::ReadWrite).reserve(true);
        // SAFETY: the contract is the same.
        unsafe { create(name, options, place(mapping)?, existed) }
    })
}

/// # Safety
/// See the top of the file.
unsafe fn open_file(path: *const c_char, writes: bool) -> Result<File> {
    let refuse = |why| Error::new(ErrorKind::InvalidParameter).detail(why);
    if path.is_null() {
        return Err(refuse("there is no path"));
    }
    // SAFETY: not null, so it ends in NUL.
    let path = unsafe { CStr::from_ptr(path) }.to_str().map_err(|_| refuse("the path is not UTF-8"))?;
    let kind = |error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound => ErrorKind::NotFound,
        io::ErrorKind::PermissionDenied => ErrorKind::AccessDenied,
        _ => ErrorKind::Os,
    };
    let failed = |error: io::Error| {
        Error::new(kind(&error)).detail(error.to_string()).during("open file", Some(path.to_owned()))
    };
    File::options().read(true).write(writes).open(path).map_err(failed)
}

/// # Safety
/// See the top of the file.
unsafe fn create(
    name: *const c_char,
    options: MappingOptions<'_>,
    mapping: *mut *mut lh_mapping,
    existed: *mut bool,
) -> Result<()> {
    // SAFETY: the contract is the same.
    let made = match unsafe { optional_name(name) }? {
        Some(name) => options.create(name),
        None => options.create_unnamed(),
    }?;
    // SAFETY: a place, or null.
    unsafe { write(existed, made.opened_existing()) };
    // SAFETY: a place.
    unsafe { write(mapping, hand_out(lh_mapping(made))) };
    Ok(())
}

/// Opens the mapping that has the name: to read (LH_READ_ONLY, LH_COPY_ON_WRITE) or to write, too. Close it with
/// lh_mapping_close.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_mapping_open(name: *const c_char, access: u32, mapping: *mut *mut lh_mapping) -> u32 {
    code_of(|| {
        let mapping = place(mapping)?;
        let access = if view_access(access)?.writes_through() { Access::READ_WRITE } else { Access::READ };
        // SAFETY: the contract is the same.
        let name = unsafe { required_name(name) }?;
        let made = Mapping::options().access(access | Access::QUERY).open(name)?;
        // SAFETY: a place.
        unsafe { write(mapping, hand_out(lh_mapping(made))) };
        Ok(())
    })
}

/// The size in bytes, as it was created (on Windows, of memory: rounded up to pages); 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_mapping_size(mapping: *const lh_mapping) -> u64 {
    // SAFETY: the contract is the same.
    unsafe { object(mapping) }.map_or(0, |mapping| mapping.0.size())
}

/// Closes a handle. The name lives until the last handle of all processes is closed; views keep the memory. Null:
/// nothing happens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_mapping_close(mapping: *mut lh_mapping) {
    // SAFETY: the contract is the same.
    unsafe { take_back(mapping) };
}

/// Maps `length` bytes (0: to the end) from `offset` on, which needs no alignment. Unmap it with lh_view_unmap.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_view_map(
    mapping: *const lh_mapping,
    access: u32,
    offset: u64,
    length: u64,
    view: *mut *mut lh_view,
) -> u32 {
    code_of(|| {
        let view = place(view)?;
        // SAFETY: the contract is the same.
        let mapping = unsafe { object(mapping) }?;
        let options = mapping.0.view_options().access(view_access(access)?);
        let made = options.offset(offset).length(length).map()?;
        // SAFETY: a place.
        unsafe { write(view, hand_out(lh_view(made))) };
        Ok(())
    })
}

/// The first byte of a view; null for null. Others may write there at any time; writing to a read-only view faults.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_view_address(view: *const lh_view) -> *mut c_void {
    // SAFETY: the contract is the same.
    unsafe { object(view) }.map_or(std::ptr::null_mut(), |view| view.0.as_mut_ptr().cast())
}

/// The length of a view in bytes; 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_view_length(view: *const lh_view) -> usize {
    // SAFETY: the contract is the same.
    unsafe { object(view) }.map_or(0, |view| view.0.len())
}

/// Writes changed bytes to the file behind the mapping, if there is one, and waits until they are there. Others see them
/// without that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_view_flush(view: *const lh_view, offset: usize, length: usize) -> u32 {
    // SAFETY: the contract is the same.
    code_of(|| unsafe { object(view) }?.0.flush_range(offset, length))
}

/// Promises memory for `length` bytes of a view of a reserved mapping, from `offset` on, rounded up to pages: for all
/// views, of all processes. There is no way back. 1455: there is not so much.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_view_commit(view: *const lh_view, offset: usize, length: usize) -> u32 {
    // SAFETY: the contract is the same.
    code_of(|| unsafe { object(view) }?.0.commit(offset, length))
}

/// Unmaps a view: its addresses must not be used any more. Null: nothing happens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_view_unmap(view: *mut lh_view) {
    // SAFETY: the contract is the same.
    unsafe { take_back(view) };
}

fn view_access(access: u32) -> Result<ViewAccess> {
    match access {
        LH_READ_ONLY => Ok(ViewAccess::ReadOnly),
        LH_READ_WRITE => Ok(ViewAccess::ReadWrite),
        LH_COPY_ON_WRITE => Ok(ViewAccess::CopyOnWrite),
        _ => Err(Error::new(ErrorKind::InvalidParameter).detail("there is no such access")),
    }
}

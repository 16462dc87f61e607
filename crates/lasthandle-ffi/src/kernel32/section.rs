//! File mappings, over memory and over files.

use std::ffi::c_void;
use std::fs::File;
use std::ptr::null_mut;

use lasthandle::{GRANULARITY, Mapping, Protection, ViewAccess};

use super::access;
use super::call::{call, export, export_named, succeeds};
use super::code::Code;
use super::file;
use super::memory::page::Page;
use super::memory::{regions, system};
use super::named::{created, inherits, open, permissions};
use super::pointer::{Given, In};
use super::security::What;
use super::table;
use super::types::{BOOL, CURRENT_PROCESS, HANDLE, SecurityAttributes};

const SEC_IMAGE: u32 = 0x0100_0000;
const SEC_RESERVE: u32 = 0x0400_0000;
const SEC_COMMIT: u32 = 0x0800_0000;
const SEC_NOCACHE: u32 = 0x1000_0000;
const SEC_WRITECOMBINE: u32 = 0x4000_0000;
const SEC_LARGE_PAGES: u32 = 0x8000_0000;
const SEC_KNOWN: u32 = SEC_RESERVE | SEC_COMMIT | SEC_NOCACHE | SEC_WRITECOMBINE | SEC_LARGE_PAGES;
const PAGE_MASK: u32 = 0xFFF;

const MAP_COPY: u32 = 1;
const MAP_WRITE: u32 = 2;
const MAP_READ: u32 = 4;
const MAP_EXECUTE: u32 = 0x20;

export_named! {
    /// Creates a mapping, or opens the one of that name (last error 183).
    fn CreateFileMappingA, CreateFileMappingW(file: HANDLE, attributes: In<SecurityAttributes>, protect: u32,
        size_high: u32, size_low: u32; name;) -> HANDLE {
        call(null_mut(), || create(file, attributes, protect, joined(size_high, size_low), name))
    }

    /// Opens the mapping of that name.
    fn OpenFileMappingA, OpenFileMappingW(access: u32, inherit: BOOL; name;) -> HANDLE {
        call(null_mut(), || open!(Mapping::options(), access::section(access), name, inherit))
    }
}

export! {
    /// Maps a view, wherever there is room.
    fn MapViewOfFile(mapping: HANDLE, access: u32, offset_high: u32, offset_low: u32, length: usize) -> *mut c_void {
        call(null_mut(), || map(mapping, access, joined(offset_high, offset_low), length, null_mut()))
    }

    /// Maps a view, at that address unless it is null.
    fn MapViewOfFileEx(
        mapping: HANDLE,
        access: u32,
        offset_high: u32,
        offset_low: u32,
        length: usize,
        base: *mut c_void,
    ) -> *mut c_void {
        call(null_mut(), || map(mapping, access, joined(offset_high, offset_low), length, base))
    }

    /// Unmaps the view that the address lies in.
    fn UnmapViewOfFile(address: *const c_void) -> BOOL {
        succeeds(|| regions::remove(address.addr()))
    }

    /// Writes a part of a view to its file; length 0: to the end of the view.
    fn FlushViewOfFile(address: *const c_void, length: usize) -> BOOL {
        succeeds(|| regions::flush(address.addr(), length))
    }
}

/// A number that comes in two halves.
fn joined(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

fn create(
    file: HANDLE,
    attributes: In<SecurityAttributes>,
    protect: u32,
    size: u64,
    name: Result<Given, Code>,
) -> Result<HANDLE, Code> {
    let (protection, reserve) = kind_of_memory(protect)?;
    let file = backing(file, protection)?;
    if size == 0 && file.is_none() {
        return Err(Code::INVALID_PARAMETER);
    }
    let permissions = permissions(attributes, What::Section)?;
    let name = name?.optional();
    let mut options = Mapping::options().size(size).protection(protection).permissions(permissions);
    options = match &file {
        Some(file) => options.file(file), // which has its bytes: there is nothing to reserve
        None => options.reserve(reserve),
    };
    let mapping = match &name {
        Some(name) => options.create(name),
        None => options.create_unnamed(),
    };
    let mapping = mapping.map_err(|error| match error.into() {
        Code::COMMITMENT_LIMIT if file.is_some() => Code::DISK_FULL,
        code => code,
    })?;
    let (existed, access) = (mapping.opened_existing(), mapping.access());
    created(mapping.into(), existed, access, name, inherits(attributes))
}

/// The file to lay the mapping over. `INVALID_HANDLE_VALUE` means memory, and null is taken to mean it.
fn backing(file: HANDLE, protection: Protection) -> Result<Option<File>, Code> {
    if file == CURRENT_PROCESS || file.is_null() {
        return Ok(None);
    }
    file::backing(&*table::get(file)?, protection).map(Some)
}

/// The protection, and whether memory is only reserved.
fn kind_of_memory(protect: u32) -> Result<(Protection, bool), Code> {
    let protection = Protection::from_windows_page(protect & PAGE_MASK).ok_or(Code::INVALID_PARAMETER)?;
    let attributes = protect & !PAGE_MASK;
    let how = attributes & (SEC_COMMIT | SEC_RESERVE);
    let committed = how == SEC_COMMIT;
    if attributes & SEC_IMAGE != 0 || attributes & !SEC_KNOWN != 0 || how == SEC_COMMIT | SEC_RESERVE {
        return Err(Code::INVALID_PARAMETER);
    }
    if attributes & SEC_LARGE_PAGES != 0 && !committed || attributes != 0 && how == 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    if attributes & SEC_LARGE_PAGES != 0 {
        // As on Windows for whoever has not the right to lock pages.
        return Err(Code::PRIVILEGE_NOT_HELD);
    }
    Ok((protection, how == SEC_RESERVE))
}

fn map(mapping: HANDLE, access: u32, offset: u64, length: usize, base: *mut c_void) -> Result<*mut c_void, Code> {
    let entry = table::get(mapping)?;
    let mapping = entry.object.mapping()?;
    if offset % GRANULARITY != 0 {
        return Err(Code::MAPPED_ALIGNMENT);
    }
    let wanted = view_access(access);
    // A view that may do nothing is a read-only one, in what it needs and in all but its pages.
    let mut options = mapping.view_options().access(wanted.unwrap_or_default()).offset(offset).length(length as u64);
    if !base.is_null() {
        options = options.base(base.addr());
    }
    let view = options.map()?;
    let page = wanted.map_or(Page::NOACCESS, Page::from);
    if wanted.is_none() {
        system::protect(view.as_ptr().addr(), view.len(), page)?;
    }
    Ok(regions::insert(view, page))
}

/// What a view may do, by what was asked for; none: nothing.
fn view_access(asked: u32) -> Option<ViewAccess> {
    let executes = asked & MAP_EXECUTE != 0;
    let data = asked & 0x1F;
    let (plain, executable) = if data == MAP_COPY {
        (ViewAccess::CopyOnWrite, ViewAccess::ExecuteCopyOnWrite)
    } else if data & MAP_WRITE != 0 {
        (ViewAccess::ReadWrite, ViewAccess::ExecuteReadWrite)
    } else if data & MAP_READ != 0 {
        (ViewAccess::ReadOnly, ViewAccess::ExecuteRead)
    } else {
        return None;
    };
    Some(if executes { executable } else { plain })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_kinds_of_memory_are_refused() {
        for protect in [0, 1, 0x10, 6, 0x204, 0x0C00_0004, 0x1000_0004, 0x8000_0004, 0x8400_0004, 0x0100_0004] {
            assert_eq!(kind_of_memory(protect).unwrap_err(), Code::INVALID_PARAMETER, "{protect:#x}");
        }
        assert_eq!(kind_of_memory(0x8800_0004).unwrap_err(), Code::PRIVILEGE_NOT_HELD);
        assert_eq!(kind_of_memory(4), Ok((Protection::ReadWrite, false)));
        assert_eq!(kind_of_memory(0x1800_0002), Ok((Protection::ReadOnly, false)));
        assert_eq!(kind_of_memory(0x0400_0004), Ok((Protection::ReadWrite, true)));
    }

    #[test]
    fn exactly_copy_is_copy_and_any_write_is_write() {
        assert_eq!(view_access(1), Some(ViewAccess::CopyOnWrite));
        assert_eq!(view_access(0xF_001F), Some(ViewAccess::ReadWrite));
        assert_eq!(view_access(3), Some(ViewAccess::ReadWrite));
        assert_eq!(view_access(5), Some(ViewAccess::ReadOnly));
        assert_eq!((view_access(0), view_access(0x20)), (None, None));
        assert_eq!(view_access(0x24), Some(ViewAccess::ExecuteRead));
        assert_eq!(view_access(0x21), Some(ViewAccess::ExecuteCopyOnWrite));
    }
}

//! What only `ntdll` tells: what a handle is, and what it may do. Safe wrappers, each one call.
//!
//! # Safety
//! Each wrapper hands the kernel a buffer of its own with that buffer's true size, and a handle that a borrow keeps
//! open; the kernel writes no further than it was told.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_void};
use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::{mem, ptr};

use windows_sys::Wdk::Foundation::{NtQueryObject, ObjectBasicInformation, ObjectTypeInformation};
use windows_sys::Win32::Foundation::{FARPROC, HANDLE, NTSTATUS, RtlNtStatusToDosError, STATUS_SUCCESS};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::System::Memory::{SEC_FILE, SEC_IMAGE, SEC_RESERVE};
use windows_sys::Win32::System::WindowsProgramming::PUBLIC_OBJECT_BASIC_INFORMATION;
use windows_sys::core::w;
use zerocopy::FromBytes;

use super::directory::Text;
use super::error;
use crate::error::Result;

// The one call of ours that `windows-sys` does not declare.
#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    fn NtQuerySection(section: HANDLE, class: i32, buffer: *mut c_void, length: usize, written: *mut usize)
    -> NTSTATUS;
}

const SECTION_BASIC_INFORMATION_CLASS: i32 = 0;

/// What `NtQuerySection` writes for class 0.
#[repr(C)]
struct SectionBasicInformation {
    base: *mut c_void,
    attributes: u32,
    size: i64,
}

/// What never changes about a section, so that it is asked for once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section {
    /// Bytes: whole pages of memory, or a file's exact size.
    pub(super) size: u64,
    attributes: u32,
}

impl Section {
    /// Memory is committed range by range.
    pub(super) fn is_reserved(self) -> bool {
        self.attributes & SEC_RESERVE != 0
    }

    /// A file lies behind it.
    pub(super) fn is_file(self) -> bool {
        self.attributes & SEC_FILE != 0
    }

    /// It holds a program, laid out as its file says: no plain memory.
    pub(super) fn is_image(self) -> bool {
        self.attributes & SEC_IMAGE != 0
    }
}

/// Describes a section; `InvalidHandle` for anything else, `AccessDenied` where the handle may not even ask.
pub(super) fn section(handle: BorrowedHandle<'_>) -> Result<Section> {
    let mut info = SectionBasicInformation { base: ptr::null_mut(), attributes: 0, size: 0 };
    // SAFETY: the buffer is a live `SectionBasicInformation` and the length is its size.
    let status = unsafe {
        NtQuerySection(
            handle.as_raw_handle(),
            SECTION_BASIC_INFORMATION_CLASS,
            (&raw mut info).cast(),
            size_of_val(&info),
            ptr::null_mut(),
        )
    };
    success(status)?;
    Ok(Section { size: info.size.try_into().unwrap_or(0), attributes: info.attributes })
}

/// What the kernel knows about any handle: the rights granted, and how many handles its object has.
pub(super) fn object(handle: BorrowedHandle<'_>) -> Result<PUBLIC_OBJECT_BASIC_INFORMATION> {
    let mut info = PUBLIC_OBJECT_BASIC_INFORMATION::default();
    // SAFETY: the buffer is a live `PUBLIC_OBJECT_BASIC_INFORMATION` and the length is its size.
    let status = unsafe {
        NtQueryObject(
            handle.as_raw_handle(),
            ObjectBasicInformation,
            (&raw mut info).cast(),
            length_of(&info),
            ptr::null_mut(),
        )
    };
    success(status)?;
    Ok(info)
}

/// `NtQueryEvent` and its kin, which all take the same.
pub(super) type Query = unsafe extern "system" fn(HANDLE, i32, *mut c_void, u32, *mut u32) -> NTSTATUS;

/// What such a call writes for class 0, the basic information; any bytes make one.
pub(super) fn basic<T: FromBytes>(call: Query, handle: BorrowedHandle<'_>) -> Result<T> {
    let mut info = T::new_zeroed();
    // SAFETY: one of those calls; the buffer is live, of that size, and may hold any bytes.
    let status = unsafe { call(handle.as_raw_handle(), 0, (&raw mut info).cast(), length_of(&info), ptr::null_mut()) };
    success(status)?;
    Ok(info)
}

/// The kernel's name for what the handle stands for: `Section`, `Event` and so on.
pub(super) fn type_name(handle: BorrowedHandle<'_>) -> Result<Vec<u16>> {
    let mut words = [0_u64; 64];
    let length = length_of(&words);
    // SAFETY: the buffer is live and the length is its size.
    let status = unsafe {
        NtQueryObject(handle.as_raw_handle(), ObjectTypeInformation, words.as_mut_ptr().cast(), length, ptr::null_mut())
    };
    success(status)?;
    Ok(Text::first_in(&words).unwrap_or_default())
}

/// The Windows code that stands for a status.
pub(super) fn code_of_status(status: NTSTATUS) -> i32 {
    // SAFETY: a table look-up of a number.
    let code = unsafe { RtlNtStatusToDosError(status) };
    i32::try_from(code).unwrap_or(i32::MAX)
}

/// A status below zero is a warning or an error.
pub(super) fn success(status: NTSTATUS) -> Result<()> {
    if status < 0 { Err(error::from_status(status)) } else { Ok(()) }
}

/// The size of a small structure, as Windows' calls take it.
pub(super) fn length_of<T: ?Sized>(value: &T) -> u32 {
    u32::try_from(size_of_val(value)).unwrap_or(u32::MAX)
}

/// A call of `ntdll` that not every Windows has, by its name; null where it is missing.
pub(super) fn optional(name: &CStr) -> FARPROC {
    // SAFETY: the name ends with a NUL; `ntdll` is part of every process and is never unloaded.
    let ntdll = unsafe { GetModuleHandleW(w!("ntdll.dll")) };
    // SAFETY: a loaded module, and a name that ends with a NUL.
    unsafe { GetProcAddress(ntdll, name.as_ptr().cast()) }
}

/// Tells whether two handles stand for one object. Windows 10 and later, and Wine.
#[derive(Clone, Copy)]
pub(super) struct Compare(unsafe extern "system" fn(HANDLE, HANDLE) -> NTSTATUS);

impl Compare {
    pub(super) fn find() -> Option<Self> {
        let call = optional(c"NtCompareObjects")?;
        // SAFETY: the documented signature of that call.
        Some(Self(unsafe { mem::transmute::<unsafe extern "system" fn() -> isize, _>(call) }))
    }

    pub(super) fn are_same(self, one: BorrowedHandle<'_>, other: BorrowedHandle<'_>) -> bool {
        // SAFETY: two open handles.
        let status = unsafe { self.0(one.as_raw_handle(), other.as_raw_handle()) };
        status == STATUS_SUCCESS
    }
}

/// Whether this is Wine. It departs from Windows here and there, and tests that hold others to Windows must know.
pub fn runs_under_wine() -> bool {
    optional(c"wine_get_version").is_some()
}

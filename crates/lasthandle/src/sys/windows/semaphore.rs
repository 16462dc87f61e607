//! Semaphores. One Windows call a verb.
//!
//! # Safety
//! Handles are open while they are borrowed; what the calls take by pointer outlives them.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::os::windows::io::BorrowedHandle;

use windows_sys::Win32::Foundation::{HANDLE, NTSTATUS};
use windows_sys::Win32::System::Threading::{CreateSemaphoreExW, OpenSemaphoreW, ReleaseSemaphore};
use zerocopy::FromBytes;

use super::handle::{Handle, Object};
use super::{error, named, nt};
use crate::access::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::sys::{CreateOptions, Disposition, State};

#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    fn NtQuerySemaphore(semaphore: HANDLE, class: i32, buffer: *mut c_void, length: u32, written: *mut u32)
    -> NTSTATUS;
}

/// What `NtQuerySemaphore` writes.
#[derive(FromBytes)]
#[repr(C)]
struct Basic {
    count: u32,
    maximum: u32,
}

pub(super) fn create(
    name: Option<&Name>,
    initial: i32,
    maximum: i32,
    options: &CreateOptions,
) -> Result<(Handle, Disposition)> {
    named::create(Object::Semaphore, name, options, |request| {
        // SAFETY: the attributes and the name, which ends with a NUL, are valid as long as the request.
        unsafe { CreateSemaphoreExW(request.security(), initial, maximum, request.name(), 0, request.access) }
    })
}

pub(super) fn open(name: &Name, access: Access, inheritable: bool) -> Result<Handle> {
    named::open(Kind::Semaphore, OpenSemaphoreW, name, access, inheritable)
}

pub(super) fn state(semaphore: BorrowedHandle<'_>) -> Result<State> {
    let basic: Basic = nt::basic(NtQuerySemaphore, semaphore)?;
    Ok(State::Semaphore { count: basic.count, maximum: basic.maximum })
}

pub(super) fn release(semaphore: &Handle, count: i32) -> Result<u32> {
    let semaphore = semaphore.of_kind(Kind::Semaphore)?;
    // Windows looks at the count before the handle, too; Wine not at all.
    if count < 1 {
        return Err(Error::new(ErrorKind::InvalidParameter).detail("the count must be at least 1"));
    }
    let mut before = 0;
    // SAFETY: an open handle, and a live place for the result.
    error::done(unsafe { ReleaseSemaphore(semaphore, count, &raw mut before) })?;
    Ok(u32::try_from(before).unwrap_or(0))
}

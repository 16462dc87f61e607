//! Mutexes. One Windows call a verb.
//!
//! # Safety
//! Handles are open while they are borrowed; what the calls take by pointer outlives them.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::os::windows::io::BorrowedHandle;

use windows_sys::Win32::Foundation::{HANDLE, NTSTATUS};
use windows_sys::Win32::System::Threading::{CREATE_MUTEX_INITIAL_OWNER, CreateMutexExW, OpenMutexW, ReleaseMutex};
use zerocopy::FromBytes;

use super::handle::{Handle, Object};
use super::{error, named, nt};
use crate::access::Access;
use crate::error::Result;
use crate::kind::Kind;
use crate::name::Name;
use crate::sys::{CreateOptions, Disposition, State};

#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    fn NtQueryMutant(mutex: HANDLE, class: i32, buffer: *mut c_void, length: u32, written: *mut u32) -> NTSTATUS;
}

/// What `NtQueryMutant` writes.
#[derive(FromBytes)]
#[repr(C)]
struct Basic {
    /// 1: free; each time that its owner takes it, one less.
    count: i32,
    mine: u8,
    abandoned: u8,
}

pub(super) fn create(name: Option<&Name>, owned: bool, options: &CreateOptions) -> Result<(Handle, Disposition)> {
    let flags = if owned { CREATE_MUTEX_INITIAL_OWNER } else { 0 };
    named::create(Object::Mutex, name, options, |request| {
        // SAFETY: the attributes and the name, which ends with a NUL, are valid as long as the request.
        unsafe { CreateMutexExW(request.security(), request.name(), flags, request.access) }
    })
}

pub(super) fn open(name: &Name, access: Access, inheritable: bool) -> Result<Handle> {
    named::open(Kind::Mutex, OpenMutexW, name, access, inheritable)
}

pub(super) fn state(mutex: BorrowedHandle<'_>) -> Result<State> {
    let basic: Basic = nt::basic(NtQueryMutant, mutex)?;
    let count = u32::try_from(1_i64 - i64::from(basic.count)).unwrap_or(0);
    Ok(State::Mutex { count, abandoned: basic.abandoned != 0, mine: basic.mine != 0 })
}

pub(super) fn release(mutex: &Handle) -> Result<()> {
    let mutex = mutex.of_kind(Kind::Mutex)?;
    // SAFETY: an open handle.
    error::done(unsafe { ReleaseMutex(mutex) })
}

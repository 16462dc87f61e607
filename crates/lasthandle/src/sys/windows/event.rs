//! Events. One Windows call a verb.
//!
//! # Safety
//! Handles are open while they are borrowed; what the calls take by pointer outlives them.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::os::windows::io::BorrowedHandle;

use windows_sys::Win32::Foundation::{HANDLE, NTSTATUS};
use windows_sys::Win32::System::Threading::{
    CREATE_EVENT_INITIAL_SET, CREATE_EVENT_MANUAL_RESET, CreateEventExW, OpenEventW, PulseEvent, ResetEvent, SetEvent,
};
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
    fn NtQueryEvent(event: HANDLE, class: i32, buffer: *mut c_void, length: u32, written: *mut u32) -> NTSTATUS;
}

/// What `NtQueryEvent` writes.
#[derive(FromBytes)]
#[repr(C)]
struct Basic {
    /// 0: manual-reset, a "notification" event.
    resets_itself: i32,
    signaled: i32,
}

pub(super) fn create(
    name: Option<&Name>,
    manual: bool,
    signaled: bool,
    options: &CreateOptions,
) -> Result<(Handle, Disposition)> {
    let flags =
        if manual { CREATE_EVENT_MANUAL_RESET } else { 0 } | if signaled { CREATE_EVENT_INITIAL_SET } else { 0 };
    named::create(Object::Event, name, options, |request| {
        // SAFETY: the attributes and the name, which ends with a NUL, are valid as long as the request.
        unsafe { CreateEventExW(request.security(), request.name(), flags, request.access) }
    })
}

pub(super) fn open(name: &Name, access: Access, inheritable: bool) -> Result<Handle> {
    named::open(Kind::Event, OpenEventW, name, access, inheritable)
}

pub(super) fn state(event: BorrowedHandle<'_>) -> Result<State> {
    let basic: Basic = nt::basic(NtQueryEvent, event)?;
    Ok(State::Event { manual: basic.resets_itself == 0, signaled: basic.signaled != 0 })
}

pub(super) fn set(event: &Handle) -> Result<()> {
    let event = event.of_kind(Kind::Event)?;
    // SAFETY: an open handle.
    error::done(unsafe { SetEvent(event) })
}

pub(super) fn reset(event: &Handle) -> Result<()> {
    let event = event.of_kind(Kind::Event)?;
    // SAFETY: an open handle.
    error::done(unsafe { ResetEvent(event) })
}

pub(super) fn pulse(event: &Handle) -> Result<()> {
    let event = event.of_kind(Kind::Event)?;
    // SAFETY: an open handle.
    error::done(unsafe { PulseEvent(event) })
}

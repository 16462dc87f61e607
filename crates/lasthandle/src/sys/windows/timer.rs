//! Waitable timers. One Windows call a verb.
//!
//! # Safety
//! Handles are open while they are borrowed; what the calls take by pointer outlives them.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::os::windows::io::BorrowedHandle;
use std::ptr;
use std::time::{Duration, SystemTime};

use windows_sys::Win32::Foundation::{HANDLE, NTSTATUS};
use windows_sys::Win32::System::Threading::{
    CREATE_WAITABLE_TIMER_MANUAL_RESET, CancelWaitableTimer, CreateWaitableTimerExW, OpenWaitableTimerW,
    SetWaitableTimer,
};
use zerocopy::FromBytes;

use super::handle::{Handle, Object};
use super::{error, named, nt};
use crate::access::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::sys::{CreateOptions, Disposition, Due, State};

#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    fn NtQueryTimer(timer: HANDLE, class: i32, buffer: *mut c_void, length: u32, written: *mut u32) -> NTSTATUS;
}

/// What `NtQueryTimer` writes.
#[derive(FromBytes)]
#[repr(C)]
struct Basic {
    /// Ticks until it is due; below zero if it was, or is not armed.
    remaining: i64,
    signaled: u8,
}

/// Nanoseconds of Windows' unit of time.
const TICK: u32 = 100;

/// From where Windows counts, the year 1601, to 1970.
const SINCE_1601: Duration = Duration::from_secs(11_644_473_600);

pub(super) fn create(name: Option<&Name>, manual: bool, options: &CreateOptions) -> Result<(Handle, Disposition)> {
    let flags = if manual { CREATE_WAITABLE_TIMER_MANUAL_RESET } else { 0 };
    named::create(Object::Timer { manual: Some(manual) }, name, options, |request| {
        // SAFETY: the attributes and the name, which ends with a NUL, are valid as long as the request.
        unsafe { CreateWaitableTimerExW(request.security(), request.name(), flags, request.access) }
    })
}

pub(super) fn open(name: &Name, access: Access, inheritable: bool) -> Result<Handle> {
    named::open(Kind::Timer, OpenWaitableTimerW, name, access, inheritable)
}

/// `manual`: as its creator knows it. Windows tells nobody. Of a cancelled timer, Windows goes on telling when it would have been due.
pub(super) fn state(timer: BorrowedHandle<'_>, manual: Option<bool>) -> Result<State> {
    let basic: Basic = nt::basic(NtQueryTimer, timer)?;
    let left = u64::try_from(basic.remaining).ok().filter(|&ticks| ticks > 0);
    let due = left.map(|ticks| Duration::from_micros(ticks / 10) + TICK * Duration::from_nanos(ticks % 10));
    Ok(State::Timer { manual, signaled: basic.signaled != 0, due })
}

/// A period longer than Windows can count, 24.8 days, is refused rather than cut.
pub(super) fn arm(timer: &Handle, due: Due, period: Duration) -> Result<()> {
    let timer = timer.of_kind(Kind::Timer)?;
    let due = ticks(due);
    let period = i32::try_from(period.as_nanos().div_ceil(1_000_000)).map_err(|_| {
        Error::new(ErrorKind::InvalidParameter).detail("on Windows a period is at most 2,147,483,647 milliseconds")
    })?;
    // SAFETY: an open handle and a live number; nothing is called when it is due.
    error::done(unsafe { SetWaitableTimer(timer, &raw const due, period, None, ptr::null(), 0) })
}

pub(super) fn cancel(timer: &Handle) -> Result<()> {
    let timer = timer.of_kind(Kind::Timer)?;
    // SAFETY: an open handle.
    error::done(unsafe { CancelWaitableTimer(timer) })
}

/// Below zero: after now. Else since 1601, by the wall clock; zero, too, is past.
fn ticks(due: Due) -> i64 {
    match due {
        Due::After(duration) => -rounded_up(duration),
        Due::At(time) => match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => rounded_up(after.saturating_add(SINCE_1601)),
            Err(before) => rounded_up(SINCE_1601.saturating_sub(before.duration())),
        },
    }
}

fn rounded_up(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos().div_ceil(TICK.into())).unwrap_or(i64::MAX)
}

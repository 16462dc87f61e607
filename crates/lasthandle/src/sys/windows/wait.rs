//! Waiting. One Windows call, but where Windows counts too short or comes back too early.
//!
//! # Safety
//! Handles are open while they are borrowed.
#![allow(unsafe_code)]

use std::os::windows::io::{AsHandle, AsRawHandle};
use std::ptr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{HANDLE, WAIT_ABANDONED_0, WAIT_EVENT, WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{
    INFINITE, SignalObjectAndWait, WaitForMultipleObjects, WaitForSingleObject,
};

use super::handle::Handle;
use super::{error, nt};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::sys::{MAXIMUM_WAIT_OBJECTS, Timeout, Waited};

pub(super) fn wait(handles: &[&Handle], all: bool, timeout: Timeout) -> Result<Waited> {
    if let [one] = handles {
        return wait_for_one(one, timeout);
    }
    if handles.is_empty() || handles.len() > MAXIMUM_WAIT_OBJECTS {
        return Err(Error::new(ErrorKind::InvalidParameter).detail("a wait takes 1 to 64 objects"));
    }
    let mut objects = [ptr::null_mut(); MAXIMUM_WAIT_OBJECTS];
    for (place, handle) in objects.iter_mut().zip(handles) {
        *place = waitable(handle)?;
    }
    let twice = |error: Error| error.detail("a wait for all takes no object twice");
    if all && is_one_twice_under_wine(handles) {
        return Err(twice(Error::new(ErrorKind::InvalidParameter)));
    }
    let count = u32::try_from(handles.len()).unwrap_or(u32::MAX);
    ended(
        all,
        within(timeout, |milliseconds| {
            // SAFETY: that many open handles.
            unsafe { WaitForMultipleObjects(count, objects.as_ptr(), all.into(), milliseconds) }
        }),
    )
    // Nothing else is left that this could be about.
    .map_err(|error| if all && error.kind() == ErrorKind::InvalidParameter { twice(error) } else { error })
}

fn wait_for_one(handle: &Handle, timeout: Timeout) -> Result<Waited> {
    let object = waitable(handle)?;
    // SAFETY: an open handle.
    ended(false, within(timeout, |milliseconds| unsafe { WaitForSingleObject(object, milliseconds) }))
}

pub(super) fn signal_and_wait(signal: &Handle, wait: &Handle, timeout: Timeout) -> Result<Waited> {
    let object = waitable(wait)?;
    if !matches!(signal.kind(), Kind::Event | Kind::Mutex | Kind::Semaphore) {
        return Err(signal.wrong(Kind::Event));
    }
    let mut signal = Some(signal.owned().as_raw_handle());
    ended(
        false,
        within(timeout, |milliseconds| match signal.take() {
            // SAFETY: two open handles.
            Some(signal) => unsafe { SignalObjectAndWait(signal, object, milliseconds, 0) },
            // SAFETY: an open handle.
            None => unsafe { WaitForSingleObject(object, milliseconds) },
        }),
    )
}

/// Windows looks at that itself, whichever handles lead to the object. Wine takes it twice, and its server dies of a
/// semaphore that has only one left.
fn is_one_twice_under_wine(handles: &[&Handle]) -> bool {
    static COMPARE: OnceLock<Option<nt::Compare>> = OnceLock::new();
    let find = || if nt::runs_under_wine() { nt::Compare::find() } else { None };
    let Some(compare) = COMPARE.get_or_init(find) else { return false };
    let is_one_of = |at: usize| handles[..at].iter().any(|h| compare.are_same(h.as_handle(), handles[at].as_handle()));
    (1..handles.len()).any(is_one_of)
}

/// The kernel would take a section's handle for none at all.
#[inline]
fn waitable(handle: &Handle) -> Result<HANDLE> {
    if handle.kind() == Kind::Mapping {
        return Err(Error::new(ErrorKind::AccessDenied).detail("a mapping cannot be waited for"));
    }
    Ok(handle.owned().as_raw_handle())
}

/// Waits until the time is really up. A wait of Windows is at most 49 days long, and ends up to a tick of its clock,
/// some 15 milliseconds, too early.
fn within(timeout: Timeout, mut wait: impl FnMut(u32) -> WAIT_EVENT) -> WAIT_EVENT {
    let deadline = match timeout {
        Timeout::Now => return wait(0),
        Timeout::Never => return wait(INFINITE),
        Timeout::After(duration) => Instant::now().checked_add(duration),
    };
    // Past the end of the clock.
    let Some(deadline) = deadline else { return wait(INFINITE) };
    loop {
        let ended = wait(milliseconds(deadline.saturating_duration_since(Instant::now())));
        if ended != WAIT_TIMEOUT || Instant::now() >= deadline {
            return ended;
        }
    }
}

/// Rounded up; the longest is one below `INFINITE`.
fn milliseconds(left: Duration) -> u32 {
    u32::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(INFINITE).min(INFINITE - 1)
}

/// Nothing may come between a wait and this: of a failed one it asks the last error.
fn ended(all: bool, how: WAIT_EVENT) -> Result<Waited> {
    // Of a wait for all, Windows' index says nothing.
    let index_from = |first: u32| {
        let index = usize::try_from(how.checked_sub(first)?).ok()?;
        (index < MAXIMUM_WAIT_OBJECTS).then_some(if all { 0 } else { index })
    };
    if how == WAIT_TIMEOUT {
        Ok(Waited::TimedOut)
    } else if let Some(index) = index_from(WAIT_OBJECT_0) {
        Ok(Waited::Signaled(index))
    } else if let Some(index) = index_from(WAIT_ABANDONED_0) {
        Ok(Waited::Abandoned(index))
    } else {
        Err(error::last())
    }
}

//! Waiting. One Windows call, but where Windows counts too short or comes back too early.
//!
//! # Safety
//! Handles are open while they are borrowed.
#![allow(unsafe_code)]

use std::os::windows::io::{AsHandle, AsRawHandle};
use std::ptr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{
    HANDLE, WAIT_ABANDONED_0, WAIT_EVENT, WAIT_IO_COMPLETION, WAIT_OBJECT_0, WAIT_TIMEOUT,
};
use windows_sys::Win32::System::Threading::{
    INFINITE, SignalObjectAndWait, WaitForMultipleObjectsEx, WaitForSingleObject, WaitForSingleObjectEx,
};

use super::alert::{self, Alert};
use super::handle::Handle;
use super::{error, nt};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::sys::{MAXIMUM_WAIT_OBJECTS, Timeout, Waited};

pub(super) fn wait(handles: &[&Handle], all: bool, timeout: Timeout) -> Result<Waited> {
    if let [one] = handles {
        let object = waitable(one)?;
        // SAFETY: an open handle.
        return ended(false, within(timeout, |milliseconds| unsafe { WaitForSingleObject(object, milliseconds) }));
    }
    let objects = Objects::of(handles, all)?;
    objects.ended(within(timeout, |milliseconds| objects.wait(milliseconds, false)))
}

pub(super) fn signal_and_wait(signal: &Handle, wait: &Handle, timeout: Timeout) -> Result<Waited> {
    let mut handover = Handover::of(signal, wait)?;
    ended(false, within(timeout, |milliseconds| handover.wait(milliseconds, false)))
}

pub(super) fn wait_alertable(
    handles: &[&Handle],
    all: bool,
    timeout: Timeout,
    alert: &Alert,
) -> Result<Option<Waited>> {
    let objects = Objects::of(handles, all)?;
    alert::wait(alert, timeout, |timeout, alertable| {
        let how = within(timeout, |milliseconds| objects.wait(milliseconds, alertable));
        if how == WAIT_IO_COMPLETION { Ok(None) } else { objects.ended(how).map(Some) }
    })
}

pub(super) fn signal_and_wait_alertable(
    signal: &Handle,
    wait: &Handle,
    timeout: Timeout,
    alert: &Alert,
) -> Result<Option<Waited>> {
    let mut handover = Handover::of(signal, wait)?;
    alert::wait(alert, timeout, |timeout, alertable| {
        let how = within(timeout, |milliseconds| handover.wait(milliseconds, alertable));
        if how == WAIT_IO_COMPLETION { Ok(None) } else { ended(false, how).map(Some) }
    })
}

/// What a wait is for.
struct Objects {
    handles: [HANDLE; MAXIMUM_WAIT_OBJECTS],
    count: u32,
    all: bool,
}

impl Objects {
    fn of(handles: &[&Handle], all: bool) -> Result<Self> {
        if handles.is_empty() || handles.len() > MAXIMUM_WAIT_OBJECTS {
            return Err(Error::new(ErrorKind::InvalidParameter).detail("a wait takes 1 to 64 objects"));
        }
        let mut objects = [ptr::null_mut(); MAXIMUM_WAIT_OBJECTS];
        for (place, handle) in objects.iter_mut().zip(handles) {
            *place = waitable(handle)?;
        }
        if all && is_one_twice_under_wine(handles) {
            return Err(twice(Error::new(ErrorKind::InvalidParameter)));
        }
        let count = u32::try_from(handles.len()).unwrap_or(u32::MAX);
        Ok(Self { handles: objects, count, all })
    }

    fn wait(&self, milliseconds: u32, alertable: bool) -> WAIT_EVENT {
        let (first, all) = (self.handles.as_ptr(), self.all.into());
        // SAFETY: that many handles, which their owners keep open as long as they wait.
        unsafe { WaitForMultipleObjectsEx(self.count, first, all, milliseconds, alertable.into()) }
    }

    fn ended(&self, how: WAIT_EVENT) -> Result<Waited> {
        // Nothing else is left that this could be about.
        let why = |error: Error| match error.kind() {
            ErrorKind::InvalidParameter if self.all => twice(error),
            _ => error,
        };
        ended(self.all, how).map_err(why)
    }
}

fn twice(error: Error) -> Error {
    error.detail("a wait for all takes no object twice")
}

/// One object to signal, once, and one to wait for.
struct Handover {
    signal: Option<HANDLE>,
    object: HANDLE,
}

impl Handover {
    fn of(signal: &Handle, wait: &Handle) -> Result<Self> {
        let object = waitable(wait)?;
        if !matches!(signal.kind(), Kind::Event | Kind::Mutex | Kind::Semaphore) {
            return Err(signal.wrong(Kind::Event));
        }
        Ok(Self { signal: Some(signal.owned().as_raw_handle()), object })
    }

    fn wait(&mut self, milliseconds: u32, alertable: bool) -> WAIT_EVENT {
        match self.signal.take() {
            // SAFETY: two handles, which their owners keep open as long as they wait.
            Some(signal) => unsafe { SignalObjectAndWait(signal, self.object, milliseconds, alertable.into()) },
            // SAFETY: as above.
            None => unsafe { WaitForSingleObjectEx(self.object, milliseconds, alertable.into()) },
        }
    }
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

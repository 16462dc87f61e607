//! Waiting for one object, for any of several, or for all of them at one instant.

use std::time::{Duration, Instant};

use arrayvec::ArrayVec;

use crate::alert::Alert;
use crate::channel;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::Handle;
use crate::object::Object;
use crate::sys::{Kernel, MAXIMUM_WAIT_OBJECTS, Platform, Timeout, Waited};

pub(crate) mod sealed {
    /// What the library needs of an object to wait for it.
    pub trait Sealed {
        /// Its handle.
        fn object(&self) -> &crate::object::Object;

        /// If it is an end of a channel: what a wait needs of it.
        fn ready(&self) -> Option<&dyn crate::channel::wait::Ready> {
            None
        }
    }
}

/// An object that can be waited for: [`Event`](crate::Event), [`Mutex`](crate::Mutex),
/// [`Semaphore`](crate::Semaphore), [`Timer`](crate::Timer).
pub trait Waitable: sealed::Sealed + Send + Sync {
    /// Waits until the object is signaled, and takes it: resets an auto-reset event or timer, takes one of a semaphore,
    /// owns a mutex (then release it: [`Mutex::release`](crate::Mutex::release)).
    ///
    /// On Linux, a process that is stopped (a debugger, SIGSTOP) in the middle of a [`wait_all`] may keep an object
    /// claimed until it goes on or ends. A wait that meets this goes on until its time is up, and a quarter of a second
    /// more at most, and says `TimedOut`; without a time-out it waits for that process. A signal fails with
    /// [`Busy`](crate::ErrorKind::Busy) after a second.
    ///
    /// # Errors
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied) without [`Access::SYNCHRONIZE`](crate::Access::SYNCHRONIZE);
    /// [`Busy`](crate::ErrorKind::Busy) in a signal handler that interrupted a use of the same object (Linux).
    #[doc(alias = "WaitForSingleObject")]
    #[inline]
    fn wait(&self, timeout: Timeout) -> Result<Waited> {
        let object = self.object();
        Platform::default().wait(&[object.handle()], false, timeout).map_err(|error| object.during(error, "wait for"))
    }

    /// As [`wait`](Self::wait), but it ends when the alert is raised, or is raised already: `None`, and nothing was taken.
    /// An object that was signaled before the alert was raised is taken all the same, and an alert goes before the end
    /// of the time.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    #[doc(alias = "WaitForSingleObjectEx")]
    fn wait_alertable(&self, timeout: Timeout, alert: &Alert) -> Result<Option<Waited>> {
        let object = self.object();
        Platform::default()
            .wait_alertable(&[object.handle()], false, timeout, alert.kernel())
            .map_err(|error| object.during(error, "wait for"))
    }
}

impl From<Duration> for Timeout {
    fn from(duration: Duration) -> Self {
        Self::After(duration)
    }
}

/// A deadline: what is left until then.
impl From<Instant> for Timeout {
    fn from(deadline: Instant) -> Self {
        match deadline.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Self::After(left),
            _ => Self::Now,
        }
    }
}

/// Waits until one of the objects is signaled, and takes the first of them that is, in the order given; the others
/// stay as they are. The same object twice counts once.
///
/// # Errors
/// [`InvalidParameter`](crate::ErrorKind::InvalidParameter) for no object or more than 64, and as
/// [`Waitable::wait`].
#[doc(alias = "WaitForMultipleObjects")]
pub fn wait_any(objects: &[&dyn Waitable], timeout: impl Into<Timeout>) -> Result<Waited> {
    wait(objects, false, timeout.into())
}

/// Waits until all the objects are signaled at one instant, and takes them all; nobody ever sees one of them taken and
/// given back. `Abandoned(0)`: one of them was an abandoned mutex.
///
/// # Errors
/// As [`wait_any`], and [`InvalidParameter`](crate::ErrorKind::InvalidParameter) for the same object twice.
#[doc(alias = "WaitForMultipleObjects")]
pub fn wait_all(objects: &[&dyn Waitable], timeout: impl Into<Timeout>) -> Result<Waited> {
    wait(objects, true, timeout.into())
}

/// As [`wait_any`], but it ends when the alert is raised: `None`, see [`Waitable::wait_alertable`].
///
/// # Errors
/// As [`wait_any`].
#[doc(alias = "WaitForMultipleObjectsEx")]
pub fn wait_any_alertable(
    objects: &[&dyn Waitable],
    timeout: impl Into<Timeout>,
    alert: &Alert,
) -> Result<Option<Waited>> {
    wait_alertable(objects, false, timeout.into(), alert)
}

/// As [`wait_all`], but it ends when the alert is raised: `None`, see [`Waitable::wait_alertable`].
///
/// # Errors
/// As [`wait_all`].
#[doc(alias = "WaitForMultipleObjectsEx")]
pub fn wait_all_alertable(
    objects: &[&dyn Waitable],
    timeout: impl Into<Timeout>,
    alert: &Alert,
) -> Result<Option<Waited>> {
    wait_alertable(objects, true, timeout.into(), alert)
}

fn wait(objects: &[&dyn Waitable], all: bool, timeout: Timeout) -> Result<Waited> {
    match handles(objects) {
        Some(handles) => Platform::default().wait(&handles, all, timeout).map_err(during_several),
        None => wait_for_ends(objects, all, timeout, None).map(|waited| waited.expect("it has no alert")),
    }
}

fn wait_alertable(objects: &[&dyn Waitable], all: bool, timeout: Timeout, alert: &Alert) -> Result<Option<Waited>> {
    match handles(objects) {
        Some(handles) => {
            Platform::default().wait_alertable(&handles, all, timeout, alert.kernel()).map_err(during_several)
        }
        None => wait_for_ends(objects, all, timeout, Some(alert)),
    }
}

/// One more than is allowed, for the kernel to refuse. None: there is an end of a channel among them.
fn handles<'a>(objects: &[&'a dyn Waitable]) -> Option<ArrayVec<&'a Handle, { MAXIMUM_WAIT_OBJECTS + 1 }>> {
    let mut handles = ArrayVec::new();
    for object in objects.iter().take(MAXIMUM_WAIT_OBJECTS + 1).map(|object| object.object()) {
        if object.of_channel {
            return None;
        }
        handles.push(object.handle());
    }
    Some(handles)
}

#[cold]
fn wait_for_ends(
    objects: &[&dyn Waitable],
    all: bool,
    timeout: Timeout,
    alert: Option<&Alert>,
) -> Result<Option<Waited>> {
    let waited = if all { Err(no_end()) } else { channel::wait::any(objects, timeout, alert) };
    waited.map_err(during_several)
}

fn no_end() -> Error {
    Error::new(ErrorKind::InvalidParameter).detail("an end of a channel is waited for alone, or with any of several")
}

fn expect_no_end(object: &dyn Waitable) -> Result<&Object> {
    let object = object.object();
    if object.of_channel { Err(object.during(no_end(), "signal and wait:")) } else { Ok(object) }
}

fn during_several(error: Error) -> Error {
    error.during("wait for several objects", None)
}

/// Signals one object (sets an event, releases a mutex or one of a semaphore) and then waits for another. If the signal
/// fails, nothing is waited for; if the wait ends without success, the signal stands.
///
/// # Errors
/// Those of the signal and of the wait.
#[doc(alias = "SignalObjectAndWait")]
pub fn signal_and_wait(signal: &dyn Waitable, wait: &dyn Waitable, timeout: impl Into<Timeout>) -> Result<Waited> {
    let (signal, other) = (expect_no_end(signal)?, expect_no_end(wait)?);
    Platform::default()
        .signal_and_wait(signal.handle(), other.handle(), timeout.into())
        .map_err(|error| signal.during(error, "signal and wait:"))
}

/// As [`signal_and_wait`], but the wait ends when the alert is raised: `None`, see [`Waitable::wait_alertable`]. The signal
/// stands even then.
///
/// # Errors
/// Those of the signal and of the wait.
#[doc(alias = "SignalObjectAndWait")]
pub fn signal_and_wait_alertable(
    signal: &dyn Waitable,
    wait: &dyn Waitable,
    timeout: impl Into<Timeout>,
    alert: &Alert,
) -> Result<Option<Waited>> {
    let (signal, other) = (expect_no_end(signal)?, expect_no_end(wait)?);
    Platform::default()
        .signal_and_wait_alertable(signal.handle(), other.handle(), timeout.into(), alert.kernel())
        .map_err(|error| signal.during(error, "signal and wait:"))
}

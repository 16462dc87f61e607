//! Alerts: a call that does nothing is queued to each thread that waits alertably, and ends its wait.
//!
//! A call that is queued when the wait has just ended stays in the thread's queue; there it would end the program's own
//! next alertable wait. So whoever leaves lets such a call run. (Others that the program has queued may run then too, as
//! in any alertable wait.)
//!
//! # Safety
//! Handles are open while they are borrowed; the queued function uses what belongs to its own thread.
#![allow(unsafe_code)]
#![allow(clippy::missing_const_for_thread_local, reason = "they are const: a false alarm on Windows' GNU targets")]

use std::cell::Cell;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, OwnedHandle};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use windows_sys::Win32::System::Threading::{GetCurrentThread, QueueUserAPC, SleepEx};

use super::error;
use crate::error::Result;
use crate::sys::{KernelAlert, Timeout, Waited, alert};

/// Windows' alert.
pub type Alert = alert::Alert<Arc<Waiter>>;

/// A thread that waits alertably.
#[derive(Debug)]
pub struct Waiter {
    thread: OwnedHandle,
    called: AtomicBool,
}

thread_local! {
    /// How many of the calls queued to this thread have run.
    static RAN: Cell<u64> = const { Cell::new(0) };
}

unsafe extern "system" fn ran(_: usize) {
    RAN.set(RAN.get().wrapping_add(1));
}

impl alert::Sleeper for Arc<Waiter> {
    fn wake(&self) {
        self.called.store(true, Ordering::SeqCst);
        // SAFETY: an open handle of a thread of this process, in which the function may run.
        unsafe { QueueUserAPC(Some(ran), self.thread.as_raw_handle(), 0) };
    }
}

impl Waiter {
    fn current() -> Result<Arc<Self>> {
        // SAFETY: has no preconditions.
        let this = unsafe { GetCurrentThread() };
        // SAFETY: it means the calling thread, as long as that runs.
        let this = unsafe { BorrowedHandle::borrow_raw(this) };
        let thread = this.try_clone_to_owned().map_err(error::from_io)?;
        Ok(Arc::new(Self { thread, called: AtomicBool::new(false) }))
    }
}

/// Waits by `wait` (how long, and whether alertably; none: a queued call has ended it) until the alert is raised.
pub(super) fn wait(
    alert: &Alert,
    timeout: Timeout,
    mut wait: impl FnMut(Timeout, bool) -> Result<Option<Waited>>,
) -> Result<Option<Waited>> {
    let deadline = match timeout {
        Timeout::After(duration) => Instant::now().checked_add(duration),
        Timeout::Now | Timeout::Never => None,
    };
    let mut left = timeout;
    loop {
        // What was signaled before the alert was raised wins, so there is a look after each look at the alert.
        let waited = match left {
            _ if alert.is_raised() => Some(wait(Timeout::Now, false)?),
            Timeout::Now => Some(wait(Timeout::Now, false)?),
            _ => None,
        };
        let waited = match waited {
            Some(waited) => waited,
            None => sleep(alert, || wait(left, true))?,
        };
        match waited {
            Some(Waited::TimedOut) if alert.is_raised() => return Ok(None),
            Some(waited) => return Ok(Some(waited)),
            None => {}
        }
        // A call of the program's own, or the alert's, which is looked at now.
        if let Some(deadline) = deadline {
            left = Timeout::After(deadline.saturating_duration_since(Instant::now()));
        }
    }
}

fn sleep(alert: &Alert, wait: impl FnOnce() -> Result<Option<Waited>>) -> Result<Option<Waited>> {
    let waiter = Waiter::current()?;
    let ran_before = RAN.get();
    let entered = alert.enter(Arc::clone(&waiter));
    let waited = if alert.is_raised() { Ok(None) } else { wait() };
    drop(entered);
    if waiter.called.load(Ordering::SeqCst) && RAN.get() == ran_before {
        // SAFETY: has no preconditions.
        unsafe { SleepEx(0, 1) };
    }
    waited
}

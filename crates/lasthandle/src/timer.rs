//! Waitable timers: signaled when they are due.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::object::{Choices, Object, sync_object};
use crate::sys::{Due, Kernel, Platform, Spec};

/// A handle to a waitable timer.
///
/// Nobody has to run for it: when it is due is in shared memory, and who waits computes it. An **auto-reset** timer (the
/// default; Windows calls it a synchronization timer) lets one waiter go each time it is due; a **manual-reset** one
/// stays signaled until it is armed anew.
///
/// # References
/// [Waitable timer objects](https://learn.microsoft.com/windows/win32/sync/waitable-timer-objects)
#[derive(Debug)]
#[doc(alias = "CreateWaitableTimerW")]
#[doc(alias = "OpenWaitableTimerW")]
pub struct Timer(pub(crate) Object);

/// How to create or open a [`Timer`].
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is created or opened yet"]
pub struct TimerOptions {
    manual: bool,
    choices: Choices,
}

sync_object!(Timer, TimerOptions, Kind::Timer, "create timer", "open timer");

impl TimerOptions {
    /// Stays signaled until it is armed anew. Default: one waiter resets it.
    pub fn manual_reset(mut self, manual: bool) -> Self {
        self.manual = manual;
        self
    }

    fn spec<F>(&self) -> Spec<'static, F> {
        Spec::Timer { manual: self.manual }
    }
}

impl Timer {
    /// Creates an auto-reset timer, not armed, or opens the one that has the name.
    ///
    /// # Errors
    /// See [`TimerOptions::create`].
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::options().create(name)
    }

    /// Arms it: unsignaled until `due`, then signaled; and again every `period`, if that is not zero. A due time that
    /// has passed signals at once. Periods that pass while nobody waits are one signal.
    ///
    /// # Errors
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied) without [`Access::MODIFY`](crate::Access::MODIFY);
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter) on Windows for a period above `i32::MAX` milliseconds,
    /// 24.8 days (a shorter one is rounded up to whole milliseconds there); [`Busy`](crate::ErrorKind::Busy) as
    /// [`Event::set`](crate::Event::set).
    #[doc(alias = "SetWaitableTimer")]
    pub fn arm(&self, due: Due, period: Duration) -> Result<()> {
        Platform::default().arm(self.0.handle(), due, period).map_err(|error| self.0.during(error, "arm timer"))
    }

    /// As [`arm`](Self::arm), and tells which arming this is: for completion routines, which belong to one arming.
    #[doc(hidden)]
    pub fn arm_counted(&self, due: Due, period: Duration) -> Result<u32> {
        Platform::default().arm_counted(self.0.handle(), due, period).map_err(|error| self.0.during(error, "arm timer"))
    }

    /// Which arming is the last one; a cancel counts too.
    #[doc(hidden)]
    pub fn armings(&self) -> Result<u32> {
        Platform::default().armings(self.0.handle()).map_err(|error| self.0.during(error, "look at timer"))
    }

    /// Stops it. Its state stays: signaled if it was due.
    ///
    /// # Errors
    /// As [`arm`](Self::arm).
    #[doc(alias = "CancelWaitableTimer")]
    pub fn cancel(&self) -> Result<()> {
        Platform::default().cancel(self.0.handle()).map_err(|error| self.0.during(error, "cancel timer"))
    }
}

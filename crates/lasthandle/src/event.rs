//! Events: a flag that threads of several processes set, reset and wait for.

use crate::error::{Error, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::object::{Choices, Object, sync_object};
use crate::sys::{Kernel, Platform, Spec};

/// A handle to an event.
///
/// An **auto-reset** event (the default) lets one waiter go for each set; a **manual-reset** one lets all go until it is
/// reset. Setting what is set does nothing. What a thread wrote before it set an event is seen by who was let go.
///
/// When a process dies, its events' state stays as it is, for as long as others hold them.
///
/// ```
/// use lasthandle::{Event, Timeout, Waitable, Waited};
/// # fn main() -> lasthandle::Result<()> {
/// # let name = &format!("Local\\doc-event-{}", std::process::id());
/// let ready = Event::create(name)?; // in one process
/// Event::open(name)?.set()?; // in another
/// assert_eq!(ready.wait(Timeout::Never)?, Waited::Signaled(0));
/// assert_eq!(ready.wait(Timeout::Now)?, Waited::TimedOut); // one set, one go
/// # Ok(())
/// # }
/// ```
///
/// # References
/// [Event objects](https://learn.microsoft.com/windows/win32/sync/event-objects)
#[derive(Debug)]
#[doc(alias = "CreateEventW")]
#[doc(alias = "OpenEventW")]
pub struct Event(pub(crate) Object);

/// How to create or open an [`Event`].
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is created or opened yet"]
pub struct EventOptions {
    manual: bool,
    signaled: bool,
    choices: Choices,
}

sync_object!(Event, EventOptions, Kind::Event, "create event", "open event");

impl EventOptions {
    /// Stays set until it is reset. Default: one waiter resets it.
    pub fn manual_reset(mut self, manual: bool) -> Self {
        self.manual = manual;
        self
    }

    /// Set from the start. Default: not.
    pub fn signaled(mut self, signaled: bool) -> Self {
        self.signaled = signaled;
        self
    }

    fn spec<F>(&self) -> Spec<'static, F> {
        Spec::Event { manual: self.manual, signaled: self.signaled }
    }
}

impl Event {
    /// Creates an auto-reset event, not set, or opens the one that has the name.
    ///
    /// # Errors
    /// See [`EventOptions::create`].
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::options().create(name)
    }

    /// Sets it: lets one waiter go, or all, if it is a manual-reset one. Without waiters it makes no system call.
    ///
    /// # Errors
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied) without [`Access::MODIFY`](crate::Access::MODIFY);
    /// [`Busy`](crate::ErrorKind::Busy) if a stopped process keeps it claimed, see [`Waitable::wait`](crate::Waitable::wait).
    #[doc(alias = "SetEvent")]
    #[inline]
    pub fn set(&self) -> Result<()> {
        Platform::default().set(self.0.handle()).map_err(|error| self.0.during(error, "set event"))
    }

    /// Resets it.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    #[doc(alias = "ResetEvent")]
    pub fn reset(&self) -> Result<()> {
        Platform::default().reset(self.0.handle()).map_err(|error| self.0.during(error, "reset event"))
    }

    /// Lets those go who wait at this moment, one of them if it is an auto-reset one, and leaves it not set. A waiter
    /// that has not begun to wait misses it: prefer [`set`](Self::set).
    ///
    /// # Errors
    /// As [`set`](Self::set).
    #[doc(alias = "PulseEvent")]
    pub fn pulse(&self) -> Result<()> {
        Platform::default().pulse(self.0.handle()).map_err(|error| self.0.during(error, "pulse event"))
    }
}

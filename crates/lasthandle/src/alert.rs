//! Alerts: one thread ends another one's wait.

use std::sync::Arc;

use crate::sys::{Kernel, KernelAlert, Platform, Timeout};

/// Ends waits of this process before their time: [`Waitable::wait_alertable`](crate::Waitable::wait_alertable),
/// [`wait_any_alertable`](crate::wait_any_alertable), [`wait_all_alertable`](crate::wait_all_alertable),
/// [`signal_and_wait_alertable`](crate::signal_and_wait_alertable) and [`sleep`](Self::sleep) take one.
///
/// It is raised or lowered, lowered from the start. Once [raised](Self::raise) it ends all waits that it was given to, and
/// those that begin later, until it is [lowered](Self::lower). Clones are the same alert. It is no object: it has no name,
/// and other processes know nothing of it.
///
/// A wait looks at its objects first: what was signaled before the alert was raised is taken. What a thread wrote before
/// it raised an alert is seen by whoever is alerted.
///
/// ```
/// use lasthandle::{Alert, Event, Timeout, Waitable};
/// # fn main() -> lasthandle::Result<()> {
/// let (work, stop) = (Event::options().create_unnamed()?, Alert::new());
/// let worker = std::thread::spawn({
///     let stop = stop.clone();
///     move || -> lasthandle::Result<()> {
///         while work.wait_alertable(Timeout::Never, &stop)?.is_some() {
///             // … do the work …
///         }
///         Ok(()) // alerted
///     }
/// });
/// stop.raise();
/// worker.join().unwrap()?;
/// # Ok(())
/// # }
/// ```
///
/// On Windows such waits are alertable ones, in which calls run that the program itself has queued to the thread
/// (`QueueUserAPC`); the wait goes on afterwards. On Linux `raise`, `lower` and `is_raised` may be called in a signal
/// handler.
///
/// # References
/// [Alertable I/O](https://learn.microsoft.com/windows/win32/fileio/alertable-i-o),
/// [asynchronous procedure calls](https://learn.microsoft.com/windows/win32/sync/asynchronous-procedure-calls)
#[derive(Debug, Clone, Default)]
#[doc(alias = "QueueUserAPC")]
pub struct Alert(Arc<<Platform as Kernel>::Alert>);

impl Alert {
    /// An alert that is not raised.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn kernel(&self) -> &<Platform as Kernel>::Alert {
        &self.0
    }

    /// Raises it: ends the waits that it was given to. Raising a raised one does nothing.
    pub fn raise(&self) {
        self.0.raise();
    }

    /// Lowers it, so that waits last again.
    pub fn lower(&self) {
        self.0.lower();
    }

    /// Whether it is raised.
    pub fn is_raised(&self) -> bool {
        self.0.is_raised()
    }

    /// Sleeps until it is raised; `false`: the time was up.
    #[doc(alias = "SleepEx")]
    pub fn sleep(&self, timeout: impl Into<Timeout>) -> bool {
        self.0.sleep(timeout.into())
    }
}

//! An alert as a flag, and whom to tell that it was raised: for kernels that sleep in a way of their own.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::{KernelAlert, Timeout};

/// Who waits, in the kernel's own way.
pub trait Sleeper {
    /// Ends its sleep. The alert's lock is held, and the alert is raised.
    fn wake(&self);
}

/// An alert that tells its sleepers.
#[derive(Debug)]
pub struct Alert<S> {
    raised: AtomicBool,
    sleepers: Mutex<Vec<(u64, S)>>,
    /// For those who wait for nothing else.
    changed: Condvar,
}

impl<S> Default for Alert<S> {
    fn default() -> Self {
        Self { raised: AtomicBool::new(false), sleepers: Mutex::default(), changed: Condvar::new() }
    }
}

/// Tells a sleeper as long as it is there. Once it is dropped nobody does any more.
pub(super) struct Entered<'a, S> {
    alert: &'a Alert<S>,
    ticket: u64,
}

impl<S> Alert<S> {
    /// From now on the sleeper is told. Look whether it is raised afterwards.
    pub(super) fn enter(&self, sleeper: S) -> Entered<'_, S> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let ticket = NEXT.fetch_add(1, Ordering::Relaxed);
        self.lock().push((ticket, sleeper));
        Entered { alert: self, ticket }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(u64, S)>> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Drop for Entered<'_, S> {
    fn drop(&mut self) {
        self.alert.lock().retain(|(ticket, _)| *ticket != self.ticket);
    }
}

impl<S: Sleeper + fmt::Debug + Send> KernelAlert for Alert<S> {
    fn raise(&self) {
        let sleepers = self.lock();
        if !self.raised.swap(true, Ordering::SeqCst) {
            sleepers.iter().for_each(|(_, sleeper)| sleeper.wake());
            self.changed.notify_all();
        }
    }

    fn lower(&self) {
        self.raised.store(false, Ordering::SeqCst);
    }

    fn is_raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    fn sleep(&self, timeout: Timeout) -> bool {
        let end = match timeout {
            Timeout::Now => return self.is_raised(),
            Timeout::After(duration) => Instant::now().checked_add(duration),
            Timeout::Never => None,
        };
        let mut sleepers = self.lock();
        loop {
            if self.is_raised() {
                return true;
            }
            sleepers = match end.map(|end| end.saturating_duration_since(Instant::now())) {
                Some(left) if left.is_zero() => return false,
                Some(left) => self.changed.wait_timeout(sleepers, left).unwrap_or_else(PoisonError::into_inner).0,
                None => self.changed.wait(sleepers).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

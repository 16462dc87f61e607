//! A holder: what keeps a name alive in this process. No descriptor, only a mapping.
//!
//! The holder opened the file, locked its own byte through that description ([`super::lock`]), mapped the record
//! page through it and closed the descriptor. From then on the mapping alone keeps the description, and so the lock:
//! code that closes descriptors cannot lose it, and children started with `posix_spawn` do not hold it. A child made
//! with `fork` does, until it ends or calls `exec`: it has the mapping.
//!
//! **Ghosts.** Between opening and closing that descriptor, a few microseconds, another thread may start a child,
//! which then has a copy of the descriptor until its `exec`. If this holder closes before that, its lock is still
//! there, though nobody holds the object, and the next create of the name would meet the old object. So a holder that
//! closes and finds its *own* byte still locked waits for the ghost to go, and removes the name then. After a `fork`
//! in this process it does not wait: its child may be a real holder.
//!
//! # Safety
//! One call registers handlers for `fork`; it is argued where it stands.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::io::Errno;

use super::backoff::Backoff;
use super::call;
use super::lock::{self, Position};
use super::page::{RecordPage, Words};
use super::place::Spot;
use super::reap::{self, Reaped};

/// How long a closing holder waits for its ghost; an `exec` takes a fraction of that.
const GHOST_PATIENCE: Duration = Duration::from_millis(250);

/// A holder of a named object. Dropping it closes it: with the last one of all processes the name goes.
#[derive(Debug)]
pub(crate) struct Holder {
    page: Option<RecordPage>,
    position: Position,
    spot: Spot,
    forks: u64,
}

/// A lock that is taken and not yet kept: what a `Holder` is made from.
pub(crate) struct Lease {
    fd: OwnedFd,
    position: Position,
    /// Counted before the lock was there: a child that was forked since may have a copy of it.
    forks: u64,
}

impl Lease {
    /// Takes the shared lock through `fd`'s own description; gives `fd` back if somebody holds the exclusive one.
    pub(crate) fn take(fd: OwnedFd) -> Result<Result<Self, OwnedFd>, Errno> {
        watch_forks();
        let position = Position::fresh();
        let forks = FORKS.load(Ordering::Relaxed);
        let held = lock::hold(fd.as_fd(), position)?;
        Ok(if held { Ok(Self { fd, position, forks }) } else { Err(fd) })
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Keeps the lock by a mapping of the record page at `record` and gives the descriptor up. `words`: a sync object's.
    pub(crate) fn keep(self, record: u64, words: bool, spot: &Spot) -> Result<Holder, Errno> {
        let page = RecordPage::map(self.fd.as_fd(), record, words)?;
        call::close(self.fd);
        Ok(Holder { page: Some(page), position: self.position, spot: spot.clone(), forks: self.forks })
    }

    /// The descriptor, which keeps the lock: for a handle on its way to another process.
    pub(crate) fn into_fd(self) -> OwnedFd {
        self.fd
    }
}

impl Holder {
    /// The object's words, if it is a sync object.
    #[inline]
    pub(crate) fn words(&self) -> Option<&Words> {
        self.page.as_ref().and_then(RecordPage::words)
    }

    pub(crate) fn spot(&self) -> &Spot {
        &self.spot
    }

    /// The name may have become dead: look, and wait for a ghost of our own if that is what keeps it.
    fn release(&self) {
        let mut backoff = Backoff::new(GHOST_PATIENCE);
        while let Reaped::Alive(fd) = reap::reap(&self.spot.path) {
            let forked = FORKS.load(Ordering::Relaxed) != self.forks;
            let ghost = !forked && lock::is_held(fd.as_fd(), self.position).unwrap_or(false);
            if !ghost || !backoff.wait() {
                return;
            }
        }
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.page = None; // drops the lock, unless a ghost has it
        self.release();
    }
}

/// Forks of this process by `fork`; children started by `posix_spawn` are not counted.
static FORKS: AtomicU64 = AtomicU64::new(0);

fn watch_forks() {
    extern "C" fn forked() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the handler lives as long as the process and only adds to an atomic, which is safe at that moment.
        // Should there be no memory for the entry, a close beside a forked child waits in vain, and is right still.
        let _ = unsafe { libc::pthread_atfork(None, Some(forked), Some(forked)) };
    });
}

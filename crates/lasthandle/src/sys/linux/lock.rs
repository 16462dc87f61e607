//! The locks that say who is alive.
//!
//! Every holder has a **shared** lock on one byte of its own of the object's file, far beyond the data; who removes
//! a name takes the **exclusive** lock on all such bytes at once. They are locks of the open file description
//! (`F_OFD_SETLK`), so the kernel drops them however the holder ends, and a mapping made through the description
//! keeps them when the descriptor is closed. Why these and not `flock`: `docs/design/locks.md`.
//!
//! The byte's position tells the holder's process (for display) and is its own, so that the holder can tell whether
//! a lock that outlived its own mapping is its own: see [`super::holder`].

use std::hash::{BuildHasher, RandomState};
use std::os::fd::BorrowedFd;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::io::Errno;

use super::call::{self, Conflict, Lock};

/// Holders' bytes lie below this.
const END: u64 = 1 << 62;
/// Bits of a position that tell one holder of a process from another.
const SERIAL_BITS: u32 = 36;

/// The byte that a holder locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position(u64);

impl Position {
    /// A position that this process has not used yet, and that others hardly have.
    pub(crate) fn fresh() -> Self {
        static NEXT: OnceLock<AtomicU64> = OnceLock::new();
        // Two processes with equal numbers in two containers must not count in step.
        let next = NEXT.get_or_init(|| AtomicU64::new(RandomState::new().hash_one(0)));
        let serial = next.fetch_add(1, Ordering::Relaxed) % (1 << SERIAL_BITS);
        Self(u64::from(std::process::id()) << SERIAL_BITS | serial)
    }

    fn process(start: u64) -> u32 {
        u32::try_from(start >> SERIAL_BITS).unwrap_or(0)
    }
}

/// Becomes a holder. `false`: somebody has the exclusive lock at this moment.
pub(crate) fn hold(fd: BorrowedFd<'_>, position: Position) -> Result<bool, Errno> {
    call::try_lock(fd, Lock::Shared, position.0, 1)
}

/// Takes the exclusive lock. `false`: the object has holders, or somebody else is looking.
pub(crate) fn exclude(fd: BorrowedFd<'_>) -> Result<bool, Errno> {
    call::try_lock(fd, Lock::Exclusive, 0, END)
}

/// Whether there are holders, or somebody who looks for them. Takes nothing, and works with a descriptor that may
/// only read.
pub(crate) fn conflict(fd: BorrowedFd<'_>) -> Result<Option<Conflict>, Errno> {
    call::find_lock(fd, 0, END)
}

/// Whether the holder at `position`, seen through another description, still is one.
pub(crate) fn is_held(fd: BorrowedFd<'_>, position: Position) -> Result<bool, Errno> {
    Ok(call::find_lock(fd, position.0, 1)?.is_some_and(|conflict| !conflict.exclusive))
}

/// The processes that hold the object, by their own numbering; at most `limit`, for a hostile one can invent more.
pub(crate) fn holders(fd: BorrowedFd<'_>, limit: usize) -> Result<Vec<u32>, Errno> {
    let mut found = Vec::new();
    let mut ranges = vec![(0, END)];
    while let Some((start, end)) = ranges.pop() {
        if start >= end || found.len() >= limit {
            continue;
        }
        // The kernel tells one lock a call, in no order we could rely on: look on both sides of it.
        match call::find_lock(fd, start, end - start)? {
            Some(lock) if !lock.exclusive && (start..end).contains(&lock.start) => {
                found.push(Position::process(lock.start));
                ranges.push((start, lock.start));
                ranges.push((lock.start + 1, end));
            }
            _ => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

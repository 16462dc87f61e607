//! How a call keeps an object alive that another thread closes meanwhile, without writing to anything shared.
//!
//! A **slot** leads to an object. A **cell** belongs to one thread, and says which object that thread is using. Who
//! uses an object writes it into a cell first, and then looks whether the slot still leads to it; who closes it takes it
//! out of the slot first, and then waits until no cell says it.
//!
//! 1. *No use after free.* A user writes the cell, then reads the slot; a closer changes the slot, then reads the cell.
//!    With a fence between the two steps of both (`reader_fence`, `closer_fence`) at least one sees the other: either
//!    the closer finds the cell and waits, or the user finds the slot changed and lets go.
//! 2. *No ABA.* An object that was taken out never comes back. A new one may get the old one's address: then the cell
//!    protects the new one, as it is written before the slot is read for the last time.
//! 3. *One closer.* Of two that take the same object out, one changes the slot.
//!
//! A closer waits, so a cell is held for short and never across a sleep: a call that sleeps takes a count of its own.
//! `tests/loom.rs` runs this file through all interleavings.

use std::ptr::{NonNull, null_mut};

use super::atomic::{AtomicPtr, Ordering, closer_fence, pause, reader_fence};

/// Writes what the slot leads to into the cell; from then until [`release`] it is not freed. None: the slot is empty.
#[inline]
pub(super) fn protect<T>(slot: &AtomicPtr<T>, cell: &AtomicPtr<T>) -> Option<NonNull<T>> {
    let mut seen = slot.load(Ordering::Acquire);
    loop {
        let Some(object) = NonNull::new(seen) else {
            release(cell);
            return None;
        };
        cell.store(seen, Ordering::Relaxed);
        reader_fence();
        // Acquire: what was written to the object before it was put there is seen.
        let again = slot.load(Ordering::Acquire);
        if again == seen {
            return Some(object);
        }
        seen = again;
    }
}

/// The cell's thread does not use the object any more.
#[inline]
pub(super) fn release<T>(cell: &AtomicPtr<T>) {
    // Release: all that was done with the object comes before it is freed.
    cell.store(null_mut(), Ordering::Release);
}

/// Takes the object out of its slot, if it is there. It is the caller's then, after [`wait_for_users`].
pub(super) fn withdraw<T>(slot: &AtomicPtr<T>, object: *mut T) -> bool {
    slot.compare_exchange(object, null_mut(), Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

/// Returns when nobody uses an object that was taken out of its slot.
pub(super) fn wait_for_users<'a, T: 'a>(cells: impl Iterator<Item = &'a AtomicPtr<T>>, object: *mut T) {
    closer_fence();
    for cell in cells {
        let mut round = 0;
        while cell.load(Ordering::Acquire) == object {
            pause(round);
            round += 1;
        }
    }
}

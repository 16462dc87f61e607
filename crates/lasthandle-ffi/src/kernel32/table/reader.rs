//! The cells of the threads that look handles up.
//!
//! Each thread has a record with some cells, so that a signal handler that interrupts a call can make calls itself.
//! Records are never freed: a thread that ends leaves its own to the next one.
//!
//! # Safety
//! A record is leaked, so that a pointer to it is good for ever; it is written completely before it is found.
#![allow(unsafe_code)]

use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use super::{Entry, hazard};
use crate::kernel32::thread::{THREAD, Thread};

/// A call, and this many less one nested signal handlers, each in a call.
const CELLS: usize = 4;

pub(crate) struct Record {
    cells: [AtomicPtr<Entry>; CELLS],
    taken: AtomicBool,
    next: Option<&'static Record>,
}

/// The newest record; each leads to the one before.
static NEWEST: AtomicPtr<Record> = AtomicPtr::new(null_mut());

thread_local! {
    static LEAVES: Leaves = const { Leaves };
}

/// Gives the record back when its thread ends. Calls after that, from destructors that run later, take one anew, which
/// is then never given back.
struct Leaves;

impl Drop for Leaves {
    fn drop(&mut self) {
        if let Some(record) = THREAD.with(|thread| thread.record.take()) {
            record.taken.store(false, Ordering::Release);
        }
    }
}

/// A cell of this thread, for one call; empty again when dropped.
pub(super) struct Use(&'static AtomicPtr<Entry>);

impl Use {
    /// None if as many calls as there are cells were interrupted by signal handlers that called on.
    #[inline]
    pub(super) fn begin() -> Option<Self> {
        THREAD.with(|thread| {
            let record = thread.record.get().unwrap_or_else(|| enter(thread));
            let used = thread.used.get();
            let cell = record.cells.get(used)?;
            // Before the cell is written: a handler that interrupts here takes the next one.
            thread.used.set(used + 1);
            Some(Self(cell))
        })
    }

    #[inline]
    pub(super) fn cell(&self) -> &'static AtomicPtr<Entry> {
        self.0
    }
}

impl Drop for Use {
    #[inline]
    fn drop(&mut self) {
        hazard::release(self.0);
        THREAD.with(|thread| thread.used.set(thread.used.get() - 1));
    }
}

/// Every cell there is, of all threads.
pub(super) fn cells() -> impl Iterator<Item = &'static AtomicPtr<Entry>> {
    records().flat_map(|record| &record.cells)
}

fn records() -> impl Iterator<Item = &'static Record> {
    // SAFETY: null, or a record; see the top.
    let newest = unsafe { NEWEST.load(Ordering::Acquire).as_ref() };
    std::iter::successors(newest, |record| record.next)
}

#[cold]
fn enter(thread: &Thread) -> &'static Record {
    let free = |record: &&Record| !record.taken.swap(true, Ordering::Acquire);
    let record = records().find(free).unwrap_or_else(add);
    thread.record.set(Some(record));
    let _ = LEAVES.try_with(|_| ());
    record
}

fn add() -> &'static Record {
    let cells = [const { AtomicPtr::new(null_mut()) }; CELLS];
    let record = Box::leak(Box::new(Record { cells, taken: AtomicBool::new(true), next: None }));
    let mut newest = NEWEST.load(Ordering::Acquire);
    loop {
        // SAFETY: as in `records`.
        record.next = unsafe { newest.as_ref() };
        match NEWEST.compare_exchange(newest, record, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => return record,
            Err(other) => newest = other,
        }
    }
}

/// In a forked child only the thread that forked goes on: what the others were using is used no more, and a close must
/// not wait for them.
pub(crate) fn forget_other_threads() {
    let mine = THREAD.with(|thread| thread.record.get());
    for record in records().filter(|record| !mine.is_some_and(|mine| std::ptr::eq(mine, *record))) {
        record.cells.iter().for_each(hazard::release);
        record.taken.store(false, Ordering::Release);
    }
}

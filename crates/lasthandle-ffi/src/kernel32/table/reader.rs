//! The cells of the threads that look handles up.
//!
//! Each thread has a record with some cells, so that a signal handler that interrupts a call can make calls itself. Such
//! a handler may be the first in its thread to call, and may interrupt `malloc`: so records come without it, and the
//! thread's end is told by a key of pthreads, which needs none either (the C library has room for 32 keys in each
//! thread).
//!
//! Records are never freed: a thread that ends leaves its own to the next one. They are taken in their order, so that
//! behind one that never was taken no other is used.
//!
//! # Safety
//! Pages of records are static or mapped and never unmapped, so that a pointer to one is good for ever; zero bytes are
//! records that nobody has taken.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU8, Ordering, compiler_fence};

use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

use super::{Entry, hazard};
use crate::kernel32::key::Key;
use crate::kernel32::thread::{THREAD, Thread};

/// A call, and this many less one nested signal handlers, each in a call.
const CELLS: usize = 4;

pub(crate) struct Record {
    cells: [AtomicPtr<Entry>; CELLS],
    state: AtomicU8,
}

/// Never taken; and so is every record behind it.
const UNUSED: u8 = 0;
const TAKEN: u8 = 1;
const LEFT: u8 = 2;

impl Record {
    const fn unused() -> Self {
        Self { cells: [const { AtomicPtr::new(null_mut()) }; CELLS], state: AtomicU8::new(UNUSED) }
    }

    /// Whether it is the caller's now.
    fn take(&self) -> bool {
        self.state.swap(TAKEN, Ordering::AcqRel) != TAKEN
    }

    fn leave(&self) {
        self.state.store(LEFT, Ordering::Release);
    }
}

/// So many records fill a page of memory.
const RECORDS: usize = 100;

struct Page {
    records: [Record; RECORDS],
    /// Null: there are no more yet.
    next: AtomicPtr<Page>,
}

const _: () = assert!(size_of::<Page>() <= 4096);

static FIRST: Page = Page { records: [const { Record::unused() }; RECORDS], next: AtomicPtr::new(null_mut()) };

impl Page {
    fn next(&self) -> Option<&'static Self> {
        // SAFETY: null, or a page; see the top.
        unsafe { self.next.load(Ordering::Acquire).as_ref() }
    }

    /// The page behind this one, made if need be; none if there is no memory.
    fn make_next(&self) -> Option<&'static Self> {
        if let Some(next) = self.next() {
            return Some(next);
        }
        let (length, protection) = (size_of::<Self>(), ProtFlags::READ | ProtFlags::WRITE);
        // SAFETY: a fresh mapping where the kernel likes touches nothing that exists.
        let fresh = unsafe { mmap_anonymous(null_mut(), length, protection, MapFlags::PRIVATE) }.ok()?;
        if self.next.compare_exchange(null_mut(), fresh.cast(), Ordering::AcqRel, Ordering::Acquire).is_err() {
            // SAFETY: mapped above, and nobody knows of it.
            let _ = unsafe { munmap(fresh, length) };
        }
        self.next()
    }
}

/// A cell of this thread, for one call; empty again when dropped.
pub(super) struct Use(&'static AtomicPtr<Entry>);

impl Use {
    /// None if as many calls as there are cells were interrupted by signal handlers that called on.
    #[inline]
    pub(super) fn begin() -> Option<Self> {
        THREAD.with(|thread| {
            let record = thread.record.get().or_else(|| enter(thread))?;
            let used = thread.used.get();
            let cell = record.cells.get(used)?;
            thread.used.set(used + 1);
            // Before the cell is written: a handler that interrupts here takes the next one.
            compiler_fence(Ordering::SeqCst);
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
        compiler_fence(Ordering::SeqCst);
        THREAD.with(|thread| thread.used.set(thread.used.get() - 1));
    }
}

/// Every cell that was ever used, of all threads.
pub(super) fn cells() -> impl Iterator<Item = &'static AtomicPtr<Entry>> {
    records().take_while(|record| record.state.load(Ordering::Acquire) != UNUSED).flat_map(|record| &record.cells)
}

fn pages() -> impl Iterator<Item = &'static Page> {
    std::iter::successors(Some(&FIRST), |page| page.next())
}

fn records() -> impl Iterator<Item = &'static Record> {
    pages().flat_map(|page| &page.records)
}

/// This thread's record, from now on until it ends; none if there is no memory for one.
#[cold]
fn enter(thread: &Thread) -> Option<&'static Record> {
    let mut page = &FIRST;
    let record = loop {
        match page.records.iter().find(|record| record.take()) {
            Some(record) => break record,
            None => page = page.make_next()?,
        }
    };
    // A handler that came in between may have entered: then two are taken, and one is never given back.
    thread.record.set(Some(record));
    KEY.set(std::ptr::from_ref(record).cast());
    Some(record)
}

/// Its destructor gives a thread's record back. Without it the record is not given back, which costs little.
static KEY: Key = Key::new(end);

/// The thread ends. A call after that, by a destructor that runs later, takes a record anew and comes back here.
extern "C" fn end(record: *mut c_void) {
    THREAD.with(|thread| thread.record.set(None));
    // SAFETY: what was stored under the key is a record; see the top.
    unsafe { &*record.cast::<Record>() }.leave();
}

/// In a forked child only the thread that forked goes on: what the others were using is used no more, and a close must
/// not wait for them.
pub(crate) fn forget_other_threads() {
    let mine = THREAD.with(|thread| thread.record.get());
    let used = records().take_while(|record| record.state.load(Ordering::Acquire) != UNUSED);
    for record in used.filter(|record| !mine.is_some_and(|mine| std::ptr::eq(mine, *record))) {
        record.cells.iter().for_each(hazard::release);
        record.leave();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    fn mine() -> *const Record {
        drop(Use::begin().unwrap());
        THREAD.with(|thread| std::ptr::from_ref(thread.record.get().unwrap()))
    }

    #[test]
    fn more_threads_than_fit_a_page_have_a_record_each_and_leave_it() {
        let count = RECORDS + 20;
        let all_there = Barrier::new(count);
        let mut found: Vec<_> = thread::scope(|scope| {
            let one = || {
                let mine = mine().addr();
                all_there.wait();
                mine
            };
            let threads: Vec<_> = (0..count).map(|_| scope.spawn(one)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), count, "each its own");
        // What they left is taken again (a scope waits for the closures, not for the threads' very end).
        let again = || (0..1000).any(|_| found.binary_search(&thread::spawn(|| mine().addr()).join().unwrap()).is_ok());
        assert!(again());
        assert!(cells().count() >= count * CELLS);
    }
}

//! The handle table of this process: numbers that lead to objects.
//!
//! | file | what it is |
//! |---|---|
//! | `slots.rs` | where entries lie, and what numbers mean |
//! | `hazard.rs` | how a look-up and a close get along without a lock |
//! | `reader.rs` | each thread's cells for that |
//! | `atomic.rs` | who makes the fence |
//!
//! A look-up takes no lock and writes to nothing but its thread's own cell. Making and closing handles take a lock for
//! as long as it takes to choose a number.
//!
//! # Safety
//! 1. A slot holds null, or a pointer that came from `Arc::into_raw`, and stands for that one count.
//! 2. Whoever takes it out of the slot ([`hazard::withdraw`]) has that count, and waits for the users before it is
//!    given up; so what [`hazard::protect`] returned is alive until its cell is released.
#![allow(unsafe_code)]

mod atomic;
mod hazard;
mod reader;
mod slots;

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lasthandle::Name;

use super::code::Code;
use super::object::Object;
use super::types::{HANDLE, HANDLE_FLAG_PROTECT_FROM_CLOSE};
use super::{fork, passing};
use reader::Use;
pub(crate) use reader::{Record, forget_other_threads};
pub(crate) use slots::Number;
use slots::{GIVEN, Slots};

/// What a handle leads to.
pub(crate) struct Entry {
    number: Number,
    pub(crate) object: Object,
    /// The rights that were granted, in the object's own bits; the object's handle enforces them.
    pub(crate) access: u32,
    /// The name that the object was created or opened by.
    pub(crate) name: Option<Name>,
    /// `HANDLE_FLAG_…`.
    flags: AtomicU32,
}

impl Entry {
    pub(crate) fn number(&self) -> Number {
        self.number
    }

    pub(crate) fn flags(&self) -> u32 {
        self.flags.load(Ordering::Relaxed)
    }

    /// Changes the flags that `mask` names.
    pub(crate) fn set_flags(&self, mask: u32, flags: u32) {
        let change = |old| Some(old & !mask | flags & mask);
        let _ = self.flags.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change);
    }
}

/// An entry before it has a number.
pub(crate) struct New {
    pub(crate) object: Object,
    pub(crate) access: u32,
    pub(crate) name: Option<Name>,
    pub(crate) flags: u32,
}

/// An entry that this thread's cell keeps alive.
pub(crate) struct Found<'a>(&'a Entry);

impl Deref for Found<'_> {
    type Target = Entry;

    #[inline]
    fn deref(&self) -> &Entry {
        self.0
    }
}

impl Found<'_> {
    /// Keeps it for a call that sleeps.
    pub(crate) fn keep(&self) -> Arc<Entry> {
        let entry = std::ptr::from_ref(self.0);
        // SAFETY: by 1 it came from `Arc::into_raw`, and by 2 that count still stands.
        unsafe { Arc::increment_strong_count(entry) };
        // SAFETY: as above, and the count just added is ours to take.
        unsafe { Arc::from_raw(entry) }
    }
}

/// The numbers that can be given out.
pub(crate) struct Free {
    /// In the order they were closed, so that a number comes back as late as can be.
    closed: VecDeque<Number>,
    /// Slots that were never used begin here.
    untouched: u32,
}

struct Table {
    slots: Slots,
    free: Mutex<Free>,
}

static TABLE: Table = Table { slots: Slots::new(), free: Mutex::new(Free { closed: VecDeque::new(), untouched: 0 }) };

/// Keeps numbers from being chosen or given back as long as it is there.
pub(crate) type Lock = MutexGuard<'static, Free>;

pub(crate) fn lock() -> Lock {
    TABLE.free.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Enters an object and returns its handle.
pub(crate) fn insert(new: New) -> Result<HANDLE, Code> {
    // What was inherited has its numbers first.
    passing::adopt();
    let number = Table::choose()?;
    enter(number, new)?;
    Ok(handle(number))
}

/// Enters an object under a number that somebody else has chosen; an error if there is one.
pub(crate) fn insert_at(number: Number, new: New) -> Result<(), Code> {
    enter(number, new)?;
    Table::reserve(number);
    Ok(())
}

fn enter(number: Number, new: New) -> Result<(), Code> {
    atomic::prepare();
    fork::watch();
    let New { object, access, name, flags } = new;
    let entry = Arc::new(Entry { number, object, access, name, flags: AtomicU32::new(flags) });
    let (slot, entry) = (TABLE.slots.make(number.index()), Arc::into_raw(entry).cast_mut());
    // Release: who finds the entry finds all of it.
    if slot.compare_exchange(std::ptr::null_mut(), entry, Ordering::Release, Ordering::Relaxed).is_err() {
        // SAFETY: what was not stored is still ours alone.
        drop(unsafe { Arc::from_raw(entry) });
        return Err(Code::INVALID_HANDLE);
    }
    Ok(())
}

/// Every entry there is at this moment.
pub(crate) fn all() -> Vec<Arc<Entry>> {
    passing::adopt();
    let kept = |slot| {
        let using = Use::begin()?;
        let entry = hazard::protect(slot, using.cell())?;
        // SAFETY: by 2 it is alive until `using` is dropped; only shared references exist.
        Some(Found(unsafe { entry.as_ref() }).keep())
    };
    TABLE.slots.iter().filter_map(kept).collect()
}

/// Calls `body` with what the handle leads to. It must not sleep: who closes the handle waits for it.
#[inline]
pub(crate) fn with<R>(handle: HANDLE, body: impl FnOnce(&Found<'_>) -> Result<R, Code>) -> Result<R, Code> {
    let number = Number::from_value(handle.addr()).ok_or(Code::INVALID_HANDLE)?;
    let using = Use::begin().ok_or(Code::BUSY)?;
    let entry = match find(number, &using) {
        None => find_arrived(number, &using).ok_or(Code::INVALID_HANDLE)?,
        Some(entry) => entry,
    };
    body(&Found(entry))
}

#[inline]
fn find(number: Number, using: &Use) -> Option<&Entry> {
    let slot = TABLE.slots.find(number.index())?;
    let entry = hazard::protect(slot, using.cell())?;
    // SAFETY: by 2 it is alive until `using` is dropped, whose borrow it has; only shared references exist.
    let entry = unsafe { entry.as_ref() };
    (entry.number == number).then_some(entry)
}

/// It may have been given to this process in a way that nobody has noticed yet.
#[cold]
fn find_arrived(number: Number, using: &Use) -> Option<&Entry> {
    if passing::arrived(number) { find(number, using) } else { None }
}

/// What the handle leads to, for a call that may sleep: a close does not wait for it.
pub(crate) fn get(handle: HANDLE) -> Result<Arc<Entry>, Code> {
    with(handle, |entry| Ok(entry.keep()))
}

/// Closes the handle. The object's own handle is closed before this returns, unless calls in other threads still use
/// it: then by the last of them.
pub(crate) fn close(handle: HANDLE) -> Result<(), Code> {
    let (number, entry) = with(handle, |entry| {
        let slot = TABLE.slots.find(entry.number.index()).ok_or(Code::INVALID_HANDLE)?;
        let address = std::ptr::from_ref(entry.0).cast_mut();
        if entry.flags() & HANDLE_FLAG_PROTECT_FROM_CLOSE != 0 || !hazard::withdraw(slot, address) {
            return Err(Code::INVALID_HANDLE);
        }
        Ok((entry.number, address))
    })?;
    hazard::wait_for_users(reader::cells(), entry);
    if number.index() < GIVEN {
        lock().closed.push_back(number);
    }
    // SAFETY: by 1 the slot had a count, by 2 it is ours, and no cell leads to the entry any more.
    drop(unsafe { Arc::from_raw(entry) });
    Ok(())
}

impl Table {
    fn choose() -> Result<Number, Code> {
        let mut free = lock();
        if let Some(closed) = free.closed.pop_front() {
            return Ok(closed.again());
        }
        let index = free.untouched;
        if index == GIVEN {
            return Err(Code::NO_SYSTEM_RESOURCES);
        }
        free.untouched += 1;
        Ok(Number::first(index))
    }

    /// Somebody else has chosen that number, when none of that index was in use.
    fn reserve(number: Number) {
        let (index, mut free) = (number.index(), lock());
        if index >= GIVEN {
            return;
        }
        for skipped in free.untouched..index {
            free.closed.push_back(Number::before_first(skipped));
        }
        free.closed.retain(|number| number.index() != index);
        free.untouched = free.untouched.max(index + 1);
    }
}

fn handle(number: Number) -> HANDLE {
    std::ptr::without_provenance_mut(number.value())
}

#[cfg(test)]
mod tests;

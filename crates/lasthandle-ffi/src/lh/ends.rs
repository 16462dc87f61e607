//! The ends of channels that this process has from C: which a handle means, and who uses it.
//!
//! A handle is a number in the form of a pointer, and never followed: so one that was closed, forged, or is of something
//! else is an error. An end is used by one thread at a time, which a lock of its own sees to: nobody waits for it, a
//! second one is refused. Sending and receiving of a two-way end have a lock each.
//!
//! | bits of a handle | meaning |
//! |---|---|
//! | 0–3 | 13: no pointer to anything else is odd |
//! | 4–19 | the place |
//! | 20– | how often the place was used, so that a closed handle is not taken for a later one |

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

use lasthandle::channel::{Message, Receiver, Sender, Slot};
use lasthandle::{Error, ErrorKind, Result};

use super::loan::Lender;

/// What sends.
pub(super) type Sending = Lender<Sender, Slot<'static>>;
/// What receives.
pub(super) type Receiving = Lender<Receiver, Message<'static>>;

const MARK: usize = 13;
const MARK_BITS: u32 = 4;
const PLACE_BITS: u32 = 16;
const PLACES: usize = 1 << PLACE_BITS;
const CHUNK: usize = 64;

/// An end that is to be entered.
pub(super) struct New {
    pub(super) sending: Option<Sending>,
    pub(super) receiving: Option<Receiving>,
    /// Bytes of each message; 0: any number.
    pub(super) size: usize,
}

/// One half of a place.
pub(super) struct Half<T> {
    /// Which handle means it; 0: none.
    handle: usize,
    end: Option<T>,
    pub(super) size: usize,
}

struct Place {
    sending: Mutex<Half<Sending>>,
    receiving: Mutex<Half<Receiving>>,
}

struct Free {
    /// Places to be used again, with their next handles; in the order they were closed.
    closed: VecDeque<usize>,
    /// Places that were never used begin here.
    untouched: usize,
}

/// Never freed: who has found a place may use it whatever becomes of its end.
static CHUNKS: [OnceLock<Box<[Place]>>; PLACES / CHUNK] = [const { OnceLock::new() }; PLACES / CHUNK];
static FREE: Mutex<Free> = Mutex::new(Free { closed: VecDeque::new(), untouched: 0 });

impl<T> Half<T> {
    const fn empty() -> Self {
        Self { handle: 0, end: None, size: 0 }
    }

    #[inline]
    pub(super) fn get(&mut self) -> &mut T {
        self.end.as_mut().expect("`claim` has seen it")
    }
}

/// A half of an end, for as long as a call uses it.
pub(super) type Claim<T> = MutexGuard<'static, Half<T>>;

/// Enters an end and returns its handle.
pub(super) fn enter(new: New) -> Result<usize> {
    let handle = choose()?;
    let place = make(place_of(handle));
    *wait_for(&place.sending) = Half { handle, end: new.sending, size: new.size };
    *wait_for(&place.receiving) = Half { handle, end: new.receiving, size: new.size };
    Ok(handle)
}

/// The sending half of an end.
#[inline]
pub(super) fn sending(handle: usize) -> Result<Claim<Sending>> {
    claim(handle, |place| &place.sending, "this end does not send")
}

/// The receiving half of an end.
#[inline]
pub(super) fn receiving(handle: usize) -> Result<Claim<Receiving>> {
    claim(handle, |place| &place.receiving, "this end does not receive")
}

/// Leaves an end; an error if another thread is using it.
pub(super) fn close(handle: usize) -> Result<()> {
    let place = find(handle)?;
    let mut sending = try_lock(&place.sending)?;
    let mut receiving = try_lock(&place.receiving)?;
    if sending.handle != handle {
        return Err(no_end());
    }
    // Both halves are the same end of the channel, which is left when the second goes: then others may take it.
    (sending.end, receiving.end) = (None, None);
    (sending.handle, receiving.handle) = (0, 0);
    free().closed.push_back(next_of(handle));
    Ok(())
}

#[inline]
fn claim<T>(
    handle: usize,
    half: impl FnOnce(&'static Place) -> &'static Mutex<Half<T>>,
    absent: &'static str,
) -> Result<Claim<T>> {
    let half = try_lock(half(find(handle)?))?;
    if half.handle != handle {
        return Err(no_end());
    }
    if half.end.is_none() {
        return Err(Error::new(ErrorKind::InvalidHandle).detail(absent));
    }
    Ok(half)
}

#[inline]
fn find(handle: usize) -> Result<&'static Place> {
    let place = place_of(handle);
    let found = CHUNKS[place / CHUNK].get().map(|chunk| &chunk[place % CHUNK]);
    found.filter(|_| handle % (1 << MARK_BITS) == MARK).ok_or_else(no_end)
}

fn make(place: usize) -> &'static Place {
    let empty = || Place { sending: Mutex::new(Half::empty()), receiving: Mutex::new(Half::empty()) };
    &CHUNKS[place / CHUNK].get_or_init(|| (0..CHUNK).map(|_| empty()).collect())[place % CHUNK]
}

#[inline]
fn try_lock<T>(half: &Mutex<Half<T>>) -> Result<MutexGuard<'_, Half<T>>> {
    match half.try_lock() {
        Ok(half) => Ok(half),
        Err(TryLockError::Poisoned(half)) => Ok(half.into_inner()),
        Err(TryLockError::WouldBlock) => Err(used()),
    }
}

/// Nobody sleeps with the lock of a place that no handle means.
fn wait_for<T>(half: &Mutex<Half<T>>) -> MutexGuard<'_, Half<T>> {
    half.lock().unwrap_or_else(PoisonError::into_inner)
}

fn free() -> MutexGuard<'static, Free> {
    FREE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn choose() -> Result<usize> {
    let mut free = free();
    if let Some(handle) = free.closed.pop_front() {
        return Ok(handle);
    }
    if free.untouched == PLACES {
        return Err(Error::new(ErrorKind::TooManyFiles).detail("this process has 65,536 ends of channels"));
    }
    free.untouched += 1;
    Ok((1 << (MARK_BITS + PLACE_BITS)) | (free.untouched - 1) << MARK_BITS | MARK)
}

/// The next handle of the same place.
fn next_of(handle: usize) -> usize {
    handle.wrapping_add(1 << (MARK_BITS + PLACE_BITS))
}

#[inline]
fn place_of(handle: usize) -> usize {
    (handle >> MARK_BITS) % PLACES
}

#[cold]
fn no_end() -> Error {
    Error::new(ErrorKind::InvalidHandle).detail("it is no end of a channel that is open")
}

#[cold]
fn used() -> Error {
    Error::new(ErrorKind::Busy).detail("another call is using this end").cure("use an end from one thread at a time")
}

//! The ends of channels, broadcasts and latest values that this process has from C: which a handle means, and who uses it.
//!
//! A handle is a number in the form of a pointer, and never followed: so one that was closed, forged, or is of something
//! else is an error. An end is used by one thread at a time, which a lock of its own sees to: nobody waits for it, a
//! second one is refused. Sending and receiving of a two-way end have a lock each.
//!
//! | bits of a handle | meaning |
//! |---|---|
//! | 0–3 | of what it is an end: 13, 11 or 9; no pointer to anything else is odd |
//! | 4–19 | the place |
//! | 20– | how often the place was used, so that a closed handle is not taken for a later one |

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

use lasthandle::channel::{Broadcaster, LatestReader, LatestWriter, Message, Receiver, Sender, Slot, Subscriber};
use lasthandle::{Error, ErrorKind, Result};

use super::loan::Lender;

/// What sends to a channel.
pub(super) type Sending = Lender<Sender, Slot<'static>>;
/// What receives from a channel.
pub(super) type Receiving = Lender<Receiver, Message<'static>>;

pub(super) static CHANNELS: Ends<Sending, Receiving> = Ends::new(13);
pub(super) static BROADCASTS: Ends<Broadcaster, Subscriber> = Ends::new(11);
pub(super) static LATEST: Ends<LatestWriter, LatestReader> = Ends::new(9);

const MARK_BITS: u32 = 4;
const PLACE_BITS: u32 = 16;
const PLACES: usize = 1 << PLACE_BITS;
const CHUNK: usize = 64;

type Chunk<S, R> = OnceLock<Box<[Place<S, R>]>>;

/// All ends of one kind; `S` is what sends or writes, and `R` what receives or reads.
pub(super) struct Ends<S: 'static, R: 'static> {
    mark: usize,
    /// Never freed: who has found a place may use it whatever becomes of its end.
    chunks: [Chunk<S, R>; PLACES / CHUNK],
    free: Mutex<Free>,
}

/// One half of a place.
pub(super) struct Half<T> {
    /// Which handle means it; 0: none.
    handle: usize,
    end: Option<T>,
    pub(super) size: usize,
}

struct Place<S, R> {
    sending: Mutex<Half<S>>,
    receiving: Mutex<Half<R>>,
}

struct Free {
    /// Places to be used again, with their next handles; in the order they were closed.
    closed: VecDeque<usize>,
    /// Places that were never used begin here.
    untouched: usize,
}

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

impl<S, R> Ends<S, R> {
    #[allow(clippy::large_stack_arrays)] // it is made when this is compiled
    const fn new(mark: usize) -> Self {
        let free = Mutex::new(Free { closed: VecDeque::new(), untouched: 0 });
        Self { mark, chunks: [const { OnceLock::new() }; PLACES / CHUNK], free }
    }

    /// Enters an end, of messages of `size` bytes (0: any number), and returns its handle.
    pub(super) fn enter(&'static self, size: usize, (sending, receiving): (Option<S>, Option<R>)) -> Result<usize> {
        let handle = self.choose()?;
        let place = self.make(place_of(handle));
        *wait_for(&place.sending) = Half { handle, end: sending, size };
        *wait_for(&place.receiving) = Half { handle, end: receiving, size };
        Ok(handle)
    }

    /// What sends of an end.
    #[inline]
    pub(super) fn sending(&'static self, handle: usize) -> Result<Claim<S>> {
        claim(handle, &self.find(handle)?.sending, "this end only receives, or reads")
    }

    /// What receives of an end.
    #[inline]
    pub(super) fn receiving(&'static self, handle: usize) -> Result<Claim<R>> {
        claim(handle, &self.find(handle)?.receiving, "this end only sends, or writes")
    }

    /// Leaves an end, 0 being none; an error if another thread is using it.
    pub(super) fn close(&'static self, handle: usize) -> Result<()> {
        if handle == 0 {
            return Ok(());
        }
        let place = self.find(handle)?;
        let mut sending = try_lock(&place.sending)?;
        let mut receiving = try_lock(&place.receiving)?;
        if sending.handle != handle {
            return Err(no_end());
        }
        // Both halves are the same end of the channel, which is left when the second goes: then others may take it.
        (sending.end, receiving.end) = (None, None);
        (sending.handle, receiving.handle) = (0, 0);
        self.free().closed.push_back(next_of(handle));
        Ok(())
    }

    #[inline]
    fn find(&'static self, handle: usize) -> Result<&'static Place<S, R>> {
        let place = place_of(handle);
        let found = self.chunks[place / CHUNK].get().map(|chunk| &chunk[place % CHUNK]);
        found.filter(|_| handle % (1 << MARK_BITS) == self.mark).ok_or_else(no_end)
    }

    fn make(&'static self, place: usize) -> &'static Place<S, R> {
        let empty = || Place { sending: Mutex::new(Half::empty()), receiving: Mutex::new(Half::empty()) };
        &self.chunks[place / CHUNK].get_or_init(|| (0..CHUNK).map(|_| empty()).collect())[place % CHUNK]
    }

    fn free(&self) -> MutexGuard<'_, Free> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn choose(&self) -> Result<usize> {
        let mut free = self.free();
        if let Some(handle) = free.closed.pop_front() {
            return Ok(handle);
        }
        if free.untouched == PLACES {
            return Err(Error::new(ErrorKind::TooManyFiles).detail("this process has 65,536 ends of this kind"));
        }
        free.untouched += 1;
        Ok((1 << (MARK_BITS + PLACE_BITS)) | (free.untouched - 1) << MARK_BITS | self.mark)
    }
}

#[inline]
fn claim<T>(handle: usize, half: &'static Mutex<Half<T>>, absent: &'static str) -> Result<Claim<T>> {
    let half = try_lock(half)?;
    if half.handle != handle {
        return Err(no_end());
    }
    if half.end.is_none() {
        return Err(Error::new(ErrorKind::InvalidHandle).detail(absent));
    }
    Ok(half)
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
    Error::new(ErrorKind::InvalidHandle).detail("it is no end of this kind that is open")
}

#[cold]
fn used() -> Error {
    Error::new(ErrorKind::Busy).detail("another call is using this end").cure("use an end from one thread at a time")
}

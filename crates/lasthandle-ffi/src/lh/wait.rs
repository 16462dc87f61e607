//! Waiting.
//!
//! # Safety
//! As in `mod.rs`; an array of objects has as many as is said.
#![allow(unsafe_code)]

use std::time::Duration;

use arrayvec::ArrayVec;
use lasthandle::channel::{LatestReader, Readable, Subscriber, Writable};
use lasthandle::{
    Error, ErrorKind, MAXIMUM_WAIT_OBJECTS, Result, Timeout, Waitable, Waited, signal_and_wait, wait_all, wait_any,
};

use super::ends::{BROADCASTS, CHANNELS, Claim, LATEST, Receiving, Sending};
use super::object::{Target, lh_object};
use super::{code_of, object, place, write};
use crate::sync::Sync;

/// A timeout that never comes. Any other is in nanoseconds.
pub const LH_FOREVER: u64 = u64::MAX;

/// The object, or all of them, were signaled, and taken.
pub const LH_SIGNALED: u32 = 0;
/// The same, and one of them is a mutex whose owner ended without releasing it.
pub const LH_ABANDONED: u32 = 1;
/// The time was up; nothing was taken.
pub const LH_TIMED_OUT: u32 = 2;

/// How a wait ended.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct lh_waited {
    /// LH_SIGNALED, LH_ABANDONED or LH_TIMED_OUT.
    pub outcome: u32,
    /// Which object it was, in a wait for any of several; else 0.
    pub index: u32,
}

/// Waits for an object, and takes it: resets an auto-reset event or timer, takes one of a semaphore, owns a mutex. Of an end
/// of a channel nothing is taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_wait(waited_for: *const lh_object, timeout: u64, waited: *mut lh_waited) -> u32 {
    code_of(|| {
        let waited = place(waited)?;
        // SAFETY: the contract is the same.
        let target = unsafe { object(waited_for) }?.target();
        let ended = match target {
            Target::Sync(sync) => sync.wait(after(timeout))?,
            end => Held::of(end)?.look()?.waitable().wait(after(timeout))?,
        };
        // SAFETY: a place.
        unsafe { write(waited, outcome(ended)) };
        Ok(())
    })
}

/// Waits for any of at most 64 objects, and takes the first that is signaled, in their order. An end of a channel counts as
/// two, see lh_channel_readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_wait_any(
    objects: *const *const lh_object,
    count: usize,
    timeout: u64,
    waited: *mut lh_waited,
) -> u32 {
    code_of(|| {
        let waited = place(waited)?;
        // SAFETY: the contract is the same.
        let ended = with_several(unsafe { several(objects, count) }?, |objects| wait_any(objects, after(timeout)))?;
        // SAFETY: a place.
        unsafe { write(waited, outcome(ended)) };
        Ok(())
    })
}

/// Waits until all of at most 64 objects are signaled at one instant, and takes them all. 87: an end of a channel is among
/// them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_wait_all(
    objects: *const *const lh_object,
    count: usize,
    timeout: u64,
    waited: *mut lh_waited,
) -> u32 {
    code_of(|| {
        let waited = place(waited)?;
        // SAFETY: the contract is the same.
        let ended = with_several(unsafe { several(objects, count) }?, |objects| wait_all(objects, after(timeout)))?;
        // SAFETY: a place.
        unsafe { write(waited, outcome(ended)) };
        Ok(())
    })
}

/// Signals one object (sets an event, releases a mutex or one of a semaphore), then waits for another. If the signal
/// fails, nothing is waited for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_signal_and_wait(
    signal: *const lh_object,
    waited_for: *const lh_object,
    timeout: u64,
    waited: *mut lh_waited,
) -> u32 {
    code_of(|| {
        let waited = place(waited)?;
        // SAFETY: the contract is the same.
        let signal = unsafe { object(signal) }?;
        // SAFETY: as above.
        let other = unsafe { object(waited_for) }?;
        let ended = signal_and_wait(signal.sync()?.waitable(), other.sync()?.waitable(), after(timeout))?;
        // SAFETY: a place.
        unsafe { write(waited, outcome(ended)) };
        Ok(())
    })
}

/// What a wait keeps hold of as long as it lasts.
enum Held<'a> {
    Object(&'a Sync),
    Receiving(Claim<Receiving>),
    Sending(Claim<Sending>),
    Subscriber(Claim<Subscriber>),
    Reader(Claim<LatestReader>),
}

/// What it hands to the library.
enum Looked<'a> {
    Object(&'a Sync),
    Readable(Readable<'a>),
    Writable(Writable<'a>),
}

impl<'a> Held<'a> {
    fn of(target: &'a Target) -> Result<Self> {
        Ok(match target {
            Target::Sync(sync) => Self::Object(sync),
            Target::Readable(end) => Self::Receiving(CHANNELS.receiving(*end)?),
            Target::Writable(end) => Self::Sending(CHANNELS.sending(*end)?),
            Target::Subscriber(end) => Self::Subscriber(BROADCASTS.receiving(*end)?),
            Target::Reader(end) => Self::Reader(LATEST.receiving(*end)?),
        })
    }

    fn look(&mut self) -> Result<Looked<'_>> {
        Ok(match self {
            Self::Object(sync) => Looked::Object(sync),
            Self::Receiving(claim) => Looked::Readable(claim.get().end()?.readable()),
            Self::Sending(claim) => Looked::Writable(claim.get().end()?.writable()),
            Self::Subscriber(claim) => Looked::Readable(claim.get().readable()),
            Self::Reader(claim) => Looked::Readable(claim.get().readable()?),
        })
    }
}

impl Looked<'_> {
    fn waitable(&self) -> &dyn Waitable {
        match self {
            Self::Object(sync) => sync.waitable(),
            Self::Readable(end) => end,
            Self::Writable(end) => end,
        }
    }
}

type Several<T> = ArrayVec<T, MAXIMUM_WAIT_OBJECTS>;

/// Does something with all of them.
fn with_several<R>(targets: Several<&Target>, action: impl FnOnce(&[&dyn Waitable]) -> Result<R>) -> Result<R> {
    let mut held = targets.into_iter().map(Held::of).collect::<Result<Several<_>>>()?;
    let looked = held.iter_mut().map(Held::look).collect::<Result<Several<_>>>()?;
    action(&looked.iter().map(Looked::waitable).collect::<Several<_>>())
}

/// # Safety
/// See the top of the file.
unsafe fn several<'a>(objects: *const *const lh_object, count: usize) -> Result<Several<&'a Target>> {
    let refuse = |why| Error::new(ErrorKind::InvalidParameter).detail(why).during("wait for several objects", None);
    if count == 0 || count > MAXIMUM_WAIT_OBJECTS {
        return Err(refuse("a wait is for 1 to 64 objects"));
    }
    if objects.is_null() {
        return Err(refuse("the pointer to the objects is null"));
    }
    // SAFETY: so many pointers lie there.
    let pointers = unsafe { std::slice::from_raw_parts(objects, count) };
    // SAFETY: the contract is the same.
    pointers.iter().map(|pointer| Ok(unsafe { object(*pointer) }?.target())).collect()
}

pub(super) fn after(timeout: u64) -> Timeout {
    match timeout {
        0 => Timeout::Now,
        LH_FOREVER => Timeout::Never,
        some => Timeout::After(Duration::from_nanos(some)),
    }
}

fn outcome(waited: Waited) -> lh_waited {
    let (outcome, index) = match waited {
        Waited::Signaled(index) => (LH_SIGNALED, index),
        Waited::Abandoned(index) => (LH_ABANDONED, index),
        Waited::TimedOut => (LH_TIMED_OUT, 0),
    };
    // At most 63, as there are at most 64 objects.
    lh_waited { outcome, index: u32::try_from(index).unwrap_or(0) }
}

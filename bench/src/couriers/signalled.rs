//! Shared memory with a place for one message each way, and two signals that say whether it is taken: what one builds by
//! hand from the crates `shared_memory` and `raw_sync`, with events that look all the time or that sleep.
//!
//! # Safety
//! A message's place belongs to the sender until it says `full`, and to the receiver until it says `empty`.

use std::marker::PhantomData;
use std::ptr::copy_nonoverlapping;

use raw_sync::Timeout::Infinite;
use raw_sync::events::{BusyEvent, Event, EventImpl, EventInit, EventState};
use shared_memory::{Shmem, ShmemConf};

use super::{Courier, Place};
use crate::Result;

/// Which of the crate's events.
pub trait Kind: EventInit + 'static {
    const LABEL: &'static str;
}

impl Kind for BusyEvent {
    const LABEL: &'static str = "shared_memory, raw_sync's busy event";
}

impl Kind for Event {
    const LABEL: &'static str = "shared_memory, raw_sync's event";
}

/// Bytes for an event, on lines of its own.
const EVENT: usize = 256;
const MESSAGE: usize = 2 * EVENT;

struct Way {
    full: Box<dyn EventImpl>,
    empty: Box<dyn EventImpl>,
    message: *mut u8,
}

pub struct Signalled<K> {
    out: Way,
    back: Way,
    _memory: Shmem,
    kind: PhantomData<K>,
}

impl<K: Kind> Signalled<K> {
    fn new(memory: Shmem, bytes: usize, create: bool) -> Result<Self> {
        let stride = MESSAGE + bytes.next_multiple_of(128);
        let (out, back) = if create { (0, stride) } else { (stride, 0) };
        let way = |offset| Self::way(memory.as_ptr().wrapping_add(offset), create);
        Ok(Self { out: way(out)?, back: way(back)?, _memory: memory, kind: PhantomData })
    }

    fn way(at: *mut u8, create: bool) -> Result<Way> {
        let empty = at.wrapping_add(EVENT);
        let way =
            Way { full: event::<K>(at, create)?, empty: event::<K>(empty, create)?, message: at.wrapping_add(MESSAGE) };
        if create {
            way.empty.set(EventState::Signaled).map_err(|why| why.to_string())?;
        }
        Ok(way)
    }
}

fn event<K: Kind>(at: *mut u8, create: bool) -> Result<Box<dyn EventImpl>> {
    let made = if create {
        // SAFETY: `EVENT` bytes of shared memory that nobody uses yet, and that outlive the event.
        unsafe { K::new(at, true) }
    } else {
        // SAFETY: an event that the other process has made there; the memory outlives it.
        unsafe { K::from_existing(at) }
    };
    Ok(made.map_err(|why| why.to_string())?.0)
}

impl<K: Kind> Courier for Signalled<K> {
    const LABEL: &'static str = K::LABEL;

    fn create(place: &Place) -> Result<Self> {
        let bytes = 2 * (MESSAGE + place.bytes.next_multiple_of(128));
        Self::new(ShmemConf::new().size(bytes).os_id(place.name("signalled")).create()?, place.bytes, true)
    }

    fn attach(place: &Place) -> Result<Self> {
        Self::new(ShmemConf::new().os_id(place.name("signalled")).open()?, place.bytes, false)
    }

    fn send(&mut self, message: &[u8]) {
        self.out.empty.wait(Infinite).expect("wait");
        // SAFETY: the place has room for a message and is ours, as the module says.
        unsafe { copy_nonoverlapping(message.as_ptr(), self.out.message, message.len()) };
        self.out.full.set(EventState::Signaled).expect("set");
    }

    fn receive(&mut self, into: &mut [u8]) {
        self.back.full.wait(Infinite).expect("wait");
        // SAFETY: as above, for the receiver.
        unsafe { copy_nonoverlapping(self.back.message, into.as_mut_ptr(), into.len()) };
        self.back.empty.set(EventState::Signaled).expect("set");
    }
}

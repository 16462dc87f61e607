//! The limits: bare rings, and bare futexes beside a message.

use std::ffi::CStr;
use std::os::fd::AsFd;
use std::ptr::copy_nonoverlapping;
use std::sync::atomic::AtomicU32;

use rustix::fs::{self, Mode, OFlags};
use rustix::mm::MapFlags;

use super::{Batcher, Courier, Lender, Place};
use crate::Result;
use crate::bare::ring::{Receiver, Ring, Sender};
use crate::bare::{Mapped, futex};

const NAMES: [&str; 2] = ["bare-there", "bare-back"];

/// Two rings whose slots have their number beside the message.
pub struct Rings {
    sender: Sender,
    receiver: Receiver,
}

impl Rings {
    fn open(place: &Place, [there, back]: [&str; 2]) -> Result<Self> {
        let ring = |name| Ring::at(&place.c_path(name)?, place.bytes, place.slots());
        Ok(Self { sender: Sender::new(ring(there)?), receiver: Receiver::new(ring(back)?) })
    }
}

impl Courier for Rings {
    const LABEL: &'static str = "bare ring";

    fn create(place: &Place) -> Result<Self> {
        for name in NAMES {
            let _ = std::fs::remove_file(place.path(name));
        }
        Self::open(place, NAMES)
    }

    fn attach(place: &Place) -> Result<Self> {
        Self::open(place, [NAMES[1], NAMES[0]])
    }

    #[inline]
    fn send(&mut self, message: &[u8]) {
        self.sender.send(message);
    }

    #[inline]
    fn receive(&mut self, into: &mut [u8]) {
        self.receiver.receive(into);
    }
}

impl Lender for Rings {
    #[inline]
    fn send_in_place(&mut self, first: u64) {
        self.sender.send_in_place(first);
    }

    #[inline]
    fn receive_in_place(&mut self) -> u64 {
        self.receiver.receive_in_place()
    }
}

/// Two rings without numbers, whose heads are published once a batch.
pub struct Batches(Rings);

const BATCHES: [&str; 2] = ["batches-there", "batches-back"];

impl Batches {
    fn open(place: &Place, [there, back]: [&str; 2]) -> Result<Self> {
        let ring = |name| Ring::dense(&place.c_path(name)?, place.bytes, place.slots());
        Ok(Self(Rings { sender: Sender::new(ring(there)?), receiver: Receiver::new(ring(back)?) }))
    }
}

impl Courier for Batches {
    const LABEL: &'static str = "bare ring, batches";

    fn create(place: &Place) -> Result<Self> {
        for name in BATCHES {
            let _ = std::fs::remove_file(place.path(name));
        }
        Self::open(place, BATCHES)
    }

    fn attach(place: &Place) -> Result<Self> {
        Self::open(place, [BATCHES[1], BATCHES[0]])
    }

    fn send(&mut self, message: &[u8]) {
        self.send_batch(message, message.len());
    }

    fn receive(&mut self, into: &mut [u8]) {
        let bytes = into.len();
        self.receive_batch(into, bytes);
    }
}

impl Batcher for Batches {
    #[inline]
    fn send_batch(&mut self, messages: &[u8], bytes: usize) {
        self.0.sender.send_batch(messages, bytes);
    }

    #[inline]
    fn receive_batch(&mut self, into: &mut [u8], bytes: usize) -> usize {
        self.0.receiver.receive_batch(into, bytes)
    }
}

/// A word and a message on its line, for each direction. There is no queue: it is for calls that are answered.
///
/// # Safety
/// Whoever is not answered yet does not write, and whoever was not called yet does not read.
pub struct Futexes {
    memory: Mapped,
    mine: usize,
    theirs: usize,
    seen: u32,
}

/// Bytes of one direction, of which the first word is the futex.
const SIDE: usize = 4096;
const MESSAGE: usize = 8;

impl Futexes {
    fn open(path: &CStr, mine: usize, theirs: usize) -> Result<Self> {
        let file = fs::open(path, OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)?;
        fs::fallocate(&file, fs::FallocateFlags::empty(), 0, 2 * SIDE as u64)?;
        let memory = Mapped::new(file.as_fd(), 2 * SIDE, MapFlags::SHARED | MapFlags::POPULATE);
        Ok(Self { memory, mine, theirs, seen: 0 })
    }

    fn word(&self, side: usize) -> &AtomicU32 {
        // SAFETY: aligned, inside the mapping, which lives as long as `self`; used by atomics and the kernel only.
        unsafe { AtomicU32::from_ptr(self.memory.at(side).cast()) }
    }
}

impl Courier for Futexes {
    const LABEL: &'static str = "bare futex";

    fn create(place: &Place) -> Result<Self> {
        assert!(place.bytes <= SIDE - MESSAGE);
        let _ = std::fs::remove_file(place.path("futexes"));
        Self::open(&place.c_path("futexes")?, 0, SIDE)
    }

    fn attach(place: &Place) -> Result<Self> {
        Self::open(&place.c_path("futexes")?, SIDE, 0)
    }

    fn send(&mut self, message: &[u8]) {
        let to = self.memory.at(self.mine + MESSAGE).cast();
        // SAFETY: inside this direction's part, which is ours, as the type says.
        unsafe { copy_nonoverlapping(message.as_ptr(), to, message.len()) };
        futex::signal(self.word(self.mine));
    }

    fn receive(&mut self, into: &mut [u8]) {
        self.seen = futex::wait_while(self.word(self.theirs), self.seen);
        let from = self.memory.at(self.theirs + MESSAGE).cast();
        // SAFETY: inside the other direction's part, which the other does not write now, as the type says.
        unsafe { copy_nonoverlapping(from, into.as_mut_ptr(), into.len()) };
    }
}

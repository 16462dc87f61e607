//! The least that carries messages between two processes: a ring of slots of one length, each with its sequence number
//! in the cache line in which its message begins. Nobody learns here that the other has died, nobody sleeps, nothing
//! checks what the other wrote. What makes it fast is in it, as it is a limit: looks are some pauses apart, and the next
//! slot's line is fetched before it is written.
//!
//! # Safety
//! A ring lies in a mapping that both ends keep. A slot belongs to the sender until its number is written, and to the
//! receiver from then on until the cursor is past it; so no byte is written and read at once. One sender, one receiver.

use std::ffi::{CStr, c_void};
use std::hint::spin_loop;
use std::os::fd::AsFd;
use std::ptr::copy_nonoverlapping;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{self, Mode, OFlags};
use rustix::mm::MapFlags;

use super::Mapped;
use crate::Result;

/// The receiver's cursor, which the sender looks at only when it seems to have no room.
const CURSOR: usize = 128;
/// Up to where a batch is written.
const HEAD: usize = 256;
const SLOTS: usize = 4096;
const LINE: usize = 64;
/// Pauses between two looks, as many as do best here: a look that comes too early takes the line away from who writes it.
const LOOK: u32 = 4;
/// The slot's number: its position and one.
const NUMBER: usize = size_of::<u64>();
/// Messages up to this length are copied word by word: a longer load waits for the stores of single words before it until
/// they are in the cache.
const SHORT: usize = LINE;

/// The memory of one direction.
pub struct Ring {
    memory: Mapped,
    stride: usize,
    slots: usize,
}

impl Ring {
    /// A ring for so many messages of so many bytes, a multiple of eight, with a number in each slot or none.
    pub fn at(path: &CStr, bytes: usize, slots: usize) -> Result<Self> {
        Self::with_stride(path, (NUMBER + bytes).next_multiple_of(LINE), slots)
    }

    /// One whose slots have no numbers.
    pub fn dense(path: &CStr, bytes: usize, slots: usize) -> Result<Self> {
        Self::with_stride(path, bytes.next_multiple_of(LINE), slots)
    }

    fn with_stride(path: &CStr, stride: usize, slots: usize) -> Result<Self> {
        assert!(slots.is_power_of_two());
        let length = SLOTS + stride * slots;
        let file = fs::open(path, OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)?;
        fs::fallocate(&file, fs::FallocateFlags::empty(), 0, length as u64)?;
        Ok(Self { memory: Mapped::new(file.as_fd(), length, MapFlags::SHARED | MapFlags::POPULATE), stride, slots })
    }

    #[inline]
    fn word(&self, offset: usize) -> &AtomicU64 {
        // SAFETY: a multiple of 8 inside the mapping, which lives as long as `self`; used by atomics only.
        unsafe { AtomicU64::from_ptr(self.memory.at(offset).cast()) }
    }

    #[inline]
    fn slot(&self, position: u64) -> usize {
        #[allow(clippy::cast_possible_truncation)] // a 64-bit program
        let position = position as usize;
        SLOTS + (position & (self.slots - 1)) * self.stride
    }

    #[inline]
    fn write(&self, offset: usize, message: &[u8]) {
        debug_assert!(message.len() <= self.stride);
        // SAFETY: inside the slot at `offset`, which is the sender's, as the module says.
        unsafe { copy_nonoverlapping(message.as_ptr(), self.memory.at(offset).cast(), message.len()) };
    }

    #[inline]
    fn read(&self, offset: usize, into: &mut [u8]) {
        debug_assert!(into.len() <= self.stride);
        // SAFETY: inside the slot at `offset`, which is the receiver's, as the module says.
        unsafe { copy_nonoverlapping(self.memory.at(offset).cast(), into.as_mut_ptr(), into.len()) };
    }

    /// Whole words.
    #[inline]
    fn write_words(&self, offset: usize, message: &[u8]) {
        for (word, at) in message.as_chunks().0.iter().zip((offset..).step_by(NUMBER)) {
            self.word(at).store(u64::from_ne_bytes(*word), Ordering::Relaxed);
        }
    }

    #[inline]
    fn read_words(&self, offset: usize, into: &mut [u8]) {
        for (word, at) in into.as_chunks_mut().0.iter_mut().zip((offset..).step_by(NUMBER)) {
            *word = self.word(at).load(Ordering::Relaxed).to_ne_bytes();
        }
    }
}

/// Between two looks.
#[inline]
pub fn rest() {
    for _ in 0..LOOK {
        spin_loop();
    }
}

/// Fetches a line as its owner. It is a hint, which no address can make fail. (Of x86-64: the bench needs one.)
#[inline]
fn prefetch_for_write(address: *mut c_void) {
    // SAFETY: the instruction changes no memory, no register and no flag.
    unsafe {
        std::arch::asm!("prefetchw [{0}]", in(reg) address, options(nostack, preserves_flags, readonly));
    }
}

/// The sending end.
pub struct Sender {
    ring: Ring,
    position: u64,
    /// The first position for which there was no room at the last look.
    limit: u64,
}

impl Sender {
    pub fn new(ring: Ring) -> Self {
        Self { position: 0, limit: ring.slots as u64, ring }
    }

    #[inline]
    pub fn send(&mut self, message: &[u8]) {
        self.wait_for_room(1);
        let slot = self.ring.slot(self.position);
        if message.len() <= SHORT {
            self.ring.write_words(slot + NUMBER, message);
        } else {
            self.ring.write(slot + NUMBER, message);
        }
        self.publish(slot);
    }

    /// Only the message's first word.
    #[inline]
    pub fn send_in_place(&mut self, first: u64) {
        self.wait_for_room(1);
        let slot = self.ring.slot(self.position);
        self.ring.word(slot + NUMBER).store(first, Ordering::Relaxed);
        self.publish(slot);
    }

    /// Messages of `bytes` each, of a dense ring: one word says for all that they are there.
    #[inline]
    pub fn send_batch(&mut self, messages: &[u8], bytes: usize) {
        self.wait_for_room((messages.len() / bytes) as u64);
        for message in messages.chunks_exact(bytes) {
            self.ring.write(self.ring.slot(self.position), message);
            self.position += 1;
        }
        self.ring.word(HEAD).store(self.position, Ordering::Release);
    }

    /// The line of the message after this one is on its way here while this one is on its way there.
    #[inline]
    fn publish(&mut self, slot: usize) {
        self.position += 1;
        self.ring.word(slot).store(self.position, Ordering::Release);
        prefetch_for_write(self.ring.memory.at(self.ring.slot(self.position)));
    }

    #[inline]
    fn wait_for_room(&mut self, messages: u64) {
        while self.position + messages > self.limit {
            self.limit = self.ring.word(CURSOR).load(Ordering::Acquire) + self.ring.slots as u64;
            if self.position + messages > self.limit {
                rest();
            }
        }
    }
}

/// The receiving end.
pub struct Receiver {
    ring: Ring,
    position: u64,
    published: u64,
    /// Up to where a batch was written at the last look.
    head: u64,
}

impl Receiver {
    pub fn new(ring: Ring) -> Self {
        Self { ring, position: 0, published: 0, head: 0 }
    }

    #[inline]
    pub fn receive(&mut self, into: &mut [u8]) {
        let slot = self.wait();
        if into.len() <= SHORT {
            self.ring.read_words(slot + NUMBER, into);
        } else {
            self.ring.read(slot + NUMBER, into);
        }
        self.advance(1);
    }

    #[inline]
    pub fn receive_in_place(&mut self) -> u64 {
        let slot = self.wait();
        let first = self.ring.word(slot + NUMBER).load(Ordering::Relaxed);
        self.advance(1);
        first
    }

    /// As many messages of `bytes` each as are there and have room, at least one; how many.
    #[inline]
    pub fn receive_batch(&mut self, into: &mut [u8], bytes: usize) -> usize {
        while self.head == self.position {
            self.head = self.ring.word(HEAD).load(Ordering::Acquire);
            if self.head == self.position {
                rest();
            }
        }
        let there = usize::try_from(self.head - self.position).unwrap_or(usize::MAX).min(into.len() / bytes);
        for (at, message) in into.chunks_exact_mut(bytes).take(there).enumerate() {
            self.ring.read(self.ring.slot(self.position + at as u64), message);
        }
        self.advance(there as u64);
        there
    }

    #[inline]
    fn wait(&self) -> usize {
        let slot = self.ring.slot(self.position);
        while self.ring.word(slot).load(Ordering::Acquire) != self.position + 1 {
            rest();
        }
        slot
    }

    /// The cursor is published seldom, as its line goes over to the sender each time.
    #[inline]
    fn advance(&mut self, messages: u64) {
        self.position += messages;
        if self.position - self.published >= (self.ring.slots as u64 / 8).max(1) {
            self.ring.word(CURSOR).store(self.position, Ordering::Release);
            self.published = self.position;
        }
    }
}

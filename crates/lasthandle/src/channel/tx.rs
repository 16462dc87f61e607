//! The sending half of a lane: a ring's writer, with an end to sleep at. Of bytes; what they mean is `sender`'s.
#![allow(clippy::inline_always)] // a call costs as much as the rest: `docs/design/channels.md`

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::end::{Deadline, End, Peer};
use super::memory::{Memory, Shared};
use super::ring::{Batch, Damaged, Room, Writer};
use super::seat::Wanted;
use super::section::Section;
use super::{LOOK, damaged, wait};
use crate::error::{Error, ErrorKind, Result};
use crate::spin;

/// What sends on a lane.
#[derive(Debug)]
pub(crate) struct Tx {
    memory: Shared,
    writer: Writer,
    longest: usize,
    pub(crate) wanted: Wanted,
    pub(crate) peer: Peer,
    pub(crate) end: Arc<End>,
    /// Which receiver was the last to be told of as gone.
    gone: AtomicU64,
}

impl Tx {
    /// Goes on where the lane stands. The end must be the one that sends on it.
    pub(crate) fn new(end: Arc<End>, lane: u32, receiver: u32) -> Result<Self> {
        let section = &end.section;
        let (memory, ring) = (section.memory.clone(), section.layout.ring(lane));
        let writer = Writer::resume(ring, &memory).map_err(|Damaged| damaged())?;
        let (wanted, peer) = (Wanted(section.layout.wanted(lane)), Peer::new(section, receiver));
        wanted.withdraw(&memory);
        let gone = AtomicU64::new(peer.generation());
        Ok(Self { memory, writer, longest: ring.longest, wanted, peer, end, gone })
    }

    pub(crate) fn section(&self) -> &Arc<Section> {
        &self.end.section
    }

    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Room for a message, if it is easily had.
    #[inline(always)]
    pub(crate) fn at_once(&self, length: usize) -> Option<Room> {
        if length > self.longest || self.peer.has_gone() { None } else { self.writer.room_at_once(length) }
    }

    /// Room for a message, if there is some now.
    #[inline(always)]
    pub(crate) fn try_room(&mut self, length: usize) -> Result<Option<Room>> {
        if length > self.longest {
            return Err(self.too_long(length));
        }
        if self.peer.has_gone() {
            self.expect_receiver()?;
        }
        self.writer.room(&self.memory, length).map_err(|Damaged| damaged())
    }

    /// Room for a message; none: the time was up.
    #[inline(always)]
    pub(crate) fn room(&mut self, length: usize, deadline: Deadline) -> Result<Option<Room>> {
        match self.try_room(length)? {
            Some(room) => Ok(Some(room)),
            None if matches!(deadline, Deadline::Now) => self.full(),
            None => self.await_room(length, deadline),
        }
    }

    /// Nobody makes room if the receiver is dead: a full ring is where a sender that never waits learns of it.
    #[cold]
    fn full(&self) -> Result<Option<Room>> {
        self.peer.presence();
        if self.peer.has_gone() {
            self.expect_receiver()?;
        }
        Ok(None)
    }

    #[cold]
    fn await_room(&mut self, length: usize, deadline: Deadline) -> Result<Option<Room>> {
        let (memory, writer) = (&self.memory, &mut self.writer);
        let mut found = Ok(None);
        spin::until(LOOK, || {
            found = writer.room_before_long(memory, length);
            !matches!(found, Ok(None))
        });
        if let Some(room) = found.map_err(|Damaged| damaged())? {
            return Ok(Some(room));
        }
        let room = self.sleep_for_room(length, deadline);
        self.withdraw();
        room
    }

    fn sleep_for_room(&mut self, length: usize, deadline: Deadline) -> Result<Option<Room>> {
        loop {
            let sure = self.announce(length);
            if let Some(room) = self.writer.room(&self.memory, length).map_err(|Damaged| damaged())? {
                return Ok(Some(room));
            }
            if self.peer.seems_gone() {
                self.expect_receiver()?;
            }
            if deadline.is_over() {
                return self.full(); // who never sleeps for long is not told of the dead
            }
            wait::sleep(&self.end, &[&self.peer], deadline, sure)?;
        }
    }

    /// Waits until there is a receiver, or has been since one was told of as gone; `false`: the time was up.
    pub(crate) fn await_receiver(&self, deadline: Deadline) -> Result<bool> {
        let came = || self.peer.generation() != self.gone.load(Relaxed);
        wait::for_company(&self.end, &[&self.peer], came, deadline)
    }

    /// Waits until the receiver has consumed all that was sent; `false`: the time was up.
    pub(crate) fn await_received(&mut self, deadline: Deadline) -> Result<bool> {
        let (memory, writer) = (&self.memory, &self.writer);
        let is_received = || writer.is_consumed(memory).map_err(|Damaged| damaged());
        let mut received = is_received()?;
        if !received && !matches!(deadline, Deadline::Now) {
            spin::until(LOOK, || {
                received = !matches!(is_received(), Ok(false));
                received
            });
        }
        if received {
            return is_received();
        }
        let received = self.sleep_until_received(deadline);
        self.withdraw();
        received
    }

    fn sleep_until_received(&self, deadline: Deadline) -> Result<bool> {
        loop {
            let sure = self.end.arm(|| self.wanted.ask(&self.memory, self.writer.position()));
            if self.writer.is_consumed(&self.memory).map_err(|Damaged| damaged())? {
                return Ok(true);
            }
            if self.peer.seems_gone() {
                self.expect_receiver()?;
            }
            if deadline.is_over() {
                self.full()?; // who never sleeps for long is not told of the dead
                return Ok(false);
            }
            wait::sleep(&self.end, &[&self.peer], deadline, sure)?;
        }
    }

    /// Says how far the receiver must have come before it wakes this end. `false`: wake-ups may be missed.
    pub(crate) fn announce(&self, length: usize) -> bool {
        self.end.arm(|| self.wanted.ask(&self.memory, self.writer.wanted(length)))
    }

    /// It does not sleep for room any more.
    pub(crate) fn withdraw(&self) {
        self.end.disarm(|| self.wanted.withdraw(&self.memory));
    }

    /// Whether there is room for a message of that length.
    pub(crate) fn is_writable(&self, length: usize) -> bool {
        self.writer.has_room(&self.memory, length)
    }

    /// Where the message lies in the section.
    #[inline(always)]
    pub(crate) fn start(&self, room: Room) -> usize {
        self.writer.start(room)
    }

    #[inline(always)]
    pub(crate) fn memory(&self) -> &Shared {
        &self.memory
    }

    /// Copies a message into its room.
    #[inline(always)]
    pub(crate) fn fill(&self, room: Room, message: &[u8]) {
        self.memory.write(self.writer.start(room), message);
    }

    #[inline(always)]
    pub(crate) fn publish(&mut self, room: Room, length: usize) {
        self.writer.publish(&self.memory, room, length);
        self.peer.wake_if_asleep();
    }

    #[inline(always)]
    pub(crate) fn add(&mut self, batch: &mut Batch, room: Room, length: usize) {
        self.writer.add(&self.memory, batch, room, length);
    }

    #[inline]
    pub(crate) fn publish_batch(&mut self, batch: &mut Batch) {
        self.writer.publish_batch(&self.memory, std::mem::take(batch));
        self.peer.wake_if_asleep();
    }

    /// The receiver has gone, or has just been followed by another.
    #[cold]
    fn expect_receiver(&self) -> Result<()> {
        let generation = self.peer.generation();
        if self.peer.has_gone() {
            self.gone.store(generation, Relaxed);
            return Err(Error::new(ErrorKind::Disconnected)
                .detail("the receiver has gone")
                .cure("what was sent stays for the next receiver"));
        }
        Ok(())
    }

    #[cold]
    fn too_long(&self, length: usize) -> Error {
        Error::new(ErrorKind::TooLong)
            .detail(format!("the message has {length} bytes, and the channel takes at most {}", self.longest))
            .cure("make the channel with a larger `max_message`")
    }
}

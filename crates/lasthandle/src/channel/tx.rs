//! The sending half of a lane: a ring's writer, with an end to sleep at. Of bytes; what they mean is `sender`'s.

use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use super::end::{Deadline, End, Peer};
use super::memory::{Memory, Shared};
use super::ring::{Batch, Damaged, Room, Writer};
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
    pub(crate) wanted: usize,
    pub(crate) peer: Peer,
    pub(crate) end: Arc<End>,
}

impl Tx {
    /// Goes on where the lane stands. The end must be the one that sends on it.
    pub(crate) fn new(end: Arc<End>, lane: u32, receiver: u32) -> Result<Self> {
        let section = &end.section;
        let (memory, ring) = (section.memory.clone(), section.layout.ring(lane));
        let writer = Writer::resume(ring, &memory).map_err(|Damaged| damaged())?;
        let (wanted, peer) = (section.layout.wanted(lane), Peer::new(section, receiver));
        memory.store(wanted, 0, Relaxed);
        Ok(Self { memory, writer, longest: ring.longest, wanted, peer, end })
    }

    pub(crate) fn section(&self) -> &Arc<Section> {
        &self.end.section
    }

    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Room for a message, if there is some now.
    #[inline]
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
    #[inline]
    pub(crate) fn room(&mut self, length: usize, deadline: Deadline) -> Result<Option<Room>> {
        match self.try_room(length)? {
            Some(room) => Ok(Some(room)),
            None if matches!(deadline, Deadline::Now) => self.full(),
            None => self.await_room(length, deadline),
        }
    }

    /// Nobody makes room if the receiver is dead: a full ring is where a sender that never waits learns of it.
    #[cold]
    fn full(&mut self) -> Result<Option<Room>> {
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
            found = writer.room(memory, length);
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
                return Ok(None);
            }
            wait::sleep(&self.end, &[&self.peer], deadline, sure)?;
        }
    }

    /// Says how far the receiver must have come before it wakes this end. `false`: wake-ups may be missed.
    pub(crate) fn announce(&self, length: usize) -> bool {
        self.memory.store(self.wanted, self.writer.wanted(length), SeqCst);
        self.end.arm()
    }

    /// It does not sleep for room any more.
    pub(crate) fn withdraw(&self) {
        self.memory.store(self.wanted, 0, Relaxed);
        self.end.disarm();
    }

    /// Whether there is room for a message of that length.
    pub(crate) fn is_writable(&self, length: usize) -> bool {
        self.writer.has_room(&self.memory, length)
    }

    /// Where the message lies in the section.
    #[inline]
    pub(crate) fn start(&self, room: Room) -> usize {
        self.writer.start(room)
    }

    #[inline]
    pub(crate) fn memory(&self) -> &Shared {
        &self.memory
    }

    /// Copies a message into its room.
    #[inline]
    pub(crate) fn fill(&self, room: Room, message: &[u8]) {
        self.memory.write(self.writer.start(room), message);
    }

    #[inline]
    pub(crate) fn publish(&mut self, room: Room, length: usize) {
        self.writer.publish(&self.memory, room, length);
        self.peer.wake_if_asleep();
    }

    #[inline]
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
        if self.peer.has_gone() {
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

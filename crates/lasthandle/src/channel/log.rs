//! A ring that one thread writes and many read, each at its own place: a log of the last messages. No sleeping, no
//! processes; every access to shared memory goes through [`Memory`].
//!
//! Records and positions are those of [`super::ring`]. The **tail** is the position of the oldest record that is kept; the
//! sender itself moves it. What a ring calls the cursor is here the **firm** tail: the sender writes it for its successor,
//! when it may use what lies before.
//!
//! # Invariants
//! 1. The sender writes only where `position < firm + capacity`, and moves the tail, then the firm tail, *before* it does. So who has
//!    copied a record, and then still finds the tail at or before it, has copied that record and no other.
//! 2. The tail is the position of a record, or of the place for the next one: the sender walks there over its records.
//! 3. Lossless: the tail does not pass the cursor of a receiver that takes part. A receiver that **arrives** writes its
//!    cursor, counts itself among the arrivals, then reads the tail; the sender reads the arrivals, the cursors, writes
//!    the tail, then reads the arrivals again, and takes the tail back if there was one. Between the writes and the reads
//!    lies a fence on each side. So either the receiver sees the new tail, and begins anew; or the sender sees the
//!    receiver, before it overwrites anything.
//! 4. Messages are counted from 0. A **mark** tells for a tail how many messages lie before it. There are two: the one
//!    that belongs to the firm tail is not touched; the other becomes the next tail's. A mark says of itself to which tail
//!    it belongs, and that never means another number. So a sender that is killed at any step leaves good ones; its
//!    successor makes the tail firm, or of a lossless log, where somebody may have arrived, takes it back to the firm one.
//! 5. What the other side wrote is a value, as in a ring: it is checked, and loops are bounded.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

use super::memory::Memory;
use super::record::LINE;
use super::ring::{Damaged, Found, Reader, Ring, Room, Writer};
use super::seat::Wanted;

/// More than anybody who does what is right needs.
const TRIES: u32 = 1000;
/// How often to look for the newest record before being content with an older one.
const CHASES: u32 = 16;
/// A mark that is being written belongs to no tail.
const NOWHERE: u64 = u64::MAX;
const MARK: usize = 32;

/// A log's place.
#[derive(Debug, Clone, Copy)]
pub struct Log {
    /// Its ring; the cursor is the firm tail.
    pub ring: Ring,
    /// Where the tail lies.
    pub tail: usize,
    /// Where its two marks lie: a line.
    pub marks: usize,
    /// How many receivers have arrived so far.
    pub arrivals: usize,
    /// Where the sender says which cursor it sleeps for.
    pub wanted: Wanted,
    /// The sender waits for nobody.
    pub lossy: bool,
}

/// A place in the log, and how many messages lie before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    position: u64,
    number: u64,
}

/// What is known of a log at one moment.
#[derive(Debug, Clone, Copy)]
struct Mark {
    oldest: Place,
    /// Not behind the place for the next record, and not long before it.
    newest: Place,
}

impl Log {
    #[inline]
    fn tail(&self, memory: &impl Memory) -> u64 {
        memory.load(self.tail, Acquire)
    }

    fn mark_at(&self, which: usize) -> usize {
        self.marks + MARK * which
    }

    /// What the tail's mark says.
    fn mark(&self, memory: &impl Memory) -> Result<Mark, Damaged> {
        for _ in 0..TRIES {
            let tail = self.tail(memory);
            if let Some((_, mark)) = self.mark_for(memory, tail) {
                return if self.is_sound(mark) { Ok(mark) } else { Err(Damaged) };
            }
            std::hint::spin_loop(); // the tail was moved twice meanwhile
        }
        Err(Damaged)
    }

    fn mark_for(&self, memory: &impl Memory, tail: u64) -> Option<(usize, Mark)> {
        (0..2).find_map(|which| Some((which, self.mark_of(memory, which, tail)?)))
    }

    fn mark_of(&self, memory: &impl Memory, which: usize, tail: u64) -> Option<Mark> {
        let at = self.mark_at(which);
        if memory.load(at, Acquire) != tail {
            return None;
        }
        let [oldest, position, number] = [8, 16, 24].map(|word| memory.load(at + word, Relaxed));
        memory.fence(Acquire);
        (memory.load(at, Relaxed) == tail)
            .then_some(Mark { oldest: Place { position: tail, number: oldest }, newest: Place { position, number } })
    }

    fn is_sound(&self, Mark { oldest, newest }: Mark) -> bool {
        let line = LINE as u64;
        oldest.position % line == 0
            && newest.position % line == 0
            && newest.position < 1 << 62
            && oldest.position <= newest.position
            && newest.position - oldest.position <= self.ring.capacity as u64
            && oldest.number <= newest.number
    }
}

/// The sending side.
#[derive(Debug)]
pub struct LogWriter {
    log: Log,
    writer: Writer,
    oldest: Place,
    /// How many messages were sent.
    sent: u64,
    /// Which mark belongs to the tail.
    mark: usize,
}

impl LogWriter {
    /// Goes on where the log stands: behind the last published record.
    ///
    /// # Errors
    /// [`Damaged`].
    pub fn resume(log: Log, memory: &impl Memory) -> Result<Self, Damaged> {
        let firm = memory.load(log.ring.cursor, Acquire);
        // What a predecessor began: nobody of a lossy log can object, and a tail there never comes again.
        let firm = if log.lossy { log.tail(memory).max(firm) } else { firm };
        let (mark, Mark { oldest, .. }) = log.mark_for(memory, firm).ok_or(Damaged)?;
        memory.store(log.tail, firm, Release);
        memory.store(log.ring.cursor, firm, Release);
        memory.fence(Release); // invariant 1
        let writer = Writer::resume(log.ring, memory)?;
        let (mut reader, mut sent) = (Reader::at(log.ring, oldest.position), oldest.number);
        while reader.position() < writer.position() {
            reader.pass(reader.look(memory)?.ok_or(Damaged)?);
            sent = sent.wrapping_add(1);
        }
        Ok(Self { log, writer, oldest, sent, mark })
    }

    /// Room for a message of at most `length` bytes, which must not be more than the ring's longest; none: receivers hold
    /// it back. `least` tells the least cursor of those who take part that is less than its argument, or more.
    ///
    /// # Errors
    /// [`Damaged`].
    #[inline]
    pub fn room(
        &mut self,
        memory: &impl Memory,
        length: usize,
        least: impl Fn(u64) -> u64,
    ) -> Result<Option<Room>, Damaged> {
        match self.writer.room(memory, length)? {
            Some(room) => Ok(Some(room)),
            None => self.make_room(memory, length, least),
        }
    }

    #[cold]
    fn make_room(
        &mut self,
        memory: &impl Memory,
        length: usize,
        least: impl Fn(u64) -> u64,
    ) -> Result<Option<Room>, Damaged> {
        for _ in 0..TRIES {
            let arrivals = memory.load(self.log.arrivals, Acquire);
            let wanted = self.writer.wanted(length);
            let bound = if self.log.lossy { u64::MAX } else { least(wanted) };
            let Some(oldest) = self.walk(memory, self.writer.least(length), wanted, bound)? else {
                return if self.log.lossy { Err(Damaged) } else { Ok(None) };
            };
            self.keep_from(memory, oldest);
            memory.fence(SeqCst);
            if self.log.lossy || memory.load(self.log.arrivals, Relaxed) == arrivals {
                self.oldest = oldest;
                memory.store(self.log.ring.cursor, oldest.position, Release);
                memory.fence(Release); // invariant 1
                return self.writer.room(memory, length);
            }
            self.mark = 1 - self.mark; // the firm tail's again
            memory.store(self.log.tail, self.oldest.position, Release);
        }
        Ok(None)
    }

    /// The place of a record behind the oldest, at `least` or behind it, as near to `wanted` as can be, but not behind
    /// `bound`.
    fn walk(&self, memory: &impl Memory, least: u64, wanted: u64, bound: u64) -> Result<Option<Place>, Damaged> {
        let mut reader = Reader::at(self.log.ring, self.oldest.position);
        let mut number = self.oldest.number;
        while reader.position() < wanted {
            let Some(found) = reader.look(memory)? else { break };
            let end = if reader.position() < least { bound } else { bound.min(wanted) };
            if found.next > end {
                break;
            }
            reader.pass(found);
            number = number.wrapping_add(1);
        }
        Ok((reader.position() >= least).then_some(Place { position: reader.position(), number }))
    }

    /// Moves the tail, but for the firm one.
    fn keep_from(&mut self, memory: &impl Memory, oldest: Place) {
        self.mark = 1 - self.mark;
        let at = self.log.mark_at(self.mark);
        memory.store(at, NOWHERE, Relaxed);
        memory.fence(Release);
        for (word, value) in [(8, oldest.number), (16, self.writer.position()), (24, self.sent)] {
            memory.store(at + word, value, Relaxed);
        }
        memory.store(at, oldest.position, Release);
        memory.store(self.log.tail, oldest.position, Release);
    }

    /// Where the cursors of all must be for a message of that length to have room, or some more.
    pub fn wanted(&self, length: usize) -> u64 {
        self.writer.wanted(length)
    }

    /// Copies a message into its room.
    #[inline]
    pub fn fill(&self, memory: &impl Memory, room: Room, message: &[u8]) {
        memory.write(self.writer.start(room), message);
    }

    /// Publishes the message of `length` bytes, no more than there is room for.
    #[inline]
    pub fn publish(&mut self, memory: &impl Memory, room: Room, length: usize) {
        self.sent = self.sent.wrapping_add(1);
        self.writer.publish(memory, room, length);
    }

    /// How many messages were sent so far, by all senders.
    pub fn sent(&self) -> u64 {
        self.sent
    }
}

/// What a receiver finds.
#[derive(Debug, Clone, Copy)]
pub enum Seen {
    /// Nothing new.
    Nothing,
    /// A message; of a lossy log only if it is not [overrun](LogReader::is_overrun) after it was copied.
    Message(Found),
    /// The next message was overwritten: [catch up](LogReader::catch_up).
    Overrun,
}

/// A receiving side.
#[derive(Debug)]
pub struct LogReader {
    log: Log,
    reader: Reader,
    /// How many messages lie before it.
    number: u64,
    /// The cursor that it [released](Self::release) last.
    released: u64,
}

impl LogReader {
    /// Begins at the oldest record, or behind the newest. Its cursor lies at `cursor`. [`release`](Self::release) follows:
    /// it may hold the sender back until then.
    ///
    /// # Errors
    /// [`Damaged`].
    pub fn arrive(log: Log, cursor: usize, from_oldest: bool, memory: &impl Memory) -> Result<Self, Damaged> {
        let place = if log.lossy { log.mark(memory)?.oldest } else { take_part(&log, cursor, memory)? };
        let mut reader = Self::at(log, cursor, place);
        if !from_oldest {
            reader.chase(memory)?;
        }
        Ok(reader)
    }

    fn at(log: Log, cursor: usize, place: Place) -> Self {
        let released = cursor + (log.ring.released - log.ring.cursor);
        let ring = Ring { cursor, released, ..log.ring };
        Self { log, reader: Reader::at(ring, place.position), number: place.number, released: 0 }
    }

    /// Goes behind the newest record; if a lossy sender is too fast, to one that is not old.
    fn chase(&mut self, memory: &impl Memory) -> Result<(), Damaged> {
        for _ in 0..CHASES {
            let newest = self.log.mark(memory)?.newest;
            // Of a lossless log it may be before the cursor: the tail was taken back, or a predecessor's mark.
            if newest.position >= self.reader.position() {
                self.go(newest);
            }
            if self.go_to_end(memory)? {
                return Ok(());
            }
        }
        self.catch_up(memory).map(drop)
    }

    fn go(&mut self, place: Place) {
        (self.reader, self.number) = (self.reader.moved(place.position), place.number);
    }

    fn go_to_end(&mut self, memory: &impl Memory) -> Result<bool, Damaged> {
        for _ in 0..=self.log.ring.capacity / LINE {
            match self.look(memory)? {
                Seen::Nothing => return Ok(true),
                Seen::Message(found) => self.pass(found),
                Seen::Overrun => return Ok(false),
            }
        }
        Ok(false)
    }

    /// The next message, if there is one. It stays the next until it is [passed](Self::pass).
    ///
    /// # Errors
    /// [`Damaged`].
    #[inline]
    pub fn look(&self, memory: &impl Memory) -> Result<Seen, Damaged> {
        match self.reader.look(memory) {
            Ok(Some(found)) => Ok(Seen::Message(found)),
            _ if self.is_overrun(memory) => Ok(Seen::Overrun),
            Ok(None) => Ok(Seen::Nothing),
            Err(Damaged) => Err(Damaged),
        }
    }

    /// Whether what was read at this place since may be something else. Never in a lossless log.
    #[inline]
    pub fn is_overrun(&self, memory: &impl Memory) -> bool {
        if !self.log.lossy {
            return false;
        }
        memory.fence(Acquire);
        memory.load(self.log.tail, Relaxed) > self.reader.position()
    }

    /// Goes on at the oldest record; how many messages were missed.
    ///
    /// # Errors
    /// [`Damaged`].
    #[cold]
    pub fn catch_up(&mut self, memory: &impl Memory) -> Result<u64, Damaged> {
        let oldest = self.log.mark(memory)?.oldest;
        if oldest.position < self.reader.position() {
            return if oldest.number <= self.number { Ok(0) } else { Err(Damaged) };
        }
        let missed = oldest.number.checked_sub(self.number).ok_or(Damaged)?;
        self.go(oldest);
        Ok(missed)
    }

    /// Whether [`look`](Self::look) would find something, or damage to be told.
    pub fn is_ready(&self, memory: &impl Memory) -> bool {
        self.reader.is_ready(memory) || self.is_overrun(memory)
    }

    /// Steps over a message.
    #[inline]
    pub fn pass(&mut self, found: Found) {
        self.reader.pass(found);
        self.number = self.number.wrapping_add(1);
    }

    /// Tells the sender of a lossless log what was passed; whether it sleeps for that, and is to be woken. The first time
    /// that is for all that was passed at once: the sender may have met the cursor of who was still arriving.
    #[inline]
    pub fn release(&mut self, memory: &impl Memory) -> bool {
        if self.log.lossy {
            return false;
        }
        let before = self.released;
        self.released = self.reader.release(memory);
        self.log.wanted.is_passed(memory, before, self.released)
    }
}

/// From now on the sender of a lossless log does not overwrite what lies behind the place (invariant 3).
fn take_part(log: &Log, cursor: usize, memory: &impl Memory) -> Result<Place, Damaged> {
    for _ in 0..TRIES {
        let oldest = log.mark(memory)?.oldest;
        memory.store(cursor, oldest.position, Release);
        count_arrival(log, memory)?;
        memory.fence(SeqCst);
        if log.tail(memory) <= oldest.position {
            return Ok(oldest);
        }
    }
    Err(Damaged)
}

fn count_arrival(log: &Log, memory: &impl Memory) -> Result<(), Damaged> {
    for _ in 0..TRIES {
        let before = memory.load(log.arrivals, Relaxed);
        if memory.exchange(log.arrivals, before, before.wrapping_add(1)) {
            return Ok(());
        }
    }
    Err(Damaged)
}

#[cfg(test)]
mod tests;

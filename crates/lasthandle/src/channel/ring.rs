//! A ring that one thread writes and one reads, and nothing else: no sleeping, no processes. Every access to shared
//! memory goes through [`Memory`], so what the checkers search is what runs.
//!
//! Positions count bytes of the stream since the channel was made; a ring's byte of a position is the position modulo
//! its capacity, a power of two. Records are described in [`super::record`].
//!
//! # Invariants
//! 1. The reader's **cursor** is the position of the first record that it has not consumed. Only the reader writes it,
//!    forwards.
//! 2. The writer writes only where `position < cursor + capacity`, for a cursor that it has read, or what the reader
//!    said that it had **released**, which was its cursor once. So nothing is overwritten that the reader has not
//!    consumed.
//! 3. From the cursor on lie published records without a gap, then a word that is no header *of that position*: before
//!    the writer publishes it looks at the next place's word, and makes it zero if it happens to be one. So the reader
//!    never takes old bytes for a header. (A header names its position, so an old one is none; only a message's bytes
//!    may look like one. To make each such word zero would cost the time until the line is the writer's.)
//! 4. A header is published, with release, after its message and everything behind it that the reader will look at:
//!    what is read after it, with acquire, is whole.
//! 5. Hence a writer that is killed at any step leaves whole messages and then a place without a header, where its successor
//!    goes on ([`Writer::resume`]); a reader that is killed leaves its cursor.
//! 6. What the other side wrote is a value: each position, length and header is checked before it is used, each loop is
//!    bounded by the ring. A ring that breaks a rule is [`Damaged`], and stays as it is.
#![allow(clippy::inline_always)] // a call costs as much as the rest: `docs/design/channels.md`

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::memory::Memory;
use super::record::{Header, LINE, SHORT, Shape};

/// A ring's place and limits.
#[derive(Debug, Clone, Copy)]
pub struct Ring {
    /// Where its bytes begin; a multiple of 64.
    pub base: usize,
    /// How many they are; a power of two.
    pub capacity: usize,
    /// Where the cursor lies: a line that the reader writes with each message, and nobody looks at who is in a hurry.
    pub cursor: usize,
    /// Where the reader says now and then how far it has come: a line that the writer may look at again and again.
    pub released: usize,
    /// The longest message in bytes.
    pub longest: usize,
}

/// So many bytes before they are written, lines are fetched to be written.
const AHEAD: u64 = 16 * LINE as u64;

/// The other side wrote what it must not write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged;

impl Ring {
    /// The least capacity for messages of that length: two records, wherever the first begins, and a header.
    pub fn least_capacity(longest: usize) -> usize {
        (2 * Shape::of(longest).size() + LINE).next_power_of_two()
    }

    #[inline(always)]
    fn offset(&self, position: u64) -> usize {
        // The capacity is a power of two, and fits.
        #[allow(clippy::cast_possible_truncation)]
        let within = position as usize & (self.capacity - 1);
        within
    }

    #[inline(always)]
    fn at(&self, position: u64) -> usize {
        self.base + self.offset(position)
    }

    /// Invariant 3.
    #[inline(always)]
    fn clear(&self, memory: &impl Memory, position: u64) {
        let at = self.at(position);
        if Header::of(memory.load(at, Relaxed), position).is_some() {
            memory.store(at, 0, Relaxed);
        }
    }

    /// The position of the first record that was not consumed.
    pub(crate) fn cursor(&self, memory: &impl Memory) -> Result<u64, Damaged> {
        Self::reached(memory, self.cursor)
    }

    fn reached(memory: &impl Memory, at: usize) -> Result<u64, Damaged> {
        let cursor = memory.load(at, Acquire);
        if cursor % LINE as u64 == 0 && cursor < 1 << 62 { Ok(cursor) } else { Err(Damaged) }
    }
}

/// The writing side.
#[derive(Debug)]
pub struct Writer {
    ring: Ring,
    /// Where the next record goes.
    position: u64,
    /// Up to where the ring is known to be free.
    limit: u64,
}

/// Room for a record.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Bytes before the ring's end that are left out.
    skipped: usize,
    /// How the longest message that it has room for lies in it.
    pub(crate) shape: Shape,
}

/// A message that was found.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Where its bytes lie in the section.
    pub at: usize,
    /// How many they are.
    pub length: usize,
    /// Where the record behind it begins.
    pub(super) next: u64,
}

/// Records that are written and not published yet, but for the first one's header.
#[derive(Debug, Clone, Copy, Default)]
pub struct Batch {
    first: Option<(usize, u64)>,
}

impl Writer {
    /// Goes on where the ring stands: behind the last published record.
    ///
    /// # Errors
    /// [`Damaged`].
    pub fn resume(ring: Ring, memory: &impl Memory) -> Result<Self, Damaged> {
        let cursor = ring.cursor(memory)?;
        let mut reader = Reader { ring, position: cursor, released: cursor };
        while let Some(found) = reader.look(memory)? {
            if found.next - cursor > ring.capacity as u64 {
                return Err(Damaged);
            }
            reader.pass(found);
        }
        Ok(Self { ring, position: reader.position, limit: cursor + ring.capacity as u64 })
    }

    /// Room for a message, if it is known to be there. None tells nothing.
    #[inline(always)]
    pub fn room_at_once(&self, length: usize) -> Option<Room> {
        let room = self.place(length);
        (self.needed(room) <= self.limit).then_some(room)
    }

    /// Room for a message of at most `length` bytes, which must not be more than the ring's longest; none: it is full.
    ///
    /// # Errors
    /// [`Damaged`].
    #[inline(always)]
    pub fn room(&mut self, memory: &impl Memory, length: usize) -> Result<Option<Room>, Damaged> {
        let room = self.place(length);
        if self.needed(room) <= self.limit || self.look_again(memory, room)? { Ok(Some(room)) } else { Ok(None) }
    }

    /// The same, for who asks again and again: what the reader has consumed shows a little later.
    pub fn room_before_long(&mut self, memory: &impl Memory, length: usize) -> Result<Option<Room>, Damaged> {
        let room = self.place(length);
        Ok(self.reaches(memory, self.ring.released, room)?.then_some(room))
    }

    /// Whether there is room, or damage to be told.
    pub fn has_room(&self, memory: &impl Memory, length: usize) -> bool {
        let cursor = self.ring.cursor(memory).unwrap_or(u64::MAX >> 1);
        self.needed(self.place(length)) <= cursor.saturating_add(self.ring.capacity as u64)
    }

    #[inline(always)]
    fn place(&self, length: usize) -> Room {
        let shape = Shape::of(length);
        let left = self.ring.capacity - self.ring.offset(self.position);
        let skipped = if shape.size() > left { left } else { 0 };
        Room { skipped, shape }
    }

    /// Up to where the ring must be free: the record, and a header behind it.
    #[inline(always)]
    fn needed(&self, room: Room) -> u64 {
        self.position + (room.skipped + room.shape.size() + LINE) as u64
    }

    #[cold]
    fn look_again(&mut self, memory: &impl Memory, room: Room) -> Result<bool, Damaged> {
        Ok(self.reaches(memory, self.ring.released, room)? || self.reaches(memory, self.ring.cursor, room)?)
    }

    /// Whether there is room if the reader has come as far as the word there says.
    fn reaches(&mut self, memory: &impl Memory, word: usize, room: Room) -> Result<bool, Damaged> {
        let cursor = Ring::reached(memory, word)?;
        // What was released is behind the cursor, by less than a ring.
        if cursor > self.position || self.position - cursor > 2 * self.ring.capacity as u64 {
            return Err(Damaged);
        }
        self.limit = self.limit.max(cursor + self.ring.capacity as u64);
        Ok(self.needed(room) <= self.limit)
    }

    /// Where the reader's cursor must be for a message of that length to have room; and, if the ring can be so empty, a
    /// quarter of it more, so that a writer is not woken for each record.
    pub fn wanted(&self, length: usize) -> u64 {
        let least = self.least(length);
        (least + self.ring.capacity as u64 / 4).min(self.position).max(least)
    }

    /// Where it must be at least.
    pub(super) fn least(&self, length: usize) -> u64 {
        self.needed(self.place(length)).saturating_sub(self.ring.capacity as u64)
    }

    /// Where the next record goes: behind all that was written.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether the reader has consumed all that was written.
    ///
    /// # Errors
    /// [`Damaged`].
    pub fn is_consumed(&self, memory: &impl Memory) -> Result<bool, Damaged> {
        let cursor = self.ring.cursor(memory)?;
        if cursor > self.position { Err(Damaged) } else { Ok(cursor == self.position) }
    }

    /// Where the message lies in the section.
    #[inline(always)]
    pub fn start(&self, room: Room) -> usize {
        let record = self.position + room.skipped as u64;
        self.ring.at(record) + room.shape.start()
    }

    /// Publishes the message of `length` bytes, no more than there is room for, which lies at [`start`](Self::start).
    #[inline(always)]
    pub fn publish(&mut self, memory: &impl Memory, room: Room, length: usize) {
        let (at, word) = self.finish(memory, room, length);
        memory.store(at, word, Release);
    }

    /// Adds it to what [`publish_batch`](Self::publish_batch) publishes together.
    #[inline(always)]
    pub fn add(&mut self, memory: &impl Memory, batch: &mut Batch, room: Room, length: usize) {
        let (at, word) = self.finish(memory, room, length);
        match batch.first {
            Some(_) => memory.store(at, word, Relaxed),
            None => batch.first = Some((at, word)),
        }
    }

    /// Publishes all that was added.
    #[inline]
    pub fn publish_batch(&mut self, memory: &impl Memory, batch: Batch) {
        if let Some((at, word)) = batch.first {
            memory.store(at, word, Release);
        }
    }

    /// Writes all but the header that shows the record: which is returned.
    #[inline(always)]
    fn finish(&mut self, memory: &impl Memory, room: Room, length: usize) -> (usize, u64) {
        debug_assert!(length <= room.shape.length);
        let first = self.position;
        let record = first + room.skipped as u64;
        let shape = Shape { length, ..room.shape };
        let header = Header::Message(shape).word(record);
        let next = record + shape.size() as u64;
        self.ring.clear(memory, next);
        self.position = next;
        let ahead = next + AHEAD;
        if ahead < self.limit {
            memory.prepare(self.ring.at(ahead));
        }
        if room.skipped == 0 {
            return (self.ring.at(record), header);
        }
        memory.store(self.ring.at(record), header, Relaxed);
        (self.ring.at(first), Header::End.word(first))
    }
}

/// The reading side.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    ring: Ring,
    /// Of the first record that was not consumed.
    position: u64,
    /// What the writer was told last.
    released: u64,
}

impl Reader {
    /// Goes on at the cursor.
    ///
    /// # Errors
    /// [`Damaged`].
    pub fn resume(ring: Ring, memory: &impl Memory) -> Result<Self, Damaged> {
        let position = ring.cursor(memory)?;
        memory.store(ring.released, position, Release);
        Ok(Self { ring, position, released: position })
    }

    /// Goes on at a position where a record begins, or may once have begun.
    pub(crate) fn at(ring: Ring, position: u64) -> Self {
        Self { ring, position, released: position }
    }

    /// The position of the first record that it has not passed.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The next message, if it is easily had. None tells nothing.
    #[inline(always)]
    pub fn at_once(&self, memory: &impl Memory) -> Option<Found> {
        match self.header(memory)? {
            Header::Message(shape) => self.found(self.position, shape).ok(),
            Header::End => None,
        }
    }

    /// The same reader at another place.
    pub(super) fn moved(self, position: u64) -> Self {
        Self { position, ..self }
    }

    /// The next message, if there is one. It stays until it is [consumed](Self::consume).
    ///
    /// # Errors
    /// [`Damaged`].
    #[inline(always)]
    pub fn look(&self, memory: &impl Memory) -> Result<Option<Found>, Damaged> {
        match self.header(memory) {
            Some(Header::Message(shape)) => self.found(self.position, shape).map(Some),
            Some(Header::End) => self.look_at_start(memory).map(Some),
            None => Ok(None),
        }
    }

    /// Whether [`look`](Self::look) would find something: a message, or damage.
    #[inline]
    pub fn is_ready(&self, memory: &impl Memory) -> bool {
        self.header(memory).is_some()
    }

    #[inline(always)]
    fn header(&self, memory: &impl Memory) -> Option<Header> {
        Header::of(memory.load(self.ring.at(self.position), Acquire), self.position)
    }

    /// The record at the ring's start was written before the mark of the end.
    fn look_at_start(&self, memory: &impl Memory) -> Result<Found, Damaged> {
        let position = self.position + (self.ring.capacity - self.ring.offset(self.position)) as u64;
        match Header::of(memory.load(self.ring.at(position), Acquire), position) {
            Some(Header::Message(shape)) => self.found(position, shape),
            _ => Err(Damaged),
        }
    }

    #[inline(always)]
    fn found(&self, record: u64, shape: Shape) -> Result<Found, Damaged> {
        let offset = self.ring.offset(record);
        let is_short = shape.long || shape.length <= SHORT;
        if !is_short || shape.length > self.ring.longest || shape.size() > self.ring.capacity - offset {
            return Err(Damaged);
        }
        let at = self.ring.base + offset + shape.start();
        Ok(Found { at, length: shape.length, next: record + shape.size() as u64 })
    }

    /// Steps over a message without telling the writer.
    #[inline(always)]
    pub fn pass(&mut self, found: Found) {
        self.position = found.next;
    }

    /// Gives the writer the room of all that was passed; the cursor now.
    #[inline(always)]
    pub fn release(&mut self, memory: &impl Memory) -> u64 {
        memory.store(self.ring.cursor, self.position, Release);
        if self.position - self.released >= self.ring.capacity as u64 / 8 {
            memory.store(self.ring.released, self.position, Release);
            self.released = self.position;
        }
        self.position
    }
}

//! What passes on a ring, seen by somebody of whom neither side knows.
//!
//! Nobody waits for him, so what he copied may have been written over meanwhile. What he shows he has good reasons for,
//! which he looks for after he has copied:
//!
//! * The reader's cursor has not passed the record: then nobody wrote there, for certain.
//! * It has, but the writer stands far behind: the record is whole unless the writer was just writing, unpublished, more
//!   than half a ring: a batch so long, and nothing else, can deceive him.
//!
//! What he has no reason for he counts as skipped.

use std::sync::atomic::{Ordering::Acquire, fence};

use super::memory::Memory;
use super::record::{LINE, Shape};
use super::ring::{Damaged, Reader, Ring};

/// Goes along with a ring.
#[derive(Debug)]
pub(crate) struct Follower {
    ring: Ring,
    reader: Reader,
}

/// What he saw of a ring.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Message(Vec<u8>),
    /// So many bytes of the stream went by unseen.
    Skipped(u64),
}

/// A record that was copied.
struct Copied {
    begin: u64,
    end: u64,
    message: Vec<u8>,
}

impl Follower {
    /// Begins with the first message that was not received yet.
    pub(crate) fn new(ring: Ring, memory: &impl Memory) -> Result<Self, Damaged> {
        Ok(Self { ring, reader: Reader::at(ring, ring.cursor(memory)?) })
    }

    /// All that has passed since, at most a ring full.
    pub(crate) fn look(&mut self, memory: &impl Memory, mut tell: impl FnMut(Seen)) -> Result<(), Damaged> {
        let (copied, astray) = self.copy(memory);
        fence(Acquire);
        let cursor = self.ring.cursor(memory)?;
        let sound = cursor.min(self.written(memory, cursor).saturating_sub(self.margin()));
        let mut skipped = 0;
        for Copied { begin, end, message } in copied {
            if begin >= sound && (begin >= cursor || self.is_still_there(memory, begin, end)) {
                tell_skipped(&mut skipped, &mut tell);
                tell(Seen::Message(message));
            } else {
                skipped += end - begin;
            }
        }
        let at = self.reader.position();
        if astray && cursor <= at {
            return Err(Damaged);
        }
        if cursor > at && (astray || !self.reader.is_ready(memory)) {
            skipped += cursor - at;
            self.reader = Reader::at(self.ring, cursor);
        }
        tell_skipped(&mut skipped, &mut tell);
        Ok(())
    }

    /// Everything from here to where nothing is, or to where there is no sense in what is: there he is astray.
    fn copy(&mut self, memory: &impl Memory) -> (Vec<Copied>, bool) {
        let (mut copied, first) = (Vec::new(), self.reader.position());
        while self.reader.position() - first <= self.ring.capacity as u64 {
            match self.reader.look(memory) {
                Ok(Some(found)) => {
                    let (begin, mut message) = (self.reader.position(), vec![0; found.length]);
                    memory.read(found.at, &mut message);
                    self.reader.pass(found);
                    copied.push(Copied { begin, end: self.reader.position(), message });
                }
                Ok(None) => return (copied, false),
                Err(Damaged) => return (copied, true),
            }
        }
        (copied, false)
    }

    /// Up to where the ring is written and published now; the end of all, if that cannot be found. From the cursor on,
    /// where records are surely whole: where he stands himself there may be none, if the last header was half overwritten.
    fn written(&self, memory: &impl Memory, cursor: u64) -> u64 {
        let mut reader = Reader::at(self.ring, cursor);
        while reader.position().saturating_sub(cursor) <= self.ring.capacity as u64 {
            match reader.look(memory) {
                Ok(Some(found)) => reader.pass(found),
                // Where the reader has been meanwhile the writer may have been, too: then this is no end.
                Ok(None) if self.ring.cursor(memory).is_ok_and(|cursor| cursor <= reader.position()) => {
                    return reader.position();
                }
                Ok(None) | Err(Damaged) => break,
            }
        }
        u64::MAX
    }

    /// How far behind what is published a record may lie that the writer surely leaves alone: half a ring, or a ring less
    /// the longest message and what it skips.
    fn margin(&self) -> u64 {
        let longest = 2 * Shape::of(self.ring.longest).size() + LINE;
        (self.ring.capacity / 2).min(self.ring.capacity.saturating_sub(longest)) as u64
    }

    fn is_still_there(&self, memory: &impl Memory, begin: u64, end: u64) -> bool {
        let mut reader = Reader::at(self.ring, begin);
        match reader.look(memory) {
            Ok(Some(found)) => {
                reader.pass(found);
                reader.position() == end
            }
            _ => false,
        }
    }
}

fn tell_skipped(skipped: &mut u64, tell: &mut impl FnMut(Seen)) {
    if *skipped > 0 {
        tell(Seen::Skipped(std::mem::take(skipped)));
    }
}

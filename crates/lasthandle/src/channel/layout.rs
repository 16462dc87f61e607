//! What lies where in a channel's section. `docs/format.md` has the whole picture; a test holds both together.
//!
//! The header page begins with what never changes, then come a lock, the **ends** (who sends, who receives) and the
//! **lanes** (one way from an end to an end); behind the header, from a page's start on, the data.

use sha2::{Digest, Sha256};

use super::latest_cell::Slots;
use super::log::Log;
use super::record::{LINE, LONGEST};
use super::ring::Ring;
use super::seat::{Roll, Wanted};
use crate::error::{Error, ErrorKind, Result};

/// The first word; written last, when the section is ready.
pub(crate) const MAGIC: u64 = u64::from_le_bytes(*b"LASTCHNL");
const VERSION: u32 = 1;
/// Data begin at a multiple of this, and no header is smaller.
pub(crate) const PAGE: usize = 4096;
/// Two lines: processors fetch them in pairs.
pub(crate) const PAIR: usize = 2 * LINE;

pub(crate) const AT_MAGIC: usize = 0;
/// The lock under which ends are taken: 64 bytes of a mutex.
pub(crate) const AT_LOCK: usize = PAIR;
const AT_ENDS: usize = 2 * PAIR;
const END_STRIDE: usize = 2 * PAIR;
const LANE_STRIDE: usize = 3 * PAIR;
/// Words of the description, behind the magic.
pub(crate) const WORDS: usize = 8;

/// Most ends but one: who waits for all others, and for its own event, waits for 64 objects at most.
pub(crate) const MOST_PEERS: u32 = 60;

/// Which of the shapes of communication a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// End 0 receives, each other end sends on a lane of its own.
    Channel = 1,
    /// Ends 0 and 1, lane 0 from 0 to 1, lane 1 from 1 to 0.
    Duplex = 2,
    /// End 0 sends, the others receive; each lane is one receiver's cursor in the one log.
    Broadcast = 3,
    /// End 0 writes, the others read.
    Latest = 4,
}

/// What messages are, so that both sides mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// Bytes; 0: any number.
    pub(crate) size: u64,
    pub(crate) align: u64,
    /// Of its name, 0 if it has none.
    pub(crate) name: u64,
}

impl Fingerprint {
    pub(crate) fn named(self, name: &str) -> Self {
        let digest = Sha256::digest(name.as_bytes());
        Self { name: u64::from_le_bytes(digest[..8].try_into().expect("32 bytes")), ..self }
    }
}

/// All that never changes of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) form: Form,
    /// Own bits of the form.
    pub(crate) flags: u32,
    pub(crate) ends: u32,
    pub(crate) lanes: u32,
    /// Bytes of a ring.
    pub(crate) capacity: u64,
    /// The longest message in bytes.
    pub(crate) longest: u64,
    pub(crate) fingerprint: Fingerprint,
}

/// Where an end's words lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EndAt {
    /// Which process has it; 0: nobody.
    pub(crate) token: usize,
    /// How often it was taken.
    pub(crate) generation: usize,
    /// Not 0: a message is being written.
    pub(crate) filling: usize,
    /// Messages that the dead were writing here.
    pub(crate) lost: usize,
    /// The process' number, for display.
    pub(crate) process: usize,
    /// Its event: 64 bytes.
    pub(crate) event: usize,
    /// Whether it sleeps, or has gone. On a line of its own, which its peers look at with each message.
    pub(crate) waiting: usize,
}

/// Where the words lie that one end has for all others, of a broadcast or a latest value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CastAt {
    /// Of a broadcast: up to where the oldest was given up. Of a latest value: its version.
    pub(crate) tail: usize,
    /// A bit for each end that sleeps. On a line of its own, which the sender looks at with each message.
    pub(crate) sleepers: Roll,
}

/// The flag of a broadcast whose sender waits for nobody.
pub(crate) const LOSSY: u32 = 1;
/// Room for the words of [`CastAt`] and of a [`Log`].
const CAST: usize = 2 * PAIR;

impl Form {
    /// For people and machines.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Duplex => "duplex",
            Self::Broadcast => "broadcast",
            Self::Latest => "latest",
        }
    }

    /// Who has the end, in a word.
    pub(crate) fn holder(self, end: u32) -> &'static str {
        match (self, end) {
            (Self::Channel, 0) | (Self::Broadcast, 1..) => "receiver",
            (Self::Channel, _) | (Self::Broadcast, 0) => "sender",
            (Self::Duplex, _) => "side",
            (Self::Latest, 0) => "writer",
            (Self::Latest, _) => "waiting reader",
        }
    }
}

impl EndAt {
    pub(crate) fn new(index: u32) -> Self {
        let at = AT_ENDS + END_STRIDE * index as usize;
        Self {
            token: at,
            generation: at + 8,
            filling: at + 16,
            lost: at + 24,
            process: at + 32,
            event: at + LINE,
            waiting: at + PAIR,
        }
    }
}

impl Layout {
    /// Words that describe it: what lies behind the magic.
    pub(crate) fn words(&self) -> [u64; WORDS] {
        let pair = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        let Fingerprint { size, align, name } = self.fingerprint;
        [
            pair(VERSION, self.form as u32),
            self.capacity,
            self.longest,
            pair(self.ends, self.lanes),
            size,
            align,
            name,
            u64::from(self.flags),
        ]
    }

    /// What a section says of itself, if that holds together.
    pub(crate) fn of(words: [u64; WORDS]) -> Result<Self> {
        if low(words[0]) != VERSION {
            return Err(Error::new(ErrorKind::VersionMismatch).detail("the channel's layout has another version"));
        }
        let form = match high(words[0]) {
            1 => Form::Channel,
            2 => Form::Duplex,
            3 => Form::Broadcast,
            4 => Form::Latest,
            _ => return Err(damaged()),
        };
        let layout = Self {
            form,
            flags: u32::try_from(words[7]).map_err(|_| damaged())?,
            ends: low(words[3]),
            lanes: high(words[3]),
            capacity: words[1],
            longest: words[2],
            fingerprint: Fingerprint { size: words[4], align: words[5], name: words[6] },
        };
        if layout.is_sound() { Ok(layout) } else { Err(damaged()) }
    }

    fn is_sound(&self) -> bool {
        let counts = match self.form {
            Form::Channel | Form::Broadcast => self.lanes == self.ends.wrapping_sub(1),
            Form::Duplex => self.ends == 2 && self.lanes == 2,
            Form::Latest => self.lanes == 0,
        };
        let ring = usize::try_from(self.longest).is_ok_and(|longest| {
            longest <= LONGEST && u64::try_from(Ring::least_capacity(longest)).is_ok_and(|least| least <= self.capacity)
        });
        counts
            && (2..=MOST_PEERS + 1).contains(&self.ends)
            && (if self.form == Form::Latest { self.has_slots() } else { self.capacity.is_power_of_two() && ring })
            && self.flags & !(if self.form == Form::Broadcast { LOSSY } else { 0 }) == 0
            && self.capacity < 1 << 40
    }

    /// Whether the data of a latest value are its slots.
    fn has_slots(&self) -> bool {
        let slots = usize::try_from(self.longest).ok().filter(|&longest| longest <= LONGEST).map(Slots::bytes);
        slots.is_some_and(|bytes| bytes as u64 == self.capacity)
    }

    /// Bytes of the whole section.
    pub(crate) fn size(&self) -> u64 {
        let rings = if self.form == Form::Broadcast { 1 } else { u64::from(self.lanes.max(1)) };
        self.data() as u64 + rings * self.capacity
    }

    /// Where the data begin.
    pub(crate) fn data(&self) -> usize {
        let cast = if matches!(self.form, Form::Broadcast | Form::Latest) { CAST } else { 0 };
        (self.lane(self.lanes) + cast).next_multiple_of(PAGE)
    }

    /// The words of a broadcast or a latest value, behind the lanes.
    pub(crate) fn cast(&self) -> CastAt {
        let at = self.lane(self.lanes);
        CastAt { tail: at, sleepers: Roll(at + PAIR) }
    }

    /// The log of a broadcast.
    pub(crate) fn log(&self) -> Log {
        let at = self.lane(self.lanes);
        Log {
            ring: Ring { cursor: at + 8, released: at + 8, ..self.ring(0) },
            tail: at,
            marks: at + LINE,
            arrivals: at + PAIR + 8,
            wanted: Wanted(at + 16),
            lossy: self.flags & LOSSY != 0,
        }
    }

    /// The slots of a latest value.
    pub(crate) fn slots(&self) -> Slots {
        Slots::new(self.cast().tail, self.data(), usize::try_from(self.longest).expect("less than the capacity"))
    }

    fn lane(&self, index: u32) -> usize {
        AT_ENDS + END_STRIDE * self.ends as usize + LANE_STRIDE * index as usize
    }

    /// The ring of a lane. Of a broadcast all lanes have the one log.
    pub(crate) fn ring(&self, lane: u32) -> Ring {
        let which = if self.form == Form::Broadcast { 0 } else { lane as usize };
        let capacity = usize::try_from(self.capacity).expect("it was mapped");
        Ring {
            base: self.data() + which * capacity,
            capacity,
            cursor: self.lane(lane),
            released: self.lane(lane) + 2 * PAIR,
            longest: usize::try_from(self.longest).expect("less than the capacity"),
        }
    }

    /// Where the sender of a lane says which cursor it sleeps for; 0: it does not.
    pub(crate) fn wanted(&self, lane: u32) -> usize {
        self.lane(lane) + PAIR
    }
}

#[allow(clippy::cast_possible_truncation)] // the half that is asked for
fn low(word: u64) -> u32 {
    word as u32
}

fn high(word: u64) -> u32 {
    low(word >> 32)
}

fn damaged() -> Error {
    Error::new(ErrorKind::Damaged).detail("the channel's header makes no sense")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> Layout {
        let fingerprint = Fingerprint { size: 8, align: 8, name: 0 };
        Layout { form: Form::Channel, flags: 0, ends: 2, lanes: 1, capacity: 4096, longest: 8, fingerprint }
    }

    #[test]
    fn a_channel_of_numbers_is_a_page_and_its_ring() {
        assert_eq!(layout().size(), 4096 + 4096);
        assert_eq!(Layout { ends: 6, lanes: 5, ..layout() }.data(), 4096);
        assert_eq!(Layout { ends: 8, lanes: 7, ..layout() }.data(), 8192);
    }

    #[test]
    fn what_does_not_hold_together_is_refused() {
        assert_eq!(Layout::of(layout().words()).expect("sound"), layout());
        let wrong = [
            Layout { ends: 1, lanes: 0, ..layout() },
            Layout { ends: 3, ..layout() },
            Layout { ends: 62, lanes: 61, ..layout() },
            Layout { capacity: 4095, ..layout() },
            Layout { capacity: 64, ..layout() },
            Layout { capacity: 1 << 40, ..layout() },
            Layout { longest: 4096, ..layout() },
            Layout { longest: u64::MAX, ..layout() },
        ];
        for wrong in wrong {
            assert!(Layout::of(wrong.words()).is_err(), "{wrong:?}");
        }
        let mut words = layout().words();
        words[0] = 9;
        assert_eq!(Layout::of(words).expect_err("a version").kind(), ErrorKind::VersionMismatch);
    }
}

//! How messages lie in a ring: records of whole cache lines, one behind another.
//!
//! ```text
//! offset in the record    0        8                                    64
//! short: up to 56 bytes   header   message, in the header's line
//! long                    header   –                                    message, to the end of its last line
//! ```
//!
//! The header is written last, and says that the rest is there:
//!
//! | bits | meaning |
//! |---|---|
//! | 0–30 | length of the message in bytes, plus 1 |
//! | 31 | it is long |
//! | 0–31 | if all are set: nothing more before the ring's end, go on at its start |
//! | 32–63 | the record's position in the stream, in lines: an old header is never taken for a new one |
//!
//! Any other word: nothing there yet.
#![allow(clippy::inline_always)] // a call costs as much as the rest: `docs/design/channels.md`

/// A cache line, which records are multiples of.
pub const LINE: usize = 64;
/// Messages up to this length lie in the line of their header.
pub const SHORT: usize = LINE - HEADER;
/// Most bytes of a message.
pub const LONGEST: usize = (1 << 31) - 2 * LINE;
const HEADER: usize = 8;
const LONG: u32 = 1 << 31;
const END: u32 = u32::MAX;

/// How a message lies in its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Behind the header's line.
    pub long: bool,
    /// Bytes, at most [`LONGEST`]; of a short one at most [`SHORT`].
    pub length: usize,
}

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// A message.
    Message(Shape),
    /// The rest of the ring is not used this time.
    End,
}

impl Shape {
    /// How messages of that length lie from the start. One that was given more room than it took stays long.
    #[inline(always)]
    pub const fn of(length: usize) -> Self {
        Self { long: length > SHORT, length }
    }

    /// Bytes of the whole record.
    #[inline(always)]
    pub const fn size(self) -> usize {
        if self.long { LINE + self.length.next_multiple_of(LINE) } else { LINE }
    }

    /// Where the message begins in its record.
    #[inline(always)]
    pub const fn start(self) -> usize {
        if self.long { LINE } else { HEADER }
    }
}

impl Header {
    /// The word for the record at this position of the stream.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // at most LONGEST
    pub const fn word(self, position: u64) -> u64 {
        let low = match self {
            Self::Message(Shape { long, length }) => (length as u32 + 1) | if long { LONG } else { 0 },
            Self::End => END,
        };
        tag(position) | low as u64
    }

    /// What a word says; none: it belongs to no record at this position.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // the low half
    pub const fn of(word: u64, position: u64) -> Option<Self> {
        let low = word as u32;
        if word - (low as u64) != tag(position) || low & !LONG == 0 {
            return None;
        }
        if low == END {
            return Some(Self::End);
        }
        Some(Self::Message(Shape { long: low & LONG != 0, length: (low & !LONG) as usize - 1 }))
    }
}

/// The upper half of a header.
#[inline(always)]
const fn tag(position: u64) -> u64 {
    (position / LINE as u64) << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_messages_share_their_headers_line_and_long_ones_begin_at_one() {
        let shapes = [(0, 64, 8), (56, 64, 8), (57, 128, 64), (64, 128, 64), (65, 192, 64), (4096, 4160, 64)];
        for (length, bytes, at) in shapes {
            let shape = Shape::of(length);
            assert_eq!((shape.size(), shape.start()), (bytes, at), "{length}");
            assert!(shape.start() + length <= shape.size());
        }
        assert_eq!(Shape { long: true, length: 0 }.size(), 64);
    }

    #[test]
    fn a_header_is_its_own_position_and_no_other() {
        let messages = [Shape::of(0), Shape::of(57), Shape::of(LONGEST), Shape { long: true, length: 3 }];
        for position in [0, 64, 1 << 20, (1 << 38) - 64] {
            for header in messages.map(Header::Message).into_iter().chain([Header::End]) {
                let word = header.word(position);
                assert_eq!(Header::of(word, position), Some(header));
                assert_ne!(word, 0);
                assert_eq!(Header::of(word, position + 64), None);
            }
            assert_eq!(Header::of(0, position), None);
        }
    }

    #[test]
    fn a_header_says_something() {
        for low in [0, u64::from(LONG)] {
            assert_eq!(Header::of(tag(640) | low, 640), None, "{low:x}");
        }
    }
}

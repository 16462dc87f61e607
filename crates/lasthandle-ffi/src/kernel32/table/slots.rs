//! The slots of the table: an array that grows by chunks and never moves, and the numbers that lead into it.

use std::ptr::null_mut;
use std::sync::OnceLock;
use std::sync::atomic::AtomicPtr;

use super::Entry;

/// A handle's number has 20 bits that say which slot, and above them 9 that say which use of it, never 0; then two low
/// bits that mean nothing. So it is a positive 32-bit number, as programs expect that print or truncate handles, it is
/// never 0 nor a pseudo handle, and a closed handle is refused until its slot was used 511 times more.
const SLOT_BITS: u32 = 20;
const LAST_USE: u32 = (1 << 9) - 1;
pub(super) const SLOTS: u32 = 1 << SLOT_BITS;
/// The slots from here on are filled by this process' parent, which chooses their numbers.
pub(super) const GIVEN: u32 = SLOTS / 2;

const CHUNK: usize = 1024;
const CHUNKS: usize = SLOTS as usize / CHUNK;

pub(super) struct Slots {
    /// Most programs need no more, and find these without a look at where a chunk is.
    first: [AtomicPtr<Entry>; CHUNK],
    /// All; the place of the first stays empty.
    chunks: [OnceLock<Box<[AtomicPtr<Entry>]>>; CHUNKS],
}

impl Slots {
    #[allow(clippy::large_stack_arrays)] // made when compiled, for a static
    pub(super) const fn new() -> Self {
        let first = [const { AtomicPtr::new(null_mut()) }; CHUNK];
        Self { first, chunks: [const { OnceLock::new() }; CHUNKS] }
    }

    /// The slot of that index; none if it was never used.
    #[inline]
    pub(super) fn find(&self, index: u32) -> Option<&AtomicPtr<Entry>> {
        let index = index as usize;
        match self.first.get(index) {
            None => self.chunks.get(index / CHUNK)?.get()?.get(index % CHUNK),
            first => first,
        }
    }

    /// Every slot that was ever made.
    pub(super) fn iter(&self) -> impl Iterator<Item = &AtomicPtr<Entry>> {
        self.first.iter().chain(self.chunks.iter().filter_map(OnceLock::get).flat_map(|chunk| chunk.iter()))
    }

    /// The slot of that index, made if need be; it must be below [`SLOTS`].
    pub(super) fn make(&self, index: u32) -> &AtomicPtr<Entry> {
        let index = index as usize;
        let empty = || (0..CHUNK).map(|_| AtomicPtr::default()).collect();
        match self.first.get(index) {
            None => &self.chunks[index / CHUNK].get_or_init(empty)[index % CHUNK],
            Some(first) => first,
        }
    }
}

/// Which slot, and which use of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number(u32);

impl Number {
    pub(super) fn first(index: u32) -> Self {
        Self(1 << SLOT_BITS | index)
    }

    /// A number that next becomes the first of that index.
    pub(super) fn before_first(index: u32) -> Self {
        Self(index)
    }

    /// The numbers that a parent gives, in order; after all they begin anew.
    pub(crate) fn given(count: u32) -> Self {
        let used = 1 + count / (SLOTS - GIVEN) % LAST_USE;
        Self((used << SLOT_BITS) | (GIVEN + count % (SLOTS - GIVEN)))
    }

    /// Which of those this is.
    pub(crate) fn given_index(self) -> Option<u32> {
        let used = (self.0 >> SLOT_BITS).checked_sub(1)?;
        self.index().checked_sub(GIVEN).map(|index| used * (SLOTS - GIVEN) + index)
    }

    /// The next use of the same slot.
    pub(super) fn again(self) -> Self {
        let used = self.0 >> SLOT_BITS;
        Self((if used == LAST_USE { 1 } else { used + 1 }) << SLOT_BITS | self.index())
    }

    #[inline]
    pub(super) fn index(self) -> u32 {
        self.0 & (SLOTS - 1)
    }

    /// The value that programs see, which has no more bits.
    pub(crate) fn as_u32(self) -> u32 {
        self.0 << 2
    }

    /// The value that programs see.
    pub(super) fn value(self) -> usize {
        (self.0 as usize) << 2
    }

    /// None if no handle has such a value.
    #[inline]
    pub(crate) fn from_value(value: usize) -> Option<Self> {
        let number = u32::try_from(value >> 2).ok()?;
        (number >> SLOT_BITS <= LAST_USE).then_some(Self(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_positive_multiples_of_four_and_come_back() {
        for index in [0, 1, 1023, 1024, SLOTS - 1] {
            let mut number = Number::first(index);
            for _ in 0..2 * LAST_USE {
                let value = number.value();
                assert!(value != 0 && value % 4 == 0 && i32::try_from(value).is_ok());
                for ignored in 0..4 {
                    assert_eq!(Number::from_value(value | ignored), Some(number));
                }
                assert_ne!(number.again(), number);
                number = number.again();
                assert_eq!(number.index(), index);
            }
        }
    }

    #[test]
    fn given_numbers_are_told_from_own_ones() {
        for count in [0, 1, GIVEN - 1, GIVEN, 510 * GIVEN, 511 * GIVEN - 1] {
            let number = Number::given(count);
            assert_eq!(number.given_index(), Some(count));
            assert_eq!(Number::from_value(number.as_u32() as usize), Some(number));
        }
        assert_eq!(Number::given(511 * GIVEN), Number::given(0));
        assert_eq!(Number::first(GIVEN - 1).given_index(), None);
        assert_eq!(Number::before_first(7).again(), Number::first(7));
    }

    #[test]
    fn every_slot_is_found_where_it_was_made() {
        let slots = Box::new(Slots::new());
        for index in [0, 1023, 1024, 5000, SLOTS - 1] {
            assert_eq!(slots.find(index).is_some(), index < 1024);
            let made = std::ptr::from_ref(slots.make(index));
            assert!(slots.find(index).is_some_and(|found| std::ptr::eq(found, made)));
        }
        assert!(!std::ptr::eq(slots.make(1024), slots.make(1025)) && slots.find(SLOTS).is_none());
    }

    #[test]
    fn pseudo_handles_and_values_beyond_32_bits_are_no_numbers() {
        for value in [usize::MAX, usize::MAX - 1, usize::MAX - 5, 1 << 31, 1 << 32, (1 << 40) + 4] {
            assert_eq!(Number::from_value(value), None, "{value:#x}");
        }
    }
}

//! A value that one thread replaces and many read: some slots, and a word that says which is the newest. No sleeping, no
//! processes; every access to shared memory goes through [`Memory`].
//!
//! Versions count the values from 1; 0: there is none yet. A version's slot is the version modulo the number of slots. A
//! slot begins with the value's length; short values share its line, long ones begin at the next (as [`Shape`] says).
//!
//! # Invariants
//! 1. The writer writes version `v + 1` into its slot, then publishes it. So what is published is whole, also if the writer
//!    is killed at any step; its successor goes on with the same version.
//! 2. The slot of version `v` is next written for `v + slots`, which begins when `v + slots - 1` is published. So who has
//!    copied version `v` and still finds one less than that published, has copied that value and no other.
//! 3. What the other side wrote is a value: it is checked, and loops are bounded.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::memory::Memory;
use super::record::{LINE, Shape};

/// The least number of slots: a reader's copy is whole if the writer makes no more than two while it lasts.
const FEWEST: usize = 4;
/// More for small values, which are written faster than a line travels to a reader.
const MOST: usize = 64;
/// Bytes that small values may take together.
const SMALL: usize = 8192;
/// How often a reader tries while the writer is too fast for it: so often with values of a line, the less the longer they
/// are, since a writer that means harm may let it copy each time; but not less than this.
const TRIES: usize = 1 << 16;
const TRIES_OF_LONG: usize = 64;

/// Where the slots lie.
#[derive(Debug, Clone, Copy)]
pub struct Slots {
    version: usize,
    base: usize,
    longest: usize,
    /// Bytes of each.
    size: usize,
    /// How many, a power of two, less 1.
    mask: u64,
    tries: usize,
}

/// What became of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// The other side wrote what it must not write.
    Damaged,
    /// The writer was too fast each time.
    Busy,
}

impl Slots {
    /// Of values of at most `longest` bytes; the newest version lies at `version`, the slots from `base` on.
    pub fn new(version: usize, base: usize, longest: usize) -> Self {
        let size = Shape::of(longest).size();
        let tries = (TRIES / (size / LINE)).max(TRIES_OF_LONG);
        Self { version, base, longest, size, mask: count(size) as u64 - 1, tries }
    }

    /// Bytes of all slots for such values.
    pub fn bytes(longest: usize) -> usize {
        let size = Shape::of(longest).size();
        count(size) * size
    }

    /// The longest value in bytes.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The newest version.
    #[inline]
    pub fn version(&self, memory: &impl Memory) -> u64 {
        memory.load(self.version, Acquire)
    }

    #[inline]
    fn slot(&self, version: u64) -> usize {
        #[allow(clippy::cast_possible_truncation)] // less than the number of slots
        let which = (version & self.mask) as usize;
        self.base + which * self.size
    }

    /// Where a value begins in its slot. All lie alike, whatever their length.
    #[inline]
    fn start(&self) -> usize {
        Shape::of(self.longest).start()
    }

    /// Publishes a value, no longer than the longest; its version.
    #[inline]
    pub fn write(&self, memory: &impl Memory, before: u64, value: &[u8]) -> u64 {
        let version = before.wrapping_add(1);
        let slot = self.slot(version);
        memory.fence(Release); // invariant 2: no byte of this before `before` was published
        memory.store(slot, value.len() as u64, Relaxed);
        memory.write(slot + self.start(), value);
        memory.store(self.version, version, Release);
        version
    }

    /// Reads the newest value, unless its version is `seen`: `copy` is given its place and length, perhaps several times,
    /// and its last result is good. None: there is nothing new.
    ///
    /// # Errors
    /// [`Unread`].
    #[inline]
    pub fn read<R>(
        &self,
        memory: &impl Memory,
        seen: u64,
        mut copy: impl FnMut(usize, usize) -> R,
    ) -> Result<Option<(u64, R)>, Unread> {
        let mut version = self.version(memory);
        for _ in 0..self.tries {
            if version == seen || version == 0 {
                return Ok(None);
            }
            let slot = self.slot(version);
            let length = usize::try_from(memory.load(slot, Relaxed)).unwrap_or(usize::MAX);
            let value = (length <= self.longest).then(|| copy(slot + self.start(), length));
            memory.fence(Acquire);
            let now = memory.load(self.version, Relaxed);
            if now.wrapping_sub(version) < self.mask {
                return value.map(|value| Some((version, value))).ok_or(Unread::Damaged);
            }
            version = self.version(memory);
        }
        Err(Unread::Busy)
    }
}

fn count(size: usize) -> usize {
    let fitting = (SMALL / size).max(1);
    (1 << fitting.ilog2()).clamp(FEWEST, MOST)
}

// A slot is a whole number of lines.
const _: () = assert!(Shape::of(0).size() == LINE);

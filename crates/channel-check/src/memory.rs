//! Memory of loom's atomics, as a process sees it that may be killed, and that may break a rule.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering as Std;

use lasthandle::channel::memory::Memory;
use loom::sync::Arc;
use loom::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use loom::sync::atomic::{AtomicU64, Ordering, fence};

/// What all processes share.
#[derive(Debug)]
pub struct Words(BTreeMap<usize, AtomicU64>);

impl Words {
    /// Memory that begins with these words.
    pub fn new(words: impl IntoIterator<Item = u64>) -> Arc<Self> {
        Self::at((0..).step_by(8).zip(words))
    }

    /// Memory that has only words at these places.
    pub fn at(words: impl IntoIterator<Item = (usize, u64)>) -> Arc<Self> {
        Arc::new(Self(words.into_iter().map(|(at, word)| (at, AtomicU64::new(word))).collect()))
    }

    fn word(&self, at: usize) -> &AtomicU64 {
        self.0.get(&at).unwrap_or_else(|| panic!("no word at {at}"))
    }
}

/// Where the checks' rings have the word that is seldom written.
pub const RELEASED: usize = 8;
const LINE: u64 = 64;

/// A rule that a process breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// None.
    Sound,
    /// What should be released is only stored.
    Relaxed,
    /// What should be acquired is only loaded.
    Unacquired,
    /// No fence between a store and the look at the flag, or the flag and the last look.
    Unfenced,
    /// The next place is not made empty.
    NoTerminator,
    /// It is made empty after the record was published, not before.
    LateTerminator,
    /// The record at the ring's start is written after the mark that leads to it.
    LateStart,
    /// An exchange does not look what is there.
    BlindExchange,
    /// What a value's reader looks at last is one too old.
    Behind,
    /// A ring's reader says that it has released a line more than it has.
    Ahead,
}

/// A process' way to the memory.
#[derive(Debug)]
pub struct Life {
    words: Arc<Words>,
    mutant: Mutant,
    /// Steps until it is killed.
    left: Cell<usize>,
    /// A store that a mutant keeps back.
    late: Cell<Option<(usize, u64)>>,
    /// Where rings' bytes begin.
    ring: usize,
}

impl Life {
    /// A process that lives on; the ring's bytes begin at `ring`.
    pub fn new(words: &Arc<Words>, ring: usize, mutant: Mutant) -> Self {
        Self { words: Arc::clone(words), mutant, left: Cell::new(usize::MAX), late: Cell::new(None), ring }
    }

    /// It is killed before the step after so many.
    #[must_use]
    pub fn killed_after(self, steps: usize) -> Self {
        self.left.set(steps);
        self
    }

    /// Whether it was killed: then nothing that it does is done.
    pub fn is_dead(&self) -> bool {
        self.left.get() == 0
    }

    /// One step. `false`: it is dead.
    fn lives(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    fn order(&self, order: Std) -> Ordering {
        match (self.mutant, order) {
            (Mutant::Relaxed, Std::Release) | (Mutant::Unacquired, Std::Acquire) | (_, Std::Relaxed) => Relaxed,
            (_, Std::Release) => Release,
            (_, Std::Acquire) => Acquire,
            (_, Std::AcqRel) => AcqRel,
            _ => SeqCst,
        }
    }

    /// Whether the mutant leaves this store out, or keeps it back.
    fn is_spoilt(&self, at: usize, value: u64, order: Std) -> bool {
        let terminator = value == 0 && at >= self.ring;
        let start = value != 0 && at == self.ring && order == Std::Relaxed;
        match self.mutant {
            Mutant::NoTerminator => terminator,
            Mutant::LateTerminator if terminator => self.keep_back(at, value),
            Mutant::LateStart if start => self.keep_back(at, value),
            _ => false,
        }
    }

    fn keep_back(&self, at: usize, value: u64) -> bool {
        self.late.set(Some((at, value)));
        true
    }
}

impl Memory for Life {
    fn load(&self, at: usize, order: Std) -> u64 {
        if !self.lives() {
            return 0;
        }
        let value = self.words.word(at).load(self.order(order));
        if self.mutant == Mutant::Behind && at == 0 && order == Std::Relaxed { value - 1 } else { value }
    }

    fn store(&self, at: usize, value: u64, order: Std) {
        if !self.lives() || self.is_spoilt(at, value, order) {
            return;
        }
        let ahead = if self.mutant == Mutant::Ahead && at == RELEASED { LINE } else { 0 };
        self.words.word(at).store(value + ahead, self.order(order));
        let late = if order == Std::Release { self.late.take() } else { None };
        if let Some((at, value)) = late {
            self.words.word(at).store(value, Relaxed);
        }
    }

    fn exchange(&self, at: usize, from: u64, to: u64) -> bool {
        if !self.lives() {
            return true; // so that no loop goes on for ever
        }
        if self.mutant == Mutant::BlindExchange {
            self.words.word(at).store(to, SeqCst);
            return true;
        }
        self.words.word(at).compare_exchange(from, to, SeqCst, SeqCst).is_ok()
    }

    fn set_bits(&self, at: usize, bits: u64) -> u64 {
        if self.lives() { self.words.word(at).fetch_or(bits, SeqCst) } else { 0 }
    }

    fn clear_bits(&self, at: usize, bits: u64) -> u64 {
        if self.lives() { self.words.word(at).fetch_and(!bits, SeqCst) } else { 0 }
    }

    fn read(&self, at: usize, into: &mut [u8]) {
        for (index, word) in into.chunks_mut(8).enumerate() {
            let value = self.load(at + 8 * index, Std::Relaxed).to_le_bytes();
            word.copy_from_slice(&value[..word.len()]);
        }
    }

    fn write(&self, at: usize, from: &[u8]) {
        for (index, word) in from.chunks(8).enumerate() {
            let mut value = [0; 8];
            value[..word.len()].copy_from_slice(word);
            self.store(at + 8 * index, u64::from_le_bytes(value), Std::Relaxed);
        }
    }

    fn fence(&self, order: Std) {
        match (self.mutant, order) {
            (Mutant::Relaxed, Std::Release) | (Mutant::Unacquired, Std::Acquire) | (Mutant::Unfenced, Std::SeqCst) => {}
            _ => fence(self.order(order)),
        }
    }

    fn light(&self) {
        if self.mutant != Mutant::Unfenced {
            fence(SeqCst);
        }
    }

    fn heavy(&self) -> bool {
        self.light();
        true
    }
}

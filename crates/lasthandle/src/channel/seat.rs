//! The words by which an end says who has it, whether that one sleeps, and whether it has gone.
//!
//! # Protocol
//! 1. Who takes an end (under the section's lock) counts the **generation**, then writes its **token**, then makes
//!    **waiting** the generation without a flag. Whoever is killed on the way has left a token to be buried, or none.
//! 2. Leaving, and burying a dead holder, are one exchange of the token for 0: each happens once. Then waiting gets the
//!    flag `GONE`, by an exchange too, which fails if somebody has taken the end meanwhile. Whoever did the one and was
//!    killed, or stopped, before the other harms nobody: who finds no token does the other.
//! 3. **Filling** is the generation of who is writing a message; whoever sets that to 0 counts it as lost, if its writer
//!    is dead.
//! 4. Who is about to sleep sets `SLEEPS`, runs the heavy fence and looks once more; who has something for it runs the
//!    light fence and looks at the flag. One of them sees the other.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

use super::layout::EndAt;
use super::memory::Memory;

/// The end sleeps, or is about to.
pub(crate) const SLEEPS: u64 = 1;
/// Who had the end has gone.
const GONE: u64 = 2;
/// More exchanges than this only a hostile peer makes fail.
const TRIES: u32 = 1000;
/// The generation is what remains without the flags.
const FLAGS: u32 = 2;

/// Where the words of an end lie.
#[derive(Debug, Clone, Copy)]
pub struct Seat {
    /// Which process has it; 0: nobody.
    pub token: usize,
    /// How often it was taken.
    pub generation: usize,
    /// The generation of who is writing a message; 0: nobody.
    pub filling: usize,
    /// Messages that the dead were writing here.
    pub lost: usize,
    /// Flags, and the generation of whom they concern.
    pub waiting: usize,
}

impl From<EndAt> for Seat {
    fn from(at: EndAt) -> Self {
        let EndAt { token, generation, filling, lost, waiting, .. } = at;
        Self { token, generation, filling, lost, waiting }
    }
}

impl Seat {
    /// Takes it, which nobody has; under the section's lock. The generation.
    pub fn enter(&self, memory: &impl Memory, token: u64) -> u64 {
        self.count_lost(memory, memory.load(self.filling, Acquire)); // who buried its writer did not come to it
        let generation = (memory.load(self.generation, Relaxed).wrapping_add(1)) & (u64::MAX >> FLAGS);
        let generation = generation.max(1);
        memory.store(self.generation, generation, Relaxed);
        memory.store(self.token, token, SeqCst);
        change(memory, self.waiting, |_| generation << FLAGS);
        generation
    }

    /// Leaves it. `false`: it was somebody else's already.
    pub fn leave(&self, memory: &impl Memory, token: u64) -> bool {
        memory.store(self.filling, 0, Release);
        let mine = memory.exchange(self.token, token, 0);
        if mine {
            self.note_gone(memory);
        }
        mine
    }

    /// The process of that token is dead.
    pub fn bury(&self, memory: &impl Memory, token: u64) {
        let filling = memory.load(self.filling, Acquire);
        if memory.exchange(self.token, token, 0) {
            self.count_lost(memory, filling);
            self.note_gone(memory);
        }
    }

    /// Nobody has it: so everybody is to know. Of somebody who has come meanwhile nothing is said.
    pub fn note_gone(&self, memory: &impl Memory) {
        for _ in 0..TRIES {
            let waiting = memory.load(self.waiting, SeqCst);
            if waiting & GONE != 0 || memory.load(self.token, SeqCst) != 0 {
                return;
            }
            if memory.exchange(self.waiting, waiting, waiting | GONE) {
                return;
            }
        }
    }

    fn count_lost(&self, memory: &impl Memory, filling: u64) {
        if filling != 0 && memory.exchange(self.filling, filling, 0) {
            change(memory, self.lost, |lost| lost.wrapping_add(1));
        }
    }

    /// Its holder is about to sleep. `false`: wake-ups may be missed.
    pub fn arm(&self, memory: &impl Memory) -> bool {
        memory.set_bits(self.waiting, SLEEPS);
        memory.heavy()
    }

    /// It does not sleep any more.
    pub fn disarm(&self, memory: &impl Memory) {
        memory.clear_bits(self.waiting, SLEEPS);
    }

    /// After a store that its holder may sleep for: whether it is to be woken.
    #[inline]
    pub fn is_to_be_woken(&self, memory: &impl Memory) -> bool {
        memory.light();
        memory.load(self.waiting, Relaxed) & SLEEPS != 0 && self.claim_wake(memory)
    }

    /// Of several who would wake it one does.
    #[cold]
    fn claim_wake(&self, memory: &impl Memory) -> bool {
        memory.clear_bits(self.waiting, SLEEPS) & SLEEPS != 0
    }

    /// Whether its holder left, or is known to be dead.
    #[inline]
    pub fn has_gone(&self, memory: &impl Memory) -> bool {
        memory.load(self.waiting, Relaxed) & GONE != 0
    }
}

fn change(memory: &impl Memory, at: usize, to: impl Fn(u64) -> u64) {
    for _ in 0..TRIES {
        let old = memory.load(at, Relaxed);
        if memory.exchange(at, old, to(old)) {
            return;
        }
    }
}

/// Where a sender says which cursor it sleeps for; 0: it does not.
#[derive(Debug, Clone, Copy)]
pub struct Wanted(pub usize);

impl Wanted {
    /// It is about to sleep until the receiver's cursor is there: [`Seat::arm`] follows.
    pub fn ask(self, memory: &impl Memory, cursor: u64) {
        memory.store(self.0, cursor, SeqCst);
    }

    /// It does not sleep any more.
    pub fn withdraw(self, memory: &impl Memory) {
        memory.store(self.0, 0, Relaxed);
    }

    /// After the receiver's cursor was stored: whether the sender is to be woken. No question of [`SLEEPS`]: so a
    /// receiver looks at one line only, which is seldom written.
    #[inline]
    pub fn is_reached(self, memory: &impl Memory, cursor: u64) -> bool {
        memory.light();
        let wanted = memory.load(self.0, Relaxed);
        wanted != 0 && cursor >= wanted && self.claim_wake(memory, wanted)
    }

    /// The same of a sender that has several receivers: of them only who just went there, from `before`, wakes it.
    #[inline]
    pub fn is_passed(self, memory: &impl Memory, before: u64, cursor: u64) -> bool {
        memory.light();
        let wanted = memory.load(self.0, Relaxed);
        before < wanted && cursor >= wanted && self.claim_wake(memory, wanted)
    }

    #[cold]
    fn claim_wake(self, memory: &impl Memory, wanted: u64) -> bool {
        memory.exchange(self.0, wanted, 0)
    }
}

/// A word with a bit for each end that may sleep, so that who wakes them need not look at all of them. A bit is set before
/// its end is [armed](Seat::arm). Whoever sees it goes to that end, and looks whether it sleeps.
#[derive(Debug, Clone, Copy)]
pub struct Roll(pub usize);

impl Roll {
    /// The end of that index is about to sleep: [`Seat::arm`] follows.
    pub fn add(self, memory: &impl Memory, index: u32) {
        memory.set_bits(self.0, 1 << index);
    }

    /// It does not sleep any more.
    pub fn remove(self, memory: &impl Memory, index: u32) {
        memory.clear_bits(self.0, 1 << index);
    }

    /// After a store that they may sleep for: the bits of those to look at. What a hostile peer sets may be nobody's.
    #[inline]
    pub fn take(self, memory: &impl Memory) -> u64 {
        memory.light();
        if memory.load(self.0, Relaxed) == 0 { 0 } else { self.take_all(memory) }
    }

    #[cold]
    fn take_all(self, memory: &impl Memory) -> u64 {
        memory.clear_bits(self.0, u64::MAX)
    }
}

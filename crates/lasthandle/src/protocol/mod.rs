//! What threads do to the words of sync objects: signal, take, wait for any, wait for all. No operating system here.
//!
//! Every access to shared memory and every call of the kernel goes through [`Machine`]. The Linux engine is one
//! machine (atomics and futexes); the checker is another (`crates/wait-check`), in which each access is one step of a
//! search through all schedules, and any thread may be killed before any step. What is checked is what runs.
//!
//! # Words
//! Each object has three, in its record:
//! * **state** — what signalled means, see [`words`]; sleepers sleep on its low half.
//! * **claim** — a lock, as the owner's [`Id`]: who has it may take part in a wait-all. Sleepers sleep on its low half.
//! * **sleepers** — how many may sleep on the state (mutexes have a bit for that instead). A killed sleeper leaves it
//!   too high: that costs a call, never a wake-up.
//!
//! # Invariants
//! 1. `CLAIMED` in a state ⇒ the object is signalled, and only the holder of its claim may consume it, withdraw the
//!    signal or drop the bit; except that a *manual* object may be set, and taken, under a claim.
//! 2. The claim **is the lock**: take it first (from nobody, or from a dead id), then set `CLAIMED`; drop the bit, then
//!    give the claim back. Who takes a claim from the dead does so before it touches the state.
//! 3. Nobody sleeps on a state with an expected value that counts as signalled.
//! 4. A wake-up taken from a state is used on that object, or the object was seen unsignalled afterwards, or it is
//!    passed on.
//! 5. A thread has at most one claim, but in a wait-all, which takes them in the machine's order of objects.
//! 6. A dead owner's id stays in a mutex under a claim: undoing restores nothing, so *abandoned* can neither be lost nor
//!    be told twice.
//! 7. A timer's period is read to consume it, and written, by the holder of its claim only: a period and a due time
//!    that do not belong together are never used together. So is the count of how often it was armed or cancelled.
//! 8. Whoever answers that time is up, or that it was alerted, has looked once more after it was.
//! 9. A mutex' count means something under `AGAIN` only, which its owner sets and drops; who becomes the owner has none.
//! 10. A wait that can be alerted sleeps on its alert too, wherever it sleeps; but for a moment in which it has seen it
//!     raised, and waits for a claim to resolve so that it can look once more.
//!
//! What most operations come to is done at once, in a function that melts into its caller; the rest stays outside.
//!
//! Why it is so, and what stays different from Windows: `docs/design/waiting.md`.
#![allow(clippy::inline_always)] // a call costs as much as the rest: `docs/design/costs.md`

mod all;
mod any;
mod claim;
pub mod mutant;
mod signal;
mod stuck;
mod take;
pub mod words;

pub use all::wait_all;
pub use any::wait_any;
pub use signal::{arm, cancel, pulse, release_mutex, release_semaphore, reset, set};
pub use take::take_at_once;
pub use words::{Form, Id};

use std::cmp::Ordering;

/// Which word of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Word {
    /// What signalled means.
    State,
    /// The claim lock.
    Claim,
}

/// What an update makes of a word.
#[derive(Debug, Clone, Copy)]
pub enum Change<R> {
    /// Write this (also when it is the same value: an ordering is asked for), and say `R`.
    To(u64, R),
    /// Write nothing, and say `R`.
    Keep(R),
}

/// A place to sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sleep<X> {
    /// On the low half of a word, while it has that value.
    On(X, Word, u64),
    /// On the life of the thread that this id names, in this object's world, while it lives.
    Life(X, Id),
    /// On this wait's alert, while it is not raised. The last place, if it is one.
    Alert,
}

/// How a sleep ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slept {
    /// By a wake-up.
    Woken,
    /// A word had changed before, or a signal handler ran, or the slice was over.
    Look,
}

/// Whom to wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queue<X> {
    /// Who sleeps on this word.
    Word(X, Word),
    /// Who sleeps on the life of that thread.
    Life(X, Id),
}

/// Why an operation did not come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Halt {
    /// Only in the checker: this step was the last for now.
    Stopped,
    /// Of a signal: somebody living kept the claim for longer than such a thing takes. (A wait goes on.) Of any
    /// operation: the claim is this very thread's, interrupted by a signal handler that uses the same object.
    Busy(Id),
    /// This thread cannot be given an id.
    NoLife,
    /// A wait for all names an object twice.
    Twice,
}

/// The result of a step.
pub type Step<T> = Result<T, Halt>;

/// Memory, kernel and clock, as the protocol sees them. `Ok` but in the checker.
///
/// Orderings: `update` of a state or claim is sequentially consistent when it writes; `load` acquires; `sleepers` and
/// `add_sleeper` are sequentially consistent. So of *signal, then look at sleepers* and *count oneself, then look at
/// the state* at least one sees the other.
pub trait Machine {
    /// A handle for one object; equal handles are the same object.
    type Object: Copy + Eq;

    /// What kind of words it has.
    fn form(&self, x: Self::Object) -> Form;

    /// The order in which claims are taken: the same in all processes.
    fn order(&self, a: Self::Object, b: Self::Object) -> Ordering;

    /// The id of this thread in the object's world.
    fn me(&self, x: Self::Object) -> Step<Id>;

    /// Whether the thread that `id` names has ended. Death is final.
    fn is_dead(&self, x: Self::Object, id: Id) -> bool;

    /// Whether this wait can be ended by an alert. It is not the object's: no other process knows of it.
    #[inline]
    fn is_alertable(&self) -> bool {
        false
    }

    /// Whether its alert is raised.
    #[inline]
    fn is_alerted(&self) -> bool {
        false
    }

    /// Nanoseconds of the clock that deadlines and timers are given in; `wall`: of the wall clock.
    fn now(&self, wall: bool) -> u64;

    /// Reads a word.
    fn load(&self, x: Self::Object, word: Word) -> Step<u64>;

    /// Changes a word in one step: `change` may be called several times, its last answer counts.
    fn update<R>(&self, x: Self::Object, word: Word, change: impl FnMut(u64) -> Change<R>) -> Step<R>;

    /// The same for a word that is probably `guess`: a machine may try that value before it reads the word.
    fn update_from<R>(&self, x: Self::Object, word: Word, guess: u64, change: impl FnMut(u64) -> Change<R>) -> Step<R> {
        let _ = guess;
        self.update(x, word, change)
    }

    /// Counts sleepers up or down.
    fn add_sleeper(&self, x: Self::Object, up: bool) -> Step<()>;

    /// How many may sleep on the state.
    fn sleepers(&self, x: Self::Object) -> Step<u32>;

    /// How often the owner of a mutex has taken it again; only its owner uses it, and only under [`words::AGAIN`]. How
    /// often a timer was armed or cancelled; only the holder of its claim uses it.
    fn count(&self, x: Self::Object) -> Step<u32>;

    /// Sets it.
    fn set_count(&self, x: Self::Object, count: u32) -> Step<()>;

    /// A timer's period in nanoseconds; 0: none.
    fn period(&self, x: Self::Object) -> Step<u64>;

    /// Sets it.
    fn set_period(&self, x: Self::Object, period: u64) -> Step<()>;

    /// How long a wait bears with a claim that stands in its way, in nanoseconds; the checker has none.
    fn patience(&self, usual: u64) -> u64 {
        usual
    }

    /// Looks for a while whether `ready`; `false`: it was not.
    fn spin(&self, ready: impl FnMut() -> bool) -> bool {
        let _ = ready;
        false
    }

    /// Sleeps on all places at once, until woken, until `until`, or for a slice of time.
    fn sleep(&self, on: &[Sleep<Self::Object>], until: Option<u64>) -> Step<Slept>;

    /// Wakes up to `count` sleepers; how many it were.
    fn wake(&self, queue: Queue<Self::Object>, count: u32) -> Step<u32>;
}

/// Every sleeper.
const ALL: u32 = i32::MAX as u32;

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Waited {
    /// By the object of this index (of a wait-all: 0). `abandoned`: it, or one of all, is a mutex whose owner ended
    /// without releasing it; it is this thread's now.
    Signaled {
        /// Which object.
        index: usize,
        /// See above.
        abandoned: bool,
    },
    /// The time was up.
    TimedOut,
    /// Its alert was raised.
    Alerted,
}

/// How long a wait lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Look once, never sleep.
    Now,
    /// Until the clock shows this.
    Until(u64),
    /// For ever.
    Never,
}

impl Limit {
    fn deadline(self) -> Option<u64> {
        match self {
            Self::Until(time) => Some(time),
            Self::Now | Self::Never => None,
        }
    }

    /// How a wait ends if no object is signalled now; none: it goes on.
    fn end(self, machine: &impl Machine) -> Option<Waited> {
        if machine.is_alerted() {
            return Some(Waited::Alerted);
        }
        self.is_over(machine).then_some(Waited::TimedOut)
    }

    fn is_over(self, machine: &impl Machine) -> bool {
        match self {
            Self::Now => true,
            Self::Until(time) => machine.now(false) >= time,
            Self::Never => false,
        }
    }
}

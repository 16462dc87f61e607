//! State words: what their bits mean, and the pure transitions on them. Exhaustively tested for small states.
//!
//! ```text
//! event      63 … 4    2         1        0
//!            EPOCH     CLAIMED   TICKET   SIGNALED
//!
//! semaphore  63 … 32   31        30 … 0
//!            0         CLAIMED   count
//!
//! mutex      63 … 16             15 … 3   2      1        0
//!            nonce of the owner  page     AGAIN  CLAIMED  WAITERS (nonce and page: the owner's id; 0: free)
//!
//! timer      63        62        61 … 0
//!            CLAIMED   WALL      due, in nanoseconds; 0: not armed
//! ```
//!
//! | event | SIGNALED | TICKET | meaning |
//! |---|---|---|---|
//! | auto, manual | 1 | 0 | signalled |
//! | auto | 0 | 1 | was signalled and reset: one of those who slept meanwhile may still go |
//! | manual | 0 | 0 | who slept since an older EPOCH may go |

use super::mutant::{Hole, is_open};
use crate::kind::Kind;

/// What kind of words an object has, and what never changes of it. Copied out of the record when it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// An event; `manual`: stays signalled until reset.
    Event {
        /// See above.
        manual: bool,
    },
    /// A semaphore with this maximum.
    Semaphore {
        /// At most `i32::MAX`.
        maximum: u32,
    },
    /// A mutex.
    Mutex,
    /// A timer; `manual`: stays signalled until armed anew.
    Timer {
        /// See above.
        manual: bool,
    },
}

/// Names a thread in one world of objects: 48 random bits for its process' life file, 13 for its page there. Never
/// given to another thread. 0: nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Id(u64);

/// Somebody sleeps on the word: in a mutex' state and in a claim.
pub const WAITERS: u64 = 1;
const MUTEX_CLAIMED: u64 = 2;
/// Its owner has taken a mutex more than once: the count says how often. Without it the count says nothing.
pub const AGAIN: u64 = 4;
const SIGNALED: u64 = 1;
const TICKET: u64 = 2;
const EPOCH: u64 = 1 << 4;
const EPOCH_MASK: u64 = !(EPOCH - 1);
const EVENT_CLAIMED: u64 = 4;
const SEMAPHORE_CLAIMED: u64 = 1 << 31;
const COUNT_MASK: u64 = SEMAPHORE_CLAIMED - 1;
const TIMER_CLAIMED: u64 = 1 << 63;
const WALL: u64 = 1 << 62;
const DUE_MASK: u64 = WALL - 1;

impl Id {
    /// Nobody.
    pub const NOBODY: Self = Self(0);
    /// Pages of a life file.
    pub const PAGES: u32 = 1 << 13;

    /// The id of the thread that has `page` in the life file of `nonce`.
    pub fn new(nonce: u64, page: u32) -> Self {
        Self(nonce << 16 | u64::from(page) << 3)
    }

    /// The life file's nonce: 48 bits.
    pub fn nonce(self) -> u64 {
        self.0 >> 16
    }

    /// The page in it.
    pub fn page(self) -> u32 {
        u32::try_from(self.0 >> 3 & u64::from(Self::PAGES - 1)).expect("13 bits")
    }

    /// Whose id a mutex' state or a claim holds.
    #[inline]
    pub fn in_word(word: u64) -> Self {
        Self(word & !(WAITERS | MUTEX_CLAIMED | AGAIN))
    }

    /// The word that holds it, without flags.
    #[inline]
    pub fn word(self) -> u64 {
        self.0
    }
}

impl Form {
    /// The kind of object.
    #[inline]
    pub fn kind(self) -> Kind {
        match self {
            Self::Event { .. } => Kind::Event,
            Self::Semaphore { .. } => Kind::Semaphore,
            Self::Mutex => Kind::Mutex,
            Self::Timer { .. } => Kind::Timer,
        }
    }

    /// The bit that says that somebody's wait-all has claimed the object.
    #[inline]
    pub fn claimed_bit(self) -> u64 {
        match self {
            Self::Event { .. } => EVENT_CLAIMED,
            Self::Semaphore { .. } => SEMAPHORE_CLAIMED,
            Self::Mutex => MUTEX_CLAIMED,
            Self::Timer { .. } => TIMER_CLAIMED,
        }
    }

    /// Whether a wait-all has claimed it.
    #[inline]
    pub fn is_claimed(self, state: u64) -> bool {
        state & self.claimed_bit() != 0
    }

    /// Whether taking it leaves it signalled.
    #[inline]
    pub fn is_manual(self) -> bool {
        matches!(self, Self::Event { manual: true } | Self::Timer { manual: true })
    }

    /// The word of a fresh object. Event: `initial` ≠ 0 is signalled; semaphore: the count; mutex: the owner's id.
    pub fn initial(self, initial: u64) -> u64 {
        match self {
            Self::Event { .. } => u64::from(initial != 0),
            Self::Semaphore { .. } => initial & COUNT_MASK,
            Self::Mutex => Id::in_word(initial).0,
            Self::Timer { .. } => 0,
        }
    }

    /// Whether it is signalled, but for a mutex, whose owner decides.
    #[inline]
    pub fn is_signaled(self, state: u64, now: impl FnOnce(bool) -> u64) -> bool {
        match self {
            Self::Event { .. } => state & SIGNALED != 0,
            Self::Semaphore { .. } => state & COUNT_MASK != 0,
            Self::Mutex => Id::in_word(state) == Id::NOBODY,
            Self::Timer { .. } => due(state).is_some_and(|(time, wall)| now(wall) >= time),
        }
    }

    /// Whether a waiter that first saw the event unsignalled at `since` may go, though it is not signalled now: it was
    /// meanwhile.
    pub fn was_signaled(self, state: u64, since: Option<u64>) -> bool {
        let Some(since) = since.filter(|_| !is_open(Hole::NoEpochs)) else { return false };
        match self {
            Self::Event { manual } => epoch(state) != since && (manual || state & TICKET != 0),
            _ => false,
        }
    }

    /// Whether it is worth a try to take the object at once.
    #[inline]
    pub fn may_be_taken_at_once(self, state: u64) -> bool {
        if self == Self::Mutex { state == 0 } else { self.taken_at_once(state).is_some() }
    }

    /// The state after a waiter took the object, if it is signalled and nothing is in the way: most often all there is
    /// to a wait. None tells nothing.
    #[inline]
    pub fn taken_at_once(self, state: u64) -> Option<u64> {
        match self {
            Self::Event { manual: true } => (state & SIGNALED != 0).then_some(state),
            Self::Event { manual: false } => {
                (state & (SIGNALED | EVENT_CLAIMED) == SIGNALED).then_some(state & !SIGNALED)
            }
            Self::Semaphore { .. } => (1..=COUNT_MASK).contains(&state).then(|| state - 1),
            Self::Mutex | Self::Timer { .. } => None,
        }
    }

    /// The state after a waiter took the object; `period` of a timer, at `now` of its clock. Not for mutexes.
    #[inline]
    pub fn consume(self, state: u64, period: u64, now: u64) -> u64 {
        match self {
            Self::Event { manual: true } | Self::Timer { manual: true } | Self::Mutex => state,
            Self::Event { manual: false } if state & SIGNALED != 0 => state & !SIGNALED,
            Self::Event { manual: false } => state & !TICKET,
            Self::Semaphore { .. } => state.saturating_sub(1),
            Self::Timer { manual: false } => next_due(state, period, now),
        }
    }
}

/// The epoch of an event: how often it has been set or pulsed.
pub fn epoch(state: u64) -> u64 {
    state & EPOCH_MASK
}

/// Whether an event has a ticket for one of those who slept before it was reset.
pub fn has_ticket(state: u64) -> bool {
    state & TICKET != 0
}

#[inline]
fn next_epoch(state: u64) -> u64 {
    state.wrapping_add(EPOCH)
}

/// An event after a set; and whether that raised it.
#[inline]
pub fn after_set(state: u64) -> (u64, bool) {
    if state & SIGNALED != 0 { (state, false) } else { ((next_epoch(state) | SIGNALED) & !TICKET, true) }
}

/// The same, and in few steps, if no ticket or claim is in the way. None tells nothing.
#[inline]
pub fn set_at_once(state: u64) -> Option<(u64, bool)> {
    match state & (SIGNALED | TICKET | EVENT_CLAIMED) {
        0 => Some((state.wrapping_add(EPOCH | SIGNALED), true)),
        SIGNALED => Some((state, false)),
        _ => None,
    }
}

/// An event after a reset.
#[inline]
pub fn after_reset(state: u64, manual: bool) -> u64 {
    if state & SIGNALED == 0 {
        return state;
    }
    (state & !SIGNALED) | if manual { 0 } else { TICKET }
}

/// An event after a pulse.
pub fn after_pulse(state: u64, manual: bool) -> u64 {
    let counted = if state & SIGNALED == 0 { next_epoch(state) } else { state };
    (counted & !SIGNALED) | if manual { 0 } else { TICKET }
}

/// A semaphore after a release, and its count before; none if that would be more than its maximum.
#[inline]
pub fn after_release(state: u64, count: u32, maximum: u32) -> Option<(u64, u32)> {
    let before = u32::try_from(state & COUNT_MASK).expect("31 bits");
    let after = before.checked_add(count).filter(|&after| after <= maximum)?;
    Some(((state & !COUNT_MASK) | u64::from(after), before))
}

/// The same, in few steps, if no claim is in the way. None tells nothing.
#[inline]
pub fn released_at_once(state: u64, count: u32, maximum: u32) -> Option<(u64, u32)> {
    // A claim would make it more than any maximum.
    let after = state.checked_add(u64::from(count)).filter(|&after| after <= u64::from(maximum))?;
    Some((after, u32::try_from(state).ok()?))
}

/// A semaphore's count.
pub fn semaphore_count(state: u64) -> u32 {
    u32::try_from(state & COUNT_MASK).expect("31 bits")
}

/// The state of a timer that is due at `time`. 0 is never a due time.
pub fn armed(time: u64, wall: bool) -> u64 {
    time.clamp(1, DUE_MASK) | if wall { WALL } else { 0 }
}

/// When a timer is due, and whether by the wall clock; none if it is not armed.
pub fn due(state: u64) -> Option<(u64, bool)> {
    let time = state & DUE_MASK;
    (time != 0).then_some((time, state & WALL != 0))
}

/// An auto timer after a wait took it: due again a whole number of periods later, or not at all.
fn next_due(state: u64, period: u64, now: u64) -> u64 {
    let (Some((time, wall)), true) = (due(state), period > 0) else { return state & TIMER_CLAIMED };
    let missed = now.saturating_sub(time) / period;
    let next = missed.saturating_add(1).saturating_mul(period).saturating_add(time);
    (state & TIMER_CLAIMED) | armed(next, wall)
}

#[cfg(test)]
mod tests;

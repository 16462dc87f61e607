//! Holes that can be opened, to see that the checker finds each. Without the feature `mutants` none is compiled in.

/// A rule that is left out. Why each is a rule: `docs/design/waiting.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hole {
    /// A waiter that was woken and took something else passes nothing on.
    PassOnNothing,
    /// It passes on the highest index only, as `futex_waitv` reports it.
    PassOnHighest,
    /// A wait for any queues twice on an object that is named twice, and passes on *other* objects only.
    Duplicates,
    /// Who leaves an owned mutex does not mark that others may sleep on it.
    LeaveUnmarked,
    /// Who slept on a mutex takes it without that mark.
    TakeUnmarked,
    /// A wait-all claims a mutex by owning it.
    ClaimByOwning,
    /// Set, reset and release do not wait for a claim.
    SignalPastClaim,
    /// A claimed word counts as unsignalled: one may sleep on it.
    SleepOnClaimed,
    /// A wait for any takes what it finds, without a second look at the lower ones.
    NoSecondLook,
    /// The same, but only of a mutex that became free while this thread prepared to sleep on it.
    NoSecondLookOfMutex,
    /// No epochs and tickets.
    NoEpochs,
    /// Slices end for those who sleep on the state of an event, semaphore or timer only. (The checker's machine.)
    SliceOnStateOnly,
    /// No look after time is up.
    NoLastLook,
    /// Who meets a claim concludes that the object is unsignalled.
    TryFailsOnClaim,
    /// A release of many wakes one.
    ReleaseWakesOne,
    /// A signal looks at the sleepers before it writes the state.
    SleepersFirst,
    /// Claims are taken in the order of the arguments.
    ArgumentOrder,
    /// A wait-all that was woken and goes on elsewhere passes nothing on.
    AllKeepsWakeUp,
    /// Arming a timer wakes nobody.
    ArmWakesNobody,
    /// A timer's period is read and written without its claim.
    PeriodWithoutClaim,
    /// A commit reads the clock for each of its timers.
    ClocksReadApart,
    /// Who was woken by a death, or takes a mutex from the dead, does not wake the others that sleep on that life.
    DeathNotPassedOn,
    /// Who takes a mutex from the dead has taken it as often as they had.
    CountOfTheDead,
    /// A wait looks whether it was alerted before it sleeps, and does not sleep on that.
    SleepPastAlert,
}

#[cfg(feature = "mutants")]
impl Hole {
    /// Every one.
    pub const ALL: [Self; 24] = [
        Self::PassOnNothing,
        Self::PassOnHighest,
        Self::Duplicates,
        Self::LeaveUnmarked,
        Self::TakeUnmarked,
        Self::ClaimByOwning,
        Self::SignalPastClaim,
        Self::SleepOnClaimed,
        Self::NoSecondLook,
        Self::NoSecondLookOfMutex,
        Self::NoEpochs,
        Self::SliceOnStateOnly,
        Self::NoLastLook,
        Self::TryFailsOnClaim,
        Self::ReleaseWakesOne,
        Self::SleepersFirst,
        Self::ArgumentOrder,
        Self::AllKeepsWakeUp,
        Self::ArmWakesNobody,
        Self::PeriodWithoutClaim,
        Self::ClocksReadApart,
        Self::DeathNotPassedOn,
        Self::CountOfTheDead,
        Self::SleepPastAlert,
    ];
}

#[cfg(feature = "mutants")]
thread_local! {
    static OPEN: std::cell::Cell<Option<Hole>> = const { std::cell::Cell::new(None) };
}

/// Opens a hole for what this thread runs from now on, or closes it.
#[cfg(feature = "mutants")]
pub fn open(hole: Option<Hole>) {
    OPEN.set(hole);
}

/// Whether it is open.
#[cfg(feature = "mutants")]
#[inline]
pub fn is_open(hole: Hole) -> bool {
    OPEN.get() == Some(hole)
}

/// Whether it is open: never.
#[cfg(not(feature = "mutants"))]
#[inline(always)]
#[allow(clippy::inline_always)] // or the question would stay in the code
pub const fn is_open(_hole: Hole) -> bool {
    false
}

//! The claim lock of an object: taken by its id, taken back from the dead.

use arrayvec::ArrayVec;

use super::any::alert_of;
use super::mutant::{Hole, is_open};
use super::words::{Id, WAITERS};
use super::{ALL, Change, Halt, Limit, Machine, Queue, Sleep, Slept, Step, Word};

/// How long somebody waits for a claim that a living thread keeps. A claim takes a microsecond; on a busy machine its
/// holder may not run for many milliseconds; stopped, it may never go on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Patience {
    /// Of a signal, which must be done or fail: a second.
    Signal,
    /// Of a wait that can do without the object for now: a quarter of a second; and not at all for this claimant,
    /// which is known to be stuck.
    Wait(Option<Id>),
    /// Of a wait that can do nothing else: as long as it may last, but a quarter of a second at least.
    Limit(Limit),
}

const SIGNAL: u64 = 1_000_000_000;
const WAIT: u64 = 250_000_000;

impl Patience {
    fn end<M: Machine>(self, m: &M) -> Option<u64> {
        let after = |patience| m.now(false).saturating_add(m.patience(patience));
        match self {
            Self::Signal => Some(m.now(false).saturating_add(SIGNAL)),
            Self::Wait(_) => Some(after(WAIT)),
            Self::Limit(Limit::Never) => None,
            Self::Limit(limit) => Some(after(WAIT).max(limit.deadline().unwrap_or(0))),
        }
    }

    fn ends_with(self, holder: Id) -> bool {
        matches!(self, Self::Wait(Some(stuck)) if stuck == holder)
    }
}

enum Try {
    Mine,
    /// The one before is dead.
    Recovered(Id),
    Held(u64),
}

/// Takes the claim of `x`. [`Halt::Busy`] if a living thread keeps it for longer than that, or it is this very thread's.
#[inline]
pub(super) fn lock<M: Machine>(m: &M, x: M::Object, patience: Patience) -> Step<()> {
    let me = m.me(x)?;
    if lock_free_word(m, x, Word::Claim, me)? { Ok(()) } else { lock_slowly(m, x, me, patience) }
}

/// Puts this thread's id into a word that holds nothing; `false`: it does.
#[inline(always)]
pub(super) fn lock_free_word<M: Machine>(m: &M, x: M::Object, word: Word, me: Id) -> Step<bool> {
    let nobody = Id::NOBODY.word();
    m.update_from(
        x,
        word,
        nobody,
        |value| {
            if value == nobody { Change::To(me.word(), true) } else { Change::Keep(false) }
        },
    )
}

#[cold]
fn lock_slowly<M: Machine>(m: &M, x: M::Object, me: Id, patience: Patience) -> Step<()> {
    let mut slept = 0;
    let (mut until, mut hurries) = (None, false);
    loop {
        let tried = m.update(x, Word::Claim, |word| {
            let holder = Id::in_word(word);
            let mine = me.word() | (word & WAITERS) | slept;
            match holder {
                Id::NOBODY => Change::To(mine, Try::Mine),
                dead if m.is_dead(x, dead) => Change::To(mine, Try::Recovered(dead)),
                _ => Change::To(word | WAITERS, Try::Held(word | WAITERS)),
            }
        })?;
        let held = match tried {
            Try::Mine => return Ok(()),
            Try::Recovered(dead) => return recover(m, x, dead),
            Try::Held(word) => word,
        };
        let holder = Id::in_word(held);
        let until = until.get_or_insert_with(|| patience.end(m));
        if !hurries && m.is_alerted() {
            // There is something else to do: it bears with that claimant as if it had other objects to look at.
            hurries = true;
            let soon = Patience::Wait(None).end(m);
            *until = until.map_or(soon, |until| soon.map(|soon| soon.min(until)));
        }
        let until = *until;
        if holder == me || patience.ends_with(holder) || until.is_some_and(|until| m.now(false) >= until) {
            return Err(Halt::Busy(holder));
        }
        let places = [Sleep::On(x, Word::Claim, held), Sleep::Life(x, holder)].into_iter();
        let places: ArrayVec<_, 3> = places.chain(alert_of(m).filter(|_| !hurries)).collect();
        let woken = m.sleep(&places, until)?;
        if woken == Slept::Woken {
            slept = WAITERS;
            pass_on_death(m, x, holder)?;
        }
    }
}

/// The claim was a dead thread's and is ours now (invariant 2): drop the bit it may have left, and let those who
/// sleep on its life look.
fn recover<M: Machine>(m: &M, x: M::Object, dead: Id) -> Step<()> {
    let bit = m.form(x).claimed_bit();
    m.update(x, Word::State, |state| Change::To(state & !bit, ()))?;
    m.wake(Queue::Life(x, dead), ALL)?;
    Ok(())
}

/// Gives the claim back.
pub(super) fn unlock<M: Machine>(m: &M, x: M::Object) -> Step<()> {
    let claim = m.me(x)?.word();
    unlock_word(m, x, Word::Claim, claim)
}

/// Frees a word that holds this thread's id, probably as `guess`, and wakes one who sleeps on it. The bit for sleepers
/// stays in the free word until nobody is found asleep: who takes it meanwhile inherits it.
#[inline(always)]
pub(super) fn unlock_word<M: Machine>(m: &M, x: M::Object, word: Word, guess: u64) -> Step<()> {
    let before = m.update_from(x, word, guess, |value| Change::To(value & WAITERS, value))?;
    if before & WAITERS == 0 { Ok(()) } else { wake_waiter(m, x, word) }
}

/// Of a word whose bit said that somebody sleeps.
#[cold]
pub(super) fn wake_waiter<M: Machine>(m: &M, x: M::Object, word: Word) -> Step<()> {
    if m.wake(Queue::Word(x, word), 1)? == 0 {
        m.update(x, word, |value| if value == WAITERS { Change::To(0, ()) } else { Change::Keep(()) })?;
    }
    Ok(())
}

/// The kernel wakes one sleeper of a dead thread's life: that one wakes the others.
pub(super) fn pass_on_death<M: Machine>(m: &M, x: M::Object, id: Id) -> Step<()> {
    if m.is_dead(x, id) && !is_open(Hole::DeathNotPassedOn) {
        m.wake(Queue::Life(x, id), ALL)?;
    }
    Ok(())
}

/// Does `change` to the state of `x`. If it says `None`, a claim is in the way: wait for it to resolve, and do it as
/// its holder, with the claim bit gone.
#[inline(always)]
pub(super) fn past_claims<M: Machine, R>(
    m: &M,
    x: M::Object,
    patience: Patience,
    change: impl Fn(u64) -> Change<Option<R>> + Copy,
) -> Step<R> {
    match m.update(x, Word::State, change)? {
        Some(done) => Ok(done),
        None => as_claimant(m, x, patience, change),
    }
}

#[cold]
fn as_claimant<M: Machine, R>(
    m: &M,
    x: M::Object,
    patience: Patience,
    change: impl Fn(u64) -> Change<Option<R>>,
) -> Step<R> {
    lock(m, x, patience)?;
    let done = change_claimed(m, x, change)?;
    unlock(m, x)?;
    Ok(done.expect("no claim is in the way of its holder"))
}

/// Does `change` to the state of `x` as the holder of its claim, with the claim bit gone.
pub(super) fn change_claimed<M: Machine, R>(m: &M, x: M::Object, mut change: impl FnMut(u64) -> Change<R>) -> Step<R> {
    let bit = m.form(x).claimed_bit();
    m.update(x, Word::State, |state| match change(state & !bit) {
        // The bit must go in any case (invariant 2: we hold the claim, so it names nobody).
        Change::Keep(said) if state & bit != 0 => Change::To(state & !bit, said),
        other => other,
    })
}

/// Takes the claim of a timer, for its period (invariant 7), which it returns.
pub(super) fn lock_period<M: Machine>(m: &M, x: M::Object, patience: Patience) -> Step<u64> {
    if !is_open(Hole::PeriodWithoutClaim) {
        lock(m, x, patience)?;
    }
    m.period(x)
}

/// Gives it back.
pub(super) fn unlock_period<M: Machine>(m: &M, x: M::Object) -> Step<()> {
    if is_open(Hole::PeriodWithoutClaim) { Ok(()) } else { unlock(m, x) }
}

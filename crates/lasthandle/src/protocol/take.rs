//! Looking at one object, taking it, leaving it.

use super::claim::{self, Patience, past_claims};
use super::mutant::{Hole, is_open};
use super::words::{self, AGAIN, Form, Id, WAITERS};
use super::{ALL, Change, Machine, Queue, Step, Word};

/// What a try to take an object came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Take {
    Taken {
        abandoned: bool,
    },
    /// Unsignalled; the state that a sleeper expects.
    Not(u64),
}

/// What one waiter remembers about one object from round to round.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Memory {
    /// It slept on it, and was woken: whoever takes a word with sleepers keeps the bit for them.
    pub(super) slept: bool,
    /// An event's epoch when this wait first saw it unsignalled.
    pub(super) since: Option<u64>,
}

impl Memory {
    /// The object was seen unsignalled.
    pub(super) fn unsignaled(&mut self, form: Form, state: u64) {
        if matches!(form, Form::Event { .. }) {
            self.since.get_or_insert(words::epoch(state));
        }
    }
}

/// Whether the object is signalled for this waiter. Claimed counts: a claimed object is signalled until it is taken.
#[inline(always)]
pub(super) fn is_signaled<M: Machine>(m: &M, x: M::Object, state: u64, memory: Memory) -> bool {
    let form = m.form(x);
    if is_open(Hole::SleepOnClaimed) && form.is_claimed(state) {
        return false;
    }
    match form {
        Form::Mutex => is_takeable(m, x, state),
        _ => form.is_signaled(state, |wall| m.now(wall)) || form.was_signaled(state, memory.since),
    }
}

/// Whether a mutex is free, left by the dead, or this thread's own.
fn is_takeable<M: Machine>(m: &M, x: M::Object, state: u64) -> bool {
    let owner = Id::in_word(state);
    owner == Id::NOBODY || m.me(x) == Ok(owner) || m.is_dead(x, owner)
}

/// Takes the object if it is signalled and nothing is in the way: what most waits for one object come to. `false`: it
/// takes more, [`wait_any`](super::wait_any).
#[inline(always)]
pub fn take_at_once<M: Machine>(m: &M, x: M::Object) -> Step<bool> {
    let form = m.form(x);
    match form {
        Form::Mutex => claim::lock_free_word(m, x, Word::State, m.me(x)?),
        _ => m.update(x, Word::State, |state| match form.taken_at_once(state) {
            None => Change::Keep(false),
            Some(_) if form.is_manual() => Change::Keep(true),
            Some(taken) => Change::To(taken, true),
        }),
    }
}

/// Takes the object if it is signalled. [`Halt::Busy`](super::Halt::Busy): nobody can tell, a living thread has claimed
/// it and does not go on. `prepare`: if it is a mutex and is not, mark that somebody will sleep on it.
pub(super) fn take<M: Machine>(m: &M, x: M::Object, memory: Memory, prepare: bool, patience: Patience) -> Step<Take> {
    match m.form(x) {
        Form::Mutex => take_mutex(m, x, memory, prepare, patience),
        form => take_other(m, x, form, memory, patience),
    }
}

fn take_other<M: Machine>(m: &M, x: M::Object, form: Form, memory: Memory, patience: Patience) -> Step<Take> {
    if form == (Form::Timer { manual: false }) {
        return take_timer(m, x, form, patience);
    }
    past_claims(m, x, patience, |state| {
        if !is_signaled(m, x, state, memory) {
            return Change::Keep(Some(Take::Not(state)));
        }
        if form.is_manual() {
            return Change::Keep(Some(Take::Taken { abandoned: false }));
        }
        if form.is_claimed(state) {
            return Change::Keep(if is_open(Hole::TryFailsOnClaim) { Some(Take::Not(state)) } else { None });
        }
        Change::To(form.consume(state, 0, 0), Some(Take::Taken { abandoned: false }))
    })
}

/// An auto timer, whose period is read under its claim (invariant 7).
fn take_timer<M: Machine>(m: &M, x: M::Object, form: Form, patience: Patience) -> Step<Take> {
    let state = m.load(x, Word::State)?;
    if !is_signaled(m, x, state, Memory::default()) {
        return Ok(Take::Not(state));
    }
    let period = claim::lock_period(m, x, patience)?;
    let taken = claim::change_claimed(m, x, |state| {
        let now = words::due(state).map_or(0, |(_, wall)| m.now(wall));
        if form.is_signaled(state, |_| now) {
            Change::To(form.consume(state, period, now), Take::Taken { abandoned: false })
        } else {
            Change::Keep(Take::Not(state))
        }
    })?;
    claim::unlock_period(m, x)?;
    Ok(taken)
}

enum Got {
    /// It is this thread's already. `first`: for the first time again.
    Again {
        first: bool,
    },
    Free,
    /// From this dead owner.
    Abandoned(Id),
    Not(u64),
}

fn take_mutex<M: Machine>(m: &M, x: M::Object, memory: Memory, prepare: bool, patience: Patience) -> Step<Take> {
    let me = m.me(x)?;
    let slept = if memory.slept && !is_open(Hole::TakeUnmarked) { WAITERS } else { 0 };
    let got = past_claims(m, x, patience, |state| {
        let owner = Id::in_word(state);
        let mine = me.word() | (state & kept_by_new_owner()) | slept;
        if owner == me {
            return Change::To(state | AGAIN, Some(Got::Again { first: state & AGAIN == 0 }));
        }
        if owner != Id::NOBODY && !m.is_dead(x, owner) {
            let seen = if prepare { state | WAITERS } else { state };
            return if seen == state {
                Change::Keep(Some(Got::Not(state)))
            } else {
                Change::To(seen, Some(Got::Not(seen)))
            };
        }
        if Form::Mutex.is_claimed(state) {
            return Change::Keep(None);
        }
        Change::To(mine, Some(if owner == Id::NOBODY { Got::Free } else { Got::Abandoned(owner) }))
    })?;
    match got {
        Got::Not(state) => return Ok(Take::Not(state)),
        Got::Again { first } => count_again(m, x, first)?,
        Got::Free | Got::Abandoned(_) => {}
    }
    if let (&Got::Abandoned(dead), false) = (&got, is_open(Hole::DeathNotPassedOn)) {
        m.wake(Queue::Life(x, dead), ALL)?;
    }
    Ok(Take::Taken { abandoned: matches!(got, Got::Abandoned(_)) })
}

/// What stays in a mutex' state when it gets another owner. Not [`AGAIN`] (invariant 9).
pub(super) fn kept_by_new_owner() -> u64 {
    if is_open(Hole::CountOfTheDead) { WAITERS | AGAIN } else { WAITERS }
}

/// Its owner has just taken a mutex again, and set [`AGAIN`].
pub(super) fn count_again<M: Machine>(m: &M, x: M::Object, first: bool) -> Step<()> {
    let before = if first { 0 } else { m.count(x)? };
    m.set_count(x, before.saturating_add(1))
}

/// Marks a mutex that somebody will sleep on it: its state then. None: it can be taken.
pub(super) fn prepare_mutex<M: Machine>(m: &M, x: M::Object) -> Step<Option<u64>> {
    m.update(x, Word::State, |state| {
        if is_signaled(m, x, state, Memory::default()) {
            return Change::Keep(None);
        }
        Change::To(state | WAITERS, Some(state | WAITERS))
    })
}

/// This thread was woken and may have been meant to take `x`, and did not: let somebody else have it (invariant 4).
pub(super) fn leave<M: Machine>(m: &M, x: M::Object) -> Step<()> {
    match m.form(x) {
        Form::Event { manual: true } | Form::Timer { .. } => Ok(()),
        Form::Mutex => leave_mutex(m, x),
        form => {
            let state = m.load(x, Word::State)?;
            if form.is_signaled(state, |wall| m.now(wall)) {
                m.wake(Queue::Word(x, Word::State), 1)?;
            } else if matches!(form, Form::Event { .. }) && words::has_ticket(state) {
                m.wake(Queue::Word(x, Word::State), ALL)?;
            }
            Ok(())
        }
    }
}

fn leave_mutex<M: Machine>(m: &M, x: M::Object) -> Step<()> {
    let me = m.me(x)?;
    let owner = m.update(x, Word::State, |state| {
        let owner = Id::in_word(state);
        if owner == me || owner == Id::NOBODY || m.is_dead(x, owner) || is_open(Hole::LeaveUnmarked) {
            return Change::Keep(owner);
        }
        // Somebody may sleep on it of whom the word does not know any more.
        Change::To(state | WAITERS, owner)
    })?;
    if owner == me {
        return Ok(());
    }
    if owner == Id::NOBODY {
        m.wake(Queue::Word(x, Word::State), 1)?;
    } else if m.is_dead(x, owner) {
        m.wake(Queue::Word(x, Word::State), 1)?;
        m.wake(Queue::Life(x, owner), ALL)?;
    }
    Ok(())
}

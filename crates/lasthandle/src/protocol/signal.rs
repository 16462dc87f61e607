//! Signals: what raises an object or withdraws it, and whom that wakes.
//!
//! The state is written first and the sleepers are looked at afterwards; a sleeper counts itself first and looks at
//! the state afterwards. So one of the two sees the other.

use super::claim::{Patience, change_claimed, lock_period, past_claims, unlock_period, unlock_word, wake_waiter};
use super::mutant::{Hole, is_open};
use super::words::{self, AGAIN, Form, Id, WAITERS};
use super::{ALL, Change, Machine, Queue, Step, Word};

/// Sets an event.
#[inline(always)]
pub fn set<M: Machine>(m: &M, x: M::Object) -> Step<()> {
    let nobody_slept = is_open(Hole::SleepersFirst) && m.sleepers(x)? == 0;
    // The same value is written too: what this thread wrote before must be seen by who takes the signal.
    let raised = m.update(x, Word::State, |state| match words::set_at_once(state) {
        Some((after, raised)) => Change::To(after, Some(raised)),
        None => Change::Keep(None),
    })?;
    let raised = match raised {
        Some(raised) => raised,
        None => set_past_claims(m, x)?,
    };
    if !raised || nobody_slept || m.sleepers(x)? == 0 {
        return Ok(());
    }
    wake(m, x, if m.form(x).is_manual() { ALL } else { 1 })
}

#[cold]
fn set_past_claims<M: Machine>(m: &M, x: M::Object) -> Step<bool> {
    let form = m.form(x);
    past_claims(m, x, Patience::Signal, |state| {
        if form.is_claimed(state) && !form.is_manual() && !is_open(Hole::SignalPastClaim) {
            return Change::Keep(None);
        }
        let (after, raised) = words::after_set(state);
        Change::To(after, Some(raised))
    })
}

/// Resets an event.
pub fn reset<M: Machine>(m: &M, x: M::Object) -> Step<()> {
    let form = m.form(x);
    past_claims(m, x, Patience::Signal, |state| {
        if form.is_claimed(state) && !is_open(Hole::SignalPastClaim) {
            return Change::Keep(None);
        }
        Change::To(words::after_reset(state, form.is_manual()), Some(()))
    })
}

/// Lets those go who wait for the event now, one of them if it is an auto one, and leaves it unsignalled.
pub fn pulse<M: Machine>(m: &M, x: M::Object) -> Step<()> {
    let form = m.form(x);
    past_claims(m, x, Patience::Signal, |state| {
        if form.is_claimed(state) {
            return Change::Keep(None);
        }
        Change::To(words::after_pulse(state, form.is_manual()), Some(()))
    })?;
    wake_sleepers(m, x, ALL)
}

/// Adds to a semaphore's count; the count before, or none if that would be more than its maximum.
#[inline(always)]
pub fn release_semaphore<M: Machine>(m: &M, x: M::Object, count: u32) -> Step<Option<u32>> {
    let Form::Semaphore { maximum } = m.form(x) else { return Ok(None) };
    let before = m.update(x, Word::State, |state| match words::released_at_once(state, count, maximum) {
        Some((after, before)) => Change::To(after, Some(before)),
        None => Change::Keep(None),
    })?;
    let before = match before {
        Some(before) => before,
        None => match release_past_claims(m, x, count, maximum)? {
            Some(before) => before,
            None => return Ok(None),
        },
    };
    if m.sleepers(x)? != 0 {
        wake(m, x, if is_open(Hole::ReleaseWakesOne) { 1 } else { count })?;
    }
    Ok(Some(before))
}

#[cold]
fn release_past_claims<M: Machine>(m: &M, x: M::Object, count: u32, maximum: u32) -> Step<Option<u32>> {
    let form = m.form(x);
    past_claims(m, x, Patience::Signal, |state| {
        if form.is_claimed(state) && !is_open(Hole::SignalPastClaim) {
            return Change::Keep(None);
        }
        match words::after_release(state, count, maximum) {
            Some((after, before)) => Change::To(after, Some(Some(before))),
            None => Change::Keep(Some(None)),
        }
    })
}

/// Releases a mutex once; `false` if this thread does not own it.
#[inline(always)]
pub fn release_mutex<M: Machine>(m: &M, x: M::Object) -> Step<bool> {
    let me = m.me(x)?.word();
    let released = m.update_from(x, Word::State, me, |state| {
        if state & !WAITERS == me { Change::To(state & WAITERS, Some(state)) } else { Change::Keep(None) }
    })?;
    match released {
        Some(before) if before & WAITERS == 0 => Ok(true),
        Some(_) => wake_waiter(m, x, Word::State).map(|()| true),
        None => release_again(m, x),
    }
}

/// Of a mutex that was taken more than once, or is somebody else's.
#[cold]
fn release_again<M: Machine>(m: &M, x: M::Object) -> Step<bool> {
    let state = m.load(x, Word::State)?;
    if Id::in_word(state) != m.me(x)? {
        return Ok(false);
    }
    if state & AGAIN == 0 {
        // With the bit of a claim, which only who breaks the rules puts there.
        return unlock_word(m, x, Word::State, state).map(|()| true);
    }
    match m.count(x)? {
        0 | 1 => m.update(x, Word::State, |state| Change::To(state & !AGAIN, ()))?,
        again => m.set_count(x, again - 1)?,
    }
    Ok(true)
}

/// Arms a timer: due at `time` of its clock, and again every `period` nanoseconds if that is not 0. It is unsignalled
/// until then. How often it was armed or cancelled by now, modulo 2³².
pub fn arm<M: Machine>(m: &M, x: M::Object, time: u64, wall: bool, period: u64) -> Step<u32> {
    lock_period(m, x, Patience::Signal)?;
    let armings = count_arming(m, x)?;
    m.set_period(x, period)?;
    change_claimed(m, x, |_| Change::To(words::armed(time, wall), ()))?;
    unlock_period(m, x)?;
    // They sleep until the old due time.
    if !is_open(Hole::ArmWakesNobody) {
        wake_sleepers(m, x, ALL)?;
    }
    Ok(armings)
}

/// Under the claim, as the period (invariant 7).
fn count_arming<M: Machine>(m: &M, x: M::Object) -> Step<u32> {
    let armings = m.count(x)?.wrapping_add(1);
    m.set_count(x, armings)?;
    Ok(armings)
}

/// Stops a timer. Its state stays: one that is due stays due, once.
pub fn cancel<M: Machine>(m: &M, x: M::Object) -> Step<()> {
    let form = m.form(x);
    lock_period(m, x, Patience::Signal)?;
    count_arming(m, x)?;
    change_claimed(m, x, |state| {
        let is_due = form.is_signaled(state, |wall| m.now(wall));
        if is_due { Change::Keep(()) } else { Change::To(0, ()) }
    })?;
    // The period last: killed before it, this has cancelled a timer that was not due, or nothing.
    m.set_period(x, 0)?;
    unlock_period(m, x)
}

fn wake_sleepers<M: Machine>(m: &M, x: M::Object, count: u32) -> Step<()> {
    if m.sleepers(x)? != 0 { wake(m, x, count) } else { Ok(()) }
}

#[cold]
fn wake<M: Machine>(m: &M, x: M::Object, count: u32) -> Step<()> {
    m.wake(Queue::Word(x, Word::State), count).map(drop)
}

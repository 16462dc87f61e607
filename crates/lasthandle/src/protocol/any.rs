//! Waiting for one object, or for any of several: the lowest signalled one is taken, and nothing else.

use arrayvec::ArrayVec;

use super::all::in_order;
use super::claim::pass_on_death;
use super::mutant::{Hole, is_open};
use super::stuck::{self, Stuck};
use super::take::{Memory, Take, is_signaled, leave, prepare_mutex, take, take_at_once};
use super::words::{Form, Id};
use super::{Limit, Machine, Sleep, Slept, Step, Waited, Word};
use crate::sys::MAXIMUM_WAIT_OBJECTS;

/// Takes the first signalled object of `objects`, in their order; sleeps until there is one, or until `limit`.
/// The same object twice counts once.
pub fn wait_any<M: Machine>(m: &M, objects: &[M::Object], limit: Limit) -> Step<Waited> {
    // One look that prepares nothing: a signalled object, or a wait that does not sleep, needs no more.
    let mut stuck = Stuck::new(limit, objects.len());
    match look_once(m, objects, &mut [], &mut stuck)? {
        Some(waited) => Ok(waited),
        None if limit == Limit::Now && !m.is_alerted() => Ok(Waited::TimedOut),
        None if limit == Limit::Now => {
            // It may have been raised after an object was signalled, and that after the look.
            Ok(look_once(m, objects, &mut [], &mut stuck)?.unwrap_or(Waited::Alerted))
        }
        None => spin_and_sleep(m, objects, limit, &mut stuck),
    }
}

fn spin_and_sleep<M: Machine>(
    m: &M,
    objects: &[M::Object],
    limit: Limit,
    stuck: &mut Stuck<M::Object>,
) -> Step<Waited> {
    let signaled = |&x: &M::Object| {
        m.load(x, Word::State).is_ok_and(|state| !stuck.has(x) && is_signaled(m, x, state, Memory::default()))
    };
    if let [one] = *objects {
        // A swap that fails would take the cache line from who is about to change it: read it first.
        let look = || m.load(one, Word::State).is_ok_and(|state| m.form(one).may_be_taken_at_once(state));
        if m.spin(|| look() && take_at_once(m, one) == Ok(true)) {
            return Ok(Waited::Signaled { index: 0, abandoned: false });
        }
    } else if m.spin(|| objects.iter().any(signaled)) {
        if let Some(waited) = look_once(m, objects, &mut [], stuck)? {
            return Ok(waited);
        }
    }
    // Seldom is one named twice, and to see that it is not costs little.
    if in_order(m, objects).is_ok() {
        return sleep_for_any(m, objects, limit, stuck);
    }
    let mut unique = ArrayVec::<_, MAXIMUM_WAIT_OBJECTS>::new();
    for &x in objects {
        // A thread queued twice on one word would swallow two wake-ups.
        if !unique.contains(&x) || is_open(Hole::Duplicates) {
            unique.push(x);
        }
    }
    let waited = sleep_for_any(m, &unique, limit, stuck)?;
    Ok(match waited {
        Waited::Signaled { index, abandoned } => {
            let first = objects.iter().position(|&x| x == unique[index]).expect("from there");
            Waited::Signaled { index: first, abandoned }
        }
        Waited::TimedOut | Waited::Alerted => waited,
    })
}

fn sleep_for_any<M: Machine>(m: &M, objects: &[M::Object], limit: Limit, stuck: &mut Stuck<M::Object>) -> Step<Waited> {
    let mut woken = false;
    count_sleeper(m, objects, true)?;
    let waited = sleep_until_taken(m, objects, limit, stuck, &mut woken);
    count_sleeper(m, objects, false)?;
    if woken {
        // Also when it ends without an answer: the wake-up is somebody else's.
        leave_others(m, objects, waited)?;
    }
    waited
}

/// A mutex has two: its word, and its owner's life. One more is the alert.
type Places<M> = ArrayVec<Sleep<<M as Machine>::Object>, { 2 * MAXIMUM_WAIT_OBJECTS + 1 }>;

fn sleep_until_taken<M: Machine>(
    m: &M,
    objects: &[M::Object],
    limit: Limit,
    stuck: &mut Stuck<M::Object>,
    woken: &mut bool,
) -> Step<Waited> {
    let mut memories: ArrayVec<_, MAXIMUM_WAIT_OBJECTS> = objects.iter().map(|_| Memory::default()).collect();
    let mut places = Places::<M>::new();
    loop {
        places.clear();
        match look(m, objects, &mut memories, stuck, Some(&mut places))? {
            Looked::Took(waited) => return Ok(waited),
            Looked::Again => continue,
            Looked::Nothing => {}
        }
        if let Some(end) = limit.end(m) {
            if is_open(Hole::NoLastLook) {
                return Ok(end);
            }
            // Time was up between a signal and its wake-up, or while this thread did not run: one last look. Likewise
            // an alert that was raised after a signal.
            return Ok(look_once(m, objects, &mut memories, stuck)?.unwrap_or(end));
        }
        let decided = objects.iter().copied().filter(|&x| !stuck.has(x));
        let until = wake_time(m, decided, limit)?;
        places.extend(alert_of(m));
        *woken = m.sleep(&places, until)? == Slept::Woken;
        if *woken {
            for memory in &mut memories {
                memory.slept = true;
            }
            pass_on_deaths(m, &places)?;
        }
    }
}

/// Where a wait that can be alerted sleeps, too (invariant 10).
pub(super) fn alert_of<M: Machine>(m: &M) -> Option<Sleep<M::Object>> {
    (m.is_alertable() && !is_open(Hole::SleepPastAlert)).then_some(Sleep::Alert)
}

fn pass_on_deaths<M: Machine>(m: &M, places: &[Sleep<M::Object>]) -> Step<()> {
    for place in places {
        if let Sleep::Life(x, id) = *place {
            pass_on_death(m, x, id)?;
        }
    }
    Ok(())
}

/// A wake-up may have been any object's, and more than one may have woken this thread before it ran.
fn leave_others<M: Machine>(m: &M, objects: &[M::Object], waited: Step<Waited>) -> Step<()> {
    let taken = match waited {
        Ok(Waited::Signaled { index, .. }) => Some(index),
        Ok(Waited::TimedOut | Waited::Alerted) | Err(_) => None,
    };
    let highest = (0..objects.len()).rev().find(|&index| Some(index) != taken);
    for (index, &x) in objects.iter().enumerate() {
        let is_same = taken.is_some_and(|taken| objects[taken] == x);
        if is_open(Hole::PassOnNothing)
            || (is_open(Hole::PassOnHighest) && Some(index) != highest)
            || (is_open(Hole::Duplicates) && is_same)
        {
            continue;
        }
        if Some(index) != taken {
            leave(m, x)?;
        }
    }
    Ok(())
}

/// Mutexes have a bit for that.
fn count_sleeper<M: Machine>(m: &M, objects: &[M::Object], up: bool) -> Step<()> {
    for &x in objects {
        if m.form(x) != Form::Mutex {
            m.add_sleeper(x, up)?;
        }
    }
    Ok(())
}

/// When to look again by oneself: at the limit, or when the first timer is due.
pub(super) fn wake_time<M: Machine>(
    m: &M,
    objects: impl Iterator<Item = M::Object>,
    limit: Limit,
) -> Step<Option<u64>> {
    let mut earliest = limit.deadline();
    for x in objects {
        if let Form::Timer { .. } = m.form(x) {
            if let Some((time, wall)) = super::words::due(m.load(x, Word::State)?) {
                let at = if wall { on_own_clock(m, time) } else { time };
                earliest = Some(earliest.map_or(at, |earliest| earliest.min(at)));
            }
        }
    }
    Ok(earliest)
}

/// Of the wall clock only what is left counts; a step of that clock shows at the next slice. Its own clock is read
/// first: what passes between the two makes the sleep too short, not too long.
fn on_own_clock<M: Machine>(m: &M, wall_time: u64) -> u64 {
    let now = m.now(false);
    now.saturating_add(wall_time.saturating_sub(m.now(true)))
}

enum Looked {
    Took(Waited),
    /// Something changed that asks for another look from the start.
    Again,
    /// All are unsignalled.
    Nothing,
}

fn look_once<M: Machine>(
    m: &M,
    objects: &[M::Object],
    memories: &mut [Memory],
    stuck: &mut Stuck<M::Object>,
) -> Step<Option<Waited>> {
    loop {
        match look(m, objects, memories, stuck, None)? {
            Looked::Took(waited) => return Ok(Some(waited)),
            Looked::Nothing => return Ok(None),
            Looked::Again => {}
        }
    }
}

/// One look at all objects in order. With `places`: prepare to sleep on those that are unsignalled.
#[inline]
fn look<M: Machine>(
    m: &M,
    objects: &[M::Object],
    memories: &mut [Memory],
    stuck: &mut Stuck<M::Object>,
    mut places: Option<&mut Places<M>>,
) -> Step<Looked> {
    for (index, &x) in objects.iter().enumerate() {
        let memory = memories.get(index).copied().unwrap_or_default();
        let is_prepared_mutex = places.is_some() && m.form(x) == Form::Mutex;
        if index > 0 {
            let state = m.load(x, Word::State)?;
            if is_signaled(m, x, state, memory) {
                // A lower one may have been signalled before this one was: the lowest goes first.
                if !is_open(Hole::NoSecondLook) && lower_is_signaled(m, &objects[..index], memories, stuck)? {
                    return Ok(Looked::Again);
                }
            } else if !is_prepared_mutex {
                unsignaled(m, x, state, memories.get_mut(index), &mut places);
                continue;
            } else if !is_open(Hole::NoSecondLookOfMutex) {
                // Free by now: then a lower one may have been signalled before.
                let Some(state) = prepare_mutex(m, x)? else { return Ok(Looked::Again) };
                unsignaled(m, x, state, memories.get_mut(index), &mut places);
                continue;
            }
        }
        match take(m, x, memory, is_prepared_mutex, stuck.patience(x)) {
            Ok(Take::Taken { abandoned }) => return Ok(Looked::Took(Waited::Signaled { index, abandoned })),
            Ok(Take::Not(state)) => {
                stuck.forget(x);
                unsignaled(m, x, state, memories.get_mut(index), &mut places);
            }
            Err(halt) => {
                let holder = stuck::holder(m, x, halt)?;
                stuck.remember(x, holder);
                // Not on its claim: who is woken there must take it. That it goes on is seen at the next slice.
                if let Some(places) = &mut places {
                    places.push(Sleep::Life(x, holder));
                }
            }
        }
    }
    Ok(Looked::Nothing)
}

fn unsignaled<M: Machine>(
    m: &M,
    x: M::Object,
    state: u64,
    memory: Option<&mut Memory>,
    places: &mut Option<&mut Places<M>>,
) {
    let form = m.form(x);
    if let Some(memory) = memory {
        memory.unsignaled(form, state);
    }
    if let Some(places) = places {
        places.push(Sleep::On(x, Word::State, state));
        if form == Form::Mutex {
            places.push(Sleep::Life(x, Id::in_word(state)));
        }
    }
}

/// One whose claim is stuck is not: nobody can tell.
fn lower_is_signaled<M: Machine>(
    m: &M,
    lower: &[M::Object],
    memories: &[Memory],
    stuck: &Stuck<M::Object>,
) -> Step<bool> {
    for (index, &x) in lower.iter().enumerate() {
        if stuck.has(x) {
            continue;
        }
        let memory = memories.get(index).copied().unwrap_or_default();
        if is_signaled(m, x, m.load(x, Word::State)?, memory) {
            return Ok(true);
        }
    }
    Ok(false)
}

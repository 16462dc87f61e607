//! Waiting for all of several objects: all are taken at one instant, or none.
//!
//! Sleep on one unsignalled object only. When all look signalled, claim each, in the machine's order; the **last claim
//! is the instant** at which all are taken. Then commit, or undo. A claimed object stays signalled and nobody else
//! consumes it; every operation that meets a claim waits for it to resolve before it concludes anything.

use arrayvec::ArrayVec;

use super::any::{alert_of, wake_time};
use super::claim::{self, Patience, pass_on_death};
use super::mutant::{Hole, is_open};
use super::stuck;
use super::take::{Memory, count_again, is_signaled, kept_by_new_owner, leave, prepare_mutex};
use super::words::{self, AGAIN, Form, Id, WAITERS};
use super::{ALL, Change, Halt, Limit, Machine, Queue, Sleep, Slept, Step, Waited, Word};
use crate::sys::MAXIMUM_WAIT_OBJECTS;

/// Takes all objects at one instant, or none. They must be different ones.
pub fn wait_all<M: Machine>(m: &M, objects: &[M::Object], limit: Limit) -> Step<Waited> {
    let order = in_order(m, objects)?;
    let mut wait = All { m, objects, order, limit, slept: 0, woken_on: None, passed: None, stuck: None };
    // How it ends, unless all are signalled now.
    let mut end = if limit == Limit::Now { limit.end(m) } else { None };
    loop {
        let unsignaled = wait.first_unsignaled()?;
        if unsignaled.is_none() {
            match wait.claim_all() {
                Ok(Some(abandoned)) => return Ok(Waited::Signaled { index: 0, abandoned }),
                Ok(None) => {}
                Err(halt) => {
                    wait.pass_on(None)?;
                    return Err(halt);
                }
            }
        }
        if let Some(end) = end {
            wait.pass_on(None)?;
            return Ok(end);
        }
        // Time was up between a signal and its wake-up, or while this thread did not run: one last look (invariant 8).
        end = limit.end(m);
        if let (Some(end), true) = (end, is_open(Hole::NoLastLook)) {
            return Ok(end);
        }
        if let Some(index) = unsignaled.filter(|_| end.is_none()) {
            wait.pass_on(Some(index))?;
            wait.sleep_on(index)?;
        } else if let Some((index, _)) = wait.stuck.filter(|_| end.is_none()) {
            wait.pass_on(None)?;
            wait.wait_for_claim(index)?;
        }
    }
}

/// The indexes of the objects, in the order in which they are claimed. [`Halt::Twice`] if one is there twice.
pub(super) fn in_order<M: Machine>(m: &M, objects: &[M::Object]) -> Step<Indexes> {
    let mut order: Indexes = (0..objects.len()).collect();
    if !is_open(Hole::ArgumentOrder) {
        order.sort_unstable_by(|&a, &b| m.order(objects[a], objects[b]));
    }
    let is_twice = order.windows(2).any(|pair| objects[pair[0]] == objects[pair[1]]);
    if is_twice { Err(Halt::Twice) } else { Ok(order) }
}

/// Of the objects of a wait.
pub(super) type Indexes = ArrayVec<usize, MAXIMUM_WAIT_OBJECTS>;

struct All<'a, M: Machine> {
    m: &'a M,
    objects: &'a [M::Object],
    order: Indexes,
    limit: Limit,
    /// Which were slept on, a bit each: whoever takes a mutex that it slept on keeps the bit for other sleepers.
    slept: u64,
    /// The object that the last wake-up came from, if nobody was told of it yet.
    woken_on: Option<usize>,
    /// The event and epoch for which a ticket has been passed on.
    passed: Option<(usize, u64)>,
    /// The object whose claim a living thread has kept for longer than such a thing takes, and that thread.
    stuck: Option<(usize, Id)>,
}

impl<M: Machine> All<'_, M> {
    /// The first object that is unsignalled. Claimed counts as signalled.
    fn first_unsignaled(&self) -> Step<Option<usize>> {
        for (index, &x) in self.objects.iter().enumerate() {
            let state = self.m.load(x, Word::State)?;
            // Tickets and old epochs do not count for a wait-all.
            if !is_signaled(self.m, x, state, Memory::default()) {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    /// A wake-up that this wait cannot use now is somebody else's (invariant 4). `next`: what it goes on to sleep on.
    fn pass_on(&mut self, next: Option<usize>) -> Step<()> {
        let Some(from) = self.woken_on else { return Ok(()) };
        let x = self.objects[from];
        if next != Some(from) {
            self.woken_on = None;
            return if is_open(Hole::AllKeepsWakeUp) { Ok(()) } else { leave(self.m, x) };
        }
        if self.m.form(x) == (Form::Event { manual: false }) {
            // The event was set and reset. Its ticket is for those who wait for it alone; once an epoch is enough.
            let state = self.m.load(x, Word::State)?;
            let epoch = (from, words::epoch(state));
            if words::has_ticket(state) && self.passed != Some(epoch) {
                self.passed = Some(epoch);
                self.m.wake(Queue::Word(x, Word::State), ALL)?;
            }
        }
        Ok(())
    }

    fn sleep_on(&mut self, index: usize) -> Step<()> {
        let x = self.objects[index];
        if self.m.form(x) == Form::Mutex {
            return self.sleep_on_mutex(index);
        }
        self.m.add_sleeper(x, true)?;
        let state = self.m.load(x, Word::State)?;
        let woken = if is_signaled(self.m, x, state, Memory::default()) {
            None
        } else {
            let until = wake_time(self.m, [x].into_iter(), self.limit)?;
            Some(self.sleep(&[Sleep::On(x, Word::State, state)], until)?)
        };
        self.m.add_sleeper(x, false)?;
        self.slept_on(index, woken);
        Ok(())
    }

    fn sleep_on_mutex(&mut self, index: usize) -> Step<()> {
        let (m, x) = (self.m, self.objects[index]);
        let Some(state) = prepare_mutex(m, x)? else { return Ok(()) };
        let owner = Id::in_word(state);
        let woken = self.sleep(&[Sleep::On(x, Word::State, state), Sleep::Life(x, owner)], self.limit.deadline())?;
        if woken == Slept::Woken {
            pass_on_death(m, x, owner)?;
        }
        self.slept_on(index, Some(woken));
        Ok(())
    }

    fn sleep(&self, places: &[Sleep<M::Object>], until: Option<u64>) -> Step<Slept> {
        let places: ArrayVec<_, 3> = places.iter().copied().chain(alert_of(self.m)).collect();
        self.m.sleep(&places, until)
    }

    /// `None`: it was signalled before sleep came.
    fn slept_on(&mut self, index: usize, woken: Option<Slept>) {
        match woken {
            Some(Slept::Woken) => {
                self.slept |= 1 << index;
                self.woken_on = Some(index);
            }
            Some(Slept::Look) => self.woken_on = None,
            None if self.woken_on != Some(index) => self.woken_on = None,
            None => {}
        }
    }

    /// Claims all and commits; tells whether one was abandoned. None: one is not signalled any more, all is undone.
    fn claim_all(&mut self) -> Step<Option<bool>> {
        let m = self.m;
        let mut claimed = Indexes::new();
        for at in 0..self.order.len() {
            let index = self.order[at];
            let x = self.objects[index];
            if self.is_mine(x)? {
                continue;
            }
            // A claimant that lives and does not move is no reason to keep what was claimed from others.
            let locked = self.lock(index);
            if locked != Ok(true) {
                self.undo(&claimed)?;
                return locked.map(|_| None);
            }
            if !self.set_claim_bit(x)? {
                claim::unlock(m, x)?;
                self.undo(&claimed)?;
                return Ok(None);
            }
            claimed.push(index);
        }
        self.commit(&claimed).map(Some)
    }

    /// Takes the claim of one more. `false`: its holder lives and does not go on.
    fn lock(&mut self, index: usize) -> Step<bool> {
        let known = self.stuck.filter(|stuck| stuck.0 == index).map(|stuck| stuck.1);
        self.try_lock(index, Patience::Wait(known))
    }

    /// With nothing claimed: until that claim can be had, or time is up.
    fn wait_for_claim(&mut self, index: usize) -> Step<()> {
        if self.try_lock(index, Patience::Limit(self.limit))? {
            claim::unlock(self.m, self.objects[index])
        } else {
            Ok(())
        }
    }

    fn try_lock(&mut self, index: usize, patience: Patience) -> Step<bool> {
        let (m, x) = (self.m, self.objects[index]);
        match claim::lock(m, x, patience) {
            Ok(()) => {
                self.stuck = self.stuck.filter(|stuck| stuck.0 != index);
                Ok(true)
            }
            Err(halt) => {
                self.stuck = Some((index, stuck::holder(m, x, halt)?));
                Ok(false)
            }
        }
    }

    fn is_mine(&self, x: M::Object) -> Step<bool> {
        Ok(self.m.form(x) == Form::Mutex && Id::in_word(self.m.load(x, Word::State)?) == self.m.me(x)?)
    }

    /// Under the object's claim lock. `false`: it is unsignalled.
    fn set_claim_bit(&self, x: M::Object) -> Step<bool> {
        let m = self.m;
        let bit = m.form(x).claimed_bit();
        m.update(x, Word::State, |state| {
            // Ours is the claim, so a bit that stands here is a dead claimant's.
            let clean = state & !bit;
            let signaled = is_signaled(m, x, clean, Memory::default());
            if signaled && m.form(x) == Form::Mutex && is_open(Hole::ClaimByOwning) {
                return Change::To(m.me(x).map_or(clean, Id::word) | (clean & WAITERS), signaled);
            }
            Change::To(if signaled { clean | bit } else { clean }, signaled)
        })
    }

    fn undo(&self, claimed: &[usize]) -> Step<()> {
        for &index in claimed.iter().rev() {
            let x = self.objects[index];
            let bit = self.m.form(x).claimed_bit();
            let is_owned = self.m.form(x) == Form::Mutex && is_open(Hole::ClaimByOwning);
            let kept = if is_owned { WAITERS } else { !bit };
            self.m.update(x, Word::State, |state| Change::To(state & kept, ()))?;
            claim::unlock(self.m, x)?;
        }
        Ok(())
    }

    /// Takes what is claimed. Mutexes first: should this thread be killed on the way, an abandoned one says so.
    fn commit(&mut self, claimed: &[usize]) -> Step<bool> {
        let m = self.m;
        let mut abandoned = false;
        let is_mutex = |&&index: &&usize| m.form(self.objects[index]) == Form::Mutex;
        for &index in claimed.iter().filter(is_mutex) {
            abandoned |= self.commit_mutex(index)?;
            claim::unlock(m, self.objects[index])?;
        }
        let mut clocks = Clocks::default();
        for &index in claimed.iter().filter(|index| !is_mutex(index)) {
            self.commit_other(self.objects[index], &mut clocks)?;
            claim::unlock(m, self.objects[index])?;
        }
        if claimed.len() < self.objects.len() {
            for (index, &x) in self.objects.iter().enumerate() {
                if !claimed.contains(&index) {
                    let first = m.update(x, Word::State, |state| Change::To(state | AGAIN, state & AGAIN == 0))?;
                    count_again(m, x, first)?;
                }
            }
        }
        Ok(abandoned)
    }

    fn commit_mutex(&self, index: usize) -> Step<bool> {
        let (m, x) = (self.m, self.objects[index]);
        let me = m.me(x)?;
        let slept = if self.slept >> index & 1 != 0 { WAITERS } else { 0 };
        let before = m.update(x, Word::State, |state| {
            Change::To(me.word() | (state & kept_by_new_owner()) | slept, Id::in_word(state))
        })?;
        if before == Id::NOBODY {
            return Ok(false);
        }
        m.wake(Queue::Life(x, before), ALL)?;
        Ok(true)
    }

    fn commit_other(&self, x: M::Object, clocks: &mut Clocks) -> Step<()> {
        let (m, form) = (self.m, self.m.form(x));
        let period = if matches!(form, Form::Timer { manual: false }) { m.period(x)? } else { 0 };
        m.update(x, Word::State, |state| {
            let clean = state & !form.claimed_bit();
            let now = words::due(clean).filter(|_| period > 0).map_or(0, |(_, wall)| clocks.now(m, wall));
            Change::To(form.consume(clean, period, now), ())
        })
    }
}

/// The instant of a commit: each clock is read once, so that two timers do not count different periods as missed.
#[derive(Default)]
struct Clocks([Option<u64>; 2]);

impl Clocks {
    fn now<M: Machine>(&mut self, m: &M, wall: bool) -> u64 {
        let clock = &mut self.0[usize::from(wall)];
        if is_open(Hole::ClocksReadApart) {
            *clock = None;
        }
        *clock.get_or_insert_with(|| m.now(wall))
    }
}

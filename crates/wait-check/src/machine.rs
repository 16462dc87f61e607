//! The machine of the model: an operation is run again from its start, over what it has seen so far, and then does one
//! access more.
//!
//! So the protocol needs no second form of itself, one that can stop anywhere: it stops because its next access says
//! [`Halt::Stopped`]. What it saw is in the thread's log; the same log leads it to the same place.
//!
//! **Steps.** One access to a word that others use, one place of a sleep, one call of the kernel. A change of a word is
//! one step, as a compare-and-swap is, unless the decision hangs on the clock or on somebody being alive: then it is
//! two, the look and the swap, and the swap looks again if the word has another value by then. (That somebody is dead
//! stays true.) A mutex' count takes no step: it is its owner's alone, and that is asserted.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::mem;

use lasthandle::protocol::words::epoch;
use lasthandle::protocol::{
    Change, Form, Halt, Id, Machine, Queue, Sleep, Slept, Step, Waited, Word, arm, cancel, pulse, release_mutex,
    release_semaphore, reset, set, take_at_once, wait_all, wait_any,
};

use crate::program::{Op, Program, WALL};
use crate::show;
use crate::state::{Answer, Doing, LOOK, Life, QUEUED, State, WOKEN, id};

/// One thread's run, for one step.
pub(crate) struct Run<'a> {
    program: &'a Program,
    me: usize,
    state: RefCell<&'a mut State>,
    log: RefCell<Vec<u64>>,
    pending: RefCell<Vec<u64>>,
    read: Cell<usize>,
    /// The step has been done.
    used: Cell<bool>,
    /// A fact was asked for that needs a step of its own: what was answered is nothing.
    poisoned: Cell<bool>,
    in_change: Cell<bool>,
    /// The change hangs on something that may be otherwise by the time of the swap.
    fleeting: Cell<bool>,
    wrong: RefCell<Option<String>>,
    notes: Option<RefCell<Vec<String>>>,
}

/// Does one step of a running thread. What it did, if `tell`; or what is wrong with it.
pub(crate) fn step(program: &Program, state: &mut State, me: usize, tell: bool) -> Result<Vec<String>, String> {
    let thread = &mut state.threads[me];
    let op = &program.threads[me][thread.at];
    let (log, pending) = (mem::take(&mut thread.log), mem::take(&mut thread.pending));
    let run = Run {
        program,
        me,
        state: RefCell::new(state),
        log: RefCell::new(log),
        pending: RefCell::new(pending),
        read: Cell::new(0),
        used: Cell::new(false),
        poisoned: Cell::new(false),
        in_change: Cell::new(false),
        fleeting: Cell::new(false),
        wrong: RefCell::new(None),
        notes: tell.then(RefCell::default),
    };
    let result = perform(&run, op);
    let stopped = run.poisoned.get() || matches!(result, Err(Halt::Stopped));
    let Run { log, pending, wrong, notes, .. } = run;
    if let Some(wrong) = wrong.into_inner() {
        return Err(wrong);
    }
    let mut notes = notes.map(RefCell::into_inner).unwrap_or_default();
    let thread = &mut state.threads[me];
    if stopped {
        (thread.log, thread.pending) = (log.into_inner(), pending.into_inner());
        if thread.log.len() > 2000 {
            return Err(format!("thread {me} runs for ever in {op:?}"));
        }
        return Ok(notes);
    }
    let answer = result.map_err(|halt| format!("thread {me} halts in {op:?}: {halt:?}"))?;
    thread.answers.push(answer);
    thread.at += 1;
    thread.must = false;
    if thread.at == program.threads[me].len() {
        thread.doing = Doing::Done;
    }
    notes.push(format!("{op:?} ends: {answer:?}"));
    Ok(notes)
}

fn perform(m: &Run<'_>, op: &Op) -> Step<Answer> {
    let done = |()| Answer::Done;
    let waited = |waited| match waited {
        Waited::Signaled { index, abandoned } => Answer::Signaled { index, abandoned },
        Waited::TimedOut => Answer::TimedOut,
        Waited::Alerted => Answer::Alerted,
    };
    match *op {
        Op::Set(x) => set(m, x).map(done),
        Op::Reset(x) => reset(m, x).map(done),
        Op::Pulse(x) => pulse(m, x).map(done),
        Op::Release(x, n) => release_semaphore(m, x, n).map(|before| before.map_or(Answer::Full, Answer::Before)),
        Op::Unlock(x) => release_mutex(m, x).map(|mine| if mine { Answer::Done } else { Answer::NotOwner }),
        Op::Arm(x, time, period, wall) => {
            arm(m, x, time + if wall { WALL } else { 0 }, wall, period).map(|_| Answer::Done)
        }
        Op::Cancel(x) => cancel(m, x).map(done),
        // As the engine does it.
        Op::Any(ref objects, limit) => match objects[..] {
            [one] if take_at_once(m, one)? => Ok(waited(Waited::Signaled { index: 0, abandoned: false })),
            _ => wait_any(m, objects, limit).map(waited),
        },
        Op::All(ref objects, limit) => wait_all(m, objects, limit).map(waited),
        Op::Raise(thread) => m.raise(thread).map(done),
    }
}

impl Run<'_> {
    fn seen(&self) -> Option<u64> {
        let seen = self.log.borrow().get(self.read.get()).copied();
        if seen.is_some() {
            self.read.set(self.read.get() + 1);
        }
        seen
    }

    fn begin(&self) -> Step<()> {
        if self.used.get() || self.poisoned.get() {
            return Err(Halt::Stopped);
        }
        self.used.set(true);
        Ok(())
    }

    fn record(&self, value: u64) -> u64 {
        let mut log = self.log.borrow_mut();
        log.push(value);
        self.read.set(log.len());
        value
    }

    fn note(&self, what: impl FnOnce() -> String) {
        if let Some(notes) = &self.notes {
            notes.borrow_mut().push(what());
        }
    }

    /// A step that is seen again when the operation is run again.
    fn access(&self, act: impl FnOnce(&mut State) -> u64, what: impl FnOnce(u64) -> String) -> Step<u64> {
        if let Some(seen) = self.seen() {
            return Ok(seen);
        }
        self.begin()?;
        let value = self.record(act(&mut self.state.borrow_mut()));
        self.note(|| what(value));
        Ok(value)
    }

    /// What is true now, and perhaps not for long (`fleeting`): a step, but inside a change.
    fn fact(&self, value: u64, fleeting: bool, what: impl FnOnce() -> String) -> u64 {
        if let Some(seen) = self.seen() {
            return seen;
        }
        if self.in_change.get() {
            self.fleeting.set(self.fleeting.get() || fleeting);
        } else if fleeting {
            if self.begin().is_err() {
                self.poisoned.set(true);
                return 0;
            }
            self.note(what);
        } else if self.poisoned.get() {
            return 0;
        }
        self.record(value)
    }

    /// The count of a mutex that is mine, or of a timer whose claim is.
    fn own_count(&self, x: usize, act: impl FnOnce(&mut u32)) -> u64 {
        if let Some(seen) = self.seen() {
            return seen;
        }
        if self.poisoned.get() {
            return 0;
        }
        let mut state = self.state.borrow_mut();
        let is_timer = matches!(self.program.things[x].form(), Form::Timer { .. });
        let owner = if is_timer { state.objects[x].claim } else { state.objects[x].state };
        if Id::in_word(owner) != id(self.me) {
            *self.wrong.borrow_mut() = Some(format!("thread {} uses the count of {x}, which it does not own", self.me));
        }
        let count = &mut state.objects[x].count;
        act(count);
        self.record(u64::from(*count))
    }

    /// As the engine does it: the word first, then who sleeps on it.
    fn raise(&self, thread: usize) -> Step<()> {
        let set = |state: &mut State| {
            state.threads[thread].alerted = true;
            1
        };
        self.access(set, |_| format!("raises the alert of thread {thread}"))?;
        let wake = |state: &mut State| {
            let sleepers = mem::take(&mut state.threads[thread].on_alert);
            state.wake(sleepers, u32::MAX).1
        };
        self.access(wake, |woken| format!("wakes {woken} of that alert")).map(drop)
    }

    fn show(&self, x: usize, word: Word, value: u64) -> String {
        show::word(self.program.things[x].form(), word, value)
    }

    /// Those who slept when an event was set or pulsed must not be found asleep at the end: all, or the only one.
    fn mark(&self, state: &mut State, x: usize, before: u64, after: u64) {
        let Form::Event { manual } = self.program.things[x].form() else { return };
        let queue = &state.objects[x].on_state;
        if !self.program.must || epoch(before) == epoch(after) || (!manual && queue.len() > 1) {
            return;
        }
        for waiter in queue.clone() {
            let thread = &mut state.threads[usize::from(waiter)];
            let waits_for_any = matches!(self.program.threads[usize::from(waiter)][thread.at], Op::Any(..));
            thread.must |= waits_for_any && matches!(thread.doing, Doing::Asleep(_));
        }
    }

    fn write(&self, x: usize, word: Word, before: u64, after: u64) {
        let mut state = self.state.borrow_mut();
        *state.word_mut(x, word) = after;
        if word == Word::State {
            self.mark(&mut state, x, before, after);
        }
        self.note(|| format!("{} -> {}", self.show(x, word, before), self.show(x, word, after)));
    }

    /// The look of a change, over the word's value. Whether what it saw is certain until the swap.
    fn look<R>(&self, before: u64, change: &mut impl FnMut(u64) -> Change<R>) -> (Change<R>, bool) {
        self.record(before);
        self.in_change.set(true);
        self.fleeting.set(false);
        let change = change(before);
        self.in_change.set(false);
        (change, !self.fleeting.get())
    }

    /// Queues this thread on one place; `false`: it has another value by now.
    fn enqueue(&self, place: Sleep<usize>) -> bool {
        let mut state = self.state.borrow_mut();
        let me = u8::try_from(self.me).expect("few threads");
        match place {
            Sleep::On(x, word, expected) => {
                let same = state.word(x, word) & 0xffff_ffff == expected & 0xffff_ffff;
                if same {
                    state.queue_mut(x, word).push(me);
                }
                same
            }
            Sleep::Life(_, whose) => match state.thread(whose) {
                Some(thread) if state.threads[thread].life != Life::Dead => {
                    state.threads[thread].on_life.push(me);
                    true
                }
                _ => false,
            },
            Sleep::Alert => {
                let thread = &mut state.threads[self.me];
                if !thread.alerted {
                    thread.on_alert.push(me);
                }
                !thread.alerted
            }
        }
    }
}

impl Machine for Run<'_> {
    type Object = usize;

    fn form(&self, x: usize) -> Form {
        self.program.things[x].form()
    }

    fn order(&self, a: usize, b: usize) -> Ordering {
        a.cmp(&b)
    }

    fn me(&self, _x: usize) -> Step<Id> {
        Ok(id(self.me))
    }

    fn is_dead(&self, _x: usize, whom: Id) -> bool {
        if self.program.kills == 0 || whom == id(self.me) {
            return self.state.borrow().is_dead(whom);
        }
        let (dead, can_die) = {
            let state = self.state.borrow();
            let dead = state.is_dead(whom);
            let victim = state.thread(whom).is_some_and(|thread| {
                state.threads[thread].life == Life::Dying || (state.kills > 0 && self.program.is_victim(thread))
            });
            (dead, victim && !dead)
        };
        self.fact(u64::from(dead), can_die, || format!("{} lives", show::who(whom))) != 0
    }

    fn is_alertable(&self) -> bool {
        self.program.is_alertable(self.me)
    }

    fn is_alerted(&self) -> bool {
        if !self.is_alertable() {
            return false;
        }
        let raised = self.state.borrow().threads[self.me].alerted;
        self.fact(raised.into(), !raised, || "is not alerted".to_owned()) != 0
    }

    fn now(&self, wall: bool) -> u64 {
        let ahead = if wall { WALL } else { 0 };
        if self.program.is_timeless() {
            return ahead;
        }
        let now = self.state.borrow().now;
        ahead + self.fact(now, now < self.program.horizon, || format!("it is {now}"))
    }

    fn load(&self, x: usize, word: Word) -> Step<u64> {
        self.access(
            |state| state.word(x, word),
            |value| format!("reads {}: {}", show::name(x, word), self.show(x, word, value)),
        )
    }

    fn update<R>(&self, x: usize, word: Word, mut change: impl FnMut(u64) -> Change<R>) -> Step<R> {
        if let Some(before) = self.seen() {
            let (Change::To(_, said) | Change::Keep(said)) = change(before);
            return Ok(said);
        }
        self.begin()?;
        let before = self.state.borrow().word(x, word);
        let start = self.log.borrow().len();
        let looked = mem::take(&mut *self.pending.borrow_mut());
        if looked.first() == Some(&before) {
            // The swap of an earlier look: what that saw counts.
            self.log.borrow_mut().extend(&looked);
            self.read.set(start + 1);
            let changed = change(before);
            debug_assert_eq!(self.read.get(), self.log.borrow().len(), "the same look");
            let (Change::To(_, said) | Change::Keep(said)) = match changed {
                Change::To(after, said) => {
                    self.note(|| format!("changes {}", show::name(x, word)));
                    self.write(x, word, before, after);
                    Change::Keep(said)
                }
                keep @ Change::Keep(_) => keep,
            };
            return Ok(said);
        }
        match self.look(before, &mut change) {
            (Change::Keep(said), _) => {
                self.note(|| format!("looks at {}: {}", show::name(x, word), self.show(x, word, before)));
                Ok(said)
            }
            (Change::To(after, said), true) => {
                self.note(|| format!("changes {}", show::name(x, word)));
                self.write(x, word, before, after);
                Ok(said)
            }
            (Change::To(..), false) => {
                self.note(|| format!("is about to change {}: {}", show::name(x, word), self.show(x, word, before)));
                *self.pending.borrow_mut() = self.log.borrow_mut().split_off(start);
                Err(Halt::Stopped)
            }
        }
    }

    fn add_sleeper(&self, x: usize, up: bool) -> Step<()> {
        let act = |state: &mut State| {
            let sleepers = &mut state.objects[x].sleepers;
            *sleepers = if up { sleepers.wrapping_add(1) } else { sleepers.wrapping_sub(1) };
            u64::from(*sleepers)
        };
        self.access(act, |now| format!("counts sleepers of {x}: {now}")).map(drop)
    }

    fn sleepers(&self, x: usize) -> Step<u32> {
        let sleepers =
            self.access(|state| state.objects[x].sleepers.into(), |n| format!("sees {n} sleepers of {x}"))?;
        Ok(u32::try_from(sleepers).expect("it was one"))
    }

    fn count(&self, x: usize) -> Step<u32> {
        Ok(u32::try_from(self.own_count(x, |_| ())).expect("it was one"))
    }

    fn set_count(&self, x: usize, count: u32) -> Step<()> {
        self.own_count(x, |now| *now = count);
        Ok(())
    }

    fn period(&self, x: usize) -> Step<u64> {
        self.access(|state| state.objects[x].period, |period| format!("reads the period of {x}: {period}"))
    }

    fn set_period(&self, x: usize, period: u64) -> Step<()> {
        let act = |state: &mut State| {
            state.objects[x].period = period;
            period
        };
        self.access(act, |period| format!("writes the period of {x}: {period}")).map(drop)
    }

    fn patience(&self, usual: u64) -> u64 {
        if self.program.impatient { 0 } else { usual }
    }

    fn spin(&self, mut ready: impl FnMut() -> bool) -> bool {
        self.program.spins && ready()
    }

    fn sleep(&self, on: &[Sleep<usize>], until: Option<u64>) -> Step<Slept> {
        let slept = |code| if code == WOKEN { Slept::Woken } else { Slept::Look };
        for (index, &place) in on.iter().enumerate() {
            match self.seen() {
                Some(QUEUED) => continue,
                Some(code) => return Ok(slept(code)),
                None => self.begin()?,
            }
            if !self.enqueue(place) {
                let code = self.record(self.state.borrow_mut().end_sleep(self.me));
                self.note(|| format!("does not sleep: {} has changed", show::place(place)));
                return Ok(slept(code));
            }
            self.record(QUEUED);
            self.note(|| format!("queues on {}", show::place(place)));
            if index + 1 == on.len() {
                self.state.borrow_mut().threads[self.me].doing = Doing::Asleep(until);
                self.note(|| "sleeps".to_owned());
            }
        }
        match self.seen() {
            Some(code) => Ok(slept(code)),
            None => Err(Halt::Stopped),
        }
    }

    fn wake(&self, queue: Queue<usize>, count: u32) -> Step<u32> {
        let act = |state: &mut State| {
            let Some(waiters) = waiters(state, queue) else { return 0 };
            let (rest, woken) = state.wake(waiters, count);
            put_back(state, queue, rest);
            woken
        };
        let woken = self.access(act, |woken| format!("wakes {woken} of {}", show::queue(queue)))?;
        Ok(u32::try_from(woken).expect("few threads"))
    }
}

fn waiters(state: &mut State, queue: Queue<usize>) -> Option<Vec<u8>> {
    Some(match queue {
        Queue::Word(x, word) => mem::take(state.queue_mut(x, word)),
        Queue::Life(_, whose) => {
            let thread = state.thread(whose)?;
            mem::take(&mut state.threads[thread].on_life)
        }
    })
}

fn put_back(state: &mut State, queue: Queue<usize>, rest: Vec<u8>) {
    match queue {
        Queue::Word(x, word) => *state.queue_mut(x, word) = rest,
        Queue::Life(_, whose) => {
            if let Some(thread) = state.thread(whose) {
                state.threads[thread].on_life = rest;
            }
        }
    }
}

/// A sleeper runs again: woken, or told to look.
pub(crate) fn end_sleep(state: &mut State, thread: usize) -> &'static str {
    let code = state.end_sleep(thread);
    state.threads[thread].log.push(code);
    if code == LOOK { "sleeps no longer: looks" } else { "sleeps no longer: was woken" }
}

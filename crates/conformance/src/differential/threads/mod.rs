//! Random steps of several threads on sync objects, on the model and on a kernel, one step at a time.
//!
//! A thread may sleep over many steps. The model tells after each step how many still do: so it is known whom the
//! kernel must let go, too. Left out is what a kernel may decide, and what would need a waiter to be asleep already:
//! * two sleepers on one object: either may get it;
//! * a pulse of what somebody sleeps on, and a signal-and-wait of it: the signaling thread may be first;
//! * arming a timer anew, where the kernel is known to forget that this resets it.

mod op;
mod side;

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use lasthandle::sys::model::Model;
use lasthandle::sys::{Kernel, State};

use super::shrink::{self, Shorten};
use super::{Difference, number};
use crate::case::Case;
use crate::fixture::Fixture;
use op::{Made, OBJECTS, Op, THREADS, What};
use side::{Shown, Side, make};

const DEFAULT_SEED: u64 = 0x57EE_9E25;
const DEFAULT_ROUNDS: u64 = 60;
const STEPS: usize = 50;
/// How long a kernel may take to let go whom the model let go.
const WATCHDOG: Duration = Duration::from_secs(20);

/// Compares many sequences.
pub(super) fn agree<F: Fixture>(case: &Case<F>) {
    let seed = number("CONFORMANCE_SEED", DEFAULT_SEED);
    let rounds = number("CONFORMANCE_ROUNDS", DEFAULT_ROUNDS);
    eprintln!("differential, threads: {rounds} rounds from seed {seed}");
    for round in seed..seed + rounds {
        let (objects, ops) = sequence(round);
        let resets = F::departs("timers::arming_again_resets").is_none();
        let differs = |ops: &[Op]| compare(&Model::new(), case.kernel(), resets, &objects, ops).err();
        if let Some(first) = differs(&ops) {
            let (ops, difference) = shrink::smallest(ops, first, differs);
            panic!("CONFORMANCE_SEED={round} CONFORMANCE_ROUNDS=1: {difference:#?}\nof {objects:?}\nafter {ops:#?}");
        }
    }
}

fn sequence(seed: u64) -> (Vec<Made>, Vec<Op>) {
    let mut rng = Rng::with_seed(seed);
    let objects: Vec<Made> = (0..OBJECTS).map(|_| Made::draw(&mut rng)).collect();
    let ops = (0..STEPS).map(|_| Op::draw(&mut rng, &objects)).collect();
    (objects, ops)
}

impl Shorten for Op {
    /// Objects and threads are there from the start: no step means another when one is left out.
    fn count_one_less(&mut self) -> bool {
        false
    }
}

fn compare<K: Kernel + Sync>(
    model: &Model,
    other: &K,
    resets: bool,
    made: &[Made],
    ops: &[Op],
) -> Result<(), Difference<Shown>> {
    let (left, right) = (make(model, made), make(other, made));
    std::thread::scope(|scope| {
        let (left, right) = (Side::new(scope, model, &left), Side::new(scope, other, &right));
        let mut play = Play { model, left, right, resets, asleep: BTreeMap::new() };
        let agreed = ops.iter().enumerate().try_for_each(|(step, op)| play.step(step, op));
        let ended = play.end(ops.len());
        agreed.and(ended)
    })
}

/// Who sleeps, on what, and what it owns.
struct Sleeper {
    objects: Vec<usize>,
    owns: Vec<usize>,
}

struct Play<'scope, 'env, K: Kernel> {
    model: &'scope Model,
    left: Side<'scope, 'env, Model>,
    right: Side<'scope, 'env, K>,
    /// Arming a timer anew resets it, as it should.
    resets: bool,
    asleep: BTreeMap<usize, Sleeper>,
}

impl<K: Kernel + Sync> Play<'_, '_, K> {
    /// One step on both sides; then all that it let go; then what everything looks like.
    fn step(&mut self, step: usize, op: &Op) -> Result<(), Difference<Shown>> {
        if !self.is_settled(op) {
            return Ok(());
        }
        let before = self.model.sleepers();
        let owns = self.owned_by(op.thread);
        self.left.tell(op.thread, op.what.clone());
        let shown = match &op.what {
            What::End => Some(Shown::Done),
            What::Block { objects, .. } => self.falls_asleep(op.thread, before).or_else(|| {
                self.asleep.insert(op.thread, Sleeper { objects: objects.clone(), owns });
                None
            }),
            _ => Some(self.left.answer(op.thread, WATCHDOG)),
        };
        self.right.tell(op.thread, op.what.clone());
        if let Some(shown) = shown {
            let is_end = matches!(op.what, What::End);
            let found = if is_end { Shown::Done } else { self.right.answer(op.thread, WATCHDOG) };
            same(step, vec![shown], vec![found])?;
        }
        self.let_go(step)?;
        self.looks(step, op.thread)
    }

    /// Whether both sides must do the same at this step.
    fn is_settled(&self, op: &Op) -> bool {
        let is_slept_on = |object: &usize| self.asleep.values().any(|sleeper| sleeper.objects.contains(object));
        let is_owned = |object: &usize| self.asleep.values().any(|sleeper| sleeper.owns.contains(object));
        !self.asleep.contains_key(&op.thread)
            && match &op.what {
                What::Pulse(object) => !is_slept_on(object),
                What::SignalAndWait { signal, .. } => !is_slept_on(signal),
                // Who waits for what a sleeper owns might wait in a ring.
                What::Block { objects, .. } => !objects.iter().any(|object| is_slept_on(object) || is_owned(object)),
                What::Arm { object, .. } => self.resets || !self.is_signaled_auto_timer(*object),
                _ => true,
            }
    }

    fn is_signaled_auto_timer(&self, object: usize) -> bool {
        let state = self.left.states_from_outside()[object];
        matches!(state, Some(State::Timer { manual: Some(false), signaled: true, .. }))
    }

    fn owned_by(&self, thread: usize) -> Vec<usize> {
        let states = self.left.states(thread);
        let is_mine = |state: &Option<State>| matches!(state, Some(State::Mutex { mine: true, .. }));
        (0..states.len()).filter(|at| is_mine(&states[*at])).collect()
    }

    /// None: the model's thread sleeps.
    fn falls_asleep(&self, thread: usize, before: usize) -> Option<Shown> {
        loop {
            let shown = self.left.answer(thread, Duration::from_micros(100));
            if shown != Shown::Sleeps {
                return Some(shown);
            }
            if self.model.sleepers() > before {
                return None;
            }
        }
    }

    /// Whoever the model let go must come back on both sides, with the same answer; nobody else may.
    fn let_go(&mut self, step: usize) -> Result<(), Difference<Shown>> {
        while self.asleep.len() > self.model.sleepers() {
            let nap = Duration::from_micros(100);
            let gone: Vec<_> = self.asleep.keys().map(|&thread| (thread, self.left.answer(thread, nap))).collect();
            for (thread, shown) in gone.into_iter().filter(|(_, shown)| *shown != Shown::Sleeps) {
                self.asleep.remove(&thread);
                let found = self.right.answer(thread, WATCHDOG);
                same(step, vec![shown], vec![found])?;
            }
        }
        for &thread in self.asleep.keys() {
            same(step, vec![Shown::Sleeps], vec![self.right.answer(thread, Duration::ZERO)])?;
        }
        Ok(())
    }

    /// All states, as the thread sees them that did the step; from outside while it sleeps.
    fn looks(&self, step: usize, thread: usize) -> Result<(), Difference<Shown>> {
        let (mut expected, mut found) = if self.asleep.contains_key(&thread) {
            (self.left.states_from_outside(), self.right.states_from_outside())
        } else {
            (self.left.states(thread), self.right.states(thread))
        };
        // Where a system does not tell there is nothing to compare.
        for (expected, found) in expected.iter_mut().zip(&mut found) {
            if expected.is_none() || found.is_none() {
                (*expected, *found) = (None, None);
            }
        }
        same(step, vec![Shown::States(expected)], vec![Shown::States(found)])
    }

    /// Lets all sleepers go: ends the others, so that mutexes are abandoned, and signals the rest, until all have ended.
    fn end(&mut self, step: usize) -> Result<(), Difference<Shown>> {
        let mut outcome = Ok(());
        for _ in 0..=THREADS {
            for thread in (0..THREADS).filter(|thread| !self.asleep.contains_key(thread)).collect::<Vec<_>>() {
                self.left.tell(thread, What::End);
                self.right.tell(thread, What::End);
                outcome = outcome.and(self.let_go(step));
            }
            // One after the other: of two signals at once either may be the first.
            for object in 0..OBJECTS {
                self.left.signal(object);
                self.right.signal(object);
                outcome = outcome.and(self.let_go(step));
            }
        }
        assert!(outcome.is_err() || self.asleep.is_empty(), "the model let somebody sleep for ever");
        outcome
    }
}

fn same(step: usize, expected: Vec<Shown>, found: Vec<Shown>) -> Result<(), Difference<Shown>> {
    if expected == found { Ok(()) } else { Err(Difference { step, expected, found }) }
}

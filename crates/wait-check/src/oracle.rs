//! Windows, with every operation at one instant: all ends that a program may have.
//!
//! A wait takes when its turn comes, not when the signal comes: so a signal may be taken by whoever runs first, the
//! *barging* that `docs/design/waiting.md` permits. All else is exact, but for what follows.
//!
//! **Allowed on top**, each only where it is named:
//! * A pulse releases any number of those that wait, or (auto) at most one; that it does not forget the sleepers is
//!   asserted apart (`Program::must`).
//! * A thread killed inside the commit of a wait-all has taken a beginning of its objects: mutexes first, each group in
//!   the order of claims. What it took stays taken.
//! * A thread killed inside *arm* has perhaps changed the period alone.
//! * With `Program::inexact`: an object that is consumed and signalled again while another thread looks may be taken
//!   though a lower one is signalled by now, if the lower one was not at some time after this one was; and a look at
//!   several objects finds nothing if each was unsignalled at some time during it (of a deadline: after it). And a
//!   timer that becomes due while somebody cancels it may be cancelled though another thread has seen it due.

use std::collections::HashSet;

use lasthandle::protocol::{Form, Limit};

use crate::outcome::{Fate, Outcome, Seen};
use crate::program::{Op, Program, Thing};
use crate::state::Answer;

#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Object {
    /// Event: 0 or 1. Semaphore: the count. Mutex: its owner, from 1. Timer: when it is due, 0: never.
    value: u64,
    count: u32,
    period: u64,
    abandoned: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Life {
    Alive,
    /// Its operation has happened, but it will be killed before it knows.
    Doomed,
    Dead,
}

/// What a wait for any (or a cancel) may have seen, bit by index.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Glimpses {
    unready: u8,
    ready: u8,
    /// Of each: which ones were unready when this one was ready, or later.
    unready_after: [u8; 4],
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Thread {
    alerted: bool,
    at: usize,
    life: Life,
    answers: Vec<Answer>,
    glimpses: Glimpses,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct World {
    objects: Vec<Object>,
    threads: Vec<Thread>,
    now: u64,
    kills: u8,
}

/// All ends.
pub fn outcomes(program: &Program) -> HashSet<Outcome> {
    let start = World::new(program);
    let mut seen = HashSet::from([start.clone()]);
    let mut open = vec![start];
    let mut ends = HashSet::new();
    while let Some(world) = open.pop() {
        let mut next = Vec::new();
        let may_go_on = successors(program, &world, &mut next);
        if !may_go_on {
            ends.insert(world.outcome(program));
        }
        for mut world in next {
            world.glimpse(program);
            if seen.insert(world.clone()) {
                open.push(world);
            }
        }
    }
    ends
}

/// What may come next; whether something must (a kill need not).
fn successors(program: &Program, world: &World, next: &mut Vec<World>) -> bool {
    let mut must = false;
    if let Some(time) = program.next_instant(world.now) {
        next.push(World { now: time, ..world.clone() });
        must = true;
    }
    for me in 0..world.threads.len() {
        match world.threads[me].life {
            Life::Dead => continue,
            Life::Doomed => {
                next.push(world.buried(program, me));
                must = true;
                continue;
            }
            Life::Alive => {}
        }
        let may_die = world.kills > 0 && program.is_victim(me);
        if may_die {
            let mut dies = world.buried(program, me);
            dies.kills -= 1;
            next.push(dies);
        }
        let Some(op) = program.threads[me].get(world.threads[me].at) else { continue };
        for (after, answer) in effects(program, world, me, op) {
            if may_die {
                next.push(after.clone().doomed(me));
            }
            next.push(after.answered(me, answer));
            must = true;
        }
        if may_die {
            next.extend(torn(program, world, me, op).into_iter().map(|world| world.doomed(me)));
        }
    }
    must
}

/// What an operation may do now, and what it answers. None: it waits.
fn effects(program: &Program, world: &World, me: usize, op: &Op) -> Vec<(World, Answer)> {
    let mut after = world.clone();
    let mut answer = Answer::Done;
    match *op {
        Op::Set(x) => after.objects[x].value = 1,
        Op::Reset(x) => after.objects[x].value = 0,
        Op::Pulse(x) => return pulses(program, world, me, x),
        Op::Release(x, n) => {
            let before = u32::try_from(world.objects[x].value).expect("a count");
            let Thing::Semaphore(_, maximum) = program.things[x] else { unreachable!("a semaphore") };
            if before + n > maximum {
                answer = Answer::Full;
            } else {
                after.objects[x].value += u64::from(n);
                answer = Answer::Before(before);
            }
        }
        Op::Unlock(x) if world.objects[x].value != me as u64 + 1 => answer = Answer::NotOwner,
        Op::Unlock(x) => {
            let mutex = &mut after.objects[x];
            mutex.count -= 1;
            if mutex.count == 0 {
                mutex.value = 0;
            }
        }
        Op::Arm(x, time, period, _) => (after.objects[x].value, after.objects[x].period) = (time.max(1), period),
        Op::Cancel(x) => {
            after.objects[x].period = 0;
            let mut stopped = after.clone();
            stopped.objects[x].value = 0;
            let was_not_due = program.inexact && world.threads[me].glimpses.unready != 0;
            return match (world.is_ready(program, me, x), was_not_due) {
                (true, true) => vec![(after, answer), (stopped, answer)],
                (true, false) => vec![(after, answer)],
                (false, _) => vec![(stopped, answer)],
            };
        }
        Op::Any(ref objects, limit) => return waits_for_any(program, world, me, objects, limit),
        Op::All(ref objects, limit) => {
            if objects.iter().all(|&x| world.is_ready(program, me, x)) {
                let taken = objects.iter().map(|&x| after.take(program, me, x));
                answer = Answer::Signaled { index: 0, abandoned: taken.fold(false, |any, it| any | it) };
            } else {
                return world.ends(me, limit).map(|answer| (world.clone(), answer)).collect();
            }
        }
        Op::Raise(thread) => after.threads[thread].alerted = true,
    }
    vec![(after, answer)]
}

fn waits_for_any(program: &Program, world: &World, me: usize, objects: &[usize], limit: Limit) -> Vec<(World, Answer)> {
    let mut effects = Vec::new();
    for index in choices(program, world, me, objects) {
        let mut after = world.clone();
        let abandoned = after.take(program, me, objects[index]);
        effects.push((after, Answer::Signaled { index, abandoned }));
    }
    let all = (1_u8 << objects.len()) - 1;
    let saw_nothing = program.inexact && world.threads[me].glimpses.unready == all;
    if effects.is_empty() || saw_nothing {
        effects.extend(world.ends(me, limit).map(|answer| (world.clone(), answer)));
    }
    effects
}

/// Which index a wait for any may take now.
fn choices(program: &Program, world: &World, me: usize, objects: &[usize]) -> Vec<usize> {
    let ready: Vec<usize> = (0..objects.len()).filter(|&i| world.is_ready(program, me, objects[i])).collect();
    let glimpses = &world.threads[me].glimpses;
    let may = |&&index: &&usize| {
        let lower = (1_u8 << index) - 1;
        Some(&index) == ready.first() || (program.inexact && glimpses.unready_after[index] & lower == lower)
    };
    ready.iter().filter(may).copied().collect()
}

/// A pulse, and whom it releases.
fn pulses(program: &Program, world: &World, me: usize, x: usize) -> Vec<(World, Answer)> {
    let mut raised = world.clone();
    raised.objects[x].value = 1;
    let waits = |&t: &usize| {
        let thread = &world.threads[t];
        t != me && thread.life == Life::Alive && program.threads[t].get(thread.at).is_some_and(|op| op.waits_for(x))
    };
    let waiters: Vec<usize> = (0..world.threads.len()).filter(waits).collect();
    let mut worlds = vec![raised];
    for &waiter in &waiters {
        let released: Vec<World> = worlds.iter().flat_map(|world| releases(program, world, waiter, x)).collect();
        worlds.extend(released);
    }
    for world in &mut worlds {
        world.objects[x].value = 0;
    }
    worlds.into_iter().map(|world| (world, Answer::Done)).collect()
}

/// A waiter released by the signal that a pulse gives `x`; and what is left for others.
fn releases(program: &Program, world: &World, waiter: usize, x: usize) -> Vec<World> {
    let op = &program.threads[waiter][world.threads[waiter].at];
    let effects = effects(program, world, waiter, op).into_iter().filter(|(_, answer)| match (op, answer) {
        (Op::Any(objects, _), Answer::Signaled { index, .. }) => objects[*index] == x,
        (Op::All(..), Answer::Signaled { .. }) => true,
        _ => false,
    });
    effects.map(|(world, answer)| world.answered(waiter, answer)).collect()
}

/// What a thread leaves that is killed in the middle of an operation.
fn torn(program: &Program, world: &World, me: usize, op: &Op) -> Vec<World> {
    match *op {
        Op::Arm(x, _, period, _) => vec![world.with_period(x, period)],
        Op::All(ref objects, _) if objects.iter().all(|&x| world.is_ready(program, me, x)) => {
            let mut order = objects.clone();
            order.retain(|&x| world.objects[x].value != me as u64 + 1 || program.things[x].form() != Form::Mutex);
            order.sort_by_key(|&x| (program.things[x].form() != Form::Mutex, x));
            let mut taken = world.clone();
            order
                .iter()
                .map(|&x| {
                    taken.take(program, me, x);
                    taken.clone()
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

impl Op {
    fn waits_for(&self, x: usize) -> bool {
        match self {
            Self::Any(objects, limit) | Self::All(objects, limit) => *limit != Limit::Now && objects.contains(&x),
            _ => false,
        }
    }
}

impl World {
    fn new(program: &Program) -> Self {
        let objects = program.things.iter().map(|&thing| match thing {
            Thing::Auto(set) | Thing::Manual(set) => Object { value: set.into(), ..Object::default() },
            Thing::Semaphore(count, _) => Object { value: count.into(), ..Object::default() },
            Thing::Mutex => Object::default(),
            Thing::Owned(thread) => Object { value: thread as u64 + 1, count: 1, ..Object::default() },
            Thing::Orphan => Object { abandoned: true, ..Object::default() },
            Thing::Timer(due, period) => Object { value: due, period, ..Object::default() },
            Thing::ManualTimer(due) => Object { value: due, ..Object::default() },
        });
        let thread =
            Thread { alerted: false, at: 0, life: Life::Alive, answers: Vec::new(), glimpses: Glimpses::default() };
        let threads = vec![thread; program.threads.len()];
        let mut world = Self { objects: objects.collect(), threads, now: 0, kills: program.kills };
        world.glimpse(program);
        world
    }

    fn is_over(&self, limit: Limit) -> bool {
        match limit {
            Limit::Now => true,
            Limit::Until(time) => self.now >= time,
            Limit::Never => false,
        }
    }

    /// How a wait may end that takes nothing. (An alert may come between the end of its time and its last look.)
    fn ends(&self, me: usize, limit: Limit) -> impl Iterator<Item = Answer> + use<> {
        let alerted = self.threads[me].alerted.then_some(Answer::Alerted);
        alerted.into_iter().chain(self.is_over(limit).then_some(Answer::TimedOut))
    }

    fn is_ready(&self, program: &Program, me: usize, x: usize) -> bool {
        let value = self.objects[x].value;
        match program.things[x].form() {
            Form::Mutex => value == 0 || value == me as u64 + 1,
            Form::Timer { .. } => value != 0 && self.now >= value,
            _ => value != 0,
        }
    }

    /// Takes a ready object; whether it was abandoned.
    fn take(&mut self, program: &Program, me: usize, x: usize) -> bool {
        let now = self.now;
        let object = &mut self.objects[x];
        match program.things[x].form() {
            Form::Event { manual: true } | Form::Timer { manual: true } => {}
            Form::Event { manual: false } => object.value = 0,
            Form::Semaphore { .. } => object.value -= 1,
            Form::Mutex => {
                object.value = me as u64 + 1;
                object.count += 1;
            }
            Form::Timer { manual: false } if object.period == 0 => object.value = 0,
            Form::Timer { manual: false } => {
                while object.value <= now {
                    object.value += object.period;
                }
            }
        }
        std::mem::take(&mut object.abandoned)
    }

    fn answered(mut self, me: usize, answer: Answer) -> Self {
        let thread = &mut self.threads[me];
        thread.answers.push(answer);
        thread.at += 1;
        thread.glimpses = Glimpses::default();
        self
    }

    fn doomed(mut self, me: usize) -> Self {
        self.kills -= 1;
        self.threads[me].life = Life::Doomed;
        self.threads[me].glimpses = Glimpses::default();
        self
    }

    fn buried(&self, program: &Program, me: usize) -> Self {
        let mut world = self.clone();
        let thread = &mut world.threads[me];
        (thread.life, thread.at, thread.glimpses) = (Life::Dead, 0, Glimpses::default());
        for (object, thing) in world.objects.iter_mut().zip(&program.things) {
            if thing.form() == Form::Mutex && object.value == me as u64 + 1 {
                *object = Object { abandoned: true, ..Object::default() };
            }
        }
        world
    }

    fn with_period(&self, x: usize, period: u64) -> Self {
        let mut world = self.clone();
        world.objects[x].period = period;
        world
    }

    /// Everybody who waits for any of several looks.
    fn glimpse(&mut self, program: &Program) {
        if !program.inexact {
            return;
        }
        for me in 0..self.threads.len() {
            let (objects, limit) = match program.threads[me].get(self.threads[me].at) {
                Some(Op::Any(objects, limit)) => (&objects[..], *limit),
                Some(Op::Cancel(x)) => (std::slice::from_ref(x), Limit::Now),
                _ => continue,
            };
            if self.threads[me].life != Life::Alive {
                continue;
            }
            let ready: Vec<bool> = objects.iter().map(|&x| self.is_ready(program, me, x)).collect();
            let counts = self.is_over(limit) || self.threads[me].alerted;
            let glimpses = &mut self.threads[me].glimpses;
            let unready = ready.iter().enumerate().fold(0, |all, (i, &is)| all | u8::from(!is) << i);
            for (i, &is) in ready.iter().enumerate() {
                if is || glimpses.ready >> i & 1 != 0 {
                    glimpses.ready |= 1 << i;
                    glimpses.unready_after[i] |= unready;
                }
            }
            if counts {
                glimpses.unready |= unready;
            }
        }
    }

    fn outcome(&self, program: &Program) -> Outcome {
        let threads = self.threads.iter().enumerate().map(|(t, thread)| {
            let fate = match thread.life {
                Life::Alive if thread.at == program.threads[t].len() => Fate::Done,
                Life::Alive => Fate::Blocked,
                _ => Fate::Killed,
            };
            (fate, thread.answers.clone())
        });
        let objects = self.objects.iter().zip(&program.things).map(|(object, thing)| match thing.form() {
            Form::Event { .. } => Seen::Event(object.value != 0),
            Form::Semaphore { .. } => Seen::Semaphore(u32::try_from(object.value).expect("a count")),
            Form::Mutex => Seen::Mutex {
                owner: usize::try_from(object.value).expect("a thread").checked_sub(1),
                count: object.count,
                abandoned: object.abandoned,
            },
            Form::Timer { .. } => Seen::Timer((object.value != 0).then_some((object.value, object.period))),
        });
        Outcome { threads: threads.collect(), objects: objects.collect() }
    }
}

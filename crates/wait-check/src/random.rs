//! Programs made by chance, from a seed: the same everywhere.

use fastrand::Rng;
use lasthandle::protocol::Limit;

use crate::program::{Op, Program, Thing};

/// What chance may choose from.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// Somebody may be killed.
    pub kills: bool,
    /// Timers and deadlines.
    pub time: bool,
}

/// The program of a seed.
pub fn program(seed: u64, choice: Choice) -> Program {
    let mut rng = Rng::with_seed(seed);
    // One clock for all timers: a wait-all cannot read two at one instant (`docs/design/waiting.md`).
    let wall = rng.bool();
    let things: Vec<Thing> = (0..rng.usize(1..=3)).map(|_| thing(&mut rng, choice.time, wall)).collect();
    let threads = rng.usize(2..=3);
    let most = rng.usize(threads..=5);
    let mut lists = vec![Vec::new(); threads];
    for index in 0..most {
        let op = op(&mut rng, &things, choice.time, wall);
        lists[if index < threads { index } else { rng.usize(0..threads) }].push(op);
    }
    if seed % 3 == 0 {
        lists[threads - 1].push(Op::Raise(0));
    }
    let program = Program::new(&format!("seed {seed}, {choice:?}"), &things, lists).inexact();
    let program = if choice.time { program.until(7) } else { program };
    let everybody: Vec<u8> = (0..).take(threads).collect();
    if choice.kills { program.kills(1, &everybody) } else { program }
}

fn thing(rng: &mut Rng, time: bool, wall: bool) -> Thing {
    let due = if wall { 0 } else { rng.u64(0..3) };
    match rng.u8(0..if time { 9 } else { 6 }) {
        0 | 1 => Thing::Auto(rng.bool()),
        2 => Thing::Manual(rng.bool()),
        3 => Thing::Semaphore(rng.u32(0..2), 2),
        4 => Thing::Mutex,
        5 => {
            if rng.bool() {
                Thing::Orphan
            } else {
                Thing::Mutex
            }
        }
        6 => Thing::ManualTimer(due),
        _ => Thing::Timer(due, rng.u64(0..3)),
    }
}

fn op(rng: &mut Rng, things: &[Thing], time: bool, wall: bool) -> Op {
    let mut objects: Vec<usize> = (0..things.len()).collect();
    rng.shuffle(&mut objects);
    objects.truncate(rng.usize(1..=things.len()));
    let limit = match rng.u8(0..5) {
        0 => Limit::Now,
        1 if time => Limit::Until(rng.u64(1..5)),
        _ => Limit::Never,
    };
    let x = objects[0];
    match rng.u8(0..9) {
        0..=2 => Op::Any(objects, limit),
        3 | 4 => Op::All(objects, limit),
        _ => signal(rng, x, things[x], wall),
    }
}

fn signal(rng: &mut Rng, x: usize, thing: Thing, wall: bool) -> Op {
    match thing {
        Thing::Auto(_) | Thing::Manual(_) => match rng.u8(0..6) {
            0 => Op::Reset(x),
            1 => Op::Pulse(x),
            _ => Op::Set(x),
        },
        Thing::Semaphore(..) => Op::Release(x, rng.u32(1..=2)),
        Thing::Mutex | Thing::Owned(_) | Thing::Orphan if rng.u8(0..3) > 0 => Op::Unlock(x),
        Thing::Mutex | Thing::Owned(_) | Thing::Orphan => Op::Any(vec![x], Limit::Never),
        Thing::Timer(..) | Thing::ManualTimer(_) => match rng.u8(0..4) {
            0 => Op::Cancel(x),
            _ => Op::Arm(x, rng.u64(1..5), if let Thing::Timer(..) = thing { rng.u64(0..3) } else { 0 }, wall),
        },
    }
}

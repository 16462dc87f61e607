//! Programs made for a purpose: each is the smallest that shows its rule, or its mistake.

use lasthandle::protocol::Limit::{self, Never, Now};

use crate::program::Op::{Arm, Cancel, Pulse, Release, Reset, Set, Unlock};
use crate::program::Thing::{Auto, Manual, ManualTimer, Mutex, Orphan, Owned, Semaphore, Timer};
use crate::program::{Op, Program};

const SOON: Limit = Limit::Until(5);

fn any(objects: &[usize]) -> Op {
    Op::Any(objects.to_vec(), Never)
}

fn any_for(objects: &[usize], limit: Limit) -> Op {
    Op::Any(objects.to_vec(), limit)
}

fn all(objects: &[usize]) -> Op {
    Op::All(objects.to_vec(), Never)
}

fn all_for(objects: &[usize], limit: Limit) -> Op {
    Op::All(objects.to_vec(), limit)
}

fn look(objects: &[usize]) -> Op {
    Op::Any(objects.to_vec(), Now)
}

const UNSET: [crate::Thing; 3] = [Auto(false); 3];
const SET: [crate::Thing; 3] = [Auto(true); 3];
const ZERO: crate::Thing = Semaphore(0, 3);

/// Every directed program.
pub fn programs() -> Vec<Program> {
    [events(), semaphores(), mutexes(), wait_all(), momentary(), timers(), killed(), looking()].concat()
}

/// The directed program of this name.
///
/// # Panics
/// If there is none.
pub fn named(name: &str) -> Program {
    let found = programs().into_iter().find(|program| program.name == name);
    found.unwrap_or_else(|| panic!("no program is called {name:?}"))
}

fn events() -> Vec<Program> {
    let p = Program::new;
    vec![
        p("one set for two waiters", &UNSET[..1], vec![vec![any(&[0])], vec![any(&[0])], vec![Set(0)]]),
        p(
            "two sets for two waiters",
            &UNSET[..1],
            vec![vec![any(&[0])], vec![any_for(&[0], SOON)], vec![Set(0), Set(0)]],
        ),
        p(
            "setters, waiters and a try",
            &UNSET[..1],
            vec![vec![any(&[0])], vec![any_for(&[0], SOON)], vec![Set(0), look(&[0])], vec![Set(0)]],
        ),
        p(
            "any of two beside waiters for each",
            &UNSET[..2],
            vec![vec![any(&[0, 1])], vec![any(&[0])], vec![any(&[1])], vec![Set(0), Set(1)]],
        ),
        p(
            "any of two beside any of two, turned",
            &UNSET[..2],
            vec![vec![any_for(&[0, 1], SOON)], vec![any(&[1, 0])], vec![Set(0), Set(1)]],
        ),
        p(
            "any of three beside one on the middle",
            &UNSET,
            vec![vec![any(&[0, 1, 2])], vec![any(&[1])], vec![Set(0)], vec![Set(1), Set(2)]],
        ),
        p("the lowest of two", &UNSET[..2], vec![vec![any(&[0, 1])], vec![Set(0), Set(1)]]),
        p(
            "the lowest of three",
            &[Auto(false), Auto(false), Manual(false)],
            vec![vec![any(&[0, 1, 2])], vec![Set(0), Set(1), Set(2)]],
        ),
        p("a time-out beside a set", &UNSET[..1], vec![vec![any_for(&[0], SOON)], vec![any(&[0])], vec![Set(0)]]),
        p("manual: one set for all", &[Manual(false)], vec![vec![any(&[0])], vec![any(&[0])], vec![Set(0)]]),
    ]
}

fn semaphores() -> Vec<Program> {
    let p = Program::new;
    vec![
        p(
            "a semaphore twice in a wait, beside another",
            &[ZERO],
            vec![vec![any(&[0, 0])], vec![any(&[0])], vec![Release(0, 2)]],
        ),
        p(
            "two and one for three waiters",
            &[ZERO],
            vec![vec![any(&[0])], vec![any(&[0])], vec![any(&[0])], vec![Release(0, 2), Release(0, 1)]],
        ),
        p("two for two waiters", &[ZERO], vec![vec![any(&[0])], vec![any(&[0])], vec![Release(0, 2)]]),
        p(
            "semaphore and event, any and all",
            &[ZERO, Auto(false)],
            vec![vec![any(&[0, 1])], vec![all(&[0, 1])], vec![Release(0, 2), Set(1)]],
        ),
        p(
            "semaphore and event, any and all, in time",
            &[ZERO, Auto(false)],
            vec![vec![any_for(&[1, 0], SOON)], vec![all_for(&[0, 1], SOON)], vec![Release(0, 2), Set(1)]],
        ),
        p(
            "past the maximum",
            &[Semaphore(1, 2)],
            vec![vec![Release(0, 1), Release(0, 1)], vec![look(&[0])], vec![any(&[0])]],
        ),
        p(
            "past the maximum under a claim",
            &[Semaphore(1, 2), Auto(true)],
            vec![vec![all(&[0, 1])], vec![Release(0, 2)], vec![Release(0, 1)]],
        ),
    ]
}

fn mutexes() -> Vec<Program> {
    let p = Program::new;
    let use_it = || vec![any(&[0]), Unlock(0)];
    let both = &[Mutex, Auto(false)];
    vec![
        p("a mutex for two", &[Mutex], vec![use_it(), use_it()]),
        p("a mutex for three", &[Mutex], vec![use_it(), use_it(), use_it()]),
        p("a mutex for three, one in time", &[Mutex], vec![use_it(), use_it(), vec![any_for(&[0], SOON), Unlock(0)]]),
        p(
            "a mutex taken twice",
            &[Mutex],
            vec![vec![any(&[0]), look(&[0]), Unlock(0), Unlock(0), Unlock(0)], use_it()],
        ),
        p(
            "a mutex whose mark of sleepers is taken away late",
            &[Owned(0)],
            vec![vec![Unlock(0)], use_it(), use_it(), vec![any(&[0])]],
        ),
        p(
            "the same, and one of the sleepers leaves",
            &[Owned(0), Auto(false)],
            vec![
                vec![Unlock(0), any(&[0]), Unlock(0)],
                vec![any(&[0]), Set(1), Unlock(0)],
                vec![any(&[1, 0])],
                vec![any(&[0])],
            ],
        )
        .inexact(),
        p("a mutex told as abandoned once", &[Orphan], vec![use_it(), use_it(), vec![look(&[0])]]),
        p("any of event and mutex", both, vec![vec![look(&[0]), Set(1), Unlock(0)], vec![any(&[1, 0])], use_it()])
            .inexact(),
        p("event before mutex, owned throughout", both, vec![vec![Set(1), Unlock(0)], vec![any(&[1, 0])]]),
        p(
            "event before mutex, set before it is unlocked",
            both,
            vec![vec![any(&[0]), Set(1), Unlock(0)], vec![any_for(&[0], Now), any(&[1, 0])]],
        )
        .inexact(),
        p(
            "any of event and mutex, and a newcomer",
            both,
            vec![vec![any(&[0]), Set(1), Unlock(0)], vec![any(&[1, 0]), Unlock(0)], use_it(), use_it()],
        )
        .inexact(),
        p(
            "any of event and mutex, who unlocked comes again",
            both,
            vec![vec![look(&[0]), Set(1), Unlock(0), any(&[0]), Unlock(0)], vec![any(&[1, 0]), Unlock(0)], use_it()],
        )
        .inexact(),
    ]
}

fn wait_all() -> Vec<Program> {
    let p = Program::new;
    vec![
        p("all, in opposite orders", &SET[..2], vec![vec![all(&[0, 1])], vec![all(&[1, 0])], vec![Set(0), Set(1)]]),
        p(
            "all, in opposite orders, unset",
            &UNSET[..2],
            vec![vec![all(&[0, 1])], vec![all(&[1, 0])], vec![Set(0), Set(1)]],
        ),
        p(
            "all, a ring",
            &SET,
            vec![vec![all_for(&[0, 1], Now)], vec![all_for(&[1, 2], Now)], vec![all_for(&[2, 0], Now)]],
        ),
        p(
            "all beside a try",
            &[Auto(true), Auto(false)],
            vec![vec![all_for(&[0, 1], SOON)], vec![look(&[0])], vec![Set(1)]],
        ),
        p(
            "all that fails beside tries",
            &[Auto(true), Auto(true)],
            vec![vec![all_for(&[0, 1], Now)], vec![look(&[1]), look(&[0])], vec![look(&[0])]],
        ),
        p(
            "all that is undone, and a sleeper",
            &[Auto(true), Auto(false), Auto(true)],
            vec![vec![all_for(&[0, 1], Now)], vec![all(&[0, 2])], vec![Set(1), look(&[1])]],
        ),
        p(
            "all beside reset",
            &SET[..2],
            vec![vec![all_for(&[0, 1], Now)], vec![Reset(1), look(&[0]), Set(1), look(&[1])]],
        ),
        p("all beside set", &SET[..2], vec![vec![all_for(&[0, 1], Now)], vec![look(&[0]), Set(1), look(&[1])]]),
        p(
            "half a commit is not seen",
            &[Auto(true), Semaphore(1, 2)],
            vec![vec![all(&[0, 1])], vec![look(&[0]), Release(1, 2), look(&[1])]],
        ),
        p(
            "all of manual and auto",
            &[Manual(false), Auto(false)],
            vec![vec![all(&[0, 1])], vec![Set(0), Set(1), Reset(0)], vec![look(&[1])]],
        ),
        p(
            "all of two that are never set together",
            &[Manual(true), Manual(false), Auto(true)],
            vec![vec![all_for(&[0, 1, 2], SOON)], vec![Reset(0), Set(1), look(&[2])]],
        ),
        p("all and any of the same", &UNSET[..2], vec![vec![all(&[0, 1])], vec![any(&[0])], vec![Set(0)]]),
        p(
            "all, any, and enough for both",
            &UNSET[..2],
            vec![vec![all(&[0, 1])], vec![any(&[0, 1])], vec![Set(0), Set(1), Set(0)]],
        ),
        p(
            "two alls and an any",
            &UNSET[..2],
            vec![vec![all(&[0, 1])], vec![all(&[1, 0])], vec![any(&[0])], vec![Set(0), Set(1)]],
        ),
        p(
            "all whose time is up passes on",
            &UNSET[..2],
            vec![vec![all_for(&[0, 1], SOON)], vec![any(&[0])], vec![Set(0)]],
        ),
        p(
            "all with a mutex, and others that lock it",
            &[Mutex, Auto(false)],
            vec![vec![all(&[0, 1]), Unlock(0)], vec![any(&[0]), Unlock(0)], vec![Set(1)]],
        ),
        p(
            "all with a mutex that is mine",
            &[Mutex, Auto(true)],
            vec![
                vec![any(&[0]), all(&[0, 1]), Unlock(0), Unlock(0), Unlock(0)],
                vec![all_for(&[0, 1], Now), Unlock(0)],
            ],
        ),
        p(
            "all with a mutex that is mine, and a try",
            &[Mutex, Auto(true)],
            vec![vec![any(&[0]), all(&[0, 1]), Unlock(0), Unlock(0)], vec![look(&[0]), Unlock(0)], vec![look(&[1])]],
        ),
        p(
            "a try of a mutex that is claimed",
            &[Mutex, Auto(true)],
            vec![vec![all_for(&[0, 1], Now)], vec![look(&[0]), Unlock(0), look(&[1])], vec![look(&[1])]],
        ),
        p(
            "all with an abandoned mutex",
            &[Orphan, Auto(true)],
            vec![vec![all_for(&[0, 1], Now), Unlock(0)], vec![look(&[1])], vec![look(&[0]), Unlock(0)]],
        ),
        p(
            "all of two mutexes, in opposite orders",
            &[Mutex, Mutex],
            vec![vec![all(&[0, 1]), Unlock(1), Unlock(0)], vec![all(&[1, 0]), Unlock(0), Unlock(1)]],
        ),
        p(
            "all of a mutex and a semaphore, any of both and an event",
            &[Mutex, Auto(false), ZERO],
            vec![vec![Release(2, 2)], vec![all(&[0, 2]), Unlock(0)], vec![any(&[1, 2, 0])]],
        )
        .inexact(),
    ]
}

fn momentary() -> Vec<Program> {
    let p = Program::new;
    vec![
        p(
            "manual: set, reset",
            &[Manual(false)],
            vec![vec![any(&[0])], vec![any_for(&[0], SOON)], vec![Set(0), Reset(0)]],
        )
        .must(),
        p("manual: pulse", &[Manual(false)], vec![vec![any(&[0])], vec![any_for(&[0], SOON)], vec![Pulse(0)]]).must(),
        p(
            "manual: pulse, and another",
            &[Manual(false), Auto(false)],
            vec![vec![any(&[1, 0])], vec![any_for(&[0], SOON)], vec![Pulse(0), Set(1)]],
        )
        .must(),
        p("auto: set, reset", &UNSET[..1], vec![vec![any(&[0])], vec![Set(0), Reset(0)]]).must(),
        p("auto: pulse", &UNSET[..1], vec![vec![any(&[0])], vec![Pulse(0)]]).must(),
        p("auto: pulse and set", &UNSET[..1], vec![vec![any_for(&[0], SOON)], vec![any(&[0])], vec![Pulse(0), Set(0)]]),
        p(
            "auto: pulse, and one who comes late",
            &UNSET[..1],
            vec![vec![any(&[0])], vec![Pulse(0), any_for(&[0], SOON)]],
        ),
        p(
            "auto: pulse, all and any",
            &[Auto(false), Auto(true)],
            vec![vec![all_for(&[0, 1], SOON)], vec![any(&[0])], vec![Pulse(0)]],
        ),
        p(
            "auto: set, reset, all and any",
            &UNSET[..2],
            vec![vec![all(&[0, 1])], vec![any(&[0])], vec![Set(0), Reset(0)]],
        ),
        p(
            "auto: set, reset under a claim",
            &SET[..2],
            vec![vec![all(&[0, 1])], vec![Reset(0), Pulse(1)], vec![any(&[0])]],
        ),
    ]
}

fn timers() -> Vec<Program> {
    let p = Program::new;
    vec![
        p("a timer for one of two", &[Timer(3, 0)], vec![vec![any(&[0])], vec![any_for(&[0], SOON)]]),
        p("a timer before a deadline", &[Timer(3, 0)], vec![vec![any_for(&[0], SOON)]]),
        p("all of a timer before a deadline", &[Timer(3, 0), Auto(true)], vec![vec![all_for(&[0, 1], SOON)]]),
        p("a manual timer for all", &[ManualTimer(3)], vec![vec![any(&[0])], vec![any(&[0])]]),
        p("a timer with a period", &[Timer(3, 2)], vec![vec![any(&[0])], vec![any(&[0])]]).until(7),
        p("armed beside a sleeper", &[Timer(0, 0)], vec![vec![any(&[0])], vec![Arm(0, 3, 0, false)]]),
        p("armed by the wall clock", &[Timer(0, 0)], vec![vec![any(&[0])], vec![Arm(0, 3, 2, true)]]).until(5),
        p("armed anew, earlier", &[Timer(7, 0)], vec![vec![any_for(&[0], SOON)], vec![Arm(0, 3, 0, false)]]),
        p("armed anew, later", &[Timer(2, 0)], vec![vec![any_for(&[0], SOON)], vec![Arm(0, 7, 0, false)]]),
        p("armed anew with a period", &[Timer(2, 0)], vec![vec![any(&[0])], vec![Arm(0, 3, 3, false)]]).until(9),
        p("armed for two", &[Timer(0, 0)], vec![vec![any(&[0])], vec![any(&[0])], vec![Arm(0, 2, 2, false)]]).until(6),
        p(
            "armed by two",
            &[Timer(0, 0)],
            vec![vec![any_for(&[0], SOON)], vec![Arm(0, 2, 1, false)], vec![Arm(0, 3, 0, false)]],
        ),
        p("cancelled beside a waiter", &[Timer(2, 2)], vec![vec![any_for(&[0], SOON)], vec![Cancel(0)]]).until(8),
        p("cancelled and armed", &[Timer(2, 2)], vec![vec![any(&[0])], vec![Cancel(0), Arm(0, 4, 0, false)]]).until(8),
        p(
            "any of timer and event",
            &[Timer(3, 0), Auto(false)],
            vec![vec![any(&[0, 1])], vec![any(&[0])], vec![Set(1)]],
        ),
        p(
            "all of timer and event",
            &[Timer(3, 2), Auto(false)],
            vec![vec![all_for(&[0, 1], SOON)], vec![Set(1), look(&[0])]],
        ),
        p(
            "all of timer and event, armed anew",
            &[Timer(2, 0), Auto(true)],
            vec![vec![all(&[0, 1])], vec![Arm(0, 4, 3, false)], vec![look(&[1])]],
        )
        .until(7),
        p("all of two timers", &[Timer(1, 1), Timer(1, 2)], vec![vec![all(&[0, 1])]]).until(5),
        p(
            "all of timer and event, cancelled",
            &[Timer(2, 2), Auto(true)],
            vec![vec![all_for(&[0, 1], SOON)], vec![Cancel(0)], vec![look(&[0])]],
        ),
    ]
}

fn killed() -> Vec<Program> {
    let p = Program::new;
    let use_it = || vec![any(&[0]), Unlock(0)];
    vec![
        p("one set for two", &UNSET[..1], vec![vec![any(&[0])], vec![any(&[0])], vec![Set(0)]]).kills(1, &[0, 1, 2]),
        p("any of two beside one", &UNSET[..2], vec![vec![any(&[0, 1])], vec![any(&[0])], vec![Set(1), Set(0)]])
            .kills(1, &[0, 1, 2]),
        p("two of a semaphore", &[ZERO], vec![vec![any(&[0])], vec![any(&[0])], vec![Release(0, 2)]])
            .kills(1, &[0, 1, 2]),
        p("all and any", &[Auto(false), Auto(true)], vec![vec![all(&[0, 1])], vec![any(&[0])], vec![Set(0)]])
            .kills(1, &[0, 1, 2]),
        p("all and all", &SET[..2], vec![vec![all(&[0, 1])], vec![all(&[1, 0])], vec![look(&[0])]]).kills(1, &[0, 1]),
        p("all, set and any", &SET[..2], vec![vec![all(&[0, 1])], vec![Set(0)], vec![any(&[0])]]).kills(1, &[0, 1]),
        p("all, and two anys", &SET[..2], vec![vec![all(&[0, 1])], vec![any(&[0])], vec![any(&[0])]]).kills(2, &[0, 1]),
        p("all, and two resets", &SET[..2], vec![vec![all(&[0, 1])], vec![Reset(0)], vec![Reset(0)]]).kills(2, &[0, 1]),
        p("all with a mutex", &[Mutex, Auto(true)], vec![vec![all(&[0, 1]), Unlock(0)], use_it(), vec![look(&[0])]])
            .kills(1, &[0, 1]),
        p(
            "all with an abandoned mutex",
            &[Orphan, Auto(true)],
            vec![vec![all(&[0, 1]), Unlock(0)], use_it(), vec![look(&[1])]],
        )
        .kills(1, &[0]),
        p(
            "two alls with an abandoned mutex",
            &[Orphan, Auto(true)],
            vec![vec![all(&[0, 1]), Unlock(0)], vec![all(&[0, 1]), Unlock(0)]],
        )
        .kills(2, &[0, 1]),
        p("a mutex for three", &[Mutex], vec![use_it(), use_it(), use_it()]).kills(1, &[0, 1, 2]),
        p("a mutex for two", &[Mutex], vec![use_it(), use_it()]).kills(2, &[0, 1]),
        p("a mutex kept", &[Mutex], vec![vec![any(&[0])], use_it(), use_it()]).kills(1, &[0]),
        p(
            "a mutex kept, any of it and an event",
            &[Mutex, Auto(false)],
            vec![vec![any(&[0]), Set(1)], vec![any(&[1, 0])], vec![any(&[0])]],
        )
        .kills(1, &[0])
        .inexact(),
        p("two mutexes kept", &[Owned(0), Owned(0)], vec![vec![], vec![any(&[0])], vec![any(&[1])]])
            .kills(1, &[0])
            .prompt(),
        p(
            "two mutexes kept, all and any",
            &[Owned(0), Owned(0), Auto(false)],
            vec![vec![], vec![all(&[0, 2])], vec![any(&[1])], vec![Set(2)]],
        )
        .kills(1, &[0])
        .prompt(),
        p("two mutexes, alls", &[Mutex, Mutex], vec![vec![all(&[0, 1])], vec![all(&[1, 0])]]).kills(1, &[0, 1]),
        p("two mutexes, one all", &[Mutex, Mutex], vec![vec![all(&[0, 1])], vec![any(&[1])]]).kills(1, &[0]),
        p(
            "a mutex taken twice",
            &[Mutex],
            vec![vec![any(&[0]), any(&[0]), Unlock(0)], vec![any(&[0]), any(&[0]), Unlock(0), Unlock(0), Unlock(0)]],
        )
        .kills(1, &[0]),
        p(
            "all of manual and semaphore",
            &[Manual(false), Semaphore(1, 3)],
            vec![vec![all(&[0, 1])], vec![any(&[1])], vec![Set(0), Release(1, 1)]],
        )
        .kills(1, &[0, 1, 2]),
        p("arming", &[Timer(3, 2)], vec![vec![any(&[0])], vec![Arm(0, 4, 0, false)]]).until(6).kills(1, &[0, 1]),
        p(
            "all of timer and event",
            &[Timer(2, 0), Auto(true)],
            vec![vec![all(&[0, 1])], vec![any(&[0])], vec![Arm(0, 3, 0, false)]],
        )
        .kills(1, &[0]),
        p("manual: pulse", &[Manual(false)], vec![vec![any(&[0])], vec![any(&[0])], vec![Pulse(0)]]).kills(1, &[0, 2]),
    ]
}

/// Sleeps that end for no reason, at any time; and looks before the sleep.
fn looking() -> Vec<Program> {
    let p = Program::new;
    let use_it = || vec![any(&[0]), Unlock(0)];
    vec![
        p("any of two beside one", &UNSET[..2], vec![vec![any(&[0, 1])], vec![any(&[0])], vec![Set(1), Set(0)]])
            .looks(2),
        p("a mutex for three", &[Mutex], vec![use_it(), use_it(), use_it()]).looks(1),
        p("all and any", &UNSET[..2], vec![vec![all(&[0, 1])], vec![any(&[0])], vec![Set(0), Set(1)]]).looks(2),
        p("auto: pulse", &UNSET[..1], vec![vec![any(&[0])], vec![Pulse(0)]]).looks(2).must(),
        p("a mutex for two", &[Mutex], vec![use_it(), use_it()]).kills(1, &[0, 1]).looks(1),
        p("all and any", &UNSET[..2], vec![vec![all(&[0, 1])], vec![any(&[0])], vec![Set(0), Set(1)]])
            .kills(1, &[0, 1])
            .looks(1),
        p("one set for two", &UNSET[..1], vec![vec![any(&[0])], vec![any(&[0])], vec![Set(0)]]).spins(),
        p("any of two beside one", &UNSET[..2], vec![vec![any(&[0, 1])], vec![any(&[0])], vec![Set(1), Set(0)]])
            .spins(),
        p("a mutex for two", &[Mutex], vec![use_it(), use_it()]).spins().kills(1, &[0]),
        p("a timer for one of two", &[Timer(3, 0)], vec![vec![any(&[0])], vec![any_for(&[0], SOON)]]).spins(),
        p("a timer", &[Timer(3, 0)], vec![vec![any(&[0])], vec![Arm(0, 4, 0, false)]]).looks(2),
    ]
}

//! Kills; sleeps that end for no reason.

use super::{SET, SOON, UNSET, ZERO, all, any, any_for, look};
use crate::program::Op::{Arm, Pulse, Release, Reset, Set, Unlock};
use crate::program::Program;
use crate::program::Thing::{Auto, Manual, Mutex, Orphan, Owned, Semaphore, Timer};

pub(super) fn killed() -> Vec<Program> {
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
            "all with a mutex taken twice",
            &[Mutex, Auto(true)],
            vec![vec![any(&[0]), any(&[0])], vec![all(&[0, 1]), Unlock(0), Unlock(0)]],
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

pub(super) fn looking() -> Vec<Program> {
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

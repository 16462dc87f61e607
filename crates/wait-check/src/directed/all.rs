//! Waits for all.

use lasthandle::protocol::Limit::Now;

use super::{SET, SOON, UNSET, ZERO, all, all_for, any, look};
use crate::program::Op::{Release, Reset, Set, Unlock};
use crate::program::Program;
use crate::program::Thing::{Auto, Manual, Mutex, Orphan, Semaphore};

pub(super) fn wait_all() -> Vec<Program> {
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
    ]
}

pub(super) fn wait_all_mutexes() -> Vec<Program> {
    let p = Program::new;
    vec![
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

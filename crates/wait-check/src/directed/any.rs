//! Waits for one, or for any of several.

use lasthandle::protocol::Limit::Now;

use super::{SOON, UNSET, ZERO, all, all_for, any, any_for, look};
use crate::program::Op::{Release, Set, Unlock};
use crate::program::Program;
use crate::program::Thing::{Auto, Manual, Mutex, Orphan, Owned, Semaphore};

pub(super) fn events() -> Vec<Program> {
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

pub(super) fn semaphores() -> Vec<Program> {
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

pub(super) fn mutexes() -> Vec<Program> {
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

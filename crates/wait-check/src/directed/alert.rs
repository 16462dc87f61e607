//! Waits that another thread ends by an alert.

use lasthandle::protocol::Limit::Now;

use super::{SOON, UNSET, ZERO, all, all_for, any, any_for, look};
use crate::program::Op::{Raise, Release, Set, Unlock};
use crate::program::Program;
use crate::program::Thing::{Auto, Manual, Mutex, Owned, Timer};

pub(super) fn alerts() -> Vec<Program> {
    let p = Program::new;
    let both = &[Auto(false), Auto(true)];
    vec![
        p("an alert beside a sleeper", &UNSET[..1], vec![vec![any(&[0])], vec![Raise(0)]]),
        p("an alert beside a sleeper for all", both, vec![vec![all(&[0, 1])], vec![Raise(0)]]),
        p("an alert beside a try", &UNSET[..1], vec![vec![look(&[0])], vec![Set(0), Raise(0)]]),
        p("an alert beside a try for all", both, vec![vec![all_for(&[0, 1], Now)], vec![Set(0), Raise(0)]]),
        p("a set, then an alert", &UNSET[..1], vec![vec![any(&[0])], vec![Set(0), Raise(0)]]),
        p("a set, then an alert, for all", both, vec![vec![all(&[0, 1])], vec![Set(0), Raise(0)]]),
        p("an alert before the end of time", &UNSET[..1], vec![vec![any_for(&[0], SOON)], vec![Raise(0), Set(0)]]),
        p(
            "an alert passes a wake-up on",
            &UNSET[..1],
            vec![vec![any(&[0])], vec![any(&[0])], vec![Set(0)], vec![Raise(0)]],
        ),
        p(
            "an alert passes a wake-up of all on",
            &UNSET[..2],
            vec![vec![all(&[0, 1])], vec![any(&[0])], vec![Set(0)], vec![Raise(0)]],
        ),
        p(
            "an alert, and any of two",
            &UNSET[..2],
            vec![vec![any(&[0, 1])], vec![any(&[1])], vec![Set(0), Set(1), Raise(0)]],
        )
        .inexact(),
        p(
            "two who are alerted",
            &[ZERO],
            vec![vec![any(&[0])], vec![any(&[0])], vec![Release(0, 1), Raise(1), Raise(0)]],
        ),
        p("a mutex and an alert", &[Owned(1)], vec![vec![any(&[0])], vec![Raise(0), Unlock(0)], vec![any(&[0])]]),
        p("a timer and an alert", &[Timer(2, 0)], vec![vec![any_for(&[0], SOON)], vec![Raise(0)]]),
        p(
            "alerts beside claims",
            &[Auto(true), Auto(true), Manual(false)],
            vec![vec![all(&[0, 1])], vec![all(&[1, 0, 2])], vec![Set(2), Raise(1), Raise(0)]],
        ),
        p(
            "an alert, and a claim that is in the way",
            &[Auto(true), Auto(true)],
            vec![vec![any(&[0])], vec![all(&[0, 1])], vec![Raise(0), Set(0)]],
        ),
        p(
            "an alert, and a claim that is stuck",
            &[Auto(true), Auto(true)],
            vec![vec![any(&[0])], vec![all(&[0, 1])], vec![Raise(0), Set(0)]],
        )
        .impatient(),
        p("an alert, a mutex and a kill", &[Mutex], vec![vec![any(&[0])], vec![any(&[0])], vec![Raise(0)]])
            .kills(1, &[1]),
        p(
            "an alert, a sleeper and a kill",
            &UNSET[..1],
            vec![vec![any(&[0])], vec![any(&[0])], vec![Set(0), Raise(0)]],
        )
        .kills(1, &[0]),
    ]
}

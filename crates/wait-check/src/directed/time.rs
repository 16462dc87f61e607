//! What lasts no longer than an instant; timers.

use super::{SET, SOON, UNSET, all, all_for, any, any_for, look};
use crate::program::Op::{Arm, Cancel, Pulse, Reset, Set};
use crate::program::Program;
use crate::program::Thing::{Auto, Manual, ManualTimer, Timer};

pub(super) fn momentary() -> Vec<Program> {
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

pub(super) fn timers() -> Vec<Program> {
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

//! Claims that do not go on, as waits see them: each takes every claim that it meets for one.
//!
//! Only waits without end: of one that may answer *timed out*, or of two signalled objects the higher one, this says
//! nothing that Windows could say.

use super::{all, any};
use crate::program::Op::{Arm, Release, Set, Unlock};
use crate::program::Program;
use crate::program::Thing::{Auto, Manual, Mutex, Orphan, Semaphore, Timer};

pub(super) fn stuck() -> Vec<Program> {
    let p = |name: &str, things: &[_], threads| Program::new(name, things, threads).impatient();
    let (set, unset) = (Auto(true), Auto(false));
    vec![
        p(
            "stuck, all in opposite orders",
            &[set; 2],
            vec![vec![all(&[0, 1])], vec![all(&[1, 0])], vec![Set(0), Set(1)]],
        ),
        p("stuck, all beside a wait for one", &[set; 2], vec![vec![all(&[0, 1])], vec![any(&[0])], vec![Set(0)]]),
        p(
            "stuck, all beside a wait for any",
            &[set, set, unset],
            vec![vec![all(&[0, 1])], vec![any(&[0, 2])], vec![Set(0)]],
        ),
        p(
            "stuck, all that is undone, and a wait for any",
            &[set, unset, unset],
            vec![vec![all(&[0, 1])], vec![any(&[2, 0])], vec![Set(1), Set(0)]],
        ),
        p(
            "stuck, a killed claimant",
            &[set, Manual(true), unset],
            vec![vec![all(&[0, 1])], vec![any(&[0, 2])], vec![Set(0)]],
        )
        .kills(1, &[0]),
        p(
            "stuck, a mutex",
            &[Mutex, set, unset],
            vec![vec![all(&[1, 0]), Unlock(0)], vec![any(&[0, 2]), Unlock(0)], vec![Set(1)]],
        ),
        p(
            "stuck, an abandoned mutex",
            &[Orphan, set, unset],
            vec![vec![all(&[1, 0]), Unlock(0)], vec![any(&[2, 0]), Unlock(0)]],
        ),
        p(
            "stuck, a semaphore",
            &[Semaphore(1, 3), set, unset],
            vec![vec![all(&[0, 1])], vec![any(&[0, 2])], vec![Release(0, 1)]],
        ),
        p(
            "stuck, a timer",
            &[Timer(5, 0), unset],
            vec![vec![any(&[0, 1])], vec![any(&[1, 0])], vec![Arm(0, 8, 3, false)]],
        ),
    ]
}

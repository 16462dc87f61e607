//! Every hole, opened: the program that is made for it fails, or the checker could not see the hole.

use lasthandle::protocol::mutant::{Hole, open};
use wait_check::{Failure, check, directed};

/// A hole, and the program that is made for it.
const FOUND_BY: &[(Hole, &str)] = &[
    (Hole::PassOnNothing, "any of two beside waiters for each"),
    (Hole::PassOnHighest, "any of three beside one on the middle"),
    (Hole::Duplicates, "a semaphore twice in a wait, beside another"),
    (Hole::LeaveUnmarked, "the same, and one of the sleepers leaves"),
    (Hole::TakeUnmarked, "a mutex whose mark of sleepers is taken away late"),
    (Hole::ClaimByOwning, "all with an abandoned mutex"),
    (Hole::ClaimByOwning, "a try of a mutex that is claimed"),
    (Hole::SignalPastClaim, "all beside set"),
    (Hole::SleepOnClaimed, "all that is undone, and a sleeper"),
    (Hole::NoSecondLook, "the lowest of two"),
    (Hole::NoSecondLookOfMutex, "event before mutex, set before it is unlocked"),
    (Hole::NoEpochs, "manual: pulse"),
    (Hole::NoEpochs, "auto: set, reset"),
    (Hole::SliceOnStateOnly, "a mutex for three, 1 killed of [0, 1, 2]"),
    (Hole::NoLastLook, "a timer before a deadline"),
    (Hole::NoLastLook, "all of a timer before a deadline"),
    (Hole::TryFailsOnClaim, "all that fails beside tries"),
    (Hole::ReleaseWakesOne, "two for two waiters"),
    (Hole::SleepersFirst, "one set for two waiters"),
    (Hole::ArgumentOrder, "all, in opposite orders"),
    (Hole::AllKeepsWakeUp, "all whose time is up passes on"),
    (Hole::ArmWakesNobody, "armed beside a sleeper"),
    (Hole::PeriodWithoutClaim, "armed anew with a period"),
    (Hole::ClocksReadApart, "all of two timers"),
    (Hole::DeathNotPassedOn, "two mutexes kept, 1 killed of [0]"),
    (Hole::CountOfTheDead, "a mutex taken twice, 1 killed of [0]"),
    (Hole::CountOfTheDead, "all with a mutex taken twice, 1 killed of [0]"),
    (Hole::SleepPastAlert, "an alert beside a sleeper"),
    (Hole::SleepPastAlert, "an alert beside a sleeper for all"),
    (Hole::NoLastLook, "a set, then an alert"),
    (Hole::NoLastLook, "a set, then an alert, for all"),
];

fn failure(hole: Hole, name: &str) -> Option<Failure> {
    open(Some(hole));
    let report = check(&directed::named(name), 3_000_000);
    open(None);
    report.failure
}

#[test]
fn every_hole_is_found() {
    let mut missed = Vec::new();
    for &(hole, name) in FOUND_BY {
        match failure(hole, name) {
            Some(failure) => println!("{hole:?}, by \"{name}\":\n{failure}"),
            None => missed.push((hole, name)),
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
    let forgotten: Vec<Hole> = Hole::ALL.into_iter().filter(|hole| FOUND_BY.iter().all(|row| row.0 != *hole)).collect();
    assert!(forgotten.is_empty(), "no program for: {forgotten:?}");
}

/// With all holes closed the same programs pass.
#[test]
fn none_is_open_by_itself() {
    for &(_, name) in FOUND_BY {
        let report = check(&directed::named(name), 30_000);
        assert!(report.failure.is_none(), "{name}");
    }
}

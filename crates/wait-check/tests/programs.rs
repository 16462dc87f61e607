//! Every directed program, and random ones, up to a size: some seconds. `cargo run --release -p wait-check -- --long`
//! goes on where this stops.

use wait_check::random::{self, Choice};
use wait_check::{Program, check, directed};

/// States of one program.
const MOST: usize = 60_000;

fn check_all(programs: impl Iterator<Item = Program>) {
    let (mut count, mut states) = (0, 0);
    for program in programs {
        let report = check(&program, MOST);
        if let Some(failure) = report.failure {
            panic!("{program}{failure}");
        }
        assert!(!report.complete || report.outcomes > 0, "{program} never ends");
        count += 1;
        states += report.states;
    }
    println!("{count} programs, {states} states");
}

#[test]
fn directed_programs() {
    check_all(directed::programs().into_iter());
}

#[test]
fn random_programs() {
    check_all((0..60).map(|seed| random::program(seed, Choice { kills: seed % 2 == 1, time: seed / 2 % 2 == 1 })));
}

/// What Windows may do is said in few enough words to be checked by hand here.
#[test]
fn the_oracle_of_one_set_for_two() {
    let ends = wait_check::outcomes(&directed::named("one set for two waiters"));
    assert_eq!(ends.len(), 2, "one of both goes, the other stays");
    let ends = wait_check::outcomes(&directed::named("a timer before a deadline"));
    assert_eq!(ends.len(), 1, "it is due before time is up");
}

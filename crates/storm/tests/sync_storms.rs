//! Several processes on several sync objects, killed at random; they and a referee check each other (see
//! `storm::sync_storm`). The long run is `cargo run --release -p storm -- sync --kills 100000`.
#![cfg(target_os = "linux")]

use storm::sync_storm::SyncStorm;

fn blow(storm: &SyncStorm) {
    let report = storm.blow();
    println!("{storm:?}: {report}");
    assert!(report.is_clean(), "{storm:?}: {report}");
    let count = |label: &str| report.counts.iter().find(|(found, _)| *found == label).expect("counted").1;
    assert!(count("locks") > 20 && count("waits for all") > 20 && count("names") > 5, "{report}");
}

#[test]
fn many_processes() {
    blow(&SyncStorm { kills: 1200, actors: 6, round: 400, seed: 1, fault: None });
}

#[test]
fn two_processes() {
    blow(&SyncStorm { kills: 400, actors: 2, round: 200, seed: 2, fault: None });
}

#[test]
fn without_sleep_on_several_words() {
    blow(&SyncStorm { kills: 400, actors: 4, round: 200, seed: 3, fault: Some("fail:sleep_on_many:38".into()) });
}

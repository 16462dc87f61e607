//! Senders and receivers of one channel, killed at random (see `storm::channel_storm`). The long run is
//! `cargo run --release -p storm -- channel --kills 100000`.
#![cfg(target_os = "linux")]

use storm::channel_storm::ChannelStorm;

fn blow(storm: &ChannelStorm) {
    let report = storm.blow();
    println!("{storm:?}: {report}");
    assert!(report.is_clean(), "{storm:?}: {report}");
    assert!(report.messages > 1000 && report.kills >= storm.kills, "{report}");
}

#[test]
fn several_senders() {
    blow(&ChannelStorm { kills: 300, senders: 3, seed: 1 });
}

#[test]
fn one_sender() {
    blow(&ChannelStorm { kills: 200, senders: 1, seed: 2 });
}

//! Senders and receivers of one channel, killed at random (see `storm::channel_storm`). The long run is
//! `cargo run --release -p storm -- channel --kills 100000`, and the same with `--shape broadcast`, `lossy`, `latest`.
#![cfg(target_os = "linux")]

use storm::channel_storm::{ChannelStorm, Shape};

fn blow(storm: &ChannelStorm) {
    let report = storm.blow();
    println!("{storm:?}: {report}");
    assert!(report.is_clean(), "{storm:?}: {report}");
    assert!(report.messages > 1000 && report.kills >= storm.kills, "{report}");
}

#[test]
fn several_senders() {
    blow(&ChannelStorm { kills: 300, shape: Shape::Queue, many: 3, seed: 1 });
}

#[test]
fn one_sender() {
    blow(&ChannelStorm { kills: 200, shape: Shape::Queue, many: 1, seed: 2 });
}

#[test]
fn a_lossless_broadcast() {
    blow(&ChannelStorm { kills: 200, shape: Shape::Broadcast, many: 3, seed: 3 });
}

#[test]
fn a_lossy_broadcast() {
    blow(&ChannelStorm { kills: 200, shape: Shape::Lossy, many: 3, seed: 4 });
}

#[test]
fn a_latest_value() {
    blow(&ChannelStorm { kills: 200, shape: Shape::Latest, many: 3, seed: 5 });
}

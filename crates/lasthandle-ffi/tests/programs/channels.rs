//! Channels by the functions with the prefix `lh_`.

use crate::build::{Bench, Language, says};

#[test]
fn channels_work_from_c() {
    says(&Language::NARROW, "lh_channel", &[], include_str!("said/lh_channel.txt"));
}

#[test]
fn broadcasts_work_from_c() {
    says(&Language::NARROW, "lh_broadcast", &[], include_str!("said/lh_broadcast.txt"));
}

#[test]
fn latest_values_work_from_c() {
    says(&Language::NARROW, "lh_latest", &[], include_str!("said/lh_latest.txt"));
}

#[test]
fn who_waits_for_a_peer_that_is_killed_learns_of_it() {
    says(&Language::NARROW, "lh_killed", &[], include_str!("said/lh_killed.txt"));
}

#[test]
fn the_example_receives_what_was_sent_and_tells_what_was_lost() {
    let bench = Bench::new();
    for language in Language::NARROW {
        let (sender, receiver) =
            (bench.example(language, "channel_sender"), bench.example(language, "channel_receiver"));
        let mut receiving = bench.start(&receiver, &[]);
        assert_eq!(receiving.line(), "waiting");
        assert_eq!(bench.run(&sender, &["one", "two"]), (0, "received\n".into()));
        let expected = "one\ntwo\nthe sender has gone; messages lost: 0\n";
        assert_eq!(receiving.finish(), (0, expected.into()), "{language:?}");

        let mut receiving = bench.start(&receiver, &[]);
        assert_eq!(receiving.line(), "waiting");
        assert_eq!(bench.run(&sender, &["--die", "one"]), (2, "gone\n".into()));
        let expected = "one\nthe sender has gone; messages lost: 1\n";
        assert_eq!(receiving.finish(), (0, expected.into()), "{language:?}");
    }
}

#[test]
fn the_example_of_a_broadcast_reaches_all_and_its_last_value_stays() {
    let bench = Bench::new();
    for language in Language::NARROW {
        let (sender, receiver) =
            (bench.example(language, "broadcast_sender"), bench.example(language, "broadcast_receiver"));
        let mut receiving = [bench.start(&receiver, &[]), bench.start(&receiver, &[])];
        for it in &mut receiving {
            assert_eq!(it.line(), "waiting");
        }
        assert_eq!(bench.run(&sender, &["one", "two"]), (0, "sent to 2 receivers\n".into()));
        let expected = "one\ntwo\nthe sender has gone; it sent 2 messages, and the last was two\n";
        for it in receiving {
            assert_eq!(it.finish(), (0, expected.into()), "{language:?}");
        }
    }
}

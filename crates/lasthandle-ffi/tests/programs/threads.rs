//! Threads, what is queued to them, and timers' routines.

use crate::build::{Bench, Language, says};

#[test]
fn queued_calls_run_in_alertable_waits_in_their_order() {
    says(&Language::NARROW, "apc", &[], include_str!("said/apc.txt"));
}

#[test]
fn threads_begin_and_end_as_windows_says() {
    says(&Language::NARROW, "threads", &[], include_str!("said/threads.txt"));
}

#[test]
fn completion_routines_run_in_their_thread_at_their_time() {
    for arguments in [&[][..], &["manual"]] {
        says(&Language::NARROW, "timer_routine", arguments, include_str!("said/timer_routine.txt"));
    }
}

#[test]
fn calls_reach_whoever_waits_and_every_end_of_a_thread_is_seen() {
    says(&[Language::C], "thread_storm", &[], include_str!("said/thread_storm.txt"));
}

#[test]
fn threads_end_in_programs_that_have_all_keys() {
    let bench = Bench::new();
    let program = bench.program(Language::C, "keys");
    let ended = "waited: 0 5\n";
    assert_eq!(bench.run(&program, &[]), (0, format!("at least 64: 1 1\n{ended}{ended}")));
    assert_eq!(bench.run(&program, &["before"]), (0, format!("no: 8\n{ended}")));
}

#[test]
fn nobody_looks_after_threads_without_handles() {
    let bench = Bench::new();
    let program = bench.program(Language::C, "strangers");
    assert_eq!(bench.run(&program, &[]), (0, "0 look after nobody\n0 bad\n".into()));
}

#[test]
fn a_process_ends_with_its_programs_last_thread() {
    let bench = Bench::new();
    let program = bench.program(Language::C, "last_thread");
    for _ in 0..5 {
        assert_eq!(bench.run(&program, &[]), (3, String::new()));
        assert_eq!(bench.run(&program, &["worker"]), (4, String::new()));
    }
}

#[test]
fn timers_of_threads_that_end_are_cancelled_and_nothing_stays() {
    let bench = Bench::new();
    let found = bench.run(&bench.program(Language::C, "armed"), &[]);
    assert_eq!(found, (0, "armed: 20, due: 102\nmore is mapped: 0\n".to_owned()));
}

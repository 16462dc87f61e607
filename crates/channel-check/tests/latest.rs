//! A latest value's writer and readers under every interleaving, the writer killed at every step, and with each rule broken.

use std::sync::atomic::Ordering::Release;

use channel_check::{Life, Mutant, Words, every_way, fails};
use lasthandle::channel::latest_cell::Slots;
use lasthandle::channel::memory::Memory;
use lasthandle::channel::seat::{Roll, Seat};
use loom::sync::Arc;
use loom::thread;

const VERSION: usize = 0;
const SEAT: Seat = Seat { token: 8, generation: 16, filling: 24, lost: 32, waiting: 40 };
const ROLL: Roll = Roll(48);
const EVENT: usize = 56;
const BASE: usize = 64;
/// So long that there are only four slots; what is written has two words.
const LONGEST: usize = 4096;
const SIZE: usize = 64 + LONGEST;

fn slots() -> Slots {
    assert_eq!(Slots::bytes(LONGEST), 4 * SIZE);
    Slots::new(VERSION, BASE, LONGEST)
}

/// A value of that version was written, and three before it.
fn words(version: u64) -> Arc<Words> {
    let slot = |slot: u64| {
        let at = BASE + usize::try_from(slot).expect("small") * SIZE;
        let value = (0..=version).rev().find(|version| version % 4 == slot).unwrap_or(0);
        [(at, 16), (at + 64, value), (at + 72, value)]
    };
    let head = (0..BASE).step_by(8).map(|at| (at, if at == VERSION { version } else { 0 }));
    Words::at(head.chain((0..4).flat_map(slot)))
}

fn life(words: &Arc<Words>, mutant: Mutant) -> Life {
    Life::new(words, BASE, mutant)
}

fn write(memory: &Life, before: u64) -> u64 {
    let version = before + 1;
    let bytes: Vec<u8> = [version; 2].iter().flat_map(|word| word.to_le_bytes()).collect();
    slots().write(memory, before, &bytes)
}

/// Reads what is newer than `seen`: it is whole. The version, if there is something.
fn read(memory: &Life, seen: u64) -> Option<u64> {
    let copy = |at: usize, length: usize| {
        assert!(length == 16 || memory.is_dead(), "{length} bytes");
        [0, 8].map(|word| memory.load(at + word, std::sync::atomic::Ordering::Relaxed))
    };
    let (version, value) = slots().read(memory, seen, copy).expect("neither damaged nor too fast")?;
    assert_eq!(value, [version; 2], "torn");
    assert!(version > seen, "{version} after {seen}");
    Some(version)
}

/// One writes as many as make it reuse the slot that the reader may be in, which reads twice.
fn flow(mutant: Mutant) {
    let words = words(4);
    let (writing, reading) = (life(&words, mutant), life(&words, mutant));
    let writer = thread::spawn(move || {
        for before in 4..8 {
            assert_eq!(write(&writing, before), before + 1);
        }
    });
    let reader = thread::spawn(move || {
        let first = read(&reading, 0).expect("there was one from the start");
        assert!(first >= 4);
        read(&reading, first).unwrap_or(first)
    });
    writer.join().expect("no panic");
    let last = reader.join().expect("no panic");
    let seen = read(&life(&words, Mutant::Sound), 0).expect("there");
    assert!(seen == 8 && last <= 8);
}

/// A writer is killed before any step; its successor goes on with the version that stands, while one reads.
fn writer_dies(steps: usize) {
    let words = words(4);
    let (first, second) = (life(&words, Mutant::Sound).killed_after(steps), life(&words, Mutant::Sound));
    let reading = life(&words, Mutant::Sound);
    let writer = thread::spawn(move || {
        let mut before = 4;
        while !first.is_dead() && before < 7 {
            before = write(&first, before);
        }
        let stands = slots().version(&second);
        assert!(stands + 1 == before || stands == before, "{stands}, {before}");
        (0..3).fold(stands, |before, _| write(&second, before))
    });
    let reader = thread::spawn(move || {
        let first = read(&reading, 0).expect("there was one from the start");
        read(&reading, first).unwrap_or(first)
    });
    let last = writer.join().expect("no panic");
    assert!(reader.join().expect("no panic") <= last);
    assert_eq!(read(&life(&words, Mutant::Sound), 0), Some(last));
}

/// Who waits for the next value gets it, or sleeps and is woken.
fn next(mutant: Mutant) {
    let words = words(4);
    let (writing, reading) = (life(&words, mutant), life(&words, mutant));
    let writer = thread::spawn(move || {
        write(&writing, 4);
        if ROLL.take(&writing) != 0 && SEAT.is_to_be_woken(&writing) {
            writing.store(EVENT, 1, Release);
        }
    });
    let reader = thread::spawn(move || {
        ROLL.add(&reading, 1);
        SEAT.arm(&reading);
        read(&reading, 4).is_none()
    });
    writer.join().expect("no panic");
    let sleeps = reader.join().expect("no panic");
    let woken = life(&words, Mutant::Sound).load(EVENT, std::sync::atomic::Ordering::Relaxed) == 1;
    assert!(!sleeps || woken, "it sleeps on");
}

#[test]
fn a_reader_gets_whole_values_and_never_an_older_one() {
    every_way(3, || flow(Mutant::Sound));
}

#[test]
fn a_writer_may_be_killed_before_any_step() {
    for steps in 0..13 {
        every_way(1, move || writer_dies(steps));
    }
}

#[test]
fn who_waits_for_the_next_value_is_woken() {
    every_way(4, || next(Mutant::Sound));
}

#[test]
fn each_rule_is_needed() {
    for mutant in [Mutant::Relaxed, Mutant::Unacquired, Mutant::Behind] {
        assert!(fails(3, move || flow(mutant)), "{mutant:?} is not found");
    }
    assert!(fails(4, || next(Mutant::Unfenced)), "a missing fence is not found");
}

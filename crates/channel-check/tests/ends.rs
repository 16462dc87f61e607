//! Sleeping and waking, leaving, burying and taking over, under every interleaving.

use channel_check::{Life, Mutant, Words, every_way, fails};
use lasthandle::channel::memory::Memory;
use lasthandle::channel::seat::{Seat, Wanted};
use loom::sync::Arc;
use loom::thread;
use std::sync::atomic::Ordering::{Relaxed, Release};

const SEAT: Seat = Seat { token: 0, generation: 8, filling: 16, lost: 24, waiting: 32 };
const WANTED: Wanted = Wanted(40);
/// What the sleeper sleeps for: a header, or a cursor.
const READY: usize = 48;
const EVENT: usize = 56;
const NO_RING: usize = 1 << 20;

const OLD: u64 = 7;
const NEW: u64 = 9;

fn memory(mutant: Mutant) -> (Arc<Words>, Life) {
    let words = Words::new([0; 8]);
    let life = Life::new(&words, NO_RING, mutant);
    (words, life)
}

/// Somebody publishes once, somebody sleeps for it: who sleeps is woken.
fn message(mutant: Mutant, wakers: usize) {
    let (words, sleeper) = memory(mutant);
    let wake = |words: &Arc<Words>| {
        let life = Life::new(words, NO_RING, mutant);
        thread::spawn(move || {
            life.store(READY, 1, Release);
            if SEAT.is_to_be_woken(&life) {
                life.store(EVENT, 1, Release);
            }
        })
    };
    let wakers: Vec<_> = (0..wakers).map(|_| wake(&words)).collect();
    SEAT.arm(&sleeper);
    let sleeps = sleeper.load(READY, Relaxed) == 0;
    for waker in wakers {
        waker.join().expect("no panic");
    }
    assert!(!sleeps || sleeper.load(EVENT, Relaxed) == 1, "it sleeps on");
}

/// The same for room: the sleeper says which cursor it waits for.
fn room(mutant: Mutant) {
    let (words, sleeper) = memory(mutant);
    let life = Life::new(&words, NO_RING, mutant);
    let reader = thread::spawn(move || {
        for cursor in [64, 128, 192] {
            life.store(READY, cursor, Release);
            if WANTED.is_reached(&life, cursor) {
                life.store(EVENT, 1, Release);
            }
        }
    });
    WANTED.ask(&sleeper, 128);
    SEAT.arm(&sleeper);
    let sleeps = sleeper.load(READY, Relaxed) < 128;
    reader.join().expect("no panic");
    assert!(!sleeps || sleeper.load(EVENT, Relaxed) == 1, "it sleeps on");
}

#[test]
fn who_sleeps_for_a_message_is_woken() {
    every_way(4, || message(Mutant::Sound, 1));
    every_way(2, || message(Mutant::Sound, 2));
    assert!(fails(4, || message(Mutant::Unfenced, 1)), "a missing fence is not found");
}

#[test]
fn who_sleeps_for_room_is_woken() {
    every_way(4, || room(Mutant::Sound));
    assert!(fails(4, || room(Mutant::Unfenced)), "a missing fence is not found");
}

/// The holder of an end dies, writing; one buries it, and may be killed before any step; another does the same and takes
/// the end. In the end the living one has it, and one message is counted as lost.
fn taken_over(steps: usize, mutant: Mutant) {
    let (words, taker) = memory(mutant);
    let generation = SEAT.enter(&taker, OLD);
    taker.store(SEAT.filling, generation, Relaxed);
    let peer = Life::new(&words, NO_RING, mutant).killed_after(steps);
    let burying = thread::spawn(move || {
        match peer.load(SEAT.token, Relaxed) {
            0 => SEAT.note_gone(&peer),
            OLD => SEAT.bury(&peer, OLD),
            _ => {}
        }
        peer.is_dead()
    });
    SEAT.bury(&taker, OLD);
    let generation = SEAT.enter(&taker, NEW);
    taker.store(SEAT.filling, generation, Relaxed);
    let killed = burying.join().expect("no panic");
    assert_eq!(taker.load(SEAT.token, Relaxed), NEW);
    assert!(!SEAT.has_gone(&taker), "its living holder is marked as gone");
    assert_eq!(taker.load(SEAT.filling, Relaxed), generation, "what the living one writes is forgotten");
    let lost = taker.load(SEAT.lost, Relaxed);
    assert!(lost == 1 || killed && lost == 0, "{lost} lost");
}

/// The holder leaves, and may be killed or stopped before any step, while another looks whether it can be had.
fn left(steps: usize, mutant: Mutant) {
    let (words, other) = memory(mutant);
    SEAT.enter(&other, OLD);
    let holder = Life::new(&words, NO_RING, mutant).killed_after(steps);
    let leaving = thread::spawn(move || SEAT.leave(&holder, OLD));
    let taken = other.load(SEAT.token, Relaxed) == 0;
    if taken {
        SEAT.enter(&other, NEW);
    }
    leaving.join().expect("no panic");
    if taken {
        assert!(!SEAT.has_gone(&other), "its living holder is marked as gone");
        return;
    }
    // What who waits does in the end, if the holder's process has ended.
    match other.load(SEAT.token, Relaxed) {
        0 => SEAT.note_gone(&other),
        token => SEAT.bury(&other, token),
    }
    assert!(SEAT.has_gone(&other) && other.load(SEAT.token, Relaxed) == 0, "nobody learns that it has gone");
}

#[test]
fn an_end_is_taken_over_whoever_is_killed_on_the_way() {
    for steps in (0..12).chain([1000]) {
        every_way(3, move || taken_over(steps, Mutant::Sound));
    }
    assert!(fails(3, || taken_over(1000, Mutant::BlindExchange)), "an exchange that does not look is not found");
}

#[test]
fn an_end_is_left_whoever_is_killed_on_the_way() {
    for steps in (0..8).chain([1000]) {
        every_way(3, move || left(steps, Mutant::Sound));
    }
    assert!(fails(3, || left(1000, Mutant::BlindExchange)), "an exchange that does not look is not found");
}

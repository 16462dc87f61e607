//! A log's sender and receivers under every interleaving: receivers that arrive, that are killed meanwhile and that are
//! overrun, a sender that is killed at every step, and each rule broken.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use channel_check::{Life, Mutant, Words, every_way, fails};
use lasthandle::channel::log::{Log, LogReader, LogWriter, Seen};
use lasthandle::channel::memory::Memory;
use lasthandle::channel::record::{Header, LINE, Shape};
use lasthandle::channel::ring::Ring;
use lasthandle::channel::seat::Wanted;
use loom::sync::Arc;
use loom::thread;

const FIRM: usize = 8;
const MARKS: usize = 32;
/// Of the one receiver.
const CURSOR: usize = 96;
const TOKEN: usize = 104;
const EVENT: usize = 112;
const BASE: usize = 128;
const CAPACITY: usize = 256;
/// Messages that were sent before, of two words: as many as there is room for.
const BEFORE: u64 = 3;

fn log(lossy: bool) -> Log {
    let ring = Ring { base: BASE, capacity: CAPACITY, cursor: FIRM, released: FIRM, longest: 16 };
    Log { ring, tail: 0, marks: MARKS, arrivals: 24, wanted: Wanted(16), lossy }
}

/// Nothing was given up yet; somebody has the receiver's end, whose predecessor's cursor lay at the end.
fn words() -> Arc<Words> {
    let mut words: Vec<u64> = vec![0; (BASE + CAPACITY) / 8];
    words[TOKEN / 8] = 1;
    words[CURSOR / 8] = BEFORE * LINE as u64;
    for number in 0..BEFORE {
        let position = number * LINE as u64;
        let at = (BASE + usize::try_from(position).expect("small")) / 8;
        words[at] = Header::Message(Shape::of(16)).word(position);
        words[at + 1..at + 3].fill(number);
    }
    Words::new(words)
}

fn life(words: &Arc<Words>, mutant: Mutant) -> Life {
    Life::new(words, BASE, mutant)
}

struct Sending {
    memory: Life,
    writer: LogWriter,
}

impl Sending {
    fn new(log: Log, memory: Life) -> Option<Self> {
        let writer = LogWriter::resume(log, &memory);
        assert!(writer.is_ok() || memory.is_dead(), "damaged");
        Some(Self { writer: writer.ok().filter(|_| !memory.is_dead())?, memory })
    }

    /// Sends the next message, if there is room.
    fn send(&mut self) -> bool {
        let memory = &self.memory;
        let least = |wanted| {
            let cursor = memory.load(CURSOR, Acquire);
            if cursor < wanted && memory.load(TOKEN, Acquire) != 0 { cursor } else { u64::MAX }
        };
        let room = match self.writer.room(memory, 16, least) {
            _ if memory.is_dead() => return false,
            Ok(Some(room)) => room,
            Ok(None) => return false,
            Err(damaged) => panic!("{damaged:?}"),
        };
        let number = self.writer.sent();
        let bytes: Vec<u8> = [number; 2].iter().flat_map(|word| word.to_le_bytes()).collect();
        self.writer.fill(memory, room, &bytes);
        self.writer.publish(memory, room, 16);
        true
    }
}

struct Receiving {
    memory: Life,
    reader: LogReader,
    lossy: bool,
    /// The number of the next message, if one was received.
    next: Option<u64>,
    /// It was told to have missed so many since.
    missed: u64,
}

impl Receiving {
    fn arrive(log: Log, memory: Life, from_oldest: bool) -> Option<Self> {
        let reader = LogReader::arrive(log, CURSOR, from_oldest, &memory);
        assert!(reader.is_ok() || memory.is_dead(), "damaged");
        let reader = reader.ok().filter(|_| !memory.is_dead())?;
        Some(Self { memory, reader, lossy: log.lossy, next: None, missed: 0 })
    }

    /// The next message, if there is one: it is whole, and what lies between it and the last is what was told as missed.
    fn receive(&mut self, is_careless: bool) -> Option<u64> {
        for _ in 0..4 {
            match self.reader.look(&self.memory).expect("not damaged") {
                Seen::Nothing => return None,
                Seen::Overrun => {}
                Seen::Message(found) => {
                    assert_eq!(found.length, 16);
                    let value = [0, 8].map(|word| self.memory.load(found.at + word, Relaxed));
                    if is_careless || !self.reader.is_overrun(&self.memory) {
                        self.reader.pass(found);
                        return Some(self.note(value));
                    }
                }
            }
            assert!(self.lossy, "overrun");
            self.missed += self.reader.catch_up(&self.memory).expect("not damaged");
        }
        None
    }

    fn note(&mut self, value: [u64; 2]) -> u64 {
        assert_eq!(value[0], value[1], "torn");
        let expected = self.next.map_or(value[0], |next| next + self.missed);
        assert_eq!(value[0], expected, "{} were told as missed", self.missed);
        (self.next, self.missed) = (Some(value[0] + 1), 0);
        value[0]
    }

    /// All that is left, when nobody sends any more.
    fn drain(&mut self) {
        while self.receive(false).is_some() {}
    }
}

/// A receiver arrives while the sender goes round the log: nothing behind its place is overwritten.
fn arrival(mutant: Mutant, from_oldest: bool) {
    let words = words();
    let mut sending = Sending::new(log(false), life(&words, mutant)).expect("alive");
    let receiving = life(&words, mutant);
    let sender = thread::spawn(move || {
        let sent = (0..3).take_while(|_| sending.send()).count();
        BEFORE + sent as u64
    });
    let receiver = thread::spawn(move || {
        let mut receiving = Receiving::arrive(log(false), receiving, from_oldest).expect("alive");
        receiving.receive(false);
        receiving
    });
    let sent = sender.join().expect("no panic");
    let mut receiving = receiver.join().expect("no panic");
    receiving.drain();
    assert_eq!(receiving.next.unwrap_or(sent), sent, "overrun");
}

/// It is killed before any step, and buried: then the sender has room.
fn arrival_ends(steps: usize) {
    let words = words();
    let mut sending = Sending::new(log(false), life(&words, Mutant::Sound)).expect("alive");
    let receiving = life(&words, Mutant::Sound).killed_after(steps);
    let receiver = thread::spawn(move || Receiving::arrive(log(false), receiving, true).map(|it| it.memory.is_dead()));
    let mut sent = (0..3).take_while(|_| sending.send()).count();
    receiver.join().expect("no panic");
    sending.memory.store(TOKEN, 0, Release);
    sent += (sent..3).take_while(|_| sending.send()).count();
    assert_eq!(sent, 3, "a dead receiver holds it back");
}

/// The sender meets the cursor of who is still arriving, and sleeps: it is woken.
fn arrival_wakes(mutant: Mutant, is_silent: bool) {
    let words = words();
    let mut sending = Sending::new(log(false), life(&words, mutant)).expect("alive");
    let receiving = life(&words, mutant);
    let receiver = thread::spawn(move || {
        let mut receiving = Receiving::arrive(log(false), receiving, false).expect("alive");
        if receiving.reader.release(&receiving.memory) && !is_silent {
            receiving.memory.store(EVENT, 1, Release);
        }
    });
    let sleeps = !sending.send() && {
        log(false).wanted.ask(&sending.memory, sending.writer.wanted(16));
        sending.memory.heavy();
        !sending.send()
    };
    receiver.join().expect("no panic");
    assert!(!sleeps || sending.memory.load(EVENT, Relaxed) == 1, "it sleeps on");
}

/// A lossy sender goes round the log under a receiver's eyes.
fn overrun(mutant: Mutant, is_careless: bool) {
    let words = words();
    let mut sending = Sending::new(log(true), life(&words, mutant)).expect("alive");
    let mut receiving = Receiving::arrive(log(true), life(&words, mutant), true).expect("alive");
    let sender = thread::spawn(move || assert!((0..3).all(|_| sending.send())));
    let receiver = thread::spawn(move || {
        receiving.receive(is_careless);
        receiving.receive(is_careless);
        receiving
    });
    sender.join().expect("no panic");
    let mut receiving = receiver.join().expect("no panic");
    receiving.drain();
    assert_eq!(receiving.next, Some(BEFORE + 3));
}

/// The sender is killed before any step, and another goes on, under the eyes of a receiver.
fn sender_dies(steps: usize, lossy: bool) {
    let words = words();
    let first = life(&words, Mutant::Sound).killed_after(steps);
    let second = life(&words, Mutant::Sound);
    let mut receiving = Receiving::arrive(log(lossy), life(&words, Mutant::Sound), true).expect("alive");
    let sender = thread::spawn(move || {
        if let Some(mut first) = Sending::new(log(lossy), first) {
            while !first.memory.is_dead() && first.writer.sent() < BEFORE + 3 && (first.send() || lossy) {}
        }
        let mut second = Sending::new(log(lossy), second).expect("alive");
        while second.writer.sent() < BEFORE + 3 && (second.send() || lossy) {}
        second.writer.sent()
    });
    let receiver = thread::spawn(move || {
        receiving.receive(false);
        receiving.reader.release(&receiving.memory);
        receiving
    });
    let sent = sender.join().expect("no panic");
    let mut receiving = receiver.join().expect("no panic");
    receiving.drain();
    assert_eq!(receiving.next, Some(sent));
}

#[test]
fn who_arrives_is_not_overrun() {
    for from_oldest in [true, false] {
        every_way(2, move || arrival(Mutant::Sound, from_oldest));
    }
}

#[test]
fn who_is_killed_while_it_arrives_holds_nobody_back() {
    for steps in 0..16 {
        every_way(2, move || arrival_ends(steps));
    }
}

#[test]
fn who_sleeps_for_one_that_arrives_is_woken() {
    every_way(3, || arrival_wakes(Mutant::Sound, false));
}

#[test]
fn a_torn_message_is_never_delivered_and_what_is_missed_is_told() {
    every_way(2, || overrun(Mutant::Sound, false));
}

#[test]
fn a_sender_may_be_killed_before_any_step() {
    for lossy in [false, true] {
        for steps in 0..48 {
            every_way(1, move || sender_dies(steps, lossy));
        }
    }
}

#[test]
fn each_rule_is_needed() {
    assert!(fails(2, || arrival(Mutant::Unfenced, true)), "a missing fence of the arrival is not found");
    assert!(fails(3, || arrival_wakes(Mutant::Unfenced, false)), "a missing fence of the sleeper is not found");
    assert!(fails(3, || arrival_wakes(Mutant::Sound, true)), "an arrival that wakes nobody is not found");
    for mutant in [Mutant::Relaxed, Mutant::Unacquired] {
        assert!(fails(2, move || overrun(mutant, false)), "{mutant:?} is not found");
    }
    assert!(fails(2, || overrun(Mutant::Sound, true)), "a copy that is not looked after is not found");
}

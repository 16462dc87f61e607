//! A ring's writer and reader under every interleaving, killed at every step, and with each rule broken.

use channel_check::{Life, Mutant, RELEASED, Words, every_way, fails};
use lasthandle::channel::memory::Memory;
use lasthandle::channel::record::{Header, LINE, Shape};
use lasthandle::channel::ring::{Batch, Reader, Ring, Writer};
use loom::sync::Arc;
use loom::thread;

/// Where the ring's bytes begin, behind the words of its sides.
const BASE: usize = 64;

/// A ring, its memory, and where it stands.
#[derive(Debug, Clone, Copy)]
struct Plan {
    capacity: usize,
    longest: usize,
    cursor: u64,
    /// The lengths of messages, in words.
    lengths: &'static [usize],
    /// So many of them are there from the start.
    filled: usize,
    /// They are published together.
    batch: bool,
    /// The writer looks first at what the reader says now and then.
    patient: bool,
}

/// Short messages, more than there is room for.
const SHORT: Plan =
    Plan { capacity: 256, longest: 8, cursor: 128, lengths: &[1; 4], filled: 0, batch: false, patient: false };
/// A long one where only a line is left before the ring's end.
const AROUND: Plan = Plan { capacity: 512, longest: 64, cursor: 448, lengths: &[8, 1], ..SHORT };
/// So many that the first one's message is overwritten.
const MANY: Plan = Plan { capacity: 512, longest: 128, cursor: 0, lengths: &[16, 16, 1, 1, 1, 1], ..SHORT };
const TOGETHER: Plan = Plan { capacity: 512, longest: 64, cursor: 384, lengths: &[1, 8, 1], batch: true, ..SHORT };
/// So large that the reader tells only now and then how far it has come, and almost full.
const SELDOM: Plan =
    Plan { capacity: 1024, longest: 8, cursor: 512, lengths: &[1; 17], filled: 14, patient: true, ..SHORT };

impl Plan {
    fn ring(self) -> Ring {
        Ring { base: BASE, capacity: self.capacity, cursor: 0, released: RELEASED, longest: self.longest }
    }

    /// Behind the messages that are there, all places but the first hold what messages may have left: words that look like
    /// their next header.
    fn words(self) -> Arc<Words> {
        let lap = self.cursor - self.cursor % self.capacity as u64;
        let word = |at: usize| -> u64 {
            if at < BASE {
                return if at == self.ring().cursor || at == self.ring().released { self.cursor } else { 0 };
            }
            let position = lap + (at - BASE) as u64;
            let next = if position < self.cursor { position + self.capacity as u64 } else { position };
            let number = (next - self.cursor) / LINE as u64;
            if next % LINE as u64 != 0 {
                let message = number < self.filled as u64 && next % LINE as u64 == 8;
                return if message { number } else { u64::MAX };
            }
            if number == self.filled as u64 {
                return 0;
            }
            Header::Message(Shape::of(8)).word(next)
        };
        Words::new((0..BASE + self.capacity).step_by(8).map(word))
    }

    /// Sends its messages, numbered from `first` on, until it is dead.
    fn send(self, memory: &Life, first: u64) {
        let Ok(mut writer) = Writer::resume(self.ring(), memory) else {
            assert!(memory.is_dead(), "damaged");
            return;
        };
        let mut batch = Batch::default();
        for (number, &length) in (first..).zip(self.lengths).skip(self.filled) {
            let room = loop {
                if self.patient {
                    if let Ok(Some(room)) = writer.room_before_long(memory, length * 8) {
                        break room;
                    }
                }
                match writer.room(memory, length * 8) {
                    _ if memory.is_dead() => return,
                    Ok(Some(room)) => break room,
                    Ok(None) => thread::yield_now(),
                    Err(damaged) => panic!("{damaged:?}"),
                }
            };
            memory.write(writer.start(room), &number.to_le_bytes().repeat(length));
            if self.batch {
                writer.add(memory, &mut batch, room, length * 8);
            } else {
                writer.publish(memory, room, length * 8);
            }
        }
        writer.publish_batch(memory, batch);
    }

    /// Receives a message, if there is one: it is whole.
    fn receive(self, memory: &Life, reader: &mut Reader, hasty: bool) -> Option<u64> {
        let found = match reader.look(memory) {
            _ if memory.is_dead() => return None,
            Ok(found) => found?,
            Err(damaged) => panic!("{damaged:?}"),
        };
        reader.pass(found);
        if hasty {
            reader.release(memory);
        }
        let mut bytes = [0; 128];
        memory.read(found.at, &mut bytes[..found.length]);
        let words: Vec<&[u8]> = bytes[..found.length].chunks(8).collect();
        if memory.is_dead() {
            return None;
        }
        let number = u64::from_le_bytes(words[0].try_into().expect("eight"));
        assert!(words.iter().all(|word| *word == words[0]), "torn: {words:?}");
        assert_eq!(words.len(), self.lengths[usize::try_from(number % 100).expect("small")], "of message {number}");
        if !hasty {
            reader.release(memory);
        }
        Some(number)
    }

    /// All messages of a writer arrive, in order.
    fn flow(self, mutant: Mutant, hasty: bool) {
        let words = self.words();
        let (writing, reading) = (Life::new(&words, BASE, mutant), Life::new(&words, BASE, mutant));
        let writer = thread::spawn(move || self.send(&writing, 0));
        // A thread of its own, too: what its memory began with is old to loom as soon as its maker has yielded.
        let reader = thread::spawn(move || {
            let mut reader = Reader::resume(self.ring(), &reading).expect("sound");
            let mut next = 0;
            while next < self.lengths.len() as u64 {
                match self.receive(&reading, &mut reader, hasty) {
                    Some(number) => {
                        assert_eq!(number, next);
                        next += 1;
                    }
                    None => thread::yield_now(),
                }
            }
        });
        writer.join().expect("no panic");
        reader.join().expect("no panic");
    }

    /// The writer is killed, and another one follows: what arrives is the beginning of the one's, and all of the other's.
    fn writer_dies(self, steps: usize, mutant: Mutant) {
        let words = self.words();
        let (first, second) =
            (Life::new(&words, BASE, mutant).killed_after(steps), Life::new(&words, BASE, Mutant::Sound));
        let reading = Life::new(&words, BASE, Mutant::Sound);
        let writer = thread::spawn(move || {
            self.send(&first, 0);
            self.send(&second, 100);
        });
        let reader = thread::spawn(move || {
            let mut reader = Reader::resume(self.ring(), &reading).expect("sound");
            let (mut next, last) = (0, 99 + self.lengths.len() as u64);
            while next <= last {
                match self.receive(&reading, &mut reader, false) {
                    Some(number) if number == next || number == 100 && next < 100 => next = number + 1,
                    Some(number) => panic!("{number} instead of {next}"),
                    None => thread::yield_now(),
                }
            }
        });
        writer.join().expect("no panic");
        reader.join().expect("no panic");
    }

    /// The reader is killed, and another one goes on with what it had not released.
    fn reader_dies(self, steps: usize, hasty: bool) {
        let words = self.words();
        let (first, second) =
            (Life::new(&words, BASE, Mutant::Sound).killed_after(steps), Life::new(&words, BASE, Mutant::Sound));
        let writing = Life::new(&words, BASE, Mutant::Sound);
        let writer = thread::spawn(move || self.send(&writing, 0));
        let (mut next, count) = (0, self.lengths.len() as u64);
        let read = |memory: &Life, next: &mut u64| {
            let Ok(mut reader) = Reader::resume(self.ring(), memory) else { return };
            if memory.is_dead() {
                return;
            }
            while *next < count && !memory.is_dead() {
                match self.receive(memory, &mut reader, hasty) {
                    Some(number) => {
                        assert_eq!(number, *next);
                        *next += 1;
                    }
                    None => thread::yield_now(),
                }
            }
        };
        read(&first, &mut next);
        // Of the last message it may have been killed before the release.
        let again = next > 0 && second.load(0, std::sync::atomic::Ordering::Relaxed) == self.position(next - 1);
        next -= u64::from(again);
        read(&second, &mut next);
        assert_eq!(next, count);
        writer.join().expect("no panic");
    }

    /// Where the cursor is when so many messages were consumed; of [`SHORT`].
    fn position(self, consumed: u64) -> u64 {
        self.cursor + consumed * LINE as u64
    }
}

#[test]
fn messages_arrive_whole_and_in_order() {
    for plan in [SHORT, AROUND, TOGETHER] {
        every_way(2, move || plan.flow(Mutant::Sound, false));
    }
    every_way(1, || MANY.flow(Mutant::Sound, false));
    every_way(1, || SELDOM.flow(Mutant::Sound, false));
    every_way(1, || Plan { patient: false, ..SELDOM }.flow(Mutant::Sound, false));
}

#[test]
fn a_writer_may_be_killed_before_any_step() {
    for plan in [Plan { lengths: &[1, 1], ..SHORT }, AROUND, TOGETHER] {
        for steps in 0..24 {
            every_way(1, move || plan.writer_dies(steps, Mutant::Sound));
        }
    }
}

#[test]
fn a_reader_may_be_killed_before_any_step() {
    for steps in 0..16 {
        every_way(2, move || SHORT.reader_dies(steps, false));
    }
}

#[test]
fn a_kill_between_two_steps_is_seen() {
    let lost = (0..16).filter(|&steps| fails(1, move || SHORT.reader_dies(steps, true))).count();
    assert!(lost > 0, "a message that is lost with a reader that gave back its room before the copy is not found");
    let torn = (0..24).filter(|&steps| fails(1, move || AROUND.writer_dies(steps, Mutant::LateStart))).count();
    assert!(torn > 0, "a mark without a record where it leads to is not found");
}

#[test]
fn each_rule_is_needed() {
    for (plan, mutant) in [
        (SHORT, Mutant::Relaxed),
        (SHORT, Mutant::Unacquired),
        (SHORT, Mutant::NoTerminator),
        (SHORT, Mutant::LateTerminator),
        (AROUND, Mutant::LateStart),
        (TOGETHER, Mutant::LateStart),
        (TOGETHER, Mutant::Relaxed),
        (SELDOM, Mutant::Relaxed),
        (SELDOM, Mutant::Ahead),
    ] {
        assert!(fails(2, move || plan.flow(mutant, false)), "{mutant:?} is not found with {plan:?}");
    }
    assert!(fails(1, || MANY.flow(Mutant::Sound, true)), "room that is given back before the copy is not found");
}

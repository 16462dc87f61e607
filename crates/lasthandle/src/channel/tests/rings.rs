//! Messages through a ring, between threads; and any bytes in the place of records.

use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use super::plain::Plain;
use crate::channel::follow::{Follower, Seen};
use crate::channel::memory::Memory;
use crate::channel::record::{Header, LINE, Shape};
use crate::channel::ring::{Reader, Ring, Writer};
use crate::channel::seat::Seat;

const LONGEST: usize = 100;
const CAPACITY: usize = 512;
const BASE: usize = 64;
const SEAT: Seat = Seat { token: 16, generation: 24, filling: 32, lost: 40, waiting: 48 };

fn ring() -> Ring {
    assert_eq!(Ring::least_capacity(LONGEST), CAPACITY);
    Ring { base: BASE, capacity: CAPACITY, cursor: 0, released: 8, longest: LONGEST }
}

#[test]
fn messages_pass_between_threads() {
    let count: usize = if cfg!(miri) { 60 } else { 5000 };
    let memory = Plain::new(BASE + CAPACITY);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut writer = Writer::resume(ring(), &memory).unwrap();
            for number in 0..count {
                let length = number * 7 % (LONGEST + 1);
                let room = loop {
                    match writer.room(&memory, length).unwrap() {
                        Some(room) => break room,
                        None => thread::yield_now(),
                    }
                };
                memory.write(writer.start(room), &vec![number.to_le_bytes()[0]; length]);
                writer.publish(&memory, room, length);
                if SEAT.is_to_be_woken(&memory) {
                    SEAT.disarm(&memory);
                }
            }
        });
        let mut reader = Reader::resume(ring(), &memory).unwrap();
        for number in 0..count {
            let found = loop {
                if let Some(found) = reader.look(&memory).unwrap() {
                    break found;
                }
                SEAT.arm(&memory);
                thread::yield_now();
            };
            assert_eq!(found.length, number * 7 % (LONGEST + 1));
            let mut bytes = vec![0; found.length];
            memory.read(found.at, &mut bytes);
            assert!(bytes.iter().all(|&byte| byte == number.to_le_bytes()[0]));
            reader.pass(found);
            reader.release(&memory);
        }
    });
}

/// Headers at every limit, at every place: what is found lies in the ring, and every loop ends.
#[test]
fn any_header_is_refused_or_lies_in_the_ring() {
    let lengths = [0, 1, 56, 57, LONGEST, LONGEST + 1, (1 << 31) - 2, usize::MAX >> 33];
    for place in 0..CAPACITY / LINE {
        for position in [place * LINE, place * LINE + CAPACITY * 3] {
            let position = position as u64;
            let messages = lengths
                .iter()
                .flat_map(|&length| [false, true].map(|long| Header::Message(Shape { long, length }).word(position)));
            for word in messages.chain([Header::End.word(position), u64::MAX, 1, 1 << 32, position << 26 | 1 << 31]) {
                let memory = Plain::new(BASE + CAPACITY);
                memory.store(0, position, Relaxed);
                for at in (0..CAPACITY).step_by(LINE) {
                    memory.store(BASE + at, word, Relaxed);
                }
                if let Ok(Some(found)) = Reader::resume(ring(), &memory).unwrap().look(&memory) {
                    assert!(found.length <= LONGEST && found.at >= BASE && found.at + found.length <= BASE + CAPACITY);
                }
                let _ = Writer::resume(ring(), &memory);
            }
        }
    }
    for cursor in [1, 63, 1 << 62, u64::MAX] {
        let memory = Plain::new(BASE + CAPACITY);
        memory.store(0, cursor, Relaxed);
        assert!(Reader::resume(ring(), &memory).is_err() && Writer::resume(ring(), &memory).is_err());
    }
}

/// The last byte of what is being written has changed a header's length, and left the position in it: who only watches
/// is not deceived, neither where the ring is large nor where the longest message takes most of it.
#[test]
fn a_header_that_is_half_overwritten_is_not_shown() {
    for capacity in [CAPACITY, 8 * CAPACITY] {
        let (ring, memory) = (Ring { capacity, ..ring() }, Plain::new(BASE + capacity));
        let (mut writer, mut reader) = (Writer::resume(ring, &memory).unwrap(), Reader::resume(ring, &memory).unwrap());
        let mut send = |room: usize, length: usize| {
            let room = writer.room(&memory, room).unwrap().unwrap();
            memory.write(writer.start(room), &vec![length.to_le_bytes()[0]; length]);
            writer.publish(&memory, room, length);
        };
        let mut receive = |count: usize| {
            for _ in 0..count {
                let found = reader.look(&memory).unwrap().unwrap();
                reader.pass(found);
                reader.release(&memory);
            }
        };
        send(8, 8);
        send(8, 8);
        receive(2);
        let mut follower = Follower::new(ring, &memory).unwrap();
        send(LONGEST, 4); // two lines
        send(LONGEST, 65); // three
        receive(1);
        for _ in 7..capacity / LINE {
            send(8, 8);
        }
        let room = writer.room(&memory, 65).unwrap().unwrap();
        memory.write(writer.start(room), &[90; 65]);
        let mut seen = Vec::new();
        follower.look(&memory, |sighting| seen.push(sighting)).unwrap();
        let bogus = |seen: &Seen| matches!(seen, Seen::Message(bytes) if bytes.len() == 89);
        assert!(!seen.is_empty() && !seen.iter().any(bogus), "{capacity}: {seen:?}");
    }
}

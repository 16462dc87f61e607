//! Current values, written and read by threads; and any words in the place of versions and lengths.

use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use super::plain::Plain;
use crate::channel::latest_cell::{Slots, Unread};
use crate::channel::memory::Memory;
use crate::channel::record::Shape;

const VERSION: usize = 0;
const BASE: usize = 64;

fn cell(longest: usize) -> (Slots, Plain) {
    (Slots::new(VERSION, BASE, longest), Plain::new(BASE + Slots::bytes(longest)))
}

fn read(slots: &Slots, memory: &Plain, seen: u64) -> Result<Option<(u64, Vec<u8>)>, Unread> {
    slots.read(memory, seen, |at, length| {
        let mut bytes = vec![0; length];
        memory.read(at, &mut bytes);
        bytes
    })
}

/// What version `number` is: its length, and each of its bytes, follow from the number.
fn value(number: u64, longest: usize) -> Vec<u8> {
    vec![number.to_le_bytes()[0]; usize::try_from(number * 7).unwrap() % (longest + 1)]
}

#[test]
fn what_is_read_between_threads_is_whole_and_new() {
    let count: u64 = if cfg!(miri) { 80 } else { 20_000 };
    for longest in [8, 56, 100, 3000] {
        let longest = if cfg!(miri) { longest.min(100) } else { longest };
        let (slots, memory) = cell(longest);
        thread::scope(|scope| {
            scope.spawn(|| {
                for before in 0..count {
                    assert_eq!(slots.write(&memory, before, &value(before + 1, longest)), before + 1);
                }
            });
            let mut seen = 0;
            while seen < count {
                match read(&slots, &memory, seen) {
                    Ok(Some((number, bytes))) => {
                        assert!(number > seen, "{number} after {seen}");
                        assert_eq!(bytes, value(number, longest));
                        seen = number;
                    }
                    Ok(None) | Err(Unread::Busy) => thread::yield_now(),
                    Err(Unread::Damaged) => panic!("nobody damages it"),
                }
            }
        });
    }
}

#[test]
fn a_successor_writes_the_version_that_was_not_published() {
    let (slots, memory) = cell(100);
    slots.write(&memory, 0, &[1; 100]);
    // Version 2 is half written by who is killed.
    let shape = Shape::of(100);
    let second = BASE + 2 * shape.size();
    memory.store(second, 100, Relaxed);
    memory.write(second + shape.start(), &[9; 30]);
    assert_eq!(read(&slots, &memory, 0).unwrap(), Some((1, vec![1; 100])));
    assert_eq!(slots.write(&memory, slots.version(&memory), &[2; 100]), 2);
    assert_eq!(read(&slots, &memory, 1).unwrap(), Some((2, vec![2; 100])));
    assert_eq!(read(&slots, &memory, 2).unwrap(), None);
}

#[test]
fn words_of_a_hostile_peer_are_damage_or_nonsense_and_no_more() {
    let (slots, memory) = cell(100);
    slots.write(&memory, 0, &[1; 100]);
    for word in [101, 1 << 32, u64::MAX] {
        for at in (BASE..BASE + Slots::bytes(100)).step_by(64) {
            memory.store(at, word, Relaxed);
        }
        assert_eq!(read(&slots, &memory, 0), Err(Unread::Damaged));
    }
    for version in [u64::MAX, 1 << 63, 64] {
        memory.store(VERSION, version, Relaxed);
        let next = slots.write(&memory, version, &[3; 50]);
        assert_eq!(next, version.wrapping_add(1));
        let found = read(&slots, &memory, 0).unwrap();
        assert_eq!(found, (next != 0).then(|| (next, vec![3; 50])), "after {version}");
    }
}

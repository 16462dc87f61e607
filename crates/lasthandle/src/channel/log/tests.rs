//! One thread, plain words: each step's outcome is known.

use std::cell::Cell;
use std::sync::atomic::Ordering;

use super::*;

/// Words that nobody else uses.
struct Words(Vec<Cell<u64>>);

impl Memory for Words {
    fn load(&self, at: usize, _: Ordering) -> u64 {
        self.0[at / 8].get()
    }

    fn store(&self, at: usize, value: u64, _: Ordering) {
        self.0[at / 8].set(value);
    }

    fn exchange(&self, at: usize, from: u64, to: u64) -> bool {
        let same = self.0[at / 8].get() == from;
        if same {
            self.0[at / 8].set(to);
        }
        same
    }

    fn set_bits(&self, at: usize, bits: u64) -> u64 {
        self.0[at / 8].replace(self.0[at / 8].get() | bits)
    }

    fn clear_bits(&self, at: usize, bits: u64) -> u64 {
        self.0[at / 8].replace(self.0[at / 8].get() & !bits)
    }

    fn read(&self, at: usize, into: &mut [u8]) {
        into.copy_from_slice(&self.0[at / 8].get().to_le_bytes()[..into.len()]);
    }

    fn write(&self, at: usize, from: &[u8]) {
        self.0[at / 8].set(u64::from_le_bytes(from.try_into().expect("eight bytes")));
    }

    fn light(&self) {}

    fn heavy(&self) -> bool {
        true
    }
}

const CURSOR: usize = 192;

fn log(lossy: bool) -> (Log, Words) {
    let ring = Ring { base: 256, capacity: 1024, cursor: 8, released: 8, longest: 8 };
    let words = Words(vec![Cell::new(0); (256 + 1024) / 8]);
    (Log { ring, tail: 0, marks: 64, arrivals: 128, wanted: Wanted(16), lossy }, words)
}

fn send(writer: &mut LogWriter, words: &Words, number: u64) -> Result<bool, Damaged> {
    let least = |wanted| Some(words.load(CURSOR, Relaxed)).filter(|&cursor| cursor < wanted).unwrap_or(u64::MAX);
    let Some(room) = writer.room(words, 8, least)? else { return Ok(false) };
    writer.fill(words, room, &number.to_le_bytes());
    writer.publish(words, room, 8);
    Ok(true)
}

fn receive(reader: &mut LogReader, words: &Words) -> Result<Option<u64>, Damaged> {
    let Seen::Message(found) = reader.look(words)? else { return Ok(None) };
    reader.pass(found);
    Ok(Some(words.load(found.at, Relaxed)))
}

#[test]
fn a_lossless_log_keeps_what_a_cursor_holds() {
    let (log, words) = log(false);
    let mut writer = LogWriter::resume(log, &words).unwrap();
    let mut reader = LogReader::arrive(log, CURSOR, false, &words).unwrap();
    let sent = (0..100).take_while(|&number| send(&mut writer, &words, number).unwrap()).count();
    assert_eq!(sent, 15, "16 lines but one");
    for number in 0..5 {
        assert_eq!(receive(&mut reader, &words).unwrap(), Some(number));
    }
    assert!(!send(&mut writer, &words, 0).unwrap(), "passed, not released");
    reader.release(&words);
    let sent = (15..100).take_while(|&number| send(&mut writer, &words, number).unwrap()).count();
    assert_eq!(sent, 5);
    for number in 5..20 {
        assert_eq!(receive(&mut reader, &words).unwrap(), Some(number));
    }
    assert_eq!(receive(&mut reader, &words).unwrap(), None);
}

#[test]
fn who_is_overrun_goes_on_at_the_oldest_and_knows_how_many_it_missed() {
    let (log, words) = log(true);
    let mut writer = LogWriter::resume(log, &words).unwrap();
    let mut reader = LogReader::arrive(log, CURSOR, false, &words).unwrap();
    for number in 0..100 {
        assert!(send(&mut writer, &words, number).unwrap());
    }
    assert!(matches!(reader.look(&words), Ok(Seen::Overrun)) && reader.is_ready(&words));
    let missed = reader.catch_up(&words).unwrap();
    assert_eq!(receive(&mut reader, &words).unwrap(), Some(missed));
    assert!((85..=89).contains(&missed), "{missed}");
    let newest = LogReader::arrive(log, CURSOR, false, &words).unwrap();
    assert!(matches!(newest.look(&words), Ok(Seen::Nothing)));
}

#[test]
fn a_sender_that_was_killed_while_it_moved_the_tail_is_followed() {
    let (log, words) = log(false);
    words.store(CURSOR, 64, Relaxed);
    let mut writer = LogWriter::resume(log, &words).unwrap();
    for number in 0..15 {
        assert!(send(&mut writer, &words, number).unwrap());
    }
    // Killed with the tail moved, and the firm one not.
    writer.keep_from(&words, Place { position: 640, number: 10 });
    let mut reader = LogReader::arrive(log, CURSOR, true, &words).unwrap();
    let mut successor = LogWriter::resume(log, &words).unwrap();
    assert_eq!((successor.sent(), words.load(log.tail, Relaxed)), (15, 0));
    for number in 15.. {
        if !send(&mut successor, &words, number).unwrap() {
            break;
        }
    }
    for number in 10..successor.sent() {
        assert_eq!(receive(&mut reader, &words).unwrap(), Some(number));
    }
}

#[test]
fn what_no_peer_writes_is_damage() {
    for (at, value) in [(0, 1), (0, u64::MAX), (8, 3), (8, 64), (72, 1), (80, 32), (80, 1 << 62), (256, 61)] {
        let (log, words) = log(true);
        words.store(at, value, Relaxed);
        // A successor makes the tail good again.
        let reader = LogReader::arrive(log, CURSOR, false, &words).map(drop);
        let writer = LogWriter::resume(log, &words).map(drop);
        assert!(writer.is_err() || reader.is_err(), "{at}: {value}");
    }
}

//! The layout is an API: these bytes may only change together with its version, and with `docs/format.md`.

use super::plain::Plain;
use crate::channel::latest_cell::Slots;
use crate::channel::layout::{AT_LOCK, AT_MAGIC, EndAt, Fingerprint, Form, Layout, MAGIC};
use crate::channel::log::{LogReader, LogWriter, Seen};
use crate::channel::memory::Memory;
use crate::channel::ring::{Batch, Reader, Writer};
use crate::channel::seat::{Seat, Wanted};
use std::sync::atomic::Ordering::Relaxed;

fn layout() -> Layout {
    let fingerprint = Fingerprint { size: 0x0102, align: 1, name: 0 }.named("text");
    Layout { form: Form::Channel, flags: 0, ends: 3, lanes: 2, capacity: 4096, longest: 0x0102, fingerprint }
}

/// Bytes at their places, and zeros.
fn page(places: &[(usize, &[u8])], size: usize) -> Vec<u8> {
    let mut page = vec![0; size];
    for (at, bytes) in places {
        page[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    page
}

/// The first difference, if there is one, as a page of bytes would hide it.
fn compare(found: &[u8], expected: &[u8]) {
    assert_eq!(found.len(), expected.len());
    let at = found.iter().zip(expected).position(|(found, expected)| found != expected);
    if let Some(at) = at {
        let end = (at + 16).min(found.len());
        panic!("at {at}: {:x?}, not {:x?}", &found[at..end], &expected[at..end]);
    }
}

/// A section that was just made.
fn described(layout: &Layout) -> Plain {
    let memory = Plain::new(usize::try_from(layout.size()).unwrap());
    memory.store(AT_MAGIC, MAGIC, Relaxed);
    for (index, word) in layout.words().into_iter().enumerate() {
        memory.store(AT_MAGIC + 8 * (index + 1), word, Relaxed);
    }
    memory
}

#[test]
fn header() {
    let memory = described(&layout());
    assert_eq!((AT_LOCK, EndAt::new(1).event, layout().data(), layout().size()), (128, 576, 4096, 4096 + 2 * 4096));
    let seat = Seat::from(EndAt::new(1));
    seat.enter(&memory, 0x0077_0008);
    memory.store(EndAt::new(1).process, 4242, Relaxed);
    memory.store(seat.filling, 1, Relaxed);
    seat.bury(&memory, 0x0077_0008);
    seat.enter(&memory, 0x0078_0008);
    seat.arm(&memory);
    Wanted(layout().wanted(1)).ask(&memory, 0x0FC0);
    memory.store(layout().ring(1).cursor, 0x0F00, Relaxed);
    memory.store(layout().ring(1).released, 0x0E80, Relaxed);
    let expected = page(
        &[
            (0, b"LASTCHNL"),
            (8, &[1, 0, 0, 0, 1]),                                   // version, form
            (16, &[0, 0x10]),                                        // capacity
            (24, &[2, 1]),                                           // the longest message
            (32, &[3, 0, 0, 0, 2]),                                  // ends, lanes
            (40, &[2, 1]),                                           // size
            (48, &[1]),                                              // alignment
            (56, &[0x98, 0x2d, 0x9e, 0x3e, 0xb9, 0x96, 0xf5, 0x59]), // type name
            (512, &[8, 0, 0x78]),                                    // end 1: token
            (520, &[2]),                                             // generation
            (536, &[1]),                                             // lost
            (544, &[0x92, 0x10]),                                    // process
            (640, &[9]),                                             // waiting
            (1408, &[0, 0x0F]),                                      // lane 1: cursor
            (1536, &[0xC0, 0x0F]),                                   // wanted
            (1664, &[0x80, 0x0E]),                                   // released
        ],
        4096,
    );
    compare(&memory.bytes()[..4096], &expected);
}

#[test]
fn records() {
    let (layout, memory) = (layout(), Plain::new(3 * 4096));
    let ring = layout.ring(0);
    memory.store(ring.cursor, 4096 - 192, Relaxed);
    let mut reader = Reader::resume(ring, &memory).unwrap();
    let mut writer = Writer::resume(ring, &memory).unwrap();
    let mut send = |room: usize, bytes: &[u8], batch: Option<&mut Batch>| {
        let room = writer.room(&memory, room).unwrap().unwrap();
        memory.write(writer.start(room), bytes);
        match batch {
            Some(batch) => writer.add(&memory, batch, room, bytes.len()),
            None => writer.publish(&memory, room, bytes.len()),
        }
    };
    send(5, b"short", None);
    send(0x0102, &[0xAB; 0x0102], None); // a line is left before the ring's end: not enough
    send(100, b"less", None); // given more room than it took
    let mut batch = Batch::default();
    send(0, b"", Some(&mut batch));
    writer.publish_batch(&memory, batch);
    let mut lengths = Vec::new();
    while let Some(found) = reader.look(&memory).unwrap() {
        lengths.push(found.length);
        reader.pass(found);
    }
    reader.release(&memory);
    assert_eq!(lengths, [5, 0x0102, 4, 0]);
    let bytes = memory.bytes();
    let cursor = &bytes[layout.ring(0).cursor..][..8];
    assert_eq!(cursor, [0x40, 0x12, 0, 0, 0, 0, 0, 0], "the position behind the last record");
    let expected = page(
        &[
            (4096 - 192, &[6, 0, 0, 0, 61]), // length + 1, position in lines
            (4096 - 184, b"short"),
            (4096 - 128, &[0xFF, 0xFF, 0xFF, 0xFF, 62]), // go on at the start
            (0, &[3, 1, 0, 0x80, 64]),                   // long
            (64, &[0xAB; 0x0102]),
            (384, &[5, 0, 0, 0x80, 70]),
            (448, b"less"),
            (512, &[1, 0, 0, 0, 72]),
        ],
        4096,
    );
    compare(&bytes[4096..8192], &expected);
}

#[test]
fn broadcast() {
    let bytes = Fingerprint { size: 0, align: 1, name: 0 };
    let (form, capacity) = (Form::Broadcast, 4096);
    let layout = Layout { form, flags: 0, ends: 3, lanes: 2, capacity, longest: 100, fingerprint: bytes };
    assert!(Layout { flags: 1, ..layout }.log().lossy);
    assert_eq!((layout.data(), layout.size()), (4096, 4096 + 4096), "one ring for all");
    let memory = described(&layout);
    let mut writer = LogWriter::resume(layout.log(), &memory).unwrap();
    let mut reader = LogReader::arrive(layout.log(), layout.ring(1).cursor, true, &memory).unwrap();
    let mut send = |text: &[u8]| {
        let least = |_| memory.load(layout.ring(1).cursor, Relaxed);
        let room = writer.room(&memory, text.len(), least).unwrap()?;
        writer.fill(&memory, room, text);
        writer.publish(&memory, room, text.len());
        Some(())
    };
    for _ in 0..62 {
        send(b"old").unwrap();
    }
    assert_eq!(send(&[0xAB; 100]), None, "the receiver holds it back");
    for _ in 0..20 {
        let Ok(Seen::Message(found)) = reader.look(&memory) else { panic!("a message") };
        reader.pass(found);
    }
    reader.release(&memory);
    send(&[0xAB; 100]).unwrap();
    layout.log().wanted.ask(&memory, 0x0F00);
    layout.cast().sleepers.add(&memory, 2);
    let bytes = memory.bytes();
    let expected = page(
        &[
            (0, b"LASTCHNL"),
            (8, &[1, 0, 0, 0, 3]),  // version, form
            (16, &[0, 0x10]),       // capacity
            (24, &[100]),           // the longest message
            (32, &[3, 0, 0, 0, 2]), // ends, lanes
            (48, &[1]),             // alignment
            (1408, &[0, 5]),        // lane 1: cursor
            (1792, &[0, 5]),        // tail
            (1800, &[0, 5]),        // firm tail
            (1808, &[0, 0x0F]),     // wanted
            (1888, &[0, 5]),        // the second mark: its tail
            (1896, &[20]),          // messages before that
            (1904, &[0x80, 0x0F]),  // a position
            (1912, &[62]),          // messages before that
            (1920, &[4]),           // sleepers
            (1928, &[1]),           // arrivals
        ],
        4096,
    );
    compare(&bytes[..4096], &expected);
    compare(&bytes[4096..][..8], &[101, 0, 0, 0x80, 64, 0, 0, 0]);
    compare(&bytes[4096 + 64 * 62..][..8], &[0xFF, 0xFF, 0xFF, 0xFF, 62, 0, 0, 0]);
}

#[test]
fn latest() {
    let numbers = Fingerprint { size: 60, align: 4, name: 0 };
    let (form, capacity) = (Form::Latest, Slots::bytes(60) as u64);
    let layout = Layout { form, flags: 0, ends: 2, lanes: 0, capacity, longest: 60, fingerprint: numbers };
    assert_eq!((layout.data(), capacity), (4096, 64 * 128), "64 slots of two lines");
    let memory = described(&layout);
    let first = layout.slots().write(&memory, 0, b"first");
    assert_eq!(layout.slots().write(&memory, first, &[0xCD; 60]), 2);
    layout.cast().sleepers.add(&memory, 1);
    let expected = page(
        &[
            (0, b"LASTCHNL"),
            (8, &[1, 0, 0, 0, 4]), // version, form
            (16, &[0, 0x20]),      // capacity
            (24, &[60]),           // the longest value
            (32, &[2]),            // ends
            (40, &[60]),           // size
            (48, &[4]),            // alignment
            (768, &[2]),           // version
            (896, &[2]),           // sleepers
            (4096 + 128, &[5]),    // slot 1: length
            (4096 + 192, b"first"),
            (4096 + 256, &[60]),
            (4096 + 320, &[0xCD; 60]),
        ],
        4096 + 64 * 128,
    );
    compare(&memory.bytes(), &expected);
}

#[test]
fn short_latest_values_share_a_line_with_their_length() {
    let memory = Plain::new(4096);
    assert_eq!(Slots::bytes(56), 64 * 64);
    Slots::new(0, 64, 56).write(&memory, 4, b"fifth");
    compare(&memory.bytes(), &page(&[(0, &[5]), (64 + 5 * 64, &[5]), (64 + 5 * 64 + 8, b"fifth")], 4096));
}

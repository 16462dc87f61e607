//! Watching channels without taking part, and waiting for the other side of one.

mod common;

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use lasthandle::channel::{Broadcaster, ChannelOptions, Duplex, Presence, Receiver, Role, Sender, Sighting, Tap};
use lasthandle::{ErrorKind, Event, Mapping};

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(50);

fn name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    common::root();
    common::name(&format!("tap-{}", COUNT.fetch_add(1, Ordering::Relaxed)))
}

/// What a look shows: the messages, and how many bytes were skipped.
fn look(tap: &mut Tap) -> (Vec<Vec<u8>>, u64) {
    let (mut messages, mut skipped) = (Vec::new(), 0);
    for sighting in tap.look().unwrap() {
        match sighting {
            Sighting::Message { bytes, .. } => messages.push(bytes),
            Sighting::Skipped { bytes, .. } => skipped += bytes,
        }
    }
    (messages, skipped)
}

#[test]
fn a_tap_tells_who_is_there_and_what_waits() {
    let name = name();
    let mut sender = ChannelOptions::new().senders(2).capacity(4096).max_message(100).sender::<[u8]>(&*name).unwrap();
    let tap = Tap::open(&*name).unwrap();
    sender.send(&[1; 100]).unwrap();
    sender.send(&[2]).unwrap();
    let info = tap.info();
    assert_eq!((info.form, info.capacity, info.max_message, info.message_size), ("channel", 4096, 100, None));
    let ends: Vec<_> = info.ends.iter().map(|end| (end.role, end.presence, end.taken)).collect();
    let receiving = (Role::Receives, Presence::Never, 0);
    assert_eq!(ends, [receiving, (Role::Sends, Presence::Here, 1), (Role::Sends, Presence::Never, 0)]);
    assert_eq!(info.ends[1].process, Some(std::process::id()));
    let lanes: Vec<_> = info.lanes.iter().map(|lane| (lane.from, lane.to, lane.messages, lane.bytes)).collect();
    assert_eq!(lanes, [(1, 0, Some(2), Some(256)), (2, 0, Some(0), Some(0))]);

    let mut receiver = Receiver::<[u8]>::open(&*name).unwrap();
    receiver.recv().unwrap();
    drop(sender);
    let info = tap.info();
    assert_eq!((info.ends[0].presence, info.ends[1].presence), (Presence::Here, Presence::Gone));
    assert_eq!((info.lanes[0].messages, info.lanes[0].received), (Some(1), Some(192)));
}

#[test]
fn a_tap_sees_what_waits_what_comes_and_what_was_received_meanwhile_and_takes_nothing() {
    let name = name();
    let mut client = Duplex::<[u8]>::create(&*name).unwrap();
    client.sender.send(b"before").unwrap();
    let mut tap = Tap::open(&*name).unwrap();
    let mut server = Duplex::<[u8]>::open(&*name).unwrap();
    assert_eq!(look(&mut tap).0, [b"before"]);
    assert_eq!(server.receiver.recv().unwrap(), b"before");
    server.sender.send(&[7; 1000]).unwrap();
    client.receiver.recv().unwrap();
    client.sender.send(b"").unwrap();
    server.receiver.recv().unwrap();
    let seen = tap.look().unwrap();
    let message = |lane, bytes| Sighting::Message { lane, bytes };
    assert_eq!(seen, [message(0, Vec::new()), message(1, vec![7; 1000])]);
    assert_eq!(tap.look().unwrap(), []);
}

#[test]
fn a_tap_that_is_overtaken_says_how_much_it_missed_and_goes_on() {
    let name = name();
    let mut sender = ChannelOptions::new().capacity(4096).max_message(56).sender::<[u8]>(&*name).unwrap();
    let mut receiver = Receiver::<[u8]>::open(&*name).unwrap();
    let mut tap = Tap::open(&*name).unwrap();
    let mut sent: u64 = 0;
    for round in [10, 64, 65, 200, 1, 63, 1000] {
        for _ in 0..round {
            sender.send(&sent.to_le_bytes()).unwrap();
            receiver.recv().unwrap();
            sent += 1;
        }
        let first = sent - round;
        let (seen, skipped) = look(&mut tap);
        assert_eq!(seen.len() as u64 * 64 + skipped, round * 64, "{round}");
        let last: Vec<_> = (first..sent).map(|number| number.to_le_bytes().to_vec()).collect();
        assert!(last.ends_with(&seen), "{round}: {seen:?}");
        assert!(round > 30 || skipped == 0, "{round}: half a ring is always seen");
    }
}

#[test]
fn a_tap_sees_a_broadcast_whoever_receives_it() {
    let name = name();
    let mut sender = Broadcaster::<[u8]>::create(&*name).unwrap();
    let mut tap = Tap::open(&*name).unwrap();
    assert_eq!(tap.info().form, "broadcast");
    for number in 0..10_u8 {
        sender.send(&[number; 100]).unwrap();
        assert_eq!(look(&mut tap), (vec![vec![number; 100]], 0));
    }
    assert_eq!(look(&mut tap), (Vec::new(), 0));
}

#[test]
fn what_a_tap_shows_of_a_busy_channel_is_whole() {
    let name = name();
    let mut sender = ChannelOptions::new().capacity(16 << 10).max_message(1000).sender::<[u8]>(&*name).unwrap();
    let mut receiver = Receiver::<[u8]>::open(&*name).unwrap();
    let mut tap = Tap::open(&*name).unwrap();
    let sending = thread::spawn(move || {
        for number in 0..100_000_u32 {
            let byte = number.to_le_bytes()[0];
            sender.send(&vec![byte; 1 + number as usize % 1000]).unwrap();
        }
    });
    let receiving = thread::spawn(move || while receiver.recv().is_ok() {});
    let mut seen = 0;
    while !receiving.is_finished() {
        let (messages, _) = look(&mut tap);
        for message in &messages {
            assert!(message.iter().all(|byte| byte == &message[0]), "torn: {message:?}");
        }
        seen += messages.len();
    }
    sending.join().unwrap();
    receiving.join().unwrap();
    assert!(seen > 0);
}

#[test]
fn what_is_no_channel_has_no_tap() {
    let name = name();
    assert_eq!(Tap::open(&*name).unwrap_err().kind(), ErrorKind::NotFound);
    let small = Mapping::create(&*name, 100).unwrap();
    assert_eq!(Tap::open(&*name).unwrap_err().kind(), ErrorKind::WrongKind);
    drop(small);
    let mapping = Mapping::create(&*name, 8192).unwrap();
    assert_eq!(Tap::open(&*name).unwrap_err().kind(), ErrorKind::WrongKind);
    mapping.view().unwrap().write_at(0, b"LASTCHNL\x01\0\0\0\x01\0\0\0").unwrap();
    assert_eq!(Tap::open(&*name).unwrap_err().kind(), ErrorKind::Damaged);
    drop(mapping);
    let _event = Event::create(&*name).unwrap();
    assert_eq!(Tap::open(&*name).unwrap_err().kind(), ErrorKind::WrongKind);
}

/// Headers, cursors and lengths of any kind: an error or nonsense, but an end, and nothing outside.
#[test]
fn a_hostile_ring_is_no_danger_to_a_tap() {
    let name = name();
    let mut sender = ChannelOptions::new().capacity(4096).max_message(56).sender::<[u8]>(&*name).unwrap();
    let mapping = Mapping::open(&*name).unwrap();
    let view = mapping.view().unwrap();
    let cursor = 256 + 2 * 256;
    let words = [0, 1, 64, 4096, 1 << 61, u64::MAX, 0xFFFF_FFFF, 58, 0x8000_0039, 0x1_0000_0002];
    let mut refused = 0;
    for cursor_word in words {
        for header in words {
            view.write(cursor, &0_u64).unwrap();
            let Ok(mut tap) = Tap::open(&*name) else { panic!("a sound one") };
            view.write(cursor, &cursor_word).unwrap();
            view.write(4096, &header).unwrap();
            view.write(4096 + 64, &header).unwrap();
            tap.info();
            refused += u32::from(tap.look().is_err());
            refused += u32::from(Tap::open(&*name).and_then(|mut tap| tap.look()).is_err());
        }
    }
    assert!(refused > 0);
    let _ = sender.try_send(b"x");
}

#[test]
fn a_sender_can_wait_until_all_was_received() {
    let name = name();
    let mut sender = Sender::<u64>::create(&*name).unwrap();
    assert!(sender.wait_received(Duration::ZERO).unwrap(), "nothing was sent");
    for number in 0..10 {
        sender.send(&number).unwrap();
    }
    assert!(!sender.wait_received(Duration::ZERO).unwrap());
    assert!(!sender.wait_received(SHORT).unwrap(), "nobody has come");
    let other = name.clone();
    let receiving = thread::spawn(move || {
        thread::sleep(SHORT);
        let mut receiver = Receiver::<u64>::open(&*other).unwrap();
        (0..9).for_each(|number| assert_eq!(receiver.recv().unwrap(), number));
    });
    assert_eq!(sender.wait_received(LONG).unwrap_err().kind(), ErrorKind::Disconnected);
    receiving.join().unwrap();
    assert!(!sender.wait_for_receiver(SHORT).unwrap());
    let receiving = thread::spawn(move || {
        thread::sleep(SHORT);
        let mut receiver = Receiver::<u64>::open(&*name).unwrap();
        thread::sleep(SHORT);
        assert_eq!(receiver.recv().unwrap(), 9);
        receiver
    });
    assert!(sender.wait_for_receiver(LONG).unwrap());
    assert!(sender.wait_received(LONG).unwrap());
    assert!(sender.wait_received(Duration::ZERO).unwrap());
    drop(receiving.join().unwrap());
}

#[test]
fn a_receiver_can_wait_for_the_next_sender() {
    let name = name();
    let mut receiver = ChannelOptions::new().senders(2).receiver::<u64>(&*name).unwrap();
    assert!(!receiver.wait_for_sender(SHORT).unwrap());
    for round in 0..2 {
        let name = name.clone();
        let sending = thread::spawn(move || {
            thread::sleep(SHORT);
            let mut sender = Sender::<u64>::open(&*name).unwrap();
            thread::sleep(SHORT);
            sender.send(&round).unwrap();
        });
        assert!(receiver.wait_for_sender(LONG).unwrap());
        assert_eq!(receiver.recv().unwrap(), round);
        assert_eq!(receiver.recv().unwrap_err().kind(), ErrorKind::Disconnected);
        sending.join().unwrap();
    }
}

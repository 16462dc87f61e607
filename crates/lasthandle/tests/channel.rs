//! Channels between threads of one process; between processes: `crates/storm`.

mod common;

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lasthandle::channel::{ChannelOptions, Duplex, LatestWriter, Receiver, Sender, Subscriber};
use lasthandle::{Error, ErrorKind, Event, Mapping, Timeout, Waitable, Waited, wait_all, wait_any};

/// More than any of these needs.
const LONG: Duration = Duration::from_secs(20);

fn name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    common::root();
    common::name(&format!("channel-{}", COUNT.fetch_add(1, Ordering::Relaxed)))
}

#[test]
fn messages_of_all_lengths_arrive_whole_and_in_order() {
    let name = name();
    let options = ChannelOptions::new().capacity(4096).max_message(1000);
    let mut sender = options.sender::<[u8]>(&*name).unwrap();
    let mut receiver = options.receiver::<[u8]>(&*name).unwrap();
    let message = |number: usize| -> Vec<u8> {
        (0..number * 7 % 1001).map(|byte| ((byte ^ number) % 251).to_le_bytes()[0]).collect()
    };
    let sending = thread::spawn(move || {
        for number in 0..20_000 {
            sender.send(&message(number)).unwrap();
        }
    });
    for number in 0..20_000 {
        assert_eq!(receiver.recv().unwrap(), message(number), "{number}");
    }
    sending.join().unwrap();
    assert_eq!(receiver.recv().unwrap_err().kind(), ErrorKind::Disconnected);
}

#[test]
fn values_of_a_type_go_both_ways_and_the_other_sides_going_ends_the_service() {
    let name = name();
    let mut server = Duplex::<u64>::create(&*name).unwrap();
    let mut client = Duplex::<u64>::open(&*name).unwrap();
    assert_eq!(Duplex::<u64>::open(&*name).unwrap_err().kind(), ErrorKind::Occupied);
    let serving = thread::spawn(move || server.serve(|request| Some(request + 1)));
    for number in 0..10_000 {
        assert_eq!(client.call(&number).unwrap(), number + 1);
    }
    drop(client);
    serving.join().unwrap().unwrap();
}

#[test]
fn several_senders_have_rings_of_their_own() {
    let name = name();
    let options = ChannelOptions::new().senders(3);
    let mut receiver = options.receiver::<[u64; 2]>(&*name).unwrap();
    let mut senders: Vec<_> = (0..3).map(|_| Sender::<[u64; 2]>::open(&*name).unwrap()).collect();
    assert_eq!(Sender::<[u64; 2]>::open(&*name).unwrap_err().kind(), ErrorKind::Occupied);
    thread::scope(|scope| {
        for (who, mut sender) in senders.drain(..).enumerate() {
            scope.spawn(move || {
                for number in 0..5000 {
                    sender.send(&[who as u64, number]).unwrap();
                }
            });
        }
        let mut next = [0; 3];
        for _ in 0..15_000 {
            let [who, number] = receiver.recv().unwrap();
            assert_eq!(number, next[usize::try_from(who).unwrap()]);
            next[usize::try_from(who).unwrap()] += 1;
        }
    });
    assert_eq!(receiver.try_recv().unwrap_err().kind(), ErrorKind::Disconnected);
    Sender::<[u64; 2]>::open(&*name).unwrap().send(&[7, 7]).unwrap();
    assert_eq!(receiver.recv().unwrap(), [7, 7]);
}

#[test]
fn messages_can_be_written_and_read_in_place() {
    let name = name();
    let options = ChannelOptions::new().max_message(100_000);
    let mut sender = options.sender::<[u8]>(&*name).unwrap();
    let mut receiver = options.receiver::<[u8]>(&*name).unwrap();
    for round in 0..50_u8 {
        let mut slot = sender.reserve(100_000).unwrap();
        assert_eq!(slot.as_mut_ptr() as usize % 64, 0);
        slot.write_at(99_000, &[round; 1000]).unwrap();
        assert_eq!(slot.write_at(99_001, &[0; 1000]).unwrap_err().kind(), ErrorKind::OutOfBounds);
        if round % 3 == 0 {
            drop(slot); // not sent
            continue;
        }
        slot.commit(if round % 3 == 1 { 100_000 } else { 20 }).unwrap();
        let message = receiver.recv_ref().unwrap();
        if round % 3 == 1 {
            let mut end = [0; 1000];
            message.read_at(99_000, &mut end).unwrap();
            assert_eq!((message.len(), end), (100_000, [round; 1000]));
        } else {
            assert_eq!((message.len(), message.to_vec().len()), (20, 20));
        }
    }
    assert_eq!(sender.reserve(10).unwrap().commit(11).unwrap_err().kind(), ErrorKind::TooLong);
    assert!(receiver.try_recv().unwrap().is_none());
    assert_eq!(receiver.lost(), 0);
}

#[test]
fn batches_are_shown_together_as_far_as_there_is_room() {
    let name = name();
    let options = ChannelOptions::new().capacity(4096);
    let mut sender = options.sender::<u64>(&*name).unwrap();
    let mut receiver = options.receiver::<u64>(&*name).unwrap();
    let numbers: Vec<u64> = (0..1000).collect();
    let sent = sender.try_send_batch(&numbers).unwrap();
    assert_eq!(sent, 63, "4096 bytes but one line");
    let mut got = Vec::new();
    assert_eq!(receiver.recv_batch(10, |number| got.push(number)).unwrap(), 10);
    assert_eq!(receiver.try_recv_batch(1000, |number| got.push(number)).unwrap(), 53);
    assert_eq!(receiver.try_recv_batch(1000, |_| panic!("nothing is there")).unwrap(), 0);
    assert_eq!(got, numbers[..63]);
    let sending = thread::spawn(move || sender.send_batch(&numbers).map(|sent| (sent, sender)));
    let mut next = 0;
    while next < 1000 {
        receiver
            .recv_batch(7, |number| {
                assert_eq!(number, next);
                next += 1;
            })
            .unwrap();
    }
    assert_eq!(sending.join().unwrap().unwrap().0, 1000);
}

#[test]
fn a_full_channel_and_an_empty_one_end_waits_by_time() {
    let name = name();
    let options = ChannelOptions::new().capacity(4096);
    let mut sender = options.sender::<u64>(&*name).unwrap();
    let mut count = 0;
    while sender.try_send(&count).unwrap() {
        count += 1;
    }
    assert_eq!(count, 63);
    let begun = Instant::now();
    assert!(!sender.send_timeout(&0, Duration::from_millis(30)).unwrap());
    assert!(begun.elapsed() >= Duration::from_millis(30));
    let mut receiver = options.receiver::<u64>(&*name).unwrap();
    for expected in 0..63 {
        assert_eq!(receiver.recv_timeout(LONG).unwrap(), Some(expected));
    }
    assert_eq!(receiver.recv_timeout(Duration::from_millis(30)).unwrap(), None);
    drop(sender);
    assert_eq!(receiver.recv_timeout(LONG).unwrap_err().kind(), ErrorKind::Disconnected);
}

#[test]
fn who_sleeps_is_woken_by_a_message_by_room_and_by_the_others_going() {
    let name = name();
    let options = ChannelOptions::new().capacity(4096);
    let mut receiver = options.receiver::<u64>(&*name).unwrap();
    let mut sender = options.sender::<u64>(&*name).unwrap();
    let receiving = thread::spawn(move || {
        let first = receiver.recv_timeout(LONG).unwrap();
        thread::sleep(Duration::from_millis(100)); // the sender sleeps on the full ring
        (first, receiver)
    });
    thread::sleep(Duration::from_millis(50));
    for number in 0..64 {
        assert!(sender.send_timeout(&number, LONG).unwrap());
    }
    let (first, mut receiver) = receiving.join().unwrap();
    assert_eq!(first, Some(0));
    let blocked = thread::spawn(move || {
        let mut number = 64;
        while sender.send_timeout(&number, LONG)? {
            number += 1;
        }
        Ok::<_, lasthandle::Error>(())
    });
    thread::sleep(Duration::from_millis(50));
    assert_eq!(receiver.recv().unwrap(), 1);
    thread::sleep(Duration::from_millis(50));
    drop(receiver);
    assert_eq!(blocked.join().unwrap().unwrap_err().kind(), ErrorKind::Disconnected);
}

#[test]
fn a_successor_goes_on_where_the_ring_stands() {
    let name = name();
    let mut receiver = Receiver::<u64>::create(&*name).unwrap();
    let mut next = 0;
    for round in 0..100 {
        let mut sender = Sender::<u64>::open(&*name).unwrap();
        for number in 0..20 {
            sender.send(&(round * 20 + number)).unwrap();
        }
        if round % 3 == 0 {
            drop(receiver);
            assert_eq!(sender.send(&0).unwrap_err().kind(), ErrorKind::Disconnected);
            receiver = Receiver::<u64>::open(&*name).unwrap();
        }
        drop(sender);
        for _ in 0..20 {
            assert_eq!(receiver.recv().unwrap(), next);
            next += 1;
        }
    }
}

#[test]
fn ends_are_waited_for_beside_other_objects() {
    let name = name();
    let options = ChannelOptions::new().capacity(4096);
    let mut receiver = options.receiver::<u64>(&*name).unwrap();
    let mut sender = options.sender::<u64>(&*name).unwrap();
    let event = Event::options().create_unnamed().unwrap();
    let nothing = Duration::from_millis(20);
    assert_eq!(wait_any(&[&receiver.readable(), &event], nothing).unwrap(), Waited::TimedOut);
    event.set().unwrap();
    assert_eq!(wait_any(&[&receiver.readable(), &event], LONG).unwrap(), Waited::Signaled(1));
    assert_eq!(wait_any(&[&event, &sender.writable()], LONG).unwrap(), Waited::Signaled(1));
    let late = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        sender.send(&7).unwrap();
        sender
    });
    assert_eq!(wait_any(&[&event, &receiver.readable()], LONG).unwrap(), Waited::Signaled(1));
    event.set().unwrap();
    assert_eq!(wait_any(&[&event, &receiver.readable()], LONG).unwrap(), Waited::Signaled(0), "the lower one");
    assert_eq!(receiver.recv().unwrap(), 7);
    let mut sender = late.join().unwrap();
    while sender.try_send(&0).unwrap() {}
    assert_eq!(sender.writable().wait(Timeout::Now).unwrap(), Waited::TimedOut);
    let reading = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        while receiver.try_recv().unwrap().is_some() {}
        receiver
    });
    assert_eq!(sender.writable().wait(Timeout::After(LONG)).unwrap(), Waited::Signaled(0));
    let receiver = reading.join().unwrap();
    let (writable, readable) = (sender.writable(), receiver.readable());
    assert_eq!(wait_all(&[&event, &writable], LONG).unwrap_err().kind(), ErrorKind::InvalidParameter);
    let refused = lasthandle::signal_and_wait(&event, &readable, LONG).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidParameter);
}

#[test]
fn what_makes_no_sense_is_refused_and_told() {
    let name = name();
    let refused = |options: ChannelOptions| options.sender::<[u8]>(&*name).unwrap_err().kind();
    assert_eq!(refused(ChannelOptions::new().capacity(0)), ErrorKind::InvalidParameter);
    assert_eq!(refused(ChannelOptions::new().capacity(usize::MAX)), ErrorKind::InvalidParameter);
    assert_eq!(refused(ChannelOptions::new().senders(0)), ErrorKind::InvalidParameter);
    assert_eq!(refused(ChannelOptions::new().senders(61)), ErrorKind::InvalidParameter);
    assert_eq!(refused(ChannelOptions::new().max_message(usize::MAX)), ErrorKind::InvalidParameter);
    let wrong = ChannelOptions::new().max_message(9).sender::<u64>(&*name).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::InvalidParameter);
    assert_eq!(Sender::<u64>::open(&*name).unwrap_err().kind(), ErrorKind::NotFound);

    let mut odd = ChannelOptions::new().capacity(5000).max_message(3000).sender::<[u8]>(&*name).unwrap();
    assert_eq!(odd.send(&[0; 3001]).unwrap_err().kind(), ErrorKind::TooLong);
    assert!(odd.try_send(&[0; 3000]).unwrap() && odd.try_send(&[0; 3000]).unwrap());
    assert_eq!(Receiver::<u64>::open(&*name).unwrap_err().kind(), ErrorKind::WrongType);
    assert_eq!(Duplex::<[u8]>::open(&*name).unwrap_err().kind(), ErrorKind::WrongType);
    let named = ChannelOptions::new().type_name("text").receiver::<[u8]>(&*name).unwrap_err();
    assert_eq!(named.kind(), ErrorKind::WrongType);
    assert!(named.to_string().contains("open channel") && named.to_string().contains(&*name), "{named}");
    let _receiver = Receiver::<[u8]>::open(&*name).unwrap();
    let second = Receiver::<[u8]>::open(&*name).unwrap_err();
    assert_eq!(second.kind(), ErrorKind::Occupied);
    assert!(second.to_string().contains(&std::process::id().to_string()), "{second}");
}

#[test]
fn errors_say_who_is_in_the_way_and_what_is_there() {
    let name = name();
    let options = ChannelOptions::new().senders(2);
    let _receiver = options.receiver::<[u8]>(&*name).unwrap();
    let mut senders = [options.sender::<[u8]>(&*name).unwrap(), options.sender::<[u8]>(&*name).unwrap()];
    let says = |error: Error, what: &str| assert!(error.to_string().contains(what), "{error}: not {what}");
    let process = std::process::id();
    says(options.receiver::<[u8]>(&*name).unwrap_err(), &format!("process {process} is its receiver"));
    says(options.sender::<[u8]>(&*name).unwrap_err(), "it has its 2 senders");
    says(Subscriber::<[u8]>::open(&*name).unwrap_err(), "channel, not broadcast");
    says(Sender::<u64>::open(&*name).unwrap_err(), "it carries bytes, not values of 8 bytes");
    let named = ChannelOptions::new().type_name("text").receiver::<[u8]>(&*name).unwrap_err();
    says(named, "it carries bytes, not bytes, with a type name");

    let mut slot = senders[0].reserve(10).unwrap();
    says(slot.write_at(9, &[0; 2]).unwrap_err(), &name);
    says(slot.commit(11).unwrap_err(), &name);
    let _latest = LatestWriter::<u64>::create(&*format!("{name}-latest")).unwrap();
    let second = LatestWriter::<u64>::open(&*format!("{name}-latest")).unwrap_err();
    says(second, &format!("process {process} is its writer"));
}

#[test]
fn a_plain_mapping_of_that_name_is_left_as_it_is() {
    for (size, fill) in [(100, 0), (100_000, 0), (100_000, 1)] {
        let name = name();
        let plain = Mapping::create(&*name, size).unwrap();
        plain.view().unwrap().write_at(0, &vec![fill; usize::try_from(size).unwrap()]).unwrap();
        assert_eq!(Receiver::<u64>::create(&*name).unwrap_err().kind(), ErrorKind::WrongKind);
        assert!(plain.view().unwrap().bytes().take(usize::try_from(size).unwrap()).all(|byte| byte == fill));
    }
    let name = name();
    let _event = Event::create(&*name).unwrap();
    assert_eq!(Receiver::<u64>::create(&*name).unwrap_err().kind(), ErrorKind::WrongKind);
}

#[test]
fn of_a_batch_that_cannot_be_sent_whole_it_is_known_how_much_was() {
    let name = name();
    let options = ChannelOptions::new().capacity(4096).max_message(100);
    let mut sender = options.sender::<[u8]>(&*name).unwrap();
    let mut receiver = options.receiver::<[u8]>(&*name).unwrap();
    let messages = [&[1; 10][..], &[2; 100], &[3; 101], &[4; 10]];
    assert_eq!(sender.send_batch(messages).unwrap(), 2);
    assert_eq!(sender.send_batch(messages[2..].iter().copied()).unwrap_err().kind(), ErrorKind::TooLong);
    assert_eq!(receiver.recv().unwrap(), [1; 10]);
    assert_eq!(receiver.recv().unwrap(), [2; 100]);
    assert_eq!(receiver.try_recv().unwrap(), None);
}

#[test]
fn messages_come_after_a_batch_whose_making_panicked() {
    let name = name();
    let mut sender = ChannelOptions::new().sender::<u64>(&*name).unwrap();
    let mut receiver = ChannelOptions::new().receiver::<u64>(&*name).unwrap();
    let numbers = [1, 2, 3];
    let made = numbers.iter().inspect(|number| assert!(**number < 3, "no third one"));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| sender.send_batch(made))).unwrap_err();
    sender.send(&4).unwrap();
    let got: Vec<u64> = std::iter::from_fn(|| receiver.try_recv().unwrap()).collect();
    assert_eq!(got, [1, 2, 4], "what was added before was sent");
}

#[test]
fn what_a_batch_handed_over_before_it_panicked_is_consumed() {
    let name = name();
    let mut sender = ChannelOptions::new().capacity(4096).sender::<u64>(&*name).unwrap();
    let mut receiver = ChannelOptions::new().receiver::<u64>(&*name).unwrap();
    let mut sent = 0;
    while sender.try_send(&sent).unwrap() {
        sent += 1;
    }
    let batch = || receiver.recv_batch(usize::MAX, |number| assert!(number < 10, "so far"));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(batch)).unwrap_err();
    assert!(sender.send_timeout(&sent, LONG).unwrap(), "what was consumed is room");
    assert_eq!(receiver.recv().unwrap(), 11);
}

/// As `docs/format.md` has it; the rest is held by the golden bytes beside the code.
#[test]
fn what_lies_in_the_section_is_what_the_format_says() {
    let name = name();
    let mut sender = ChannelOptions::new().capacity(4096).max_message(8).senders(2).sender::<u64>(&*name).unwrap();
    sender.send(&0x1122_3344_5566_7788).unwrap();
    let mapping = Mapping::open(&*name).unwrap();
    let view = mapping.view().unwrap();
    assert_eq!(mapping.size(), 4096 + 2 * 4096);
    let bytes = |at: usize| {
        let mut bytes = [0; 8];
        view.read_at(at, &mut bytes).unwrap();
        bytes
    };
    assert_eq!(&bytes(0), b"LASTCHNL");
    let words = [(1, 1 | 1 << 32), (2, 4096), (3, 8), (4, 3 | 2 << 32), (5, 8), (6, 8), (7, 0), (8, 0)];
    for (index, word) in words {
        assert_eq!(u64::from_le_bytes(bytes(8 * index)), word, "word {index}");
    }
    assert_eq!(u64::from_le_bytes(bytes(512 + 32)), u64::from(std::process::id()), "end 1 sends");
    assert_eq!(bytes(4096), [9, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bytes(4104), 0x1122_3344_5566_7788_u64.to_le_bytes());
}

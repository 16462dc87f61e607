//! Broadcasts between threads of one process.

mod common;

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lasthandle::channel::{BroadcastOptions, Broadcaster, Receiver, Subscriber};
use lasthandle::{ErrorKind, Event, Waited, wait_any};

/// More than any of these needs.
const LONG: Duration = Duration::from_secs(20);

fn name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    common::root();
    common::name(&format!("broadcast-{}", COUNT.fetch_add(1, Ordering::Relaxed)))
}

fn message(number: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..number * 7 % 1001).map(|byte| (byte ^ number).to_le_bytes()[0]).collect();
    bytes.extend((number as u64).to_le_bytes());
    bytes
}

fn number_of(bytes: &[u8]) -> usize {
    let (_, number) = bytes.split_last_chunk().expect("eight bytes");
    usize::try_from(u64::from_le_bytes(*number)).unwrap()
}

#[test]
fn every_receiver_gets_all_messages_whole_and_in_order() {
    let name = name();
    let options = BroadcastOptions::new().capacity(8192).max_message(1100).receivers(3);
    let mut sender = options.sender::<[u8]>(&*name).unwrap();
    let receivers: Vec<_> = (0..3).map(|_| options.receiver::<[u8]>(&*name).unwrap()).collect();
    assert_eq!(options.receiver::<[u8]>(&*name).unwrap_err().kind(), ErrorKind::Occupied);
    assert_eq!((sender.receivers(), sender.is_lossy()), (3, false));
    let receiving = receivers.into_iter().map(|mut receiver| {
        thread::spawn(move || {
            for number in 0..20_000 {
                assert_eq!(receiver.recv().unwrap(), message(number), "{number}");
            }
            assert_eq!(receiver.missed(), 0);
            assert_eq!(receiver.recv().unwrap_err().kind(), ErrorKind::Disconnected);
        })
    });
    let receiving: Vec<_> = receiving.collect();
    for number in 0..20_000 {
        sender.send(&message(number)).unwrap();
    }
    assert_eq!(sender.sent(), 20_000);
    drop(sender);
    for thread in receiving {
        thread.join().unwrap();
    }
}

#[test]
fn the_slowest_receiver_holds_the_sender_back_until_it_goes() {
    let name = name();
    let options = BroadcastOptions::new().capacity(4096);
    let mut sender = options.sender::<u64>(&*name).unwrap();
    let mut quick = options.receiver::<u64>(&*name).unwrap();
    let mut slow = options.receiver::<u64>(&*name).unwrap();
    let mut sent = 0;
    while sender.try_send(&sent).unwrap() {
        assert_eq!(quick.recv().unwrap(), sent);
        sent += 1;
    }
    assert_eq!(sent, 63, "4096 bytes but one line");
    let begun = Instant::now();
    assert!(!sender.send_timeout(&0, Duration::from_millis(30)).unwrap());
    assert!(begun.elapsed() >= Duration::from_millis(30));
    for expected in 0..10 {
        assert_eq!(slow.recv_timeout(LONG).unwrap(), Some(expected));
    }
    while sender.try_send(&sent).unwrap() {
        assert_eq!(quick.recv().unwrap(), sent);
        sent += 1;
    }
    assert_eq!(sent, 73);
    let blocked = thread::spawn(move || {
        assert!(sender.send_timeout(&73, LONG).unwrap());
        sender
    });
    thread::sleep(Duration::from_millis(50));
    drop(slow);
    let mut sender = blocked.join().unwrap();
    assert_eq!(quick.recv_timeout(LONG).unwrap(), Some(73));
    drop(quick);
    for number in 0..1000 {
        assert!(sender.try_send(&number).unwrap(), "nobody holds it back");
    }
}

#[test]
fn a_sender_that_sleeps_is_woken_by_the_receiver_that_makes_room() {
    let name = name();
    let options = BroadcastOptions::new().capacity(4096);
    let mut sender = options.sender::<u64>(&*name).unwrap();
    let mut receivers: Vec<_> = (0..4).map(|_| options.receiver::<u64>(&*name).unwrap()).collect();
    let sending = thread::spawn(move || {
        for number in 0..2000 {
            assert!(sender.send_timeout(&number, LONG).unwrap());
        }
    });
    for number in 0..2000 {
        if number % 500 == 70 {
            thread::sleep(Duration::from_millis(20)); // it sleeps on the full log
        }
        for receiver in &mut receivers {
            assert_eq!(receiver.recv_timeout(LONG).unwrap(), Some(number));
        }
    }
    sending.join().unwrap();
}

#[test]
fn who_is_too_slow_for_a_lossy_sender_learns_how_many_it_missed() {
    let name = name();
    let options = BroadcastOptions::new().capacity(4096).max_message(1100).lossy(true);
    let mut sender = options.sender::<[u8]>(&*name).unwrap();
    let mut receiver = options.receiver::<[u8]>(&*name).unwrap();
    assert!(sender.is_lossy() && receiver.is_lossy());
    let receiving = thread::spawn(move || {
        let (mut next, mut missed, mut got) = (0, 0, 0_u64);
        loop {
            match receiver.recv() {
                Ok(bytes) => {
                    let number = number_of(&bytes);
                    next += usize::try_from(receiver.missed() - missed).unwrap();
                    missed = receiver.missed();
                    assert_eq!(number, next, "what was missed adds up");
                    assert_eq!(bytes, message(number));
                    (next, got) = (next + 1, got + 1);
                    if number % 64 == 0 {
                        thread::sleep(Duration::from_micros(200));
                    }
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Disconnected);
                    return (got, missed);
                }
            }
        }
    });
    for number in 0..100_000 {
        assert!(sender.try_send(&message(number)).unwrap(), "it never waits");
    }
    drop(sender);
    let (got, missed) = receiving.join().unwrap();
    assert_eq!(got + missed, 100_000);
    assert!(missed > 0 && got > 0, "{missed} missed, {got} received");
}

#[test]
fn missed_messages_are_counted_exactly() {
    let name = name();
    let options = BroadcastOptions::new().capacity(4096).lossy(true);
    let mut sender = options.sender::<u64>(&*name).unwrap();
    let mut receiver = options.receiver::<u64>(&*name).unwrap();
    for number in 0..1000 {
        sender.send(&number).unwrap();
    }
    let first = receiver.recv().unwrap();
    assert_eq!(receiver.missed(), first);
    assert!((1000 - 63..=1000 - 46).contains(&first), "three quarters of 64 lines but one are kept: {first}");
    for number in first + 1..1000 {
        assert_eq!(receiver.try_recv().unwrap(), Some(number));
    }
    assert_eq!((receiver.try_recv().unwrap(), receiver.missed()), (None, first));
}

#[test]
fn a_late_receiver_begins_with_the_next_message_or_the_oldest_kept() {
    for lossy in [false, true] {
        let name = name();
        let options = BroadcastOptions::new().capacity(4096).lossy(lossy);
        let mut sender = options.sender::<u64>(&*name).unwrap();
        for number in 0..1000 {
            sender.send(&number).unwrap(); // nobody is there to hold it back
        }
        let mut newest = options.receiver::<u64>(&*name).unwrap();
        let mut oldest = options.clone().from_oldest(true).receiver::<u64>(&*name).unwrap();
        assert_eq!(newest.try_recv().unwrap(), None);
        sender.send(&1000).unwrap();
        assert_eq!((newest.recv().unwrap(), newest.missed()), (1000, 0));
        let first = oldest.recv().unwrap();
        assert!((937..=954).contains(&first), "{first}");
        for number in first + 1..=1000 {
            assert_eq!(oldest.recv().unwrap(), number);
        }
        assert_eq!(oldest.missed(), 0);
    }
}

#[test]
fn receivers_come_and_go_while_a_lossless_sender_runs() {
    let name = name();
    let options = BroadcastOptions::new().capacity(4096).receivers(4);
    let mut sender = options.sender::<u64>(&*name).unwrap();
    let sending = thread::spawn(move || {
        let begun = Instant::now();
        let mut number = 0;
        while begun.elapsed() < Duration::from_secs(1) {
            assert!(sender.send_timeout(&number, LONG).unwrap());
            number += 1;
        }
    });
    let coming = |oldest: bool| {
        let options = options.clone().from_oldest(oldest);
        let name = name.clone();
        thread::spawn(move || {
            let mut rounds = 0;
            loop {
                let mut receiver = options.open_receiver::<u64>(&*name).unwrap();
                let Ok(first) = receiver.recv() else { return rounds };
                for number in first + 1..first + 300 {
                    match receiver.recv() {
                        Ok(received) => assert_eq!(received, number, "nothing is left out"),
                        Err(error) => {
                            assert_eq!(error.kind(), ErrorKind::Disconnected);
                            return rounds;
                        }
                    }
                }
                rounds += 1;
            }
        })
    };
    let threads = [coming(true), coming(false), coming(true)];
    sending.join().unwrap();
    for thread in threads {
        assert!(thread.join().unwrap() > 0);
    }
}

#[test]
fn a_successor_goes_on_behind_the_last_message() {
    for lossy in [false, true] {
        let name = name();
        let options = BroadcastOptions::new().capacity(4096).lossy(lossy);
        let mut receiver = options.receiver::<u64>(&*name).unwrap();
        let mut next = 0;
        for round in 0..50 {
            let mut sender = Broadcaster::<u64>::open(&*name).unwrap();
            assert_eq!(Broadcaster::<u64>::open(&*name).unwrap_err().kind(), ErrorKind::Occupied);
            assert_eq!(sender.sent(), round * 20);
            for number in 0..20 {
                sender.send(&(round * 20 + number)).unwrap();
            }
            drop(sender);
            for _ in 0..20 {
                assert_eq!(receiver.recv().unwrap(), next);
                next += 1;
            }
            assert_eq!(receiver.try_recv().unwrap_err().kind(), ErrorKind::Disconnected);
        }
        assert_eq!(receiver.missed(), 0);
    }
}

#[test]
fn a_successor_is_waited_for() {
    let name = name();
    let mut receiver = Subscriber::<u64>::create(&*name).unwrap();
    assert!(!receiver.wait_for_sender(Duration::from_millis(20)).unwrap());
    let coming = thread::spawn({
        let name = name.clone();
        move || {
            for number in 0..20 {
                thread::sleep(Duration::from_millis(5));
                Broadcaster::<u64>::open(&*name).unwrap().send(&number).unwrap();
            }
        }
    });
    let mut next = 0;
    while next < 20 {
        assert!(receiver.wait_for_sender(LONG).unwrap(), "{next}");
        while let Ok(number) = receiver.recv() {
            assert_eq!(number, next);
            next += 1;
        }
    }
    coming.join().unwrap();
    assert!(!receiver.wait_for_sender(Duration::from_millis(20)).unwrap());
}

#[test]
fn receivers_are_waited_for_beside_other_objects() {
    let name = name();
    let mut sender = Broadcaster::<u64>::create(&*name).unwrap();
    let mut receivers: Vec<_> = (0..3).map(|_| Subscriber::<u64>::open(&*name).unwrap()).collect();
    let event = Event::options().create_unnamed().unwrap();
    let nothing = Duration::from_millis(20);
    assert_eq!(wait_any(&[&receivers[0].readable(), &event], nothing).unwrap(), Waited::TimedOut);
    let late = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        sender.send(&7).unwrap();
        thread::sleep(Duration::from_millis(50));
    });
    let others: Vec<_> = receivers.drain(1..).collect();
    let sleeping = others.into_iter().map(|mut receiver| thread::spawn(move || receiver.recv_timeout(LONG).unwrap()));
    let sleeping: Vec<_> = sleeping.collect();
    assert_eq!(wait_any(&[&event, &receivers[0].readable()], LONG).unwrap(), Waited::Signaled(1));
    assert_eq!(receivers[0].recv().unwrap(), 7);
    for thread in sleeping {
        assert_eq!(thread.join().unwrap(), Some(7));
    }
    assert_eq!(wait_any(&[&event, &receivers[0].readable()], LONG).unwrap(), Waited::Signaled(1), "it has gone");
    assert_eq!(receivers[0].recv().unwrap_err().kind(), ErrorKind::Disconnected);
    late.join().unwrap();
}

#[test]
fn what_makes_no_sense_is_refused_and_told() {
    let name = name();
    let refused = |options: BroadcastOptions| options.sender::<[u8]>(&*name).unwrap_err().kind();
    assert_eq!(refused(BroadcastOptions::new().capacity(0)), ErrorKind::InvalidParameter);
    assert_eq!(refused(BroadcastOptions::new().receivers(0)), ErrorKind::InvalidParameter);
    assert_eq!(refused(BroadcastOptions::new().receivers(61)), ErrorKind::InvalidParameter);
    let mut sender = BroadcastOptions::new().max_message(100).receivers(60).sender::<[u8]>(&*name).unwrap();
    assert_eq!(sender.send(&[0; 101]).unwrap_err().kind(), ErrorKind::TooLong);
    assert_eq!(Subscriber::<u64>::open(&*name).unwrap_err().kind(), ErrorKind::WrongType);
    assert_eq!(Receiver::<[u8]>::open(&*name).unwrap_err().kind(), ErrorKind::WrongType);
    let mut receiver = Subscriber::<[u8]>::open(&*name).unwrap();
    sender.send(&[5; 100]).unwrap();
    let mut into = [0; 100];
    assert_eq!(receiver.recv_into(&mut into[..99], LONG).unwrap_err().kind(), ErrorKind::TooLong);
    assert_eq!((receiver.recv_into(&mut into, LONG).unwrap(), into), (Some(100), [5; 100]));
}

/// The fewest messages, replaced as fast as can be: the marks are replaced all the time, and are no damage.
#[test]
fn a_fast_sender_is_not_taken_for_a_hostile_one() {
    let name = name();
    let options = BroadcastOptions::new().capacity(1).max_message(8).lossy(true);
    let mut sender: Broadcaster = options.sender(&*name).expect("a sender");
    let begun = Instant::now();
    let is_over = move || begun.elapsed() > Duration::from_millis(700);
    thread::scope(|scope| {
        scope.spawn(move || {
            for number in (0_u64..).take_while(|number| number % 64 != 0 || !is_over()) {
                sender.send(&number.to_le_bytes()).expect("sent");
            }
        });
        let (mut last, mut received, mut arrivals) = (0, 0_u64, 0_u64);
        while !is_over() {
            arrivals += 1;
            let mut receiver: Subscriber = options.open_receiver(&*name).expect("a receiver");
            for _ in 0..2000 {
                let message = match receiver.try_recv() {
                    Err(error) if error.kind() == ErrorKind::Disconnected => break, // it is over
                    message => message.expect("no damage"),
                };
                let Some(bytes) = message else { continue };
                let number = u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
                assert!(number > last || number == 0, "{number} after {last}");
                (last, received) = (number, received + 1);
            }
        }
        println!("{received} messages in {arrivals} arrivals, of {last}");
        assert!(received > 100, "{received}");
    });
}

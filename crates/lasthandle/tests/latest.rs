//! Latest values between threads of one process.

mod common;

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lasthandle::channel::{LatestOptions, LatestReader, LatestWriter, Subscriber, Version};
use lasthandle::{ErrorKind, Event, Waited, wait_any};

/// More than any of these needs.
const LONG: Duration = Duration::from_secs(20);

fn name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    common::root();
    common::name(&format!("latest-{}", COUNT.fetch_add(1, Ordering::Relaxed)))
}

/// So many values are written.
const LAST: u64 = 300_000;

#[test]
fn the_newest_value_is_read_with_its_version() {
    let name = name();
    let mut writer = LatestWriter::<u64>::create(&*name).unwrap();
    let mut reader = LatestReader::<u64>::open(&*name).unwrap();
    assert_eq!((reader.read().unwrap(), reader.version()), (None, 0));
    for number in 1..=200 {
        assert_eq!(writer.write(&(number * 3)).unwrap(), number);
    }
    let newest = Some(Version { number: 200, value: 600 });
    assert_eq!(reader.try_next().unwrap(), newest);
    assert_eq!(reader.try_next().unwrap(), None, "nothing newer");
    assert_eq!(reader.read().unwrap(), newest, "again");
    drop(writer);
    assert_eq!(reader.read().unwrap(), newest, "it outlives its writer");
    assert_eq!(reader.next().unwrap_err().kind(), ErrorKind::Disconnected);
    let mut writer = LatestWriter::<u64>::open(&*name).unwrap();
    assert_eq!(LatestWriter::<u64>::open(&*name).unwrap_err().kind(), ErrorKind::Occupied);
    assert_eq!((writer.version(), writer.write(&1).unwrap()), (200, 201));
    assert_eq!(reader.next().unwrap(), Version { number: 201, value: 1 });
}

fn what_is_read_under_load_is_whole<const WORDS: usize>() {
    let name = name();
    let mut writer = LatestWriter::<[u64; WORDS]>::create(&*name).unwrap();
    let readers: Vec<_> = (0..2).map(|_| LatestReader::<[u64; WORDS]>::open(&*name).unwrap()).collect();
    let threads = readers.into_iter().enumerate().map(|(which, mut reader)| {
        thread::spawn(move || {
            let (mut count, mut last) = (0, 0);
            loop {
                let read = if which == 0 {
                    reader.read().map(|read| read.filter(|read| read.number != last))
                } else {
                    reader.next().map(Some)
                };
                match read {
                    Ok(Some(Version { number, value })) => {
                        assert!(number > last);
                        assert!(value.iter().enumerate().all(|(at, word)| *word == number * 31 + at as u64), "torn");
                        (count, last) = (count + 1, number);
                        if which == 0 && value[0] == 31 * LAST {
                            return count;
                        }
                    }
                    Ok(None) => thread::yield_now(),
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::Disconnected);
                        return count;
                    }
                }
            }
        })
    });
    let threads: Vec<_> = threads.collect();
    for number in 1..=LAST {
        let value = std::array::from_fn(|at| number * 31 + at as u64);
        assert_eq!(writer.write(&value).unwrap(), number);
    }
    drop(writer);
    for thread in threads {
        assert!(thread.join().unwrap() > 0);
    }
}

#[test]
fn small_values_are_whole_under_load() {
    what_is_read_under_load_is_whole::<2>();
}

#[test]
fn large_values_are_whole_under_load() {
    what_is_read_under_load_is_whole::<512>();
}

#[test]
fn who_waits_is_woken_by_the_next_value_and_by_the_writers_going() {
    let name = name();
    let mut writer = LatestOptions::new().waiting_readers(1).writer::<u64>(&*name).unwrap();
    let mut reader = LatestReader::<u64>::open(&*name).unwrap();
    let mut other = LatestReader::<u64>::open(&*name).unwrap();
    let begun = Instant::now();
    assert_eq!(reader.next_timeout(Duration::from_millis(30)).unwrap(), None);
    assert!(begun.elapsed() >= Duration::from_millis(30));
    assert_eq!(other.next_timeout(LONG).unwrap_err().kind(), ErrorKind::Occupied);
    let event = Event::options().create_unnamed().unwrap();
    assert_eq!(wait_any(&[&event, &reader.readable().unwrap()], Duration::from_millis(20)).unwrap(), Waited::TimedOut);
    let late = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        writer.write(&1).unwrap();
        thread::sleep(Duration::from_millis(50));
        writer.write(&2).unwrap();
        thread::sleep(Duration::from_millis(50));
    });
    assert_eq!(wait_any(&[&event, &reader.readable().unwrap()], LONG).unwrap(), Waited::Signaled(1));
    assert_eq!(reader.try_next().unwrap(), Some(Version { number: 1, value: 1 }));
    assert_eq!(reader.next_timeout(LONG).unwrap(), Some(Version { number: 2, value: 2 }));
    assert_eq!(reader.next_timeout(LONG).unwrap_err().kind(), ErrorKind::Disconnected);
    late.join().unwrap();
    assert_eq!(wait_any(&[&event, &reader.readable().unwrap()], LONG).unwrap(), Waited::Signaled(1));
    assert_eq!(other.read().unwrap(), Some(Version { number: 2, value: 2 }));
    drop(reader);
    assert_eq!(other.next().unwrap_err().kind(), ErrorKind::Disconnected, "the place is free");
}

#[test]
fn a_successor_is_waited_for() {
    let name = name();
    let mut reader = LatestReader::<u64>::create(&*name).unwrap();
    assert!(!reader.wait_for_writer(Duration::from_millis(20)).unwrap());
    let coming = thread::spawn({
        let name = name.clone();
        move || {
            for value in 1..=20 {
                thread::sleep(Duration::from_millis(5));
                LatestWriter::<u64>::open(&*name).unwrap().write(&value).unwrap();
            }
        }
    });
    while reader.seen() < 20 {
        assert!(reader.wait_for_writer(LONG).unwrap());
        while let Ok(version) = reader.next() {
            assert_eq!(version.number, version.value);
        }
    }
    coming.join().unwrap();
    assert!(!reader.wait_for_writer(Duration::from_millis(20)).unwrap());
}

#[test]
fn bytes_have_any_length_up_to_the_longest() {
    let name = name();
    for round in 0..3 {
        let mut writer = LatestOptions::new().max_value(5000).writer::<[u8]>(&*name).unwrap();
        let mut reader = LatestReader::<[u8]>::open(&*name).unwrap();
        for length in [0, 1, 56, 57, 64, 4999, 5000_usize] {
            let value: Vec<u8> = (0..length).map(|byte| (byte * 7).to_le_bytes()[0]).collect();
            let number = writer.write(&value).unwrap();
            assert_eq!(reader.read().unwrap(), Some(Version { number, value: value.clone() }));
            let mut into = [0; 5000];
            assert_eq!(reader.read_into(&mut into).unwrap(), Some(Version { number, value: length }));
            assert_eq!(into[..length], value);
        }
        assert_eq!(reader.read_into(&mut [0; 10]).unwrap_err().kind(), ErrorKind::TooLong);
        assert_eq!(writer.write(&[0; 5001]).unwrap_err().kind(), ErrorKind::TooLong);
        assert_eq!(writer.version(), 7, "made anew each time: {round}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let name = name();
    assert_eq!(LatestReader::<u64>::open(&*name).unwrap_err().kind(), ErrorKind::NotFound);
    let refused = LatestOptions::new().waiting_readers(61).writer::<u64>(&*name).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidParameter);
    let _writer = LatestWriter::<u64>::create(&*name).unwrap();
    assert_eq!(LatestReader::<u32>::open(&*name).unwrap_err().kind(), ErrorKind::WrongType);
    assert_eq!(Subscriber::<u64>::open(&*name).unwrap_err().kind(), ErrorKind::WrongType);
}

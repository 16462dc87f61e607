//! Channels from C, where a test in C cannot look: threads, and a peer in Rust.
//!
//! # Safety
//! What each call asks for is there.
#![allow(unsafe_code)]

use std::ffi::{CString, c_void};
use std::ptr::{null, null_mut};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use lasthandle::channel::{Broadcaster, LatestReader, LatestWriter, Receiver, Sender, Subscriber};

use super::broadcast::*;
use super::channel::*;
use super::latest::*;
use super::message::{LH_TIME_IS_UP, lh_channel_receive, lh_channel_send};
use super::wait::LH_FOREVER;

fn name(of: &str) -> (String, CString) {
    let name = format!("Local\\ffi-channel-{of}-{}", std::process::id());
    (name.clone(), CString::new(name).expect("no NUL"))
}

fn u64_options() -> lh_channel_options {
    lh_channel_options { capacity: 0, max_message: 0, senders: 0, type_alignment: 8, type_size: 8, type_name: null() }
}

type Create = unsafe extern "C" fn(*const std::ffi::c_char, *const lh_channel_options, *mut *mut lh_channel) -> u32;

/// The handle of an end, as a number: pointers stay in their thread.
fn end(create: Create, name: &CString, options: Option<&lh_channel_options>) -> usize {
    let mut end = null_mut();
    // SAFETY: a name, options or null, and a place.
    let code = unsafe { create(name.as_ptr(), options.map_or(null(), std::ptr::from_ref), &raw mut end) };
    assert_eq!(code, 0);
    end.addr()
}

fn pointer(end: usize) -> *mut lh_channel {
    std::ptr::without_provenance_mut(end)
}

fn send(end: usize, message: &[u8]) -> u32 {
    // SAFETY: so many bytes lie there.
    unsafe { lh_channel_send(pointer(end), message.as_ptr().cast(), message.len(), 0) }
}

fn receive(end: usize, into: &mut [u8], timeout: u64) -> u32 {
    // SAFETY: there is so much room.
    unsafe { lh_channel_receive(pointer(end), into.as_mut_ptr().cast::<c_void>(), into.len(), null_mut(), timeout) }
}

#[test]
fn a_sender_from_c_meets_a_receiver_of_numbers_in_rust() {
    let (rust, c) = name("typed-out");
    let tx = end(lh_channel_sender_create, &c, Some(&u64_options()));
    let mut rx = Receiver::<u64>::open(&*rust).expect("the same type");
    assert_eq!(send(tx, &42_u64.to_ne_bytes()), 0);
    assert_eq!(rx.recv().expect("a number"), 42);
    assert_eq!(lh_channel_close(pointer(tx)), 0);
    assert!(rx.recv().is_err());
}

#[test]
fn a_receiver_from_c_meets_a_sender_of_numbers_in_rust() {
    let (rust, c) = name("typed-in");
    let mut tx = Sender::<u64>::create(&*rust).expect("a channel");
    let rx = end(lh_channel_receiver_open, &c, Some(&u64_options()));
    tx.send(&43).expect("room");
    let mut number = [0; 8];
    assert_eq!((receive(rx, &mut number, LH_FOREVER), u64::from_ne_bytes(number)), (0, 43));
    assert_eq!(lh_channel_close(pointer(rx)), 0);
}

#[test]
fn other_types_do_not_meet() {
    let (rust, c) = name("other");
    let tx = end(lh_channel_sender_create, &c, Some(&u64_options()));
    assert!(Receiver::<u32>::open(&*rust).is_err());
    assert!(Receiver::<[u32; 2]>::open(&*rust).is_err());
    assert!(Receiver::<[u8]>::open(&*rust).is_err());
    assert_eq!(lh_channel_close(pointer(tx)), 0);
}

#[test]
fn a_second_thread_is_refused_and_the_first_goes_on() {
    let (_, c) = name("busy");
    let (one, other) = (end(lh_duplex_create, &c, None), end(lh_duplex_create, &c, None));
    thread::scope(|scope| {
        // It may come while the one below looks: then it is the second, and tries again.
        let patiently = || loop {
            match receive(one, &mut [0; 8], LH_FOREVER) {
                170 => thread::yield_now(),
                code => return code,
            }
        };
        let first = scope.spawn(patiently);
        // Until it waits there, the receiving half is free.
        while receive(one, &mut [0; 8], 0) == LH_TIME_IS_UP {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(receive(one, &mut [0; 8], 0), 170);
        assert_eq!(lh_channel_close(pointer(one)), 170);
        assert_eq!(send(one, b"the other half"), 0, "one thread sends while another receives");
        assert_eq!(send(other, b"go on"), 0);
        assert_eq!(first.join().expect("no panic"), 0);
    });
    assert_eq!((lh_channel_close(pointer(one)), lh_channel_close(pointer(other))), (0, 0));
}

#[test]
fn threads_that_share_an_end_tear_no_message() {
    let (_, c) = name("torn");
    let (tx, rx) = (end(lh_channel_sender_create, &c, None), end(lh_channel_receiver_create, &c, None));
    let start = Barrier::new(2);
    let write = |byte: u8| {
        start.wait();
        let mut sent = 0;
        while sent < 2000 {
            match send(tx, &[byte; 200]) {
                0 => sent += 1,
                170 | LH_TIME_IS_UP => thread::yield_now(),
                code => panic!("{code}"),
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| write(1));
        scope.spawn(|| write(2));
        let (mut message, mut counts) = ([0; 200], [0; 3]);
        for _ in 0..4000 {
            assert_eq!(receive(rx, &mut message, LH_FOREVER), 0);
            assert!(message.iter().all(|byte| *byte == message[0]), "torn");
            counts[usize::from(message[0])] += 1;
        }
        assert_eq!(counts, [0, 2000, 2000]);
    });
    assert_eq!((lh_channel_close(pointer(tx)), lh_channel_close(pointer(rx))), (0, 0));
}

#[test]
fn an_end_that_is_closed_meanwhile_is_an_error_whoever_uses_it() {
    let (_, c) = name("closed");
    for _ in 0..100 {
        let rx = end(lh_channel_receiver_create, &c, None);
        thread::scope(|scope| {
            let using = scope.spawn(|| {
                loop {
                    match receive(rx, &mut [0; 8], 0) {
                        LH_TIME_IS_UP | 170 => {}
                        code => return code,
                    }
                }
            });
            while lh_channel_close(pointer(rx)) == 170 {
                thread::yield_now();
            }
            assert_eq!(using.join().expect("no panic"), 6);
        });
    }
}

fn u64_broadcast() -> lh_broadcast_options {
    let (capacity, max_message, receivers) = (0, 0, 0);
    let (type_alignment, type_size, type_name) = (8, 8, null());
    let (lossy, from_oldest) = (false, true);
    lh_broadcast_options { capacity, max_message, receivers, type_alignment, type_size, type_name, lossy, from_oldest }
}

#[test]
fn broadcasts_of_numbers_reach_rust_and_come_from_rust() {
    let (rust, c) = name("cast");
    let (options, mut tx, mut rx) = (u64_broadcast(), null_mut(), null_mut());
    // SAFETY: a name, options, and a place.
    assert_eq!(unsafe { lh_broadcast_sender_create(c.as_ptr(), &raw const options, &raw mut tx) }, 0);
    let mut theirs = Subscriber::<u64>::open(&*rust).expect("the same type");
    // SAFETY: eight bytes lie there.
    assert_eq!(unsafe { lh_broadcast_send(tx, 42_u64.to_ne_bytes().as_ptr().cast(), 8, 0) }, 0);
    assert_eq!(theirs.recv().expect("a number"), 42);
    assert_eq!(lh_broadcast_close(tx), 0);
    let mut theirs = Broadcaster::<u64>::open(&*rust).expect("the same type");
    // SAFETY: as above.
    assert_eq!(unsafe { lh_broadcast_receiver_open(c.as_ptr(), &raw const options, &raw mut rx) }, 0);
    theirs.send(&43).expect("room");
    for expected in [42, 43] {
        let mut number = 0_u64;
        // SAFETY: there is so much room.
        let code = unsafe { lh_broadcast_receive(rx, (&raw mut number).cast(), 8, null_mut(), LH_FOREVER) };
        assert_eq!((code, number), (0, expected));
    }
    assert_eq!(lh_broadcast_close(rx), 0);
}

#[test]
fn latest_numbers_reach_rust_and_come_from_rust() {
    let (rust, c) = name("latest");
    let options =
        lh_latest_options { max_value: 0, waiting_readers: 0, type_alignment: 8, type_size: 8, type_name: null() };
    let (mut writer, mut reader) = (null_mut(), null_mut());
    // SAFETY: a name, options, and a place.
    assert_eq!(unsafe { lh_latest_writer_create(c.as_ptr(), &raw const options, &raw mut writer) }, 0);
    let mut theirs = LatestReader::<u64>::open(&*rust).expect("the same type");
    // SAFETY: eight bytes lie there.
    assert_eq!(unsafe { lh_latest_write(writer, 42_u64.to_ne_bytes().as_ptr().cast(), 8, null_mut()) }, 0);
    assert_eq!(theirs.next().expect("a number").value, 42);
    assert_eq!(lh_latest_close(writer), 0);
    let mut theirs = LatestWriter::<u64>::open(&*rust).expect("the same type");
    // SAFETY: as above.
    assert_eq!(unsafe { lh_latest_reader_open(c.as_ptr(), &raw const options, &raw mut reader) }, 0);
    theirs.write(&43).expect("room");
    let (mut number, mut version) = (0_u64, 0);
    let to = (&raw mut number).cast();
    // SAFETY: there is so much room.
    let code = unsafe { lh_latest_next(reader, to, 8, null_mut(), &raw mut version, LH_FOREVER) };
    assert_eq!((code, number, version), (0, 43, 2));
    assert_eq!(lh_latest_close(reader), 0);
}

/// While a thread waits for a value, others are refused, also those that only ask.
#[test]
fn a_reader_that_waits_is_nobody_elses() {
    let (_, c) = name("reader");
    let (mut writer, mut reader) = (null_mut(), null_mut());
    // SAFETY: a name, options, and a place.
    assert_eq!(unsafe { lh_latest_writer_create(c.as_ptr(), null(), &raw mut writer) }, 0);
    // SAFETY: as above.
    assert_eq!(unsafe { lh_latest_reader_create(c.as_ptr(), null(), &raw mut reader) }, 0);
    let handle = reader.addr();
    let version = || {
        let mut version = 0;
        // SAFETY: a place.
        unsafe { lh_latest_version(std::ptr::without_provenance_mut(handle), &raw mut version) }
    };
    thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            let end = std::ptr::without_provenance_mut(handle);
            loop {
                let mut text = [0_u8; 4];
                // SAFETY: there is so much room.
                match unsafe { lh_latest_next(end, text.as_mut_ptr().cast(), 4, null_mut(), null_mut(), LH_FOREVER) } {
                    170 => thread::yield_now(),
                    code => return (code, text),
                }
            }
        });
        while version() != 170 {
            thread::yield_now();
        }
        assert_eq!(lh_latest_close(reader), 170);
        // SAFETY: so many bytes lie there.
        assert_eq!(unsafe { lh_latest_write(writer, b"next".as_ptr().cast(), 4, null_mut()) }, 0);
        assert_eq!(waiting.join().expect("no panic"), (0, *b"next"));
    });
    assert_eq!(version(), 0);
    assert_eq!((lh_latest_close(reader), lh_latest_close(writer)), (0, 0));
}

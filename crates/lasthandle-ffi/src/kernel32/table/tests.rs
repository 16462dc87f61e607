//! The table under threads that look up, close and forge.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use lasthandle::Event;

use super::*;
use crate::kernel32::tests::root;

fn event() -> HANDLE {
    let object = Event::options().create_unnamed().unwrap().into();
    insert(New { object, access: 0, name: None, flags: 0 }).unwrap()
}

/// A value that is no handle of the table, from a small generator that needs no seed from outside.
fn forged(state: &mut u64) -> HANDLE {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    let shape = *state >> 61;
    let value = usize::try_from(*state).unwrap();
    std::ptr::without_provenance_mut(if shape < 4 { value >> 33 } else { value >> (shape - 4) })
}

#[test]
fn a_closed_handle_is_refused_and_its_value_is_not_given_out_again_at_once() {
    root();
    let handle = event();
    assert!(with(handle, |entry| entry.object.event().map(|_| ())).is_ok());
    close(handle).unwrap();
    assert_eq!(close(handle), Err(Code::INVALID_HANDLE));
    let later: Vec<_> = (0..100).map(|_| event()).collect();
    assert!(!later.contains(&handle));
    assert!(matches!(get(handle), Err(Code::INVALID_HANDLE)));
    for handle in later {
        close(handle).unwrap();
    }
}

#[test]
fn the_low_two_bits_are_ignored() {
    root();
    let handle = event();
    for low in 0..4 {
        assert!(get(handle.wrapping_byte_add(low)).is_ok());
    }
    close(handle.wrapping_byte_add(3)).unwrap();
    assert!(get(handle).is_err());
}

#[test]
fn a_protected_handle_cannot_be_closed() {
    root();
    let handle = event();
    get(handle).unwrap().set_flags(HANDLE_FLAG_PROTECT_FROM_CLOSE, u32::MAX);
    assert_eq!(close(handle), Err(Code::INVALID_HANDLE));
    get(handle).unwrap().set_flags(HANDLE_FLAG_PROTECT_FROM_CLOSE, 0);
    close(handle).unwrap();
}

#[test]
fn of_many_closers_one_succeeds_while_users_go_on_unharmed() {
    const ROUNDS: usize = 2000;
    root();
    let current = AtomicUsize::new(event().addr());
    let closed = AtomicUsize::new(0);
    let end = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !end.load(Ordering::Relaxed) {
                    let handle = std::ptr::without_provenance_mut(current.load(Ordering::Relaxed));
                    // Alive or refused; a freed one would be unmapped memory.
                    let _ = with(handle, |entry| Ok(entry.object.event()?.set()?));
                    let _ = get(handle).map(|entry| entry.object.event().unwrap().reset().unwrap());
                }
            });
            scope.spawn(|| {
                while !end.load(Ordering::Relaxed) {
                    let handle = std::ptr::without_provenance_mut(current.load(Ordering::Relaxed));
                    if close(handle).is_ok() {
                        closed.fetch_add(1, Ordering::Relaxed);
                        current.store(event().addr(), Ordering::Relaxed);
                    }
                }
            });
        }
        while closed.load(Ordering::Relaxed) < ROUNDS {
            thread::yield_now();
        }
        end.store(true, Ordering::Relaxed);
    });
    // Of all that were made, what was closed is closed; two closers may each have left one.
    let last = std::ptr::without_provenance_mut(current.load(Ordering::Relaxed));
    let _ = close(last);
}

#[test]
fn the_object_lives_until_the_call_that_uses_it_returns_and_no_longer() {
    root();
    let name = Name::new(&format!("table-{}", std::process::id())).unwrap();
    let object = Event::create(&name).unwrap().into();
    let handle = insert(New { object, access: 0, name: None, flags: 0 }).unwrap();
    let kept = get(handle).unwrap();
    close(handle).unwrap();
    assert!(Event::open(&name).is_ok(), "a call still uses it");
    drop(kept);
    assert!(Event::open(&name).is_err(), "nobody uses it");
}

#[test]
fn a_close_waits_for_a_short_call() {
    root();
    let handle = event().addr();
    let (inside, closing) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let done = with(std::ptr::without_provenance_mut(handle), |entry| {
                inside.store(true, Ordering::SeqCst);
                while !closing.load(Ordering::SeqCst) {
                    thread::yield_now();
                }
                thread::sleep(std::time::Duration::from_millis(30));
                Ok(entry.object.event()?.set()?)
            });
            inside.store(false, Ordering::SeqCst);
            done.unwrap();
        });
        while !inside.load(Ordering::SeqCst) {
            thread::yield_now();
        }
        let begin = std::time::Instant::now();
        closing.store(true, Ordering::SeqCst);
        close(std::ptr::without_provenance_mut(handle)).unwrap();
        assert!(begin.elapsed() >= std::time::Duration::from_millis(30));
    });
}

#[test]
fn forged_values_are_refused() {
    root();
    let mine: Vec<_> = (0..50).map(|_| event()).collect();
    let mut state = 0x9E37_79B9_7F4A_7C15;
    for _ in 0..1_000_000 {
        let handle = forged(&mut state);
        if let Ok(entry) = get(handle) {
            // A lucky guess, of this test's or another's: it must be what the number says.
            assert_eq!(entry.number.value(), handle.addr() & !3);
        }
    }
    for handle in mine {
        close(handle).unwrap();
    }
}

#[test]
fn a_handler_that_interrupts_calls_can_make_calls() {
    root();
    let handle = event();
    let deepest = with(handle, |_| {
        with(handle, |_| with(handle, |_| with(handle, |_| Ok(with(handle, |_| Ok(())).unwrap_err()))))
    });
    assert_eq!(deepest, Ok(Code::BUSY));
    close(handle).unwrap();
}

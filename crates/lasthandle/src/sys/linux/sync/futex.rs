//! Sleeping on words that several processes map, and waking.
//!
//! # Safety
//! The kernel reads the words; a wrong address is an error of the call, never harm.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use arrayvec::ArrayVec;
use rustix::io::Errno;
use rustix::thread::futex;

use crate::protocol::Slept;
use crate::sys::MAXIMUM_WAIT_OBJECTS;
use crate::sys::linux::fault::hit;

/// Longest sleep before looking again: bounds a wake-up that was lost with a killed waiter. In nanoseconds.
const SLICE: u64 = 500_000_000;
/// The same where several words cannot be slept on at once: short at first, longer while nothing happens, so that a
/// long wait costs nothing to speak of.
const POLL: u64 = 250_000;
/// The longest of them. (The first word is slept on: a mutex that is released wakes its waiter at once here too.)
const LONGEST_POLL: u64 = 200_000_000;

/// A word to sleep on, and the value it must have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) word: *const u32,
    pub(super) expected: u32,
}

/// The low half of a 64-bit word, which is what changes of it show in.
pub(super) fn low_half(word: &AtomicU64) -> *const u32 {
    const { assert!(cfg!(target_endian = "little")) };
    word.as_ptr().cast::<u32>().cast_const()
}

pub(super) fn low_value(value: u64) -> u32 {
    u32::try_from(value & u64::from(u32::MAX)).expect("masked")
}

/// Sleeps until one of the places is woken, or `until` (monotonic nanoseconds), or for a slice.
pub(super) fn sleep(places: &[Place], now: u64, until: Option<u64>) -> Slept {
    static MANY: AtomicBool = AtomicBool::new(true);
    let end = until.unwrap_or(u64::MAX).min(now + SLICE);
    let slept = match places {
        [] => {
            std::thread::sleep(Duration::from_nanos(end.saturating_sub(now)));
            Err(Errno::TIMEDOUT)
        }
        [one] => wait_one(*one, end),
        many if MANY.load(Ordering::Relaxed) => match wait_many(many, end) {
            Err(Errno::NOSYS | Errno::PERM) => {
                MANY.store(false, Ordering::Relaxed);
                poll(many[0], now, end)
            }
            other => other,
        },
        many => poll(many[0], now, end),
    };
    match slept {
        Ok(()) => Slept::Woken,
        // A life file that its owner truncated: nothing to sleep on, and no reason to burn a processor.
        Err(Errno::FAULT) => {
            std::thread::sleep(Duration::from_nanos(POLL));
            Slept::Look
        }
        Err(_) => Slept::Look,
    }
}

/// Sleeps on one word of several, for a moment. (The other words' wake-ups are seen when it looks again.)
fn poll(place: Place, now: u64, end: u64) -> Result<(), Errno> {
    thread_local! {
        /// When the last one ended, and how long it was.
        static LAST: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
    }
    let (ended, length) = LAST.get();
    // Another wait than the last one begins with a short one.
    let goes_on = now.saturating_sub(ended) < LONGEST_POLL;
    let length = if goes_on { (length + length / 4).min(LONGEST_POLL) } else { POLL };
    let end = end.min(now + length);
    let slept = wait_one(place, end);
    LAST.set(if slept.is_ok() { (0, 0) } else { (end, length) });
    slept
}

fn wait_one(place: Place, end: u64) -> Result<(), Errno> {
    let time = timespec(end);
    // SAFETY: an absolute monotonic wait; the kernel reads four bytes at the word's address or says EFAULT.
    let result = unsafe {
        libc::syscall(
            libc::SYS_futex,
            place.word,
            libc::FUTEX_WAIT_BITSET,
            place.expected,
            &raw const time,
            std::ptr::null::<u32>(),
            u32::MAX,
        )
    };
    outcome(result)
}

fn wait_many(places: &[Place], end: u64) -> Result<(), Errno> {
    hit("sleep_on_many")?;
    let mut waits = ArrayVec::<_, { 2 * MAXIMUM_WAIT_OBJECTS }>::new();
    for place in places {
        let mut wait = futex::Wait::new();
        wait.val = u64::from(place.expected);
        wait.uaddr = futex::WaitPtr::new(place.word.cast_mut().cast());
        wait.flags = futex::WaitFlags::SIZE_U32;
        waits.push(wait);
    }
    let time = rustix::fs::Timespec {
        tv_sec: i64::try_from(end / 1_000_000_000).unwrap_or(i64::MAX),
        tv_nsec: i64::try_from(end % 1_000_000_000).expect("below a billion"),
    };
    let none = futex::WaitvFlags::empty();
    futex::waitv(&waits, none, Some(&time), rustix::thread::ClockId::Monotonic).map(|_| ())
}

fn timespec(end: u64) -> libc::timespec {
    libc::timespec {
        tv_sec: i64::try_from(end / 1_000_000_000).unwrap_or(i64::MAX),
        tv_nsec: i64::try_from(end % 1_000_000_000).expect("below a billion"),
    }
}

/// Wakes up to `count` who sleep on the word.
pub(super) fn wake(word: *const u32, count: u32) -> u32 {
    // SAFETY: the kernel only uses the address as a key; it reads nothing there.
    let woken = unsafe { libc::syscall(libc::SYS_futex, word, libc::FUTEX_WAKE, count) };
    u32::try_from(woken).unwrap_or(0)
}

/// Whether the word still has that value, as the kernel sees it: also of memory that may be gone, where a plain read
/// would be a SIGBUS. It neither sleeps nor takes a wake-up: the call compares, and then moves nobody. (A wait with a
/// time-out of nothing sleeps for the thread's timer slack, 50 µs.)
pub(super) fn still_is(place: Place) -> bool {
    let nobody: usize = 0;
    // SAFETY: the kernel reads four bytes at the word's address or says EFAULT; the second address is only a key.
    let result = unsafe {
        libc::syscall(libc::SYS_futex, place.word, libc::FUTEX_CMP_REQUEUE, 0_u32, nobody, place.word, place.expected)
    };
    outcome(result).is_ok()
}

fn outcome(result: libc::c_long) -> Result<(), Errno> {
    if result >= 0 {
        return Ok(());
    }
    Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL))
}

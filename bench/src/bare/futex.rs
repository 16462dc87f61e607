//! Sleeping on words of shared memory, and waking, with nothing around it.

use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::Timespec;
use rustix::thread::futex::{self, Flags, WaitFlags, WaitPtr, WaitvFlags};

pub use rustix::thread::futex::Wait;

/// Sleeps until the word is another; that other.
#[inline]
pub fn wait_while(word: &AtomicU32, value: u32) -> u32 {
    sleep_while(word, value, None)
}

/// The same, in sleeps of half a second: what it costs that the kernel watches the time.
#[inline]
pub fn wait_in_slices_while(word: &AtomicU32, value: u32) -> u32 {
    sleep_while(word, value, Some(&Timespec { tv_sec: 0, tv_nsec: 500_000_000 }))
}

#[inline]
fn sleep_while(word: &AtomicU32, value: u32, slice: Option<&Timespec>) -> u32 {
    loop {
        let now = word.load(Ordering::Acquire);
        if now != value {
            return now;
        }
        let _ = futex::wait(word, Flags::empty(), value, slice);
    }
}

/// Counts the word up and wakes one.
#[inline]
pub fn signal(word: &AtomicU32) {
    word.fetch_add(1, Ordering::Release);
    futex::wake(word, Flags::empty(), 1).expect("wake");
}

/// What to sleep on, for [`wait_many`].
pub fn place(word: &AtomicU32) -> Wait {
    let mut wait = Wait::new();
    wait.val = u64::from(word.load(Ordering::Acquire));
    wait.uaddr = WaitPtr::new(word.as_ptr().cast());
    wait.flags = WaitFlags::SIZE_U32;
    wait
}

/// Sleeps until one is woken, or not at all if a word has another value.
pub fn wait_many(places: &[Wait]) {
    let _ = futex::waitv(places, WaitvFlags::empty(), None, rustix::thread::ClockId::Monotonic);
}

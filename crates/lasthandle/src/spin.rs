//! How long to look before sleeping.
//!
//! A wake-up across processors costs some tens of microseconds, a look some nanoseconds. So looking for about as long
//! as a wake-up takes at most doubles the cost of the worst case, and saves all of it in the best; and it is long enough
//! to meet somebody who must be woken himself before he answers, after which both look and nobody sleeps.
//!
//! Each thread learns: where looking was in vain the next waits sleep at once, twice as many each time. One processor:
//! never, for whoever would signal needs it.
#![allow(clippy::missing_const_for_thread_local, reason = "they are const: a false alarm on Windows' GNU targets")]

use std::cell::Cell;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::sys::processors;

/// About what a wake-up takes.
const LONG: Duration = Duration::from_micros(40);
/// Looks between two looks at the clock.
const LOOKS: u32 = 32;
/// Pauses between two looks at a word that both sides change: about as long as a cache line is on its way from one
/// processor to another. A look in the middle of that would take it back from who is about to answer.
#[allow(dead_code)] // Windows looks for itself
pub(crate) const CONTENDED: u32 = 5;
/// Waits that sleep at once before one looks again, at most.
const MOST: u32 = 256;

/// What a thread has learnt.
#[derive(Clone, Copy)]
struct Habit {
    /// So many waits sleep at once.
    skip: u32,
    /// How many it were the last time; 0: looking helped.
    skipped: u32,
}

thread_local! {
    static HABIT: Cell<Habit> = const { Cell::new(Habit { skip: 0, skipped: 0 }) };
}

/// Calls `ready` until it is true, or for as long as it pays; with so many pauses between two calls.
pub(crate) fn until(pauses: u32, ready: impl FnMut() -> bool) -> bool {
    let habit = HABIT.get();
    if habit.skip > 0 {
        HABIT.set(Habit { skip: habit.skip - 1, ..habit });
        return false;
    }
    if processors() < 2 {
        return false;
    }
    let helped = look(pauses, ready);
    let skip = if helped { 0 } else { (habit.skipped * 2).clamp(1, MOST) };
    HABIT.set(Habit { skip, skipped: skip });
    helped
}

fn look(pauses: u32, mut ready: impl FnMut() -> bool) -> bool {
    let mut end: Option<Instant> = None;
    loop {
        for _ in 0..LOOKS {
            for _ in 0..pauses {
                std::hint::spin_loop();
            }
            if ready() {
                return true;
            }
        }
        let now = Instant::now();
        if now >= *end.get_or_insert(now + LONG) {
            return false;
        }
    }
}

/// Of the machine: a thread that keeps to one of them has a partner on another.
fn processors() -> usize {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    *PROCESSORS.get_or_init(processors::online)
}

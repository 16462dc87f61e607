//! Sync objects: events, mutexes, semaphores, and waits.

pub mod contended;
pub mod death;
pub mod free;
pub mod many;
pub mod names;
pub mod peers;
pub mod register;
pub mod round_trip;
pub mod silent;
pub mod wake;

use std::hint::black_box;
use std::sync::atomic::AtomicU64;

use crate::bare::word::cas_swap;
use crate::measure::{Contender, Rival};
use crate::partner::Part;

/// What the other process can do.
pub fn parts() -> Vec<(&'static str, Part)> {
    let parts = [contended::PARTS, death::PARTS, names::PARTS, register::PARTS, round_trip::PARTS, silent::PARTS];
    [parts.concat(), wake::PARTS.to_vec()].concat()
}

/// What taking and giving back could cost at the least.
fn two_atomics(word: &AtomicU64, aim: impl Into<Option<f64>>) -> Rival<'_> {
    Rival::new(Contender::here("compare-and-swap, swap", || cas_swap(black_box(word))), aim)
}

/// What the loop itself takes, and is in everybody's time.
fn nothing<'a>() -> Rival<'a> {
    Rival::new(Contender::here("(the loop alone)", || black_box(())), None)
}

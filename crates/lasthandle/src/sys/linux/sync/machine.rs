//! The protocol's view of memory, kernel and clock, on Linux.
#![allow(clippy::inline_always)] // as the protocol

use std::cmp;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrayvec::ArrayVec;
use rustix::time::{ClockId, clock_gettime};

use super::alert::Alert;
use super::futex;
use super::operand::Operand;
use super::watch::Watched;
use crate::protocol::{Change, Form, Halt, Id, Machine, Queue, Sleep, Slept, Step, Word};
use crate::spin;
use crate::sys::{KernelAlert, MAXIMUM_WAIT_OBJECTS};

#[inline]
fn word_of(x: &Operand, word: Word) -> &AtomicU64 {
    match word {
        Word::State => &x.words().state,
        Word::Claim => &x.words().claim,
    }
}

fn watched(x: &Operand, id: Id) -> Option<Arc<Watched>> {
    x.lives.watch.watched(x.lives, id, now(ClockId::Monotonic))
}

pub(super) fn now(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// The machine, for objects that live for `'a`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Engine<'a> {
    alert: Option<&'a Alert>,
}

impl<'a> Engine<'a> {
    #[inline]
    pub(crate) fn new() -> Self {
        Self { alert: None }
    }

    /// For a wait that this alert ends.
    #[inline]
    pub(crate) fn alertable(alert: Option<&'a Alert>) -> Self {
        Self { alert }
    }
}

/// As many places as the kernel lets a thread sleep on at once.
const MOST_PLACES: usize = 2 * MAXIMUM_WAIT_OBJECTS;

impl<'a> Machine for Engine<'a> {
    type Object = &'a Operand;

    #[inline]
    fn form(&self, x: &'a Operand) -> Form {
        x.form
    }

    fn order(&self, a: &'a Operand, b: &'a Operand) -> cmp::Ordering {
        a.place.cmp(&b.place)
    }

    #[inline(always)]
    fn me(&self, x: &'a Operand) -> Step<Id> {
        x.lives.join().map_err(|_| Halt::NoLife)
    }

    fn is_dead(&self, x: &'a Operand, id: Id) -> bool {
        let (lives, now) = (x.lives, now(ClockId::Monotonic));
        let lives_surely = || lives.is_mine(id) || x.is_watch() && lives.watch.lived_just_now(lives, id, now);
        !lives_surely() && lives.watch.is_dead(lives, id, now)
    }

    #[inline]
    fn is_alertable(&self) -> bool {
        self.alert.is_some()
    }

    #[inline]
    fn is_alerted(&self) -> bool {
        self.alert.is_some_and(Alert::is_raised)
    }

    #[inline]
    fn now(&self, wall: bool) -> u64 {
        now(if wall { ClockId::Realtime } else { ClockId::Monotonic })
    }

    #[inline]
    fn load(&self, x: &'a Operand, word: Word) -> Step<u64> {
        Ok(word_of(x, word).load(Ordering::SeqCst))
    }

    #[inline(always)]
    fn update<R>(&self, x: &'a Operand, word: Word, mut change: impl FnMut(u64) -> Change<R>) -> Step<R> {
        let word = word_of(x, word);
        let mut seen = word.load(Ordering::SeqCst);
        loop {
            let (next, said) = match change(seen) {
                Change::Keep(said) => return Ok(said),
                Change::To(next, said) => (next, said),
            };
            match word.compare_exchange_weak(seen, next, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(_) => return Ok(said),
                Err(other) => seen = other,
            }
        }
    }

    #[inline(always)]
    fn update_from<R>(
        &self,
        x: &'a Operand,
        word: Word,
        guess: u64,
        mut change: impl FnMut(u64) -> Change<R>,
    ) -> Step<R> {
        // Reading a word that was written just now would wait for that write.
        if let Change::To(next, said) = change(guess) {
            if word_of(x, word).compare_exchange(guess, next, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                return Ok(said);
            }
        }
        self.update(x, word, change)
    }

    fn add_sleeper(&self, x: &'a Operand, up: bool) -> Step<()> {
        if up {
            x.words().sleepers.fetch_add(1, Ordering::SeqCst);
        } else {
            x.words().sleepers.fetch_sub(1, Ordering::SeqCst);
        }
        Ok(())
    }

    #[inline]
    fn sleepers(&self, x: &'a Operand) -> Step<u32> {
        Ok(x.words().sleepers.load(Ordering::SeqCst))
    }

    #[inline]
    fn count(&self, x: &'a Operand) -> Step<u32> {
        Ok(x.words().count.load(Ordering::Relaxed))
    }

    #[inline]
    fn set_count(&self, x: &'a Operand, count: u32) -> Step<()> {
        x.words().count.store(count, Ordering::Relaxed);
        Ok(())
    }

    fn period(&self, x: &'a Operand) -> Step<u64> {
        Ok(x.words().period.load(Ordering::SeqCst))
    }

    fn set_period(&self, x: &'a Operand, period: u64) -> Step<()> {
        x.words().period.store(period, Ordering::SeqCst);
        Ok(())
    }

    fn spin(&self, ready: impl FnMut() -> bool) -> bool {
        spin::until(spin::CONTENDED, ready)
    }

    fn sleep(&self, on: &[Sleep<&'a Operand>], until: Option<u64>) -> Step<Slept> {
        let mut places = ArrayVec::<_, MOST_PLACES>::new();
        let mut kept = Vec::new(); // keeps the pages mapped while we sleep on them
        for place in on {
            match *place {
                Sleep::On(x, word, expected) => places.push(futex::Place {
                    word: futex::low_half(word_of(x, word)),
                    expected: futex::low_value(expected),
                }),
                Sleep::Life(x, id) => match watched(x, id) {
                    Some(thread) => {
                        places.push(thread.sleeping());
                        kept.push(thread);
                    }
                    // It has ended meanwhile, or cannot be watched: the slice bounds what that costs.
                    None if self.is_dead(x, id) => return Ok(Slept::Look),
                    None => {}
                },
                Sleep::Alert => {
                    if places.is_full() {
                        // 64 mutexes that all have owners: the end of one owner is heard of at the next slice.
                        places.pop();
                    }
                    places.extend(self.alert.map(Alert::place));
                }
            }
        }
        let slept = futex::sleep(&places, now(ClockId::Monotonic), until);
        for thread in kept {
            thread.doubt();
        }
        Ok(slept)
    }

    fn wake(&self, queue: Queue<&'a Operand>, count: u32) -> Step<u32> {
        Ok(match queue {
            Queue::Word(x, word) => futex::wake(futex::low_half(word_of(x, word)), count),
            Queue::Life(x, id) => watched(x, id).map_or(0, |thread| futex::wake(thread.sleeping().word, count)),
        })
    }
}

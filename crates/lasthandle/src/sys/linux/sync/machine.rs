//! The protocol's view of memory, kernel and clock, on Linux.

use std::cmp;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::time::{ClockId, clock_gettime};

use super::futex;
use super::life::Lives;
use super::spin;
use super::watch::Watched;
use crate::protocol::{Change, Form, Halt, Id, Machine, Queue, Sleep, Slept, Step, Word};
use crate::sys::linux::identity::Identity;
use crate::sys::linux::page::Words;

/// One object of an operation.
#[derive(Clone, Copy)]
pub(crate) struct Operand<'a> {
    pub(crate) words: &'a Words,
    pub(crate) form: Form,
    pub(crate) identity: Identity,
    pub(crate) lives: &'static Lives,
}

/// The same object is the same file, whatever the handle.
impl PartialEq for Operand<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.identity == other.identity
    }
}

impl Eq for Operand<'_> {}

impl<'a> Operand<'a> {
    #[inline]
    fn word(self, word: Word) -> &'a AtomicU64 {
        match word {
            Word::State => &self.words.state,
            Word::Claim => &self.words.claim,
        }
    }

    fn watched(self, id: Id) -> Option<Arc<Watched>> {
        self.lives.watch.watched(self.lives, id, now(ClockId::Monotonic))
    }
}

fn now(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// The machine, for objects that live for `'a`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Engine<'a>(std::marker::PhantomData<&'a ()>);

impl Engine<'_> {
    pub(crate) fn new() -> Self {
        Self(std::marker::PhantomData)
    }
}

impl<'a> Machine for Engine<'a> {
    type Object = Operand<'a>;

    #[inline]
    fn form(&self, x: Operand<'a>) -> Form {
        x.form
    }

    fn order(&self, a: Operand<'a>, b: Operand<'a>) -> cmp::Ordering {
        (a.identity.device, a.identity.inode).cmp(&(b.identity.device, b.identity.inode))
    }

    #[inline]
    fn me(&self, x: Operand<'a>) -> Step<Id> {
        x.lives.join().map_err(|_| Halt::NoLife)
    }

    fn is_dead(&self, x: Operand<'a>, id: Id) -> bool {
        !x.lives.is_mine(id) && x.lives.watch.is_dead(x.lives, id, now(ClockId::Monotonic))
    }

    #[inline]
    fn now(&self, wall: bool) -> u64 {
        now(if wall { ClockId::Realtime } else { ClockId::Monotonic })
    }

    #[inline]
    fn load(&self, x: Operand<'a>, word: Word) -> Step<u64> {
        Ok(x.word(word).load(Ordering::SeqCst))
    }

    #[inline]
    fn update<R>(&self, x: Operand<'a>, word: Word, mut change: impl FnMut(u64) -> Change<R>) -> Step<R> {
        let word = x.word(word);
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

    fn add_sleeper(&self, x: Operand<'a>, up: bool) -> Step<()> {
        if up {
            x.words.sleepers.fetch_add(1, Ordering::SeqCst);
        } else {
            x.words.sleepers.fetch_sub(1, Ordering::SeqCst);
        }
        Ok(())
    }

    #[inline]
    fn sleepers(&self, x: Operand<'a>) -> Step<u32> {
        Ok(x.words.sleepers.load(Ordering::SeqCst))
    }

    #[inline]
    fn count(&self, x: Operand<'a>) -> Step<u32> {
        Ok(x.words.count.load(Ordering::Relaxed))
    }

    #[inline]
    fn set_count(&self, x: Operand<'a>, count: u32) -> Step<()> {
        x.words.count.store(count, Ordering::Relaxed);
        Ok(())
    }

    fn period(&self, x: Operand<'a>) -> Step<u64> {
        Ok(x.words.period.load(Ordering::SeqCst))
    }

    fn set_period(&self, x: Operand<'a>, period: u64) -> Step<()> {
        x.words.period.store(period, Ordering::SeqCst);
        Ok(())
    }

    fn spin(&self, ready: impl FnMut() -> bool) -> bool {
        spin::until(ready)
    }

    fn sleep(&self, on: &[Sleep<Operand<'a>>], until: Option<u64>) -> Step<Slept> {
        let mut places = Vec::with_capacity(on.len());
        let mut watched = Vec::new(); // keeps the pages mapped while we sleep on them
        for place in on {
            match *place {
                Sleep::On(x, word, expected) => places
                    .push(futex::Place { word: futex::low_half(x.word(word)), expected: futex::low_value(expected) }),
                Sleep::Life(x, id) => match x.watched(id) {
                    Some(thread) => {
                        places.push(thread.sleeping());
                        watched.push(thread);
                    }
                    // It has ended meanwhile, or cannot be watched: the slice bounds what that costs.
                    None if self.is_dead(x, id) => return Ok(Slept::Look),
                    None => {}
                },
            }
        }
        Ok(futex::sleep(&places, now(ClockId::Monotonic), until))
    }

    fn wake(&self, queue: Queue<Operand<'a>>, count: u32) -> Step<u32> {
        Ok(match queue {
            Queue::Word(x, word) => futex::wake(futex::low_half(x.word(word)), count),
            Queue::Life(x, id) => x.watched(id).map_or(0, |thread| futex::wake(thread.sleeping().word, count)),
        })
    }
}

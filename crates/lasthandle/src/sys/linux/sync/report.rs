//! What the words of a sync object say, for people: from a handle, or read from the file by who has none.

use std::os::fd::BorrowedFd;
use std::sync::atomic::Ordering;
use std::time::Duration;

use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout};

use super::life::Lives;
use super::machine::Engine;
use super::{operand, watch};
use crate::protocol::{Form, Id, Machine, words};
use crate::record::{Description, RECORD_BYTES};
use crate::sys::linux::call;
use crate::sys::linux::page;
use crate::sys::{Owner, State};

/// A sync object as others see it.
pub(crate) struct Report {
    pub(crate) state: State,
    pub(crate) owner: Option<Owner>,
    pub(crate) waiters: u32,
}

/// A copy of the words ([`page::Words`]) at one moment.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(super) struct Words {
    state: u64,
    claim: u64,
    sleepers: u32,
    count: u32,
    period: u64,
}

/// Reads the words of the sync object whose record lies there; none if they cannot be read.
pub(crate) fn report(
    fd: BorrowedFd<'_>,
    record: u64,
    description: &Description,
    lives: &'static Lives,
) -> Option<Report> {
    let mut words = Words::new_zeroed();
    let read = call::read_at(fd, words.as_mut_bytes(), record + RECORD_BYTES as u64).ok()?;
    let form = operand::form(description);
    (read == size_of::<Words>()).then(|| Report {
        state: words.state(form, lives),
        owner: words.owner(form, lives),
        waiters: words.waiters(form),
    })
}

impl Words {
    pub(super) fn of(words: &page::Words) -> Self {
        Self {
            state: words.state.load(Ordering::Acquire),
            claim: words.claim.load(Ordering::Relaxed),
            sleepers: words.sleepers.load(Ordering::Relaxed),
            count: words.count.load(Ordering::Relaxed),
            period: words.period.load(Ordering::Relaxed),
        }
    }

    pub(super) fn state(self, form: Form, lives: &'static Lives) -> State {
        let engine = Engine::new();
        let signaled = form.is_signaled(self.state, |wall| engine.now(wall));
        match form {
            Form::Event { manual } => State::Event { manual, signaled },
            Form::Semaphore { maximum } => State::Semaphore { count: words::semaphore_count(self.state), maximum },
            Form::Timer { manual } => State::Timer {
                manual: Some(manual),
                signaled,
                due: words::due(self.state)
                    .map(|(time, wall)| Duration::from_nanos(time.saturating_sub(engine.now(wall)))),
            },
            Form::Mutex => self.mutex(lives),
        }
    }

    fn mutex(self, lives: &'static Lives) -> State {
        let owner = Id::in_word(self.state);
        let mine = lives.is_mine(owner);
        let dead = || lives.watch.is_dead(lives, owner, Engine::new().now(false));
        let abandoned = owner != Id::NOBODY && !mine && dead();
        let count = if owner == Id::NOBODY || abandoned { 0 } else { self.taken() };
        State::Mutex { count, abandoned, mine }
    }

    /// How often the owner of a mutex has taken it.
    fn taken(self) -> u32 {
        if self.state & words::AGAIN == 0 { 1 } else { self.count.saturating_add(1) }
    }

    fn owner(self, form: Form, lives: &'static Lives) -> Option<Owner> {
        let owner = Id::in_word(self.state);
        (form == Form::Mutex && owner != Id::NOBODY).then(|| watch::owner(lives, owner))?
    }

    /// Mutexes have a bit instead of a count.
    fn waiters(self, form: Form) -> u32 {
        if form == Form::Mutex { u32::from(self.state & words::WAITERS != 0) } else { self.sleepers }
    }
}

//! The objects of one round: the referee makes them and keeps them, actors open them.

use lasthandle::{Error, Event, Mutex, Semaphore, State, Timer, Waitable};

/// Places in the list of objects.
pub(crate) const M: usize = 0;
pub(crate) const G: usize = 1;
pub(crate) const S: usize = 2;
pub(crate) const P: usize = 3;
pub(crate) const Q: usize = 4;
pub(crate) const A: usize = 5;
pub(crate) const B: usize = 6;
pub(crate) const T: usize = 7;

/// One of the semaphore S at a time for so many.
pub(crate) const ROOM: i32 = 3;
/// P and Q never run out.
pub(crate) const PLENTY: i32 = 1_000_000_000;

/// All of them.
#[derive(Debug)]
pub(crate) struct Objects {
    /// Two mutexes, one of each name space.
    pub(crate) mutexes: [Mutex; 2],
    /// S is taken and given back; P and Q are only ever taken together.
    pub(crate) semaphores: [Semaphore; 3],
    /// Auto-reset, and manual-reset.
    pub(crate) events: [Event; 2],
    /// Auto-reset, periodic.
    pub(crate) timer: Timer,
}

const NAMES: [&str; 8] = ["M", "Global\\G", "S", "P", "Q", "A", "B", "T"];

impl Objects {
    pub(crate) fn create() -> Result<Self, Error> {
        Ok(Self {
            mutexes: [Mutex::create(NAMES[M])?, Mutex::create(NAMES[G])?],
            semaphores: [
                Semaphore::create(NAMES[S], ROOM, ROOM)?,
                Semaphore::create(NAMES[P], PLENTY, PLENTY)?,
                Semaphore::create(NAMES[Q], PLENTY, PLENTY)?,
            ],
            events: [Event::create(NAMES[A])?, Event::options().manual_reset(true).create(NAMES[B])?],
            timer: Timer::create(NAMES[T])?,
        })
    }

    pub(crate) fn open() -> Result<Self, Error> {
        Ok(Self {
            mutexes: [Mutex::open(NAMES[M])?, Mutex::open(NAMES[G])?],
            semaphores: [Semaphore::open(NAMES[S])?, Semaphore::open(NAMES[P])?, Semaphore::open(NAMES[Q])?],
            events: [Event::open(NAMES[A])?, Event::open(NAMES[B])?],
            timer: Timer::open(NAMES[T])?,
        })
    }

    pub(crate) fn get(&self, at: usize) -> &dyn Waitable {
        match at {
            M | G => &self.mutexes[at],
            S | P | Q => &self.semaphores[at - S],
            A | B => &self.events[at - A],
            _ => &self.timer,
        }
    }

    /// Whether it is signalled now, for who does not own it.
    pub(crate) fn is_signaled(&self, at: usize) -> bool {
        let info = match at {
            M | G => self.mutexes[at].info(),
            S | P | Q => self.semaphores[at - S].info(),
            A | B => self.events[at - A].info(),
            _ => self.timer.info(),
        };
        match info.ok().and_then(|info| info.state) {
            Some(State::Mutex { count, .. }) => count == 0,
            Some(State::Semaphore { count, .. }) => count > 0,
            Some(State::Event { signaled, .. } | State::Timer { signaled, .. }) => signaled,
            None => false,
        }
    }

    pub(crate) fn count(&self, at: usize) -> i64 {
        match self.semaphores[at - S].info().ok().and_then(|info| info.state) {
            Some(State::Semaphore { count, .. }) => i64::from(count),
            _ => -1,
        }
    }
}

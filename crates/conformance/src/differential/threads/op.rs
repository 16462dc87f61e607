//! One step of one thread, and how it is drawn.

use std::time::Duration;

use fastrand::Rng;
use lasthandle::sys::{Spec, Timeout};

/// Objects that a sequence plays with.
pub(super) const OBJECTS: usize = 6;
/// Threads that play.
pub(super) const THREADS: usize = 3;

/// An object to begin with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Made {
    Event { manual: bool, signaled: bool },
    Mutex,
    Semaphore { initial: i32 },
    Timer { manual: bool },
}

/// What one thread does.
#[derive(Debug, Clone)]
pub(super) struct Op {
    pub(super) thread: usize,
    pub(super) what: What,
}

/// A step; objects by number.
#[derive(Debug, Clone)]
pub(super) enum What {
    Set(usize),
    Reset(usize),
    Pulse(usize),
    ReleaseMutex(usize),
    ReleaseSemaphore(usize, i32),
    /// Due in the past, or far away; again in hours, or never.
    Arm {
        object: usize,
        past: bool,
        again: bool,
    },
    Cancel(usize),
    /// Without patience, or with next to none.
    Wait {
        objects: Vec<usize>,
        all: bool,
        timeout: Timeout,
    },
    /// Until it is let go: at once, or by a later step of another thread.
    Block {
        objects: Vec<usize>,
        all: bool,
    },
    SignalAndWait {
        signal: usize,
        wait: usize,
    },
    /// The thread ends, with what it owns; a new one takes its place.
    End,
}

impl Made {
    pub(super) fn draw(rng: &mut Rng) -> Self {
        match rng.u8(..10) {
            0..4 => Self::Event { manual: rng.bool(), signaled: rng.bool() },
            4..7 => Self::Mutex,
            7..9 => Self::Semaphore { initial: rng.i32(0..=2) },
            _ => Self::Timer { manual: rng.bool() },
        }
    }

    pub(super) fn spec<'a, T>(self) -> Spec<'a, T> {
        match self {
            Self::Event { manual, signaled } => Spec::Event { manual, signaled },
            Self::Mutex => Spec::Mutex { owned: false },
            Self::Semaphore { initial } => Spec::Semaphore { initial, maximum: 3 },
            Self::Timer { manual } => Spec::Timer { manual },
        }
    }
}

impl Op {
    /// Draws a step for these objects. Most make sense; some are wrong on purpose.
    pub(super) fn draw(rng: &mut Rng, objects: &[Made]) -> Self {
        let object = rng.usize(..objects.len());
        let what = match rng.u8(..16) {
            0..5 => Self::signal(rng, object, objects[object]),
            5..9 => {
                let timeout = if rng.u8(..8) == 0 { Timeout::After(Duration::from_millis(1)) } else { Timeout::Now };
                What::Wait { objects: several(rng), all: rng.bool(), timeout }
            }
            9..12 => What::Block { objects: several(rng), all: rng.bool() },
            12..14 => What::SignalAndWait { signal: object, wait: rng.usize(..objects.len()) },
            14 => What::End,
            // Of any kind, so mostly of the wrong one.
            _ => Self::signal(rng, object, Made::draw(&mut Rng::with_seed(object as u64))),
        };
        Self { thread: rng.usize(..THREADS), what }
    }

    /// A signal for an object of that kind, or the opposite of one.
    fn signal(rng: &mut Rng, object: usize, kind: Made) -> What {
        match kind {
            Made::Event { .. } => match rng.u8(..4) {
                0..2 => What::Set(object),
                2 => What::Reset(object),
                _ => What::Pulse(object),
            },
            Made::Mutex => What::ReleaseMutex(object),
            Made::Semaphore { .. } => What::ReleaseSemaphore(object, rng.i32(-1..4)),
            Made::Timer { .. } if rng.u8(..4) == 0 => What::Cancel(object),
            Made::Timer { .. } => What::Arm { object, past: rng.bool(), again: rng.bool() },
        }
    }
}

/// One to four objects, now and then one of them twice; none at all once in a while.
fn several(rng: &mut Rng) -> Vec<usize> {
    let count = if rng.u8(..40) == 0 { 0 } else { rng.usize(1..=4) };
    let mut objects: Vec<usize> = (0..OBJECTS).collect();
    rng.shuffle(&mut objects);
    objects.truncate(count);
    if count > 1 && rng.u8(..10) == 0 {
        objects[0] = objects[1];
    }
    objects
}

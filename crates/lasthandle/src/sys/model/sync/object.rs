//! What a sync object is. Each kind says when it is signaled, and what taking it does to it.

use std::time::Duration;

use super::thread::ThreadId;
use super::timer::{Now, Timer};
use crate::sys::State;

/// A sync object's whole state.
#[derive(Debug)]
pub(super) enum Object {
    Event { manual: bool, signaled: bool },
    Mutex(Mutex),
    Semaphore { count: u32, maximum: u32 },
    Timer(Timer),
}

#[derive(Debug, Default)]
pub(super) struct Mutex {
    /// None: it is free.
    pub(super) owner: Option<ThreadId>,
    /// How often the owner has taken it.
    pub(super) count: u32,
    /// Its owner ended without releasing it; whoever takes it next is told.
    pub(super) abandoned: bool,
}

impl Object {
    /// Whether `thread` could take it now.
    pub(super) fn is_signaled(&self, thread: ThreadId) -> bool {
        match self {
            Self::Event { signaled, .. } => *signaled,
            Self::Mutex(mutex) => mutex.owner.is_none_or(|owner| owner == thread),
            Self::Semaphore { count, .. } => *count > 0,
            Self::Timer(timer) => timer.signaled,
        }
    }

    /// `thread` takes it. Whether it is an abandoned mutex.
    pub(super) fn take(&mut self, thread: ThreadId) -> bool {
        match self {
            Self::Event { manual, signaled } => *signaled = *manual,
            Self::Mutex(mutex) => {
                mutex.owner = Some(thread);
                mutex.count += 1;
                return std::mem::take(&mut mutex.abandoned);
            }
            Self::Semaphore { count, .. } => *count -= 1,
            Self::Timer(timer) => timer.signaled = timer.manual,
        }
        false
    }

    /// The thread has ended.
    pub(super) fn thread_ended(&mut self, thread: ThreadId) {
        if let Self::Mutex(mutex) = self {
            if mutex.owner == Some(thread) {
                *mutex = Mutex { owner: None, count: 0, abandoned: true };
            }
        }
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Now) {
        if let Self::Timer(timer) = self {
            timer.tick(now);
        }
    }

    /// How long until time alone may signal it.
    pub(super) fn next_look(&self, now: Now) -> Option<Duration> {
        match self {
            Self::Timer(timer) => timer.next_look(now),
            _ => None,
        }
    }

    /// What it says of itself to `thread`.
    pub(super) fn state(&self, thread: ThreadId, now: Now) -> State {
        match self {
            Self::Event { manual, signaled } => State::Event { manual: *manual, signaled: *signaled },
            Self::Mutex(mutex) => {
                State::Mutex { count: mutex.count, abandoned: mutex.abandoned, mine: mutex.owner == Some(thread) }
            }
            Self::Semaphore { count, maximum } => State::Semaphore { count: *count, maximum: *maximum },
            Self::Timer(timer) => State::Timer {
                manual: Some(timer.manual),
                signaled: timer.signaled,
                due: if timer.signaled { Some(Duration::ZERO) } else { timer.left(now) },
            },
        }
    }
}

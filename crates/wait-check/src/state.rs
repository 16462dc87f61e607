//! All there is at one instant: words, queues of the kernel, threads, clock.

use std::hash::Hash;

use lasthandle::protocol::{Id, Word};
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::program::Program;

/// Threads asleep on a word, the one that came first in front. Twice the same: it is queued twice.
pub(crate) type Waiters = Vec<u8>;

#[derive(Clone, Hash)]
pub(crate) struct Object {
    pub(crate) state: u64,
    pub(crate) claim: u64,
    pub(crate) sleepers: u32,
    pub(crate) count: u32,
    pub(crate) period: u64,
    pub(crate) on_state: Waiters,
    pub(crate) on_claim: Waiters,
}

#[derive(Clone, Copy, Hash, PartialEq, Eq, Debug)]
pub(crate) enum Life {
    Alive,
    /// Killed, and out of all queues; its life word does not say so yet.
    Dying,
    Dead,
}

#[derive(Clone, Copy, Hash, PartialEq, Eq, Debug)]
pub(crate) enum Doing {
    Running,
    /// Until this time, if it has one.
    Asleep(Option<u64>),
    Done,
}

/// What an operation came to.
#[derive(Clone, Copy, Hash, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It was done.
    Done,
    /// There were so many before.
    Before(u32),
    /// Past the maximum: nothing changed.
    Full,
    /// The mutex is not this thread's.
    NotOwner,
    /// Signalled.
    Signaled {
        /// Which object.
        index: usize,
        /// Its owner, or that of one of all, had ended.
        abandoned: bool,
    },
    /// Time was up.
    TimedOut,
    /// It was alerted.
    Alerted,
}

#[derive(Clone, Hash)]
pub(crate) struct Thread {
    pub(crate) life: Life,
    pub(crate) doing: Doing,
    /// Which operation.
    pub(crate) at: usize,
    /// What it has seen in this operation, access by access.
    pub(crate) log: Vec<u64>,
    /// What it has seen of a word that it is about to change.
    pub(crate) pending: Vec<u64>,
    /// A wake-up has been spent on it.
    pub(crate) woken: bool,
    /// A signal met it asleep: it must not be found asleep in the same operation at the end.
    pub(crate) must: bool,
    pub(crate) answers: Vec<Answer>,
    pub(crate) on_life: Waiters,
    pub(crate) alerted: bool,
    pub(crate) on_alert: Waiters,
}

#[derive(Clone, Hash)]
pub(crate) struct State {
    pub(crate) objects: Vec<Object>,
    pub(crate) threads: Vec<Thread>,
    pub(crate) now: u64,
    pub(crate) kills: u8,
    pub(crate) looks: u8,
}

/// How a sleep ends, as a thread's log keeps it.
pub(crate) const QUEUED: u64 = 0;
pub(crate) const LOOK: u64 = 1;
pub(crate) const WOKEN: u64 = 2;

/// The id of a thread.
pub(crate) fn id(thread: usize) -> Id {
    Id::new(thread as u64 + 1, 0)
}

/// The id of one that had ended before all began.
pub(crate) fn orphan() -> Id {
    Id::new(99, 0)
}

impl State {
    pub(crate) fn new(program: &Program) -> Self {
        let objects = program.things.iter().map(|thing| Object {
            state: thing.state(orphan().word()),
            claim: 0,
            sleepers: 0,
            count: 0,
            period: thing.period(),
            on_state: Vec::new(),
            on_claim: Vec::new(),
        });
        let threads = program.threads.iter().map(|ops| Thread {
            life: Life::Alive,
            doing: if ops.is_empty() { Doing::Done } else { Doing::Running },
            at: 0,
            log: Vec::new(),
            pending: Vec::new(),
            woken: false,
            must: false,
            answers: Vec::new(),
            on_life: Vec::new(),
            alerted: false,
            on_alert: Vec::new(),
        });
        Self {
            objects: objects.collect(),
            threads: threads.collect(),
            now: 0,
            kills: program.kills,
            looks: program.looks,
        }
    }

    pub(crate) fn hash(&self) -> u128 {
        let mut hasher = SipHasher13::new();
        Hash::hash(self, &mut hasher);
        hasher.finish128().as_u128()
    }

    pub(crate) fn word(&self, x: usize, word: Word) -> u64 {
        match word {
            Word::State => self.objects[x].state,
            Word::Claim => self.objects[x].claim,
        }
    }

    pub(crate) fn word_mut(&mut self, x: usize, word: Word) -> &mut u64 {
        match word {
            Word::State => &mut self.objects[x].state,
            Word::Claim => &mut self.objects[x].claim,
        }
    }

    pub(crate) fn queue_mut(&mut self, x: usize, word: Word) -> &mut Waiters {
        match word {
            Word::State => &mut self.objects[x].on_state,
            Word::Claim => &mut self.objects[x].on_claim,
        }
    }

    /// The thread that an id names; none: one that had ended before all began.
    pub(crate) fn thread(&self, id: Id) -> Option<usize> {
        let thread = usize::try_from(id.nonce()).ok()?.checked_sub(1)?;
        (thread < self.threads.len()).then_some(thread)
    }

    pub(crate) fn is_dead(&self, id: Id) -> bool {
        id != Id::NOBODY && self.thread(id).is_none_or(|thread| self.threads[thread].life == Life::Dead)
    }

    /// A wake-up is spent on each of these. It is spent also on those who were woken before and have not run since.
    pub(crate) fn wake(&mut self, mut queue: Waiters, count: u32) -> (Waiters, u64) {
        let woken = queue.len().min(usize::try_from(count).unwrap_or(usize::MAX));
        for thread in queue.drain(..woken) {
            self.threads[usize::from(thread)].woken = true;
        }
        (queue, woken as u64)
    }

    /// Out of all queues.
    pub(crate) fn unqueue(&mut self, thread: usize) {
        let stays = |&waiter: &u8| usize::from(waiter) != thread;
        for object in &mut self.objects {
            object.on_state.retain(stays);
            object.on_claim.retain(stays);
        }
        for other in &mut self.threads {
            other.on_life.retain(stays);
            other.on_alert.retain(stays);
        }
    }

    /// Ends a thread's sleep: the kernel takes it out of all queues, and tells of a wake-up if there was one.
    pub(crate) fn end_sleep(&mut self, thread: usize) -> u64 {
        self.unqueue(thread);
        let thread = &mut self.threads[thread];
        thread.doing = Doing::Running;
        if std::mem::take(&mut thread.woken) { WOKEN } else { LOOK }
    }

    pub(crate) fn kill(&mut self, thread: usize) {
        self.kills -= 1;
        self.unqueue(thread);
        let thread = &mut self.threads[thread];
        *thread = Thread {
            life: Life::Dying,
            doing: Doing::Done,
            log: Vec::new(),
            pending: Vec::new(),
            woken: false,
            must: false,
            at: 0,
            answers: std::mem::take(&mut thread.answers),
            on_life: std::mem::take(&mut thread.on_life),
            alerted: thread.alerted,
            on_alert: Vec::new(),
        };
    }

    /// The life word says it, and one who sleeps on it is woken.
    pub(crate) fn bury(&mut self, thread: usize) {
        self.threads[thread].life = Life::Dead;
        let queue = std::mem::take(&mut self.threads[thread].on_life);
        self.threads[thread].on_life = self.wake(queue, 1).0;
    }
}

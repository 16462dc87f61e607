//! What actors, referee and supervisor tell each other: words in a file that all of them map. What an actor writes
//! outlives it; the supervisor clears it once it is certainly gone.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use crate::actors::Words;

const HEADER: usize = 64;
const PER_ACTOR: usize = 32;
/// Objects that are watched.
pub(crate) const OBJECTS: usize = 8;

/// What is counted, by all together.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Count {
    Locks = 32,
    Abandoned,
    Anys,
    Alls,
    Taken,
    Tries,
    Signals,
    Names,
    /// Deaths of somebody who may have owned a mutex.
    Widows,
    /// Deaths of somebody who may have had one of the semaphore.
    Spent,
    /// Deaths in a wait for the two semaphores that are taken together.
    Parted,
    Looks,
}

/// The board, mapped.
#[derive(Debug)]
pub(crate) struct Board(Words<HEADER, PER_ACTOR>);

impl Board {
    pub(crate) fn create(path: &Path) -> Self {
        Self(Words::create(path))
    }

    pub(crate) fn open(path: &Path) -> Self {
        Self(Words::open(path))
    }

    /// 1: the referee is ready; 2: it shall stop; 3: all actors are dead.
    pub(crate) fn stage(&self) -> &AtomicU64 {
        self.0.word(0)
    }

    /// Who owns a mutex, as it says itself: its number and which life, or 0.
    pub(crate) fn owner(&self, mutex: usize) -> &AtomicU64 {
        self.0.word(1 + mutex)
    }

    /// How often an object was taken.
    pub(crate) fn takes(&self, object: usize) -> &AtomicU64 {
        self.0.word(8 + object)
    }

    pub(crate) fn count(&self, what: Count) -> &AtomicU64 {
        self.0.word(what as usize)
    }

    pub(crate) fn add(&self, what: Count) {
        self.count(what).fetch_add(1, SeqCst);
    }

    /// Which life of the actor this is.
    pub(crate) fn incarnation(&self, actor: usize) -> &AtomicU64 {
        self.0.of_actor(actor, 0)
    }

    /// Its process number.
    pub(crate) fn process(&self, actor: usize) -> &AtomicU64 {
        self.0.of_actor(actor, 1)
    }

    /// Odd while it waits.
    pub(crate) fn wait(&self, actor: usize) -> &AtomicU64 {
        self.0.of_actor(actor, 2)
    }

    /// For which objects, and in the highest bit whether for all of them.
    pub(crate) fn mask(&self, actor: usize) -> &AtomicU64 {
        self.0.of_actor(actor, 3)
    }

    /// Not 0 from before a call that may take a mutex until it is released.
    pub(crate) fn may_own(&self, actor: usize) -> &AtomicU64 {
        self.0.of_actor(actor, 4)
    }

    /// The same for one of the semaphore.
    pub(crate) fn may_have(&self, actor: usize) -> &AtomicU64 {
        self.0.of_actor(actor, 5)
    }

    /// Not 0 in a wait for both of the two semaphores.
    pub(crate) fn may_part(&self, actor: usize) -> &AtomicU64 {
        self.0.of_actor(actor, 6)
    }

    /// Whoever wrote that in `owner` has ended, or is about to. Waits until that shows, at most some seconds.
    pub(crate) fn has_ended(&self, owner: u64) -> bool {
        let (actor, life) = (usize::try_from(owner & 0xFF).unwrap_or(0) - 1, owner >> 8);
        for _ in 0..5000 {
            let process = self.process(actor).load(SeqCst);
            if self.incarnation(actor).load(SeqCst) != life || is_corpse(process) {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        false
    }

    /// What an actor writes into `owner`.
    pub(crate) fn signature(actor: usize, life: u64) -> u64 {
        life << 8 | (actor as u64 + 1)
    }

    /// After an actor's end.
    pub(crate) fn clear(&self, actor: usize) {
        for (flag, what) in [
            (self.may_own(actor), Count::Widows),
            (self.may_have(actor), Count::Spent),
            (self.may_part(actor), Count::Parted),
        ] {
            self.count(what).fetch_add(flag.swap(0, SeqCst), SeqCst);
        }
        self.wait(actor).store(0, SeqCst);
        self.incarnation(actor).fetch_add(1, SeqCst);
    }
}

fn is_corpse(process: u64) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    status.rsplit(") ").next().is_none_or(|fields| fields.is_empty() || fields.starts_with(['Z', 'X']))
}

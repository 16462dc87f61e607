//! What the actors tell each other: words in a file that all of them map. It uses no name, no lock and no record.
//!
//! What an actor writes outlives it; the supervisor clears it, once the actor is certainly gone.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use crate::actors::{ACTORS, Words};

/// Most names.
pub(crate) const NAMES: usize = 8;

const HEADER: usize = 32;
const PER_ACTOR: usize = 64;

/// What is counted, by all actors together.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Count {
    Created = 16,
    Opened,
    NotFound,
    Exists,
    Verified,
    Busy,
    Spawned,
    Suspected,
}

/// The board, mapped.
#[derive(Debug)]
pub(crate) struct Board(Words<HEADER, PER_ACTOR>);

/// An actor that says that it holds a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) actor: usize,
    incarnation: u64,
    turn: u64,
    pub(crate) stamp: u64,
}

impl Board {
    /// Makes the file at `path` into a board and maps it.
    pub(crate) fn create(path: &Path) -> Self {
        let board = Self(Words::create(path));
        board.generations().store(1, SeqCst);
        board
    }

    pub(crate) fn open(path: &Path) -> Self {
        Self(Words::open(path))
    }

    /// Numbers that are drawn once each.
    pub(crate) fn generations(&self) -> &AtomicU64 {
        self.0.word(0)
    }

    /// Counts who came to a name.
    pub(crate) fn arrivals(&self, name: usize) -> &AtomicU64 {
        self.0.word(1 + name)
    }

    pub(crate) fn count(&self, what: Count) -> &AtomicU64 {
        self.0.word(what as usize)
    }

    /// Which life of the actor this is.
    pub(crate) fn incarnation(&self, actor: usize) -> &AtomicU64 {
        self.0.of_actor(actor, 0)
    }

    /// Grows while the actor lives.
    pub(crate) fn heartbeat(&self, actor: usize) -> &AtomicU64 {
        self.0.of_actor(actor, 1)
    }

    /// Not 0 while the actor starts a child, which shares its memory for a moment.
    pub(crate) fn spawning(&self, actor: usize) -> &AtomicU64 {
        self.0.of_actor(actor, 2)
    }

    /// Not 0 while the actor may be a holder of the name: set before the call, cleared after the close.
    pub(crate) fn maybe(&self, actor: usize, name: usize) -> &AtomicU64 {
        self.0.of_actor(actor, 8 + name)
    }

    /// Odd while the actor holds the name: set after the call, cleared before the close.
    pub(crate) fn turn(&self, actor: usize, name: usize) -> &AtomicU64 {
        self.0.of_actor(actor, 8 + NAMES + name)
    }

    /// The stamp of the object that it holds.
    pub(crate) fn stamp(&self, actor: usize, name: usize) -> &AtomicU64 {
        self.0.of_actor(actor, 8 + 2 * NAMES + name)
    }

    /// Who else says that it holds the name.
    pub(crate) fn claims(&self, me: usize, name: usize) -> Vec<Claim> {
        let others = (0..ACTORS).filter(|&actor| actor != me);
        others
            .filter_map(|actor| {
                let incarnation = self.incarnation(actor).load(SeqCst);
                let turn = self.turn(actor, name).load(SeqCst);
                let stamp = self.stamp(actor, name).load(SeqCst);
                (turn % 2 == 1).then_some(Claim { actor, incarnation, turn, stamp })
            })
            .collect()
    }

    /// Whether a claim that was read before still stands, unbroken. Its actor may be dead, though.
    pub(crate) fn stands(&self, claim: &Claim, name: usize) -> bool {
        self.turn(claim.actor, name).load(SeqCst) == claim.turn
            && self.incarnation(claim.actor).load(SeqCst) == claim.incarnation
    }

    /// Whether the claim's actor is alive now, and so was it all the time. Waits until that shows.
    pub(crate) fn lives(&self, claim: &Claim, me: usize) -> bool {
        let before = self.heartbeat(claim.actor).load(SeqCst);
        loop {
            self.heartbeat(me).fetch_add(1, SeqCst); // who waits for us must see that we live
            if self.incarnation(claim.actor).load(SeqCst) != claim.incarnation {
                return false;
            }
            if self.heartbeat(claim.actor).load(SeqCst) != before {
                return self.incarnation(claim.actor).load(SeqCst) == claim.incarnation;
            }
            std::thread::sleep(std::time::Duration::from_micros(100));
        }
    }

    /// Whether nobody else may be a holder of the name.
    pub(crate) fn is_alone(&self, me: usize, name: usize) -> bool {
        (0..ACTORS).filter(|&actor| actor != me).all(|actor| self.maybe(actor, name).load(SeqCst) == 0)
    }

    /// After an actor's end: it holds nothing any more.
    pub(crate) fn clear(&self, actor: usize) {
        self.incarnation(actor).fetch_add(1, SeqCst);
        for name in 0..NAMES {
            self.turn(actor, name).store(0, SeqCst);
            self.maybe(actor, name).store(0, SeqCst);
        }
        self.spawning(actor).store(0, SeqCst);
    }
}

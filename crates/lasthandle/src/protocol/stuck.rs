//! What a wait for any knows of claims that do not go on.
//!
//! A claim is held for a microsecond, unless its holder is stopped (by a debugger, by SIGSTOP). Nobody may take it from
//! the living, and nobody can tell whether the object will be taken or not. A wait for any then does without that
//! object: it looks at the others, sleeps on them, and comes back to this one after each slice, without patience.

use super::claim::Patience;
use super::words::Id;
use super::{Halt, Limit, Machine, Step};

/// Who keeps the claim that a wait has met. Of this very thread it is a failure, as any other halt is.
#[cold]
pub(super) fn holder<M: Machine>(m: &M, x: M::Object, halt: Halt) -> Step<Id> {
    match halt {
        Halt::Busy(holder) if m.me(x) != Ok(holder) => Ok(holder),
        halt => Err(halt),
    }
}

/// Which objects of one wait have claimants that are stuck.
#[derive(Debug)]
pub(super) struct Stuck<X> {
    /// Of a wait for one object, which has nothing else to look at.
    only: Option<Limit>,
    known: Vec<(X, Id)>,
}

impl<X: Copy + Eq> Stuck<X> {
    /// Of a wait for so many objects.
    #[inline]
    pub(super) fn new(limit: Limit, objects: usize) -> Self {
        Self { only: (objects == 1).then_some(limit), known: Vec::new() }
    }

    /// How long to wait for a claim of `x`.
    #[inline]
    pub(super) fn patience(&self, x: X) -> Patience {
        let known = self.known.iter().find(|known| known.0 == x).map(|known| known.1);
        match self.only.filter(|_| known.is_none()) {
            Some(limit) => Patience::Limit(limit),
            None => Patience::Wait(known),
        }
    }

    pub(super) fn has(&self, x: X) -> bool {
        self.known.iter().any(|known| known.0 == x)
    }

    pub(super) fn remember(&mut self, x: X, holder: Id) {
        self.forget(x);
        self.known.push((x, holder));
    }

    #[inline]
    pub(super) fn forget(&mut self, x: X) {
        if !self.known.is_empty() {
            self.known.retain(|known| known.0 != x);
        }
    }
}

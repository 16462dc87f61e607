//! Many ends that sleep for one: a broadcast's receivers, a latest value's readers.
//!
//! Each sleeps at its own event, as all ends do ([`super::end`]). So that the one does not look at all of them with each
//! message there is a [`Roll`].

use std::sync::Arc;

use super::LOOK;
use super::end::{Deadline, End, Peer};
use super::layout::Form;
use super::memory::Shared;
use super::seat::Roll;
use super::section::Section;
use super::wait;
use crate::error::{Error, ErrorKind, Result};
use crate::spin;

/// After so many looks in vain a receiver that never waits asks whether its sender is dead.
const LOOKS: u32 = 1024;

/// The ends that may sleep, as the one sees them that wakes them.
#[derive(Debug)]
pub(crate) struct Sleepers {
    roll: Roll,
    /// Ends 1 and following.
    peers: Box<[Peer]>,
}

impl Sleepers {
    pub(crate) fn new(section: &Arc<Section>) -> Self {
        let peers = (1..section.layout.ends).map(|index| Peer::new(section, index)).collect();
        Self { roll: section.layout.cast().sleepers, peers }
    }

    pub(crate) fn peers(&self) -> &[Peer] {
        &self.peers
    }

    /// After a store that they may sleep for. No system call if nobody sleeps.
    #[inline]
    pub(crate) fn wake(&self, memory: &Shared) {
        let bits = self.roll.take(memory);
        if bits != 0 {
            self.wake_all(bits);
        }
    }

    #[cold]
    fn wake_all(&self, mut bits: u64) {
        while bits != 0 {
            let index = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            // End 0 does not sleep here.
            if let Some(peer) = index.checked_sub(1).and_then(|index| self.peers.get(index)) {
                peer.wake_if_asleep();
            }
        }
    }
}

/// An end that listens to end 0.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) end: End,
    /// End 0.
    pub(crate) sender: Peer,
    roll: Roll,
}

impl Listener {
    /// Takes an end.
    pub(crate) fn new(section: &Arc<Section>) -> Result<Self> {
        let end = End::take(section, 1..section.layout.ends)?;
        let listener = Self { sender: Peer::new(section, 0), roll: section.layout.cast().sleepers, end };
        // A dead predecessor may have slept.
        listener.roll.remove(listener.memory(), listener.end.index);
        Ok(listener)
    }

    #[inline]
    pub(crate) fn memory(&self) -> &Shared {
        &self.end.section.memory
    }

    /// Announces that it will sleep. `false`: wake-ups may be missed.
    pub(crate) fn arm(&self) -> bool {
        self.end.arm(|| self.roll.add(self.memory(), self.end.index))
    }

    /// It does not sleep any more.
    pub(crate) fn disarm(&self) {
        self.end.disarm(|| self.roll.remove(self.memory(), self.end.index));
    }

    /// There was a sender, and there is none any more.
    pub(crate) fn is_deserted(&self) -> bool {
        self.sender.has_gone() && self.sender.is_absent()
    }

    /// Whether it is time to look for the last time, for one that does not wait and has looked in vain so often.
    #[inline]
    pub(crate) fn seems_deserted(&self, vain: u32) -> bool {
        if vain % LOOKS == 0 {
            self.sender.presence();
        }
        self.is_deserted()
    }

    /// Looks until there is something, first for a while, then sleeping. None: the time was up.
    #[inline(never)]
    pub(crate) fn wait_for<S: AsRef<Self>, R>(
        who: &mut S,
        deadline: Deadline,
        mut look: impl FnMut(&mut S) -> Result<Option<R>>,
    ) -> Result<Option<R>> {
        let mut found = Ok(None);
        spin::until(LOOK, || {
            found = look(who);
            !matches!(found, Ok(None))
        });
        if !matches!(found, Ok(None)) {
            return found;
        }
        let found = Self::sleep_for(who, deadline, look);
        (*who).as_ref().disarm();
        found
    }

    fn sleep_for<S: AsRef<Self>, R>(
        who: &mut S,
        deadline: Deadline,
        mut look: impl FnMut(&mut S) -> Result<Option<R>>,
    ) -> Result<Option<R>> {
        loop {
            let sure = (*who).as_ref().arm();
            // Who is found dead is buried.
            let deserted = (*who).as_ref().sender.seems_gone() && (*who).as_ref().is_deserted();
            let found = look(who)?;
            let Self { end, sender, .. } = (*who).as_ref();
            match found {
                Some(found) => return Ok(Some(found)),
                None if deserted => return Err((*who).as_ref().farewell()),
                None if deadline.is_over() => {
                    sender.presence(); // who never sleeps for long is not told of the dead
                    if !(*who).as_ref().is_deserted() {
                        return Ok(None);
                    }
                    let last = look(who)?.ok_or_else(|| (*who).as_ref().farewell())?;
                    return Ok(Some(last));
                }
                None => wait::sleep(end, &[sender], deadline, sure)?,
            }
        }
    }

    /// Waits until end 0 has somebody, or `left` says that one left something; `false`: the time was up.
    pub(crate) fn await_sender(&self, left: impl Fn() -> bool, deadline: Deadline) -> Result<bool> {
        wait::for_company(&self.end, &[&self.sender], left, deadline)
    }

    /// The sender has gone, and nothing is left.
    #[cold]
    pub(crate) fn farewell(&self) -> Error {
        let (form, lost) = (self.end.section.layout.form, self.sender.lost());
        let who = form.holder(0);
        let detail = match (form, lost) {
            (Form::Latest, _) | (_, 0) => format!("the {who} has gone"),
            _ => format!("the {who} has gone; messages lost so far with {who}s that were killed: {lost}"),
        };
        Error::new(ErrorKind::Disconnected).detail(detail).cure(match form {
            Form::Latest => "wait again when another writer has come",
            _ => "go on receiving when another sender has come",
        })
    }
}

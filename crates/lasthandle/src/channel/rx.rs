//! The receiving half: the readers of one or several lanes, with an end to sleep at. Of bytes; what they mean is
//! `receiver`'s.
#![allow(clippy::inline_always)] // a call costs as much as the rest: `docs/design/channels.md`

use std::sync::Arc;

use super::end::{Deadline, End, Peer};
use super::memory::Shared;
use super::ring::{Damaged, Found, Reader};
use super::seat::Wanted;
use super::section::Section;
use super::wait::{self, Peers};
use super::{LOOK, damaged};
use crate::error::{Error, ErrorKind, Result};
use crate::spin;

/// After so many looks in vain a receiver that never waits asks whether its senders are dead.
const LOOKS: u32 = 1024;

/// What receives from lanes.
#[derive(Debug)]
pub(crate) struct Rx {
    memory: Shared,
    lanes: Box<[Lane]>,
    /// Where to look first: behind the lane that was served last.
    next: usize,
    /// Looks in vain, one after another.
    vain: u32,
    pub(crate) end: Arc<End>,
}

#[derive(Debug)]
struct Lane {
    reader: Reader,
    /// Where its sender says which cursor it sleeps for.
    wanted: Wanted,
    sender: Peer,
}

/// A message, and which lane it lies in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Next {
    lane: usize,
    pub(crate) found: Found,
}

impl Lane {
    /// Gives the room of what was passed back, and wakes the sender if that is what it sleeps for.
    #[inline(always)]
    fn release(&mut self, memory: &Shared) {
        let cursor = self.reader.release(memory);
        if self.wanted.is_reached(memory, cursor) {
            self.sender.signal();
        }
    }
}

impl Rx {
    /// Goes on at the lanes' cursors: each a lane's index, and the end that sends on it.
    pub(crate) fn new(end: Arc<End>, lanes: impl Iterator<Item = (u32, u32)>) -> Result<Self> {
        let section = &end.section;
        let memory = section.memory.clone();
        let lane = |(lane, sender)| {
            let reader = Reader::resume(section.layout.ring(lane), &memory).map_err(|Damaged| damaged())?;
            Ok(Lane { reader, wanted: Wanted(section.layout.wanted(lane)), sender: Peer::new(section, sender) })
        };
        let lanes = lanes.map(lane).collect::<Result<_>>()?;
        Ok(Self { memory, lanes, next: 0, vain: 0, end })
    }

    pub(crate) fn section(&self) -> &Arc<Section> {
        &self.end.section
    }

    #[inline(always)]
    pub(crate) fn memory(&self) -> &Shared {
        &self.memory
    }

    /// The next message, if it is easily had.
    #[inline(always)]
    pub(crate) fn at_once(&self) -> Option<Next> {
        let [one] = &*self.lanes else { return None };
        let found = one.reader.at_once(&self.memory)?;
        Some(Next { lane: 0, found })
    }

    /// The next message, if there is one now. It stays until it is [consumed](Self::consume).
    #[inline(always)]
    pub(crate) fn try_next(&mut self) -> Result<Option<Next>> {
        match self.look() {
            Ok(None) => self.nothing(),
            Ok(next) => Ok(next),
            Err(Damaged) => Err(damaged()),
        }
    }

    #[inline(always)]
    fn look(&self) -> Result<Option<Next>, Damaged> {
        if let [one] = &*self.lanes {
            return Ok(one.reader.look(&self.memory)?.map(|found| Next { lane: 0, found }));
        }
        for index in (self.next..self.lanes.len()).chain(0..self.next) {
            if let Some(found) = self.lanes[index].reader.look(&self.memory)? {
                return Ok(Some(Next { lane: index, found }));
            }
        }
        Ok(None)
    }

    /// Nothing is there: perhaps because nobody sends any more.
    #[inline(always)]
    fn nothing(&mut self) -> Result<Option<Next>> {
        self.vain = self.vain.wrapping_add(1);
        let ask = self.vain % LOOKS == 0;
        if !ask && !self.lanes.iter().any(|lane| lane.sender.has_gone()) {
            return Ok(None);
        }
        if ask { self.ask() } else { self.look_last() }
    }

    /// Whether the senders live is asked of the system.
    #[cold]
    fn ask(&self) -> Result<Option<Next>> {
        for lane in &self.lanes {
            lane.sender.presence();
        }
        self.look_last()
    }

    /// Whether a message is there, or an error to be told.
    pub(crate) fn is_readable(&self) -> bool {
        self.has_message() || self.is_deserted()
    }

    /// Whether a message is there, or damage to be told.
    pub(crate) fn has_message(&self) -> bool {
        self.lanes.iter().any(|lane| lane.reader.is_ready(&self.memory))
    }

    /// There were senders, and there is none any more.
    pub(crate) fn is_deserted(&self) -> bool {
        let mut gone = false;
        for lane in &self.lanes {
            gone |= lane.sender.has_gone();
            if !lane.sender.is_absent() {
                return false;
            }
        }
        gone
    }

    /// If nobody sends any more, what the last one sent before it went is still to be looked for.
    #[cold]
    fn look_last(&self) -> Result<Option<Next>> {
        let deserted = self.is_deserted();
        let found = self.look().map_err(|Damaged| damaged())?;
        match found {
            None if deserted => Err(Error::new(ErrorKind::Disconnected)
                .detail(self.farewell())
                .cure("go on receiving when another sender has come")),
            found => Ok(found),
        }
    }

    fn farewell(&self) -> String {
        match self.lost() {
            0 => "all senders have gone".into(),
            lost => format!("all senders have gone; messages lost so far with senders that were killed: {lost}"),
        }
    }

    /// The next message; none: the time was up.
    #[inline(always)]
    pub(crate) fn next(&mut self, deadline: Deadline) -> Result<Option<Next>> {
        match self.try_next()? {
            Some(next) => Ok(Some(next)),
            None if matches!(deadline, Deadline::Now) => Ok(None),
            None => self.await_next(deadline),
        }
    }

    #[inline(never)]
    fn await_next(&mut self, deadline: Deadline) -> Result<Option<Next>> {
        let mut found = Ok(None);
        spin::until(LOOK, || {
            found = self.look();
            !matches!(found, Ok(None))
        });
        if let Some(next) = found.map_err(|Damaged| damaged())? {
            return Ok(Some(next));
        }
        let next = self.sleep_for_next(deadline);
        self.end.disarm(|| ());
        next
    }

    fn sleep_for_next(&mut self, deadline: Deadline) -> Result<Option<Next>> {
        loop {
            let sure = self.end.arm(|| ());
            if let Some(next) = self.look().map_err(|Damaged| damaged())? {
                return Ok(Some(next));
            }
            // All of them: each that is dead is to be buried.
            let gone = self.lanes.iter().filter(|lane| lane.sender.seems_gone()).count();
            if gone > 0 {
                if let Some(next) = self.look_last()? {
                    return Ok(Some(next));
                }
            }
            if deadline.is_over() {
                return self.ask(); // who never sleeps for long is not told of the dead
            }
            wait::sleep(&self.end, &self.peers(), deadline, sure)?;
        }
    }

    pub(crate) fn peers(&self) -> Peers<'_> {
        self.lanes.iter().map(|lane| &lane.sender).collect()
    }

    /// The message will not be looked at any more: its room is the sender's again.
    #[inline(always)]
    pub(crate) fn consume(&mut self, next: Next) {
        let lane = &mut self.lanes[next.lane];
        lane.reader.pass(next.found);
        lane.release(&self.memory);
        self.serve_another(next.lane);
    }

    /// The same for several of one lane, with one [`release`](Self::release) at the end.
    #[inline(always)]
    pub(crate) fn pass(&mut self, next: Next) {
        self.lanes[next.lane].reader.pass(next.found);
    }

    /// The next message of the same lane.
    #[inline(always)]
    pub(crate) fn another(&self, next: Next) -> Result<Option<Next>> {
        let found = self.lanes[next.lane].reader.look(&self.memory).map_err(|Damaged| damaged())?;
        Ok(found.map(|found| Next { lane: next.lane, found }))
    }

    #[inline(always)]
    pub(crate) fn release(&mut self, next: Next) {
        self.lanes[next.lane].release(&self.memory);
        self.serve_another(next.lane);
    }

    #[inline(always)]
    fn serve_another(&mut self, served: usize) {
        self.vain = 0;
        self.next = if served + 1 < self.lanes.len() { served + 1 } else { 0 };
    }

    /// How many messages were being written by senders that were killed.
    pub(crate) fn lost(&self) -> u64 {
        self.lanes.iter().map(|lane| lane.sender.lost()).fold(0, u64::wrapping_add)
    }
}

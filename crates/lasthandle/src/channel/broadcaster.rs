//! The sending end of a broadcast.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::Ordering::Acquire;

use super::broadcast_options::BroadcastOptions;
use super::end::{Deadline, End, Peer, Presence};
use super::log::LogWriter;
use super::memory::{Memory, Shared};
use super::payload::{Payload, sealed::Sealed};
use super::ring::{Damaged, Room};
use super::seat::Wanted;
use super::section::Section;
use super::sleepers::Sleepers;
use super::{LOOK, damaged, record, wait};
use crate::error::{Error, ErrorKind, Result};
use crate::name::Name;
use crate::spin;
use crate::sys::Timeout;

/// The sending end of a broadcast: of bytes (the default), or of values of type `T`. There is one at a time; all
/// [`Subscriber`](super::Subscriber)s receive all that it sends.
///
/// *Lossless* (the default): the slowest living receiver holds it back. Who has left or was killed holds nobody back; a
/// receiver that was killed is noticed at once by a sender that waits, and when the log is full by one that never waits.
/// *Lossy*: it never waits, and the oldest messages are overwritten; receivers are told how many they missed.
///
/// With no receiver at all it sends as well, and the log keeps the last messages: at least three quarters of its capacity,
/// but for one message. Dropped, or ended with its process, the receivers learn of it at once; what was sent until then
/// arrives. Another sender may take its place, and goes on behind it.
///
/// ```
/// use lasthandle::channel::{Broadcaster, Subscriber};
/// # fn main() -> lasthandle::Result<()> {
/// # let name = &format!("Local\\doc-broadcast-{}", std::process::id());
/// let mut sender = Broadcaster::<u64>::create(name)?; // in one process
/// let mut first = Subscriber::<u64>::create(name)?; // in another
/// let mut second = Subscriber::<u64>::create(name)?; // in a third
/// sender.send(&42)?;
/// assert_eq!((first.recv()?, second.recv()?), (42, 42));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Broadcaster<T: Payload + ?Sized = [u8]> {
    memory: Shared,
    log: LogWriter,
    longest: usize,
    wanted: Wanted,
    receivers: Receivers,
    end: End,
    kind: PhantomData<fn(&T)>,
}

/// Who receives.
#[derive(Debug)]
struct Receivers {
    sleepers: Sleepers,
    /// Where the cursor of each lies.
    cursors: Box<[usize]>,
}

impl Receivers {
    fn new(section: &Arc<Section>) -> Self {
        let cursors = (0..section.layout.lanes).map(|lane| section.layout.ring(lane).cursor).collect();
        Self { sleepers: Sleepers::new(section), cursors }
    }

    /// Those who hold back a sender that wants all cursors to be at least there, with their cursors.
    fn holders<'a>(&'a self, memory: &'a Shared, wanted: u64) -> impl Iterator<Item = (u64, &'a Peer)> {
        // A cursor that is there already is no matter, whoever left it: so few ends are looked at.
        let cursors = self.cursors.iter().map(|&at| memory.load(at, Acquire));
        cursors.zip(self.sleepers.peers()).filter(move |(cursor, peer)| *cursor < wanted && !peer.is_absent())
    }

    fn least(&self, memory: &Shared, wanted: u64) -> u64 {
        self.holders(memory, wanted).map(|(cursor, _)| cursor).min().unwrap_or(u64::MAX)
    }
}

impl<T: Payload + ?Sized> Broadcaster<T> {
    /// Takes the sending end of the broadcast of that name; makes it, with what [`BroadcastOptions`] take by default, if
    /// there is none.
    ///
    /// # Errors
    /// See [`BroadcastOptions::sender`].
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        BroadcastOptions::new().sender(name)
    }

    /// Takes the sending end of an existing broadcast.
    ///
    /// # Errors
    /// See [`BroadcastOptions::open_sender`].
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        BroadcastOptions::new().open_sender(name)
    }

    /// Takes end 0, and goes on where the log stands.
    pub(super) fn new(section: &Arc<Section>) -> Result<Self> {
        let end = End::take(section, 0..1)?;
        let (memory, log) = (section.memory.clone(), section.layout.log());
        log.wanted.withdraw(&memory);
        Ok(Self {
            longest: log.ring.longest,
            log: LogWriter::resume(log, &memory).map_err(|Damaged| damaged())?,
            memory,
            wanted: log.wanted,
            receivers: Receivers::new(section),
            end,
            kind: PhantomData,
        })
    }

    /// Most bytes of a message.
    pub fn max_message(&self) -> usize {
        self.longest
    }

    /// Whether it never waits, and receivers may miss messages.
    pub fn is_lossy(&self) -> bool {
        self.end.section.layout.log().lossy
    }

    /// How many messages were sent so far, by all senders since the broadcast was made.
    pub fn sent(&self) -> u64 {
        self.log.sent()
    }

    /// How many receive now. Asks the system.
    pub fn receivers(&self) -> usize {
        self.receivers.sleepers.peers().iter().filter(|peer| peer.presence() == Presence::Here).count()
    }

    /// Sends a message to all; waits for room as long as it takes. A lossy broadcast has always room.
    ///
    /// # Errors
    /// [`TooLong`](ErrorKind::TooLong); [`Damaged`](ErrorKind::Damaged): a hostile peer wrote into the broadcast's memory.
    /// Nothing was sent.
    #[inline]
    pub fn send(&mut self, message: &T) -> Result<()> {
        self.send_until(message, Deadline::Never).map(drop)
    }

    /// Sends a message to all if there is room now; `false`: there is not.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    #[inline]
    pub fn try_send(&mut self, message: &T) -> Result<bool> {
        self.send_until(message, Deadline::Now)
    }

    /// Sends a message to all; waits for room for so long. `false`: the time was up.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_timeout(&mut self, message: &T, timeout: impl Into<Timeout>) -> Result<bool> {
        self.send_until(message, timeout.into().into())
    }

    #[inline]
    fn send_until(&mut self, message: &T, deadline: Deadline) -> Result<bool> {
        let bytes = Sealed::bytes(message);
        match self.room(bytes.len(), deadline) {
            Ok(Some(room)) => {
                self.put(room, bytes);
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(error) => Err(self.during(error)),
        }
    }

    #[inline]
    fn put(&mut self, room: Room, bytes: &[u8]) {
        // What is copied by a few stores is not worth to be told of.
        let long = bytes.len() > record::SHORT;
        if long {
            self.end.fills(true);
        }
        self.log.fill(&self.memory, room, bytes);
        self.log.publish(&self.memory, room, bytes.len());
        if long {
            self.end.fills(false);
        }
        self.receivers.sleepers.wake(&self.memory);
    }

    #[inline]
    fn room(&mut self, length: usize, deadline: Deadline) -> Result<Option<Room>> {
        if length > self.longest {
            return Err(self.too_long(length));
        }
        match self.try_room(length)? {
            Some(room) => Ok(Some(room)),
            None if matches!(deadline, Deadline::Now) => self.full(length),
            None => self.await_room(length, deadline),
        }
    }

    #[inline]
    fn try_room(&mut self, length: usize) -> Result<Option<Room>> {
        let (memory, receivers) = (&self.memory, &self.receivers);
        self.log.room(memory, length, |wanted| receivers.least(memory, wanted)).map_err(|Damaged| damaged())
    }

    /// The dead make no room: a full log is where a sender that never waits learns of them.
    #[cold]
    fn full(&mut self, length: usize) -> Result<Option<Room>> {
        for (_, peer) in self.receivers.holders(&self.memory, self.log.wanted(length)) {
            peer.presence();
        }
        self.try_room(length)
    }

    #[cold]
    fn await_room(&mut self, length: usize, deadline: Deadline) -> Result<Option<Room>> {
        let mut found = Ok(None);
        spin::until(LOOK, || {
            found = self.try_room(length);
            !matches!(found, Ok(None))
        });
        if !matches!(found, Ok(None)) {
            return found;
        }
        let room = self.sleep_for_room(length, deadline);
        self.end.disarm(|| self.wanted.withdraw(&self.memory));
        room
    }

    fn sleep_for_room(&mut self, length: usize, deadline: Deadline) -> Result<Option<Room>> {
        loop {
            let wanted = self.log.wanted(length);
            let sure = self.end.arm(|| self.wanted.ask(&self.memory, wanted));
            if let Some(room) = self.try_room(length)? {
                return Ok(Some(room));
            }
            let holders: wait::Peers<'_> = self.receivers.holders(&self.memory, wanted).map(|(_, peer)| peer).collect();
            // All of them: each that is dead is to be buried.
            if holders.iter().filter(|peer| peer.seems_gone()).count() > 0 {
                continue;
            }
            if deadline.is_over() {
                drop(holders);
                return self.full(length); // who never sleeps for long is not told of the dead
            }
            wait::sleep(&self.end, &holders, deadline, sure)?;
        }
    }

    #[cold]
    fn too_long(&self, length: usize) -> Error {
        Error::new(ErrorKind::TooLong)
            .detail(format!("the message has {length} bytes, and the broadcast takes at most {}", self.longest))
            .cure("make the broadcast with a larger `max_message`")
    }

    #[cold]
    fn during(&self, error: Error) -> Error {
        self.end.section.during(error, "send to broadcast")
    }
}

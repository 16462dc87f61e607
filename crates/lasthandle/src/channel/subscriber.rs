//! A receiving end of a broadcast.

use std::marker::PhantomData;
use std::sync::Arc;

use super::broadcast_options::BroadcastOptions;
use super::damaged;
use super::end::{Deadline, End};
use super::log::{LogReader, Seen};
use super::memory::{Memory, Shared};
use super::payload::{Payload, sealed::Sealed};
use super::ring::{Damaged, Found};
use super::section::Section;
use super::sleepers::Listener;
use super::wait::{Peers, Readable, Ready};
use crate::error::{Error, ErrorKind, Result};
use crate::name::Name;
use crate::sys::Timeout;

/// After so many messages that were overwritten while they were read it says that there is none now.
const OVERRUNS: u32 = 16;

/// A receiving end of a broadcast: of bytes (the default), or of values of type `T`. It receives all messages that are sent
/// while it is there, in order, and from where it [began](BroadcastOptions::from_oldest).
///
/// Of a lossy broadcast it may miss messages, if the sender has gone round the log meanwhile: then it goes on with the
/// oldest that is kept, and [`missed`](Self::missed) tells how many more it missed. What it receives is whole all the same.
///
/// A receiver that was killed is forgotten: its successor begins anew.
///
/// When the sender has gone, and all that it sent was received, receiving is [`Disconnected`](ErrorKind::Disconnected),
/// until another sender comes. Who waits learns that at once, also of a sender that was killed. Who only
/// [tries](Self::try_recv) asks the system at each 1,024th look in vain; who tries seldom uses
/// [`recv_timeout`](Self::recv_timeout) with a time of zero, which always asks.
#[derive(Debug)]
pub struct Subscriber<T: Payload + ?Sized = [u8]> {
    reception: Reception,
    kind: PhantomData<fn() -> Box<T>>,
}

/// Of bytes, whatever they mean.
#[derive(Debug)]
struct Reception {
    log: LogReader,
    memory: Shared,
    missed: u64,
    /// Looks in vain, one after another.
    vain: u32,
    lossy: bool,
    listener: Listener,
}

impl Reception {
    fn new(section: &Arc<Section>, from_oldest: bool) -> Result<Self> {
        let listener = Listener::new(section)?;
        let (memory, log) = (section.memory.clone(), section.layout.log());
        let cursor = section.layout.ring(listener.end.index - 1).cursor;
        let reader = LogReader::arrive(log, cursor, from_oldest, &memory).map_err(|Damaged| damaged())?;
        let mut reception = Self { log: reader, memory, missed: 0, vain: 0, lossy: log.lossy, listener };
        reception.release();
        Ok(reception)
    }

    /// The next message, if there is one now, as `copy` makes it of its place and length; perhaps several times: the last
    /// result is good.
    #[inline]
    fn take<R>(&mut self, mut copy: impl FnMut(&Shared, &Found) -> Result<R>) -> Result<Option<R>> {
        for _ in 0..OVERRUNS {
            match self.log.look(&self.memory).map_err(|Damaged| damaged())? {
                Seen::Nothing => return Ok(None),
                Seen::Message(found) => {
                    let copied = copy(&self.memory, &found);
                    if !self.log.is_overrun(&self.memory) {
                        let copied = copied?;
                        self.log.pass(found);
                        self.release();
                        return Ok(Some(copied));
                    }
                }
                Seen::Overrun => {}
            }
            let missed = self.log.catch_up(&self.memory).map_err(|Damaged| damaged())?;
            self.missed = self.missed.saturating_add(missed);
        }
        Ok(None)
    }

    /// Tells the sender, and wakes it if it sleeps for a place that this passed just now.
    #[inline]
    fn release(&mut self) {
        self.vain = 0;
        if self.log.release(&self.memory) {
            self.listener.sender.signal();
        }
    }

    #[inline]
    fn next<R>(&mut self, deadline: Deadline, mut copy: impl FnMut(&Shared, &Found) -> Result<R>) -> Result<Option<R>> {
        match self.take(&mut copy)? {
            Some(message) => Ok(Some(message)),
            None if matches!(deadline, Deadline::Now) => self.nothing(copy),
            None => Listener::wait_for(self, deadline, |reception| reception.take(&mut copy)),
        }
    }

    /// Nothing is there: perhaps because nobody sends any more. Then what the last one sent before it went is still to be
    /// looked for.
    #[inline]
    fn nothing<R>(&mut self, copy: impl FnMut(&Shared, &Found) -> Result<R>) -> Result<Option<R>> {
        self.vain = self.vain.wrapping_add(1);
        if !self.listener.seems_deserted(self.vain) {
            return Ok(None);
        }
        match self.take(copy)? {
            None => Err(self.listener.farewell()),
            message => Ok(message),
        }
    }
}

impl AsRef<Listener> for Reception {
    fn as_ref(&self) -> &Listener {
        &self.listener
    }
}

impl Ready for Reception {
    fn end(&self) -> &End {
        &self.listener.end
    }

    fn announce(&self) -> bool {
        self.listener.arm()
    }

    fn withdraw(&self) {
        self.listener.disarm();
    }

    fn is_ready(&self) -> bool {
        self.log.is_ready(&self.memory) || self.listener.is_deserted()
    }

    fn peers(&self) -> Peers<'_> {
        [&self.listener.sender].into_iter().collect()
    }
}

impl<T: Payload<Owned = <T as Sealed>::Received> + ?Sized> Subscriber<T> {
    /// Takes a receiving end of the broadcast of that name; makes it, with what [`BroadcastOptions`] take by default, if
    /// there is none.
    ///
    /// # Errors
    /// See [`BroadcastOptions::receiver`].
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        BroadcastOptions::new().receiver(name)
    }

    /// Takes a receiving end of an existing broadcast.
    ///
    /// # Errors
    /// See [`BroadcastOptions::open_receiver`].
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        BroadcastOptions::new().open_receiver(name)
    }

    /// The next message; waits for it as long as it takes.
    ///
    /// # Errors
    /// [`Disconnected`](ErrorKind::Disconnected): the sender has gone and nothing is left;
    /// [`Damaged`](ErrorKind::Damaged): a hostile peer wrote into the broadcast's memory.
    #[inline]
    pub fn recv(&mut self) -> Result<T::Owned> {
        loop {
            if let Some(message) = self.recv_until(Deadline::Never)? {
                return Ok(message);
            }
        }
    }

    /// The next message, if there is one now. (Also none if a lossy sender overwrites messages faster than one can be
    /// copied.)
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    #[inline]
    pub fn try_recv(&mut self) -> Result<Option<T::Owned>> {
        self.recv_until(Deadline::Now)
    }

    /// The next message; waits for it for so long. None: the time was up.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn recv_timeout(&mut self, timeout: impl Into<Timeout>) -> Result<Option<T::Owned>> {
        self.recv_until(timeout.into().into())
    }

    #[inline]
    fn recv_until(&mut self, deadline: Deadline) -> Result<Option<T::Owned>> {
        let copy = |memory: &Shared, found: &Found| {
            T::received(found.length, |into| memory.read(found.at, into)).ok_or_else(wrong_length)
        };
        self.reception.next(deadline, copy).map_err(|error| self.during(error))
    }
}

impl<T: Payload + ?Sized> Subscriber<T> {
    /// Takes an end, and begins at the oldest message that is kept, or behind the newest.
    pub(super) fn new(section: &Arc<Section>, from_oldest: bool) -> Result<Self> {
        Ok(Self { reception: Reception::new(section, from_oldest)?, kind: PhantomData })
    }

    /// Whether messages may be missed.
    pub fn is_lossy(&self) -> bool {
        self.reception.lossy
    }

    /// How many messages it has missed so far, since it came: they lay before the one that it received last. Always 0 if it
    /// is not lossy.
    pub fn missed(&self) -> u64 {
        self.reception.missed
    }

    /// How many messages were being written by senders that were killed meanwhile, since the broadcast was made: such a
    /// message is never delivered. A message of more than 56 bytes
    /// may be counted and delivered all the same, if its sender was killed in the very moment after it was published.
    pub fn lost(&self) -> u64 {
        self.reception.listener.sender.lost()
    }

    /// Something to wait for beside other objects ([`wait_any`](crate::wait_any)): signaled while there is a message, and
    /// when the sender has gone.
    pub fn readable(&self) -> Readable<'_> {
        Readable::new(&self.reception)
    }

    /// Waits until there is a sender, or something that one has left. `false`: the time was up.
    ///
    /// For who goes on after [`Disconnected`](ErrorKind::Disconnected).
    ///
    /// # Errors
    /// Those of the system, if it cannot wait.
    pub fn wait_for_sender(&mut self, timeout: impl Into<Timeout>) -> Result<bool> {
        let Reception { log, memory, listener, .. } = &self.reception;
        let come = listener.await_sender(|| log.is_ready(memory), timeout.into().into());
        come.map_err(|error| listener.end.section.during(error, "wait for a sender of broadcast"))
    }

    #[cold]
    fn during(&self, error: Error) -> Error {
        self.reception.listener.end.section.during(error, "receive from broadcast")
    }
}

impl Subscriber<[u8]> {
    /// Copies the next message to the start of `into`, and tells its length; waits for it for so long. None: the time was
    /// up.
    ///
    /// # Errors
    /// As [`recv`](Self::recv), and [`TooLong`](ErrorKind::TooLong) if `into` has not room for it: then it is the next one
    /// still, unless it is overwritten.
    pub fn recv_into(&mut self, into: &mut [u8], timeout: impl Into<Timeout>) -> Result<Option<usize>> {
        let room = into.len();
        self.recv_if(into, timeout, |length| if length <= room { Ok(()) } else { Err(no_room(length)) })
    }

    /// The same if `fits` takes the length, which must be no more than there is room for. It is asked perhaps several times,
    /// of the right length last; its error is what is returned then, and the message is the next one still.
    #[doc(hidden)]
    pub fn recv_if(
        &mut self,
        into: &mut [u8],
        timeout: impl Into<Timeout>,
        mut fits: impl FnMut(usize) -> Result<()>,
    ) -> Result<Option<usize>> {
        let copy = |memory: &Shared, found: &Found| {
            fits(found.length)?;
            memory.read(found.at, into.get_mut(..found.length).ok_or_else(|| no_room(found.length))?);
            Ok(found.length)
        };
        self.reception.next(timeout.into().into(), copy).map_err(|error| self.during(error))
    }
}

#[cold]
fn wrong_length() -> Error {
    Error::new(ErrorKind::Damaged).detail("a message has another length than its type")
}

#[cold]
fn no_room(length: usize) -> Error {
    Error::new(ErrorKind::TooLong).detail(format!("the next message has {length} bytes: no room for it"))
}

//! The sending end of a channel, as users have it.
#![allow(clippy::inline_always)] // a call costs as much as the rest: `docs/design/channels.md`

use std::marker::PhantomData;

use super::end::Deadline;
use super::message::Slot;
use super::payload::{Payload, sealed::Sealed};
use super::ring::{Batch, Room};
use super::tx::Tx;
use super::wait::Writable;
use super::{ChannelOptions, record};
use crate::error::{Error, Result};
use crate::name::Name;
use crate::sys::Timeout;

/// The sending end of a channel: of bytes (the default), or of values of type `T`.
///
/// Messages of one sender arrive in its order. Dropped, or ended with its process, the receiver learns of it at once; what
/// was sent until then arrives. Another sender may take its place, and goes on behind it.
///
/// As long as the receiver has not come yet, messages are kept for it, as many as there is room for. When it has gone,
/// sending is [`Disconnected`](crate::ErrorKind::Disconnected), until another receiver comes, which finds what was sent
/// before. A receiver that was *killed* is noticed by who waits for room, at once, and by who never waits when the channel
/// is full.
///
/// ```
/// use lasthandle::channel::{Receiver, Sender};
/// # fn main() -> lasthandle::Result<()> {
/// # let name = &format!("Local\\doc-channel-{}", std::process::id());
/// let mut sender = Sender::<u64>::create(name)?; // in one process
/// let mut receiver = Receiver::<u64>::create(name)?; // in another
/// sender.send(&42)?;
/// assert_eq!(receiver.recv()?, 42);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sender<T: Payload + ?Sized = [u8]> {
    pub(crate) tx: Tx,
    pub(super) kind: PhantomData<fn(&T)>,
}

impl<T: Payload + ?Sized> Sender<T> {
    /// Takes the sending end of the channel of that name; makes it, with what [`ChannelOptions`] take by default, if there is
    /// none.
    ///
    /// # Errors
    /// See [`ChannelOptions::sender`].
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        ChannelOptions::new().sender(name)
    }

    /// Takes the sending end of an existing channel.
    ///
    /// # Errors
    /// See [`ChannelOptions::open_sender`].
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        ChannelOptions::new().open_sender(name)
    }

    /// Most bytes of a message.
    pub fn max_message(&self) -> usize {
        self.tx.longest()
    }

    /// Sends a message; waits for room as long as it takes.
    ///
    /// # Errors
    /// [`Disconnected`](crate::ErrorKind::Disconnected): the receiver has gone; [`TooLong`](crate::ErrorKind::TooLong);
    /// [`Damaged`](crate::ErrorKind::Damaged): a hostile peer wrote into the channel's memory. Nothing was sent.
    #[inline(always)]
    pub fn send(&mut self, message: &T) -> Result<()> {
        self.send_until(message, Deadline::Never).map(drop)
    }

    /// Sends a message if there is room now; `false`: there is not.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    #[inline(always)]
    pub fn try_send(&mut self, message: &T) -> Result<bool> {
        self.send_until(message, Deadline::Now)
    }

    /// Sends a message; waits for room for so long. `false`: the time was up.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_timeout(&mut self, message: &T, timeout: impl Into<Timeout>) -> Result<bool> {
        self.send_until(message, timeout.into().into())
    }

    #[inline(always)]
    fn send_until(&mut self, message: &T, deadline: Deadline) -> Result<bool> {
        let bytes = Sealed::bytes(message);
        // What most calls come to, on a way of its own: joined with the others it would go by memory.
        match self.tx.at_once(bytes.len()) {
            Some(room) => self.put(room, bytes),
            None => return self.send_slowly(bytes, deadline),
        }
        Ok(true)
    }

    #[inline(never)]
    fn send_slowly(&mut self, bytes: &[u8], deadline: Deadline) -> Result<bool> {
        match self.tx.room(bytes.len(), deadline) {
            Ok(Some(room)) => {
                self.put(room, bytes);
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(error) => Err(self.during(error)),
        }
    }

    #[inline(always)]
    fn put(&mut self, room: Room, bytes: &[u8]) {
        // What is copied by a few stores is not worth to be told of.
        let long = bytes.len() > record::SHORT;
        if long {
            self.tx.end.fills(true);
        }
        self.tx.fill(room, bytes);
        self.tx.publish(room, bytes.len());
        if long {
            self.tx.end.fills(false);
        }
    }

    /// Sends several messages, and waits for room as long as it takes: how many. They are shown to the receiver together,
    /// as far as there was room for them together.
    ///
    /// # Errors
    /// As [`send`](Self::send), if the first cannot be sent. If a later one cannot, those before it are sent and counted:
    /// the next call tells why.
    pub fn send_batch<'a>(&mut self, messages: impl IntoIterator<Item = &'a T>) -> Result<usize>
    where
        T: 'a,
    {
        self.send_batch_until(messages, Deadline::Never)
    }

    /// Sends several messages, as far as there is room now: how many.
    ///
    /// # Errors
    /// As [`send_batch`](Self::send_batch).
    pub fn try_send_batch<'a>(&mut self, messages: impl IntoIterator<Item = &'a T>) -> Result<usize>
    where
        T: 'a,
    {
        self.send_batch_until(messages, Deadline::Now)
    }

    fn send_batch_until<'a>(&mut self, messages: impl IntoIterator<Item = &'a T>, deadline: Deadline) -> Result<usize>
    where
        T: 'a,
    {
        let mut sent = 0;
        let result = Open { tx: &mut self.tx, batch: Batch::default() }.fill(messages, deadline, &mut sent);
        match result {
            Err(error) if sent == 0 => Err(self.during(error)),
            _ => Ok(sent),
        }
    }

    /// Something to wait for beside other objects ([`wait_any`](crate::wait_any)): signaled while there is room for the
    /// longest message, and when the receiver has gone.
    pub fn writable(&self) -> Writable<'_> {
        Writable::new(&self.tx)
    }

    #[cold]
    fn during(&self, error: Error) -> Error {
        self.tx.section().during(error, "send to channel")
    }
}

/// A batch that is being written. It is published in the end, even if the caller's iterator panics: what is sent after
/// lies behind it.
struct Open<'a> {
    tx: &'a mut Tx,
    batch: Batch,
}

impl Open<'_> {
    fn fill<'a, T: Payload + ?Sized + 'a>(
        mut self,
        messages: impl IntoIterator<Item = &'a T>,
        deadline: Deadline,
        sent: &mut usize,
    ) -> Result<()> {
        for message in messages {
            let bytes = Sealed::bytes(message);
            let room = if let Some(room) = self.tx.try_room(bytes.len())? {
                room
            } else {
                // The receiver makes room of what it sees.
                self.publish();
                let Some(room) = self.tx.room(bytes.len(), deadline)? else { return Ok(()) };
                room
            };
            if bytes.len() > record::SHORT {
                self.tx.end.fills(true);
            }
            self.tx.fill(room, bytes);
            self.tx.add(&mut self.batch, room, bytes.len());
            *sent += 1;
        }
        Ok(())
    }

    fn publish(&mut self) {
        self.tx.publish_batch(&mut self.batch);
        self.tx.end.fills(false);
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.publish();
    }
}

impl Sender<[u8]> {
    /// Room for a message of at most `length` bytes, to be written where it will lie; waits for it as long as it takes.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn reserve(&mut self, length: usize) -> Result<Slot<'_>> {
        let room = loop {
            match self.tx.room(length, Deadline::Never) {
                Ok(Some(room)) => break room,
                Ok(None) => {}
                Err(error) => return Err(self.during(error)),
            }
        };
        Ok(Slot::new(&mut self.tx, room))
    }

    /// The same, for so long. None: the time was up.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn reserve_timeout(&mut self, length: usize, timeout: impl Into<Timeout>) -> Result<Option<Slot<'_>>> {
        match self.tx.room(length, timeout.into().into()) {
            Ok(room) => Ok(room.map(|room| Slot::new(&mut self.tx, room))),
            Err(error) => Err(self.during(error)),
        }
    }
}

//! The receiving end of a channel, as users have it.
#![allow(clippy::inline_always)] // a call costs as much as the rest: `docs/design/channels.md`

use std::marker::PhantomData;

use super::ChannelOptions;
use super::end::Deadline;
use super::memory::Memory;
use super::message::Message;
use super::payload::{Payload, sealed::Sealed};
use super::rx::{Next, Rx};
use super::wait::Readable;
use crate::error::{Error, ErrorKind, Result};
use crate::name::Name;
use crate::sys::Timeout;

/// The receiving end of a channel: of bytes (the default), or of values of type `T`. There is one at a time.
///
/// A message is consumed when a call returns it. If the process is killed, the next receiver goes on with the first
/// message that was not.
///
/// When all senders have gone, and all that they sent was received, receiving is
/// [`Disconnected`](ErrorKind::Disconnected), until another sender comes. Who waits learns that at once, also of senders
/// that were killed. Who only [tries](Self::try_recv) asks the system at each 1,024th look in vain; who tries seldom uses
/// [`recv_timeout`](Self::recv_timeout) with a time of zero, which always asks.
#[derive(Debug)]
pub struct Receiver<T: Payload + ?Sized = [u8]> {
    pub(crate) rx: Rx,
    pub(super) kind: PhantomData<fn() -> Box<T>>,
}

impl<T: Payload<Owned = <T as Sealed>::Received> + ?Sized> Receiver<T> {
    /// Takes the receiving end of the channel of that name; makes it, with what [`ChannelOptions`] take by default, if there
    /// is none.
    ///
    /// # Errors
    /// See [`ChannelOptions::receiver`].
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        ChannelOptions::new().receiver(name)
    }

    /// Takes the receiving end of an existing channel.
    ///
    /// # Errors
    /// See [`ChannelOptions::open_receiver`].
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        ChannelOptions::new().open_receiver(name)
    }

    /// The next message; waits for it as long as it takes.
    ///
    /// # Errors
    /// [`Disconnected`](ErrorKind::Disconnected): all senders have gone and nothing is left;
    /// [`Damaged`](ErrorKind::Damaged): a hostile peer wrote into the channel's memory.
    #[inline(always)]
    pub fn recv(&mut self) -> Result<T::Owned> {
        loop {
            if let Some(message) = self.recv_until(Deadline::Never)? {
                return Ok(message);
            }
        }
    }

    /// The next message, if there is one now.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    #[inline(always)]
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

    #[inline(always)]
    fn recv_until(&mut self, deadline: Deadline) -> Result<Option<T::Owned>> {
        // What most calls come to, on a way of its own: joined with the others it would go by memory.
        match self.rx.at_once() {
            Some(next) => self.take(next).map(Some),
            None => self.recv_slowly(deadline),
        }
    }

    #[inline(never)]
    fn recv_slowly(&mut self, deadline: Deadline) -> Result<Option<T::Owned>> {
        match self.rx.next(deadline) {
            Ok(Some(next)) => self.take(next).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(self.during(error)),
        }
    }

    #[inline(always)]
    fn take(&mut self, next: Next) -> Result<T::Owned> {
        let message = self.copy(next);
        self.rx.consume(next);
        message
    }

    #[inline(always)]
    fn copy(&self, next: Next) -> Result<T::Owned> {
        let (at, memory) = (next.found.at, self.rx.memory());
        T::received(next.found.length, |into| memory.read(at, into)).ok_or_else(|| self.wrong_length())
    }

    /// Receives several messages: waits for the first, and takes what is there with it, of one sender, at most `most`. How
    /// many it were.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn recv_batch(&mut self, most: usize, mut each: impl FnMut(T::Owned)) -> Result<usize> {
        self.batch_until(most, Deadline::Never, &mut each)
    }

    /// The same, of what is there now; 0: nothing.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn try_recv_batch(&mut self, most: usize, mut each: impl FnMut(T::Owned)) -> Result<usize> {
        self.batch_until(most, Deadline::Now, &mut each)
    }

    fn batch_until(&mut self, most: usize, deadline: Deadline, each: &mut impl FnMut(T::Owned)) -> Result<usize> {
        if most == 0 {
            return Ok(0);
        }
        let Some(first) = self.rx.next(deadline).map_err(|error| self.during(error))? else { return Ok(0) };
        let open = Open { receiver: self, first };
        let (mut next, mut count) = (first, 0);
        loop {
            let message = open.receiver.copy(next)?;
            open.receiver.rx.pass(next);
            count += 1;
            each(message);
            if count == most {
                return Ok(count);
            }
            match open.receiver.rx.another(next) {
                Ok(Some(another)) => next = another,
                Ok(None) => return Ok(count),
                Err(error) => return Err(open.receiver.during(error)),
            }
        }
    }

    /// Something to wait for beside other objects ([`wait_any`](crate::wait_any)): signaled while there is a message, and
    /// when all senders have gone.
    pub fn readable(&self) -> Readable<'_> {
        Readable::new(&self.rx)
    }

    /// How many messages were being written by senders that were killed meanwhile, since the channel was made: such a
    /// message is never delivered. A message of more than 56 bytes may be counted and delivered all the same, if its sender
    /// was killed in the very moment after it was published.
    pub fn lost(&self) -> u64 {
        self.rx.lost()
    }

    #[cold]
    fn during(&self, error: Error) -> Error {
        self.rx.section().during(error, "receive from channel")
    }

    #[cold]
    fn wrong_length(&self) -> Error {
        self.during(Error::new(ErrorKind::Damaged).detail("a message has another length than its type"))
    }
}

/// A batch that is being read. Its room is given back in the end, even if the caller's function panics: a sender may
/// sleep for it.
struct Open<'a, T: Payload + ?Sized> {
    receiver: &'a mut Receiver<T>,
    first: Next,
}

impl<T: Payload + ?Sized> Drop for Open<'_, T> {
    fn drop(&mut self) {
        self.receiver.rx.release(self.first);
    }
}

impl Receiver<[u8]> {
    /// Copies the next message to the start of `into`, and tells its length; waits for it as long as it takes. None: the
    /// time was up.
    ///
    /// # Errors
    /// As [`recv`](Self::recv), and [`TooLong`](ErrorKind::TooLong) if `into` has not room for it: then it stays the next
    /// one.
    pub fn recv_into(&mut self, into: &mut [u8], timeout: impl Into<Timeout>) -> Result<Option<usize>> {
        let next = self.rx.next(timeout.into().into()).map_err(|error| self.during(error))?;
        let Some(next) = next else { return Ok(None) };
        let length = next.found.length;
        let Some(into) = into.get_mut(..length) else {
            return Err(self.during(
                Error::new(ErrorKind::TooLong).detail(format!("the next message has {length} bytes: no room for it")),
            ));
        };
        self.rx.memory().read(next.found.at, into);
        self.rx.consume(next);
        Ok(Some(length))
    }

    /// The next message in place; waits for it as long as it takes.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn recv_ref(&mut self) -> Result<Message<'_>> {
        let next = loop {
            match self.rx.next(Deadline::Never) {
                Ok(Some(next)) => break next,
                Ok(None) => {}
                Err(error) => return Err(self.during(error)),
            }
        };
        Ok(Message::new(&mut self.rx, next))
    }

    /// The next message in place; waits for it for so long. None: the time was up.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn recv_ref_timeout(&mut self, timeout: impl Into<Timeout>) -> Result<Option<Message<'_>>> {
        match self.rx.next(timeout.into().into()) {
            Ok(next) => Ok(next.map(|next| Message::new(&mut self.rx, next))),
            Err(error) => Err(self.during(error)),
        }
    }
}

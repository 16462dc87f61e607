//! Two-way channels: a lane each way, between two ends.

use std::marker::PhantomData;
use std::sync::Arc;

use super::ChannelOptions;
use super::end::End;
use super::payload::{Payload, sealed::Sealed};
use super::receiver::Receiver;
use super::rx::Rx;
use super::section::Section;
use super::sender::Sender;
use super::tx::Tx;
use crate::error::{Error, ErrorKind, Result};
use crate::name::Name;
use crate::sys::Timeout;

/// One end of a two-way channel: it sends to the other one and receives from it. Messages are of the same type both ways.
///
/// Which end it is does not matter; who comes third is refused. For request and reply: [`call`](Self::call) on one side,
/// [`serve`](Self::serve) on the other.
///
/// Its two halves may be used by two threads, and be dropped one by one: the other side is told that this one has gone when
/// both are. Where both wait at the same time, the one that began later looks every
/// millisecond.
///
/// ```
/// use lasthandle::channel::Duplex;
/// # fn main() -> lasthandle::Result<()> {
/// # let name = &format!("Local\\doc-duplex-{}", std::process::id());
/// let mut server = Duplex::<u64>::create(name)?; // in one process
/// let mut client = Duplex::<u64>::create(name)?; // in another
/// # std::thread::scope(|scope| {
/// # scope.spawn(move || server.serve(|request| Some(request * 2)).unwrap());
/// // server.serve(|request| Some(request * 2))?;
/// assert_eq!(client.call(&21)?, 42);
/// # drop(client);
/// # Ok(())
/// # })
/// # }
/// ```
#[derive(Debug)]
pub struct Duplex<T: Payload + ?Sized = [u8]> {
    /// Towards the other end.
    pub sender: Sender<T>,
    /// From it.
    pub receiver: Receiver<T>,
}

impl<T: Payload<Owned = <T as Sealed>::Received> + ?Sized> Duplex<T> {
    /// Takes an end of the two-way channel of that name; makes it, with what [`ChannelOptions`] take by default, if there is
    /// none.
    ///
    /// # Errors
    /// See [`ChannelOptions::duplex`].
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        ChannelOptions::new().duplex(name)
    }

    /// Takes an end of an existing one.
    ///
    /// # Errors
    /// See [`ChannelOptions::open_duplex`].
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        ChannelOptions::new().open_duplex(name)
    }

    /// Sends a request and waits for its reply: the next message from the other side.
    ///
    /// # Errors
    /// Those of [`Sender::send`] and [`Receiver::recv`]; [`Disconnected`](ErrorKind::Disconnected) at once if the other side
    /// goes before it has replied.
    #[inline]
    pub fn call(&mut self, request: &T) -> Result<T::Owned> {
        self.sender.send(request)?;
        self.receiver.recv()
    }

    /// The same, for so long, sending and waiting each. None: the time was up. A reply that comes later is the next
    /// message: who goes on after that must tell replies apart.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn call_timeout(&mut self, request: &T, timeout: impl Into<Timeout> + Copy) -> Result<Option<T::Owned>> {
        if self.sender.send_timeout(request, timeout)? { self.receiver.recv_timeout(timeout) } else { Ok(None) }
    }

    /// Answers requests with what `reply` makes of them, until the other side has gone (`Ok`), or `reply` says `None`.
    ///
    /// # Errors
    /// Those of [`Sender::send`] and [`Receiver::recv`], but for the other side's going.
    pub fn serve<R: std::borrow::Borrow<T>>(&mut self, mut reply: impl FnMut(T::Owned) -> Option<R>) -> Result<()> {
        loop {
            let served = self.receiver.recv().and_then(|request| match reply(request) {
                Some(reply) => self.sender.send(reply.borrow()).map(|()| true),
                None => Ok(false),
            });
            match served {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Disconnected => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

impl<T: Payload + ?Sized> Duplex<T> {
    /// Takes the first end that is free.
    pub(super) fn new(section: &Arc<Section>) -> Result<Self> {
        let end = Arc::new(End::take(section, 0..2)?);
        let (mine, other) = (end.index, 1 - end.index);
        let tx = Tx::new(Arc::clone(&end), mine, other)?;
        let rx = Rx::new(end, [(other, other)].into_iter())?;
        Ok(Self { sender: Sender { tx, kind: PhantomData }, receiver: Receiver { rx, kind: PhantomData } })
    }
}

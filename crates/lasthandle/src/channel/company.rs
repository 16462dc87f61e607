//! Waiting for the other side itself: until it has come, and until it has taken everything.

use super::payload::Payload;
use super::receiver::Receiver;
use super::sender::Sender;
use super::wait;
use crate::error::Result;
use crate::sys::Timeout;

impl<T: Payload + ?Sized> Sender<T> {
    /// Waits until the receiver has consumed everything that was sent, by senders before this one in the same place, too.
    /// `false`: the time was up.
    ///
    /// A channel goes with its last handle, and what was not received goes with it: a program that sends and ends waits
    /// here first. It waits for a receiver that has not come yet, too.
    ///
    /// # Errors
    /// [`Disconnected`](crate::ErrorKind::Disconnected): the receiver has gone, or was killed, and left something: the next
    /// one finds it ([`wait_for_receiver`](Self::wait_for_receiver)). [`Damaged`](crate::ErrorKind::Damaged): a hostile
    /// peer wrote into the channel's memory.
    pub fn wait_received(&mut self, timeout: impl Into<Timeout>) -> Result<bool> {
        let received = self.tx.await_received(timeout.into().into());
        received.map_err(|error| self.tx.section().during(error, "wait for the receiver of channel"))
    }

    /// Waits until there is a receiver; or one has come and gone since this end was told that there is none
    /// ([`Disconnected`](crate::ErrorKind::Disconnected)). `false`: the time was up.
    ///
    /// # Errors
    /// Those of the system, if it cannot wait.
    pub fn wait_for_receiver(&mut self, timeout: impl Into<Timeout>) -> Result<bool> {
        let come = self.tx.await_receiver(timeout.into().into());
        come.map_err(|error| self.tx.section().during(error, "wait for a receiver of channel"))
    }
}

impl<T: Payload + ?Sized> Receiver<T> {
    /// Waits until there is a sender, or something that one has left. `false`: the time was up.
    ///
    /// For who goes on after [`Disconnected`](crate::ErrorKind::Disconnected).
    ///
    /// # Errors
    /// Those of the system, if it cannot wait.
    pub fn wait_for_sender(&mut self, timeout: impl Into<Timeout>) -> Result<bool> {
        let come = wait::for_company(&self.rx.end, &self.rx.peers(), || self.rx.has_message(), timeout.into().into());
        come.map_err(|error| self.rx.section().during(error, "wait for a sender of channel"))
    }
}

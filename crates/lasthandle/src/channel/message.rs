//! Messages in place: one to be read where it lies, and room for one to be written where it will lie.
//!
//! # Safety
//! Both borrow their half of the channel, which keeps the section mapped, and their ranges were checked to lie in it.
#![allow(unsafe_code)]

use super::memory::Memory;
use super::record::Shape;
use super::ring::Room;
use super::rx::{Next, Rx};
use super::tx::Tx;
use crate::copy;
use crate::error::{Error, ErrorKind, Result};

/// A message that lies in the channel. It is consumed when this is dropped: then the sender may use its room again.
/// Forgotten ([`mem::forget`](std::mem::forget)), it is the next one still.
///
/// The sender is not supposed to write there any more, but nothing keeps a hostile one from it: so its bytes are copied,
/// or borrowed with a promise.
#[derive(Debug)]
pub struct Message<'a> {
    rx: &'a mut Rx,
    next: Next,
}

impl<'a> Message<'a> {
    pub(crate) fn new(rx: &'a mut Rx, next: Next) -> Self {
        Self { rx, next }
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.next.found.length
    }

    /// Whether it has no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Copies bytes out, from `offset` on, until `into` is full.
    ///
    /// # Errors
    /// [`OutOfBounds`](ErrorKind::OutOfBounds) if the message ends before; nothing is copied.
    pub fn read_at(&self, offset: usize, into: &mut [u8]) -> Result<()> {
        let at = within(self.next.found.at, self.len(), offset, into.len())
            .map_err(|error| self.rx.section().during(error, "read a message of channel"))?;
        let from = self.rx.memory().range(at, into.len()).cast_const();
        // SAFETY: the range lies in the section, which `self.rx` keeps mapped.
        unsafe { copy::from_shared(from, into) };
        Ok(())
    }

    /// A copy of it.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.len()];
        self.rx.memory().read(self.next.found.at, &mut bytes);
        bytes
    }

    /// Its first byte; a multiple of 8, and of 64 if it has more than 56 bytes. Valid until it is dropped.
    pub fn as_ptr(&self) -> *const u8 {
        self.rx.memory().range(self.next.found.at, self.len()).cast_const()
    }

    /// Its bytes in place.
    ///
    /// # Safety
    /// The sender must be trusted not to write to a message that it has sent. (Nobody does who uses this library.)
    pub unsafe fn as_slice(&self) -> &[u8] {
        // SAFETY: the range lies in the section, which `self.rx` keeps mapped; that nobody writes is the caller's promise.
        unsafe { std::slice::from_raw_parts(self.as_ptr(), self.len()) }
    }
}

// Nothing else consumes it: the C interface forgets a message for which the caller has not room enough, to receive it again.
impl Drop for Message<'_> {
    fn drop(&mut self) {
        self.rx.consume(self.next);
    }
}

/// Room for a message in the channel. What is written there is sent by [`commit`](Self::commit); dropped, it is not.
///
/// If the process is killed meanwhile nothing of it is delivered, and the receiver is told that a message was lost. (Forgotten
/// by [`mem::forget`](std::mem::forget), it is not sent, and counts as being written until the next long message.)
#[derive(Debug)]
pub struct Slot<'a> {
    tx: &'a mut Tx,
    room: Room,
}

impl<'a> Slot<'a> {
    pub(crate) fn new(tx: &'a mut Tx, room: Room) -> Self {
        tx.end.fills(true);
        Self { tx, room }
    }

    /// How many bytes there is room for.
    #[allow(clippy::len_without_is_empty)] // it is what was asked for
    pub fn len(&self) -> usize {
        self.shape().length
    }

    fn shape(&self) -> Shape {
        self.room.shape
    }

    fn at(&self) -> usize {
        self.tx.start(self.room)
    }

    /// Copies bytes in, from `offset` on.
    ///
    /// # Errors
    /// [`OutOfBounds`](ErrorKind::OutOfBounds) if there is not room for all; nothing is copied.
    pub fn write_at(&mut self, offset: usize, from: &[u8]) -> Result<()> {
        let at = within(self.at(), self.len(), offset, from.len()).map_err(|error| self.during(error))?;
        let to = self.tx.memory().range(at, from.len());
        // SAFETY: the range lies in the section, which `self.tx` keeps mapped to be written.
        unsafe { copy::to_shared(to, from) };
        Ok(())
    }

    /// Its first byte; a multiple of 8, and of 64 if there is room for more than 56. Valid until it is committed or
    /// dropped. The bytes are what an earlier message left.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.tx.memory().range(self.at(), self.len())
    }

    /// The bytes in place.
    ///
    /// # Safety
    /// The receiver must be trusted not to touch what was not sent yet. (Nobody does who uses this library; a `tap` only
    /// reads what was sent.)
    pub unsafe fn as_mut_slice(&mut self) -> &mut [u8] {
        let (start, length) = (self.as_mut_ptr(), self.len());
        // SAFETY: the range lies in the section, which `self.tx` keeps mapped to be written; that nobody else uses it is
        // the caller's promise, and `self` is borrowed for as long as the slice lives.
        unsafe { std::slice::from_raw_parts_mut(start, length) }
    }

    /// Sends the first `length` bytes as one message.
    ///
    /// # Errors
    /// [`TooLong`](ErrorKind::TooLong) if that is more than there is room for; nothing is sent.
    pub fn commit(self, length: usize) -> Result<()> {
        if length > self.len() {
            let error =
                Error::new(ErrorKind::TooLong).detail(format!("room was reserved for {} bytes only", self.len()));
            return Err(self.during(error.cure("reserve as much as the message may have")));
        }
        let room = self.room;
        self.tx.publish(room, length);
        Ok(())
    }

    #[cold]
    fn during(&self, error: Error) -> Error {
        self.tx.section().during(error, "write a message of channel")
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.tx.end.fills(false);
    }
}

/// Where `length` bytes from `offset` on lie, of `whole` bytes at `at`.
fn within(at: usize, whole: usize, offset: usize, length: usize) -> Result<usize> {
    if offset <= whole && length <= whole - offset {
        return Ok(at + offset);
    }
    Err(Error::new(ErrorKind::OutOfBounds).detail(format!("the message has {whole} bytes")))
}

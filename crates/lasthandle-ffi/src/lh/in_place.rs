//! Messages in place: room for one, to be filled where it will lie, and one to be read where it lies.
//!
//! # Safety
//! As in `channel.rs`.
#![allow(unsafe_code)]

use std::ffi::c_void;

use lasthandle::{Error, ErrorKind};

use super::channel::lh_channel;
use super::ends::CHANNELS;
use super::message::{in_time, next, of_size};
use super::wait::after;
use super::{code_of, place, write};

/// Reserves room for a message of up to `length` bytes, to be written where it will lie; waits for it for so many
/// nanoseconds. `message` becomes its first byte: a multiple of 8, and of 64 if `length` is more than 56; the bytes are what
/// an earlier message left. It is the caller's until lh_channel_commit, lh_channel_abandon or lh_channel_close. Till then
/// nothing else is sent at this end: 170. A process that is killed meanwhile sends nothing of it, and the receiver counts a
/// lost message. LH_TIME_IS_UP and errors as from lh_channel_send.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_channel_reserve(
    end: *mut lh_channel,
    length: usize,
    message: *mut *mut c_void,
    timeout: u64,
) -> u32 {
    in_time(|| {
        let message = place(message)?;
        let mut claim = CHANNELS.sending(end.addr())?;
        of_size(claim.size, length)?;
        let sending = claim.get();
        // SAFETY: the reference goes into the slot.
        if !unsafe { sending.lend(|sender| sender.reserve_timeout(length, after(timeout))) }? {
            return Ok(false);
        }
        // SAFETY: a place.
        unsafe { write(message, sending.loan()?.as_mut_ptr().cast()) };
        Ok(true)
    })
}

/// Sends the first `length` bytes of what was reserved. 24: that is more than was reserved, or not the type's size; then it
/// stays reserved. 87: nothing is reserved.
#[unsafe(no_mangle)]
pub extern "C" fn lh_channel_commit(end: *mut lh_channel, length: usize) -> u32 {
    code_of(|| {
        let mut claim = CHANNELS.sending(end.addr())?;
        let (size, sending) = (claim.size, claim.get());
        let reserved = sending.loan()?.len();
        of_size(size, length)?;
        if length > reserved {
            return Err(Error::new(ErrorKind::TooLong).detail(format!("there is room for {reserved} bytes only")));
        }
        sending.take_back()?.commit(length)
    })
}

/// Gives what was reserved back; nothing is sent. 87: nothing is reserved.
#[unsafe(no_mangle)]
pub extern "C" fn lh_channel_abandon(end: *mut lh_channel) -> u32 {
    code_of(|| CHANNELS.sending(end.addr())?.get().take_back().map(drop))
}

/// Lends the next message, to be read where it lies; waits for it for so many nanoseconds. `message` becomes its first byte,
/// a multiple of 8, and of 64 if it has more than 56 bytes; `length` their number. It may be read until lh_channel_release
/// or lh_channel_close, and till then nothing else is received at this end: 170. Nothing but good manners keeps its sender
/// from writing to it: copy what is checked before it is used. LH_TIME_IS_UP and errors as from lh_channel_receive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_channel_peek(
    end: *mut lh_channel,
    message: *mut *const c_void,
    length: *mut usize,
    timeout: u64,
) -> u32 {
    in_time(|| {
        let (message, length) = (place(message)?, place(length)?);
        let mut claim = CHANNELS.receiving(end.addr())?;
        let (size, receiving) = (claim.size, claim.get());
        // SAFETY: the reference goes into the message.
        if !unsafe { receiving.lend(|receiver| next(receiver, size, after(timeout))) }? {
            return Ok(false);
        }
        let found = receiving.loan()?;
        // SAFETY: a place.
        unsafe { write(message, found.as_ptr().cast()) };
        // SAFETY: as above.
        unsafe { write(length, found.len()) };
        Ok(true)
    })
}

/// The message that was peeked at was received: its room is the sender's again, and its bytes must not be read any more. 87:
/// no message is peeked at.
#[unsafe(no_mangle)]
pub extern "C" fn lh_channel_release(end: *mut lh_channel) -> u32 {
    code_of(|| CHANNELS.receiving(end.addr())?.get().take_back().map(drop))
}

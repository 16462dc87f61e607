//! Broadcasts: one sends, many receive.
//!
//! # Safety
//! As in `message.rs` and `taking.rs`; of a handle of an end nothing is asked, as it is not followed.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_void};

use lasthandle::channel::{BroadcastOptions, Broadcaster, Subscriber};
use lasthandle::{Name, Result};

use super::ends::BROADCASTS;
use super::message::{bytes, copied, in_time, of_size, room};
use super::object::{Target, lh_object};
use super::taking::{self, Kind};
use super::wait::after;
use super::{code_of, hand_out, place, write};

/// An end of a broadcast. It is checked, and used by one thread at a time, as an lh_channel.
pub struct lh_broadcast {
    _number: (),
}

/// How a broadcast is made, if there is none of the name yet; the type must be the same for all. All zeros are what null in
/// place of it means.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct lh_broadcast_options {
    /// Bytes of the log that keeps the last messages: as of a channel, see lh_channel_options. 0: 65,536.
    pub capacity: usize,
    /// The longest message in bytes, less than 2 GiB; 0: 16,384, or the type's size.
    pub max_message: usize,
    /// How many may receive at a time, at most 60; 0: 16.
    pub receivers: u32,
    /// The type of all messages: as of a channel, see lh_channel_options.
    pub type_alignment: u32,
    /// See above.
    pub type_size: usize,
    /// A name for the type, in UTF-8; null: none.
    pub type_name: *const c_char,
    /// The sender never waits: it overwrites the oldest messages, and who is slow misses them. Otherwise the slowest living
    /// receiver holds it back.
    pub lossy: bool,
    /// Of this receiver, whoever made the broadcast: it begins with the oldest message that is kept. Otherwise with the
    /// first that is sent after it came.
    pub from_oldest: bool,
}

/// Takes the sending end of the broadcast of that name, which is made if there is none. There is one at a time: 231, if a
/// living process has it. Leave it with lh_broadcast_close; the end of the process leaves it, too, however it ends, and all
/// receivers learn of it at once. 1629: it carries another type, or is of another shape; 6: another object has the name, or a
/// mapping in which there is no broadcast; 87: the options make no sense.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_broadcast_sender_create(
    name: *const c_char,
    options: *const lh_broadcast_options,
    end: *mut *mut lh_broadcast,
) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { take(name, options, end, |options, name| Ok((Some(options.sender(name)?), None))) }
}

/// The same, where the broadcast must be there: 2 if nothing has the name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_broadcast_sender_open(
    name: *const c_char,
    options: *const lh_broadcast_options,
    end: *mut *mut lh_broadcast,
) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { take(name, options, end, |options, name| Ok((Some(options.open_sender(name)?), None))) }
}

/// Takes a receiving end of the broadcast of that name, which is made if there is none. 231: as many living receivers as it
/// is for have it. Otherwise as lh_broadcast_sender_create. Who has left, or was killed, holds nobody back.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_broadcast_receiver_create(
    name: *const c_char,
    options: *const lh_broadcast_options,
    end: *mut *mut lh_broadcast,
) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { take(name, options, end, |options, name| Ok((None, Some(options.receiver(name)?)))) }
}

/// The same, where the broadcast must be there: 2 if nothing has the name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_broadcast_receiver_open(
    name: *const c_char,
    options: *const lh_broadcast_options,
    end: *mut *mut lh_broadcast,
) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { take(name, options, end, |options, name| Ok((None, Some(options.open_receiver(name)?)))) }
}

/// Leaves an end: the others learn of it at once. Null: nothing happens. 6: it was closed before; 170: another thread is
/// using it, and it stays open.
#[unsafe(no_mangle)]
pub extern "C" fn lh_broadcast_close(end: *mut lh_broadcast) -> u32 {
    code_of(|| BROADCASTS.close(end.addr()))
}

/// Sends a message to all receivers, copied; waits for room for so many nanoseconds (LH_FOREVER: as long as it takes; 0: not
/// at all). A lossy broadcast has always room, and so has one that nobody receives. LH_TIME_IS_UP: nothing was sent. 24: the
/// message is longer than the broadcast takes, or not of its type's size; 6: the end only receives; 170: another thread is
/// sending there; 1392: a hostile peer spoiled the broadcast's memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_broadcast_send(
    end: *mut lh_broadcast,
    message: *const c_void,
    length: usize,
    timeout: u64,
) -> u32 {
    in_time(|| {
        let mut claim = BROADCASTS.sending(end.addr())?;
        // SAFETY: so many bytes lie there.
        let message = unsafe { bytes(message, length) }?;
        of_size(claim.size, message.len())?;
        claim.get().send_timeout(message, after(timeout))
    })
}

/// Receives a message, copied to `into`; waits for it for so many nanoseconds. `length`, which may be null, becomes its
/// bytes. 234: it has more than `capacity`; `length` says how many, and it stays the next one, unless a lossy sender
/// overwrites it. LH_TIME_IS_UP: there was none. 109: the sender has gone, and all that it sent was received; another that
/// comes makes it good again. 6: the end only sends; 170: another thread is receiving there; 1392: a hostile peer spoiled
/// the broadcast's memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_broadcast_receive(
    end: *mut lh_broadcast,
    into: *mut c_void,
    capacity: usize,
    length: *mut usize,
    timeout: u64,
) -> u32 {
    in_time(|| {
        let mut claim = BROADCASTS.receiving(end.addr())?;
        // SAFETY: there is so much room.
        let into = unsafe { room(into, capacity) }?;
        let (size, end) = (claim.size, claim.get());
        // SAFETY: a place, or null.
        let tell = |found| unsafe { write(length, found) };
        Ok(copied(size, capacity, tell, |fits| end.recv_if(into, after(timeout), fits))?.is_some())
    })
}

/// The longest message in bytes that the end sends. 6: it only receives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_broadcast_max_message(end: *mut lh_broadcast, bytes: *mut usize) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { tell_sender(end, bytes, Broadcaster::max_message) }
}

/// How many messages were sent so far, by all senders since the broadcast was made. 6: the end only receives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_broadcast_sent(end: *mut lh_broadcast, count: *mut u64) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { tell_sender(end, count, Broadcaster::sent) }
}

/// How many receive now. 6: the end only receives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_broadcast_receivers(end: *mut lh_broadcast, count: *mut usize) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { tell_sender(end, count, Broadcaster::receivers) }
}

/// How many messages of a lossy broadcast this receiver has missed since it came: they lay before the one that it received
/// last. 6: the end only sends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_broadcast_missed(end: *mut lh_broadcast, count: *mut u64) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { tell_receiver(end, count, Subscriber::missed) }
}

/// How many messages were being written by senders that were killed meanwhile, since the broadcast was made: such a message
/// is never delivered. 6: the end only sends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_broadcast_lost(end: *mut lh_broadcast, count: *mut u64) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { tell_receiver(end, count, Subscriber::lost) }
}

/// Makes an object to wait for, as lh_channel_readable: signaled while there is a message, and when the sender has gone. It
/// counts as two of the 64 objects of a wait. 6: the end only sends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_broadcast_readable(end: *mut lh_broadcast, readable: *mut *mut lh_object) -> u32 {
    code_of(|| {
        let readable = place(readable)?;
        drop(BROADCASTS.receiving(end.addr())?);
        // SAFETY: a place.
        unsafe { write(readable, hand_out(lh_object::new(Target::Subscriber(end.addr())))) };
        Ok(())
    })
}

/// # Safety
/// See the top of the file.
unsafe fn tell_sender<V>(end: *mut lh_broadcast, to: *mut V, what: fn(&Broadcaster) -> V) -> u32 {
    code_of(|| {
        let to = place(to)?;
        let value = what(BROADCASTS.sending(end.addr())?.get());
        // SAFETY: a place.
        unsafe { write(to, value) };
        Ok(())
    })
}

/// # Safety
/// See the top of the file.
unsafe fn tell_receiver<V>(end: *mut lh_broadcast, to: *mut V, what: fn(&Subscriber) -> V) -> u32 {
    code_of(|| {
        let to = place(to)?;
        let value = what(BROADCASTS.receiving(end.addr())?.get());
        // SAFETY: a place.
        unsafe { write(to, value) };
        Ok(())
    })
}

/// # Safety
/// See the top of the file.
unsafe fn take(
    name: *const c_char,
    options: *const lh_broadcast_options,
    end: *mut *mut lh_broadcast,
    take: impl FnOnce(&BroadcastOptions, Name) -> Result<(Option<Broadcaster>, Option<Subscriber>)>,
) -> u32 {
    let enter = |options: Option<&lh_broadcast_options>, name| {
        // SAFETY: the contract is the same.
        let halves = take(&unsafe { translated(options) }?, name)?;
        BROADCASTS.enter(options.map_or(0, |options| options.type_size), halves)
    };
    // SAFETY: the contract is the same.
    unsafe { taking::take(name, options, end, enter) }
}

/// # Safety
/// See the top of the file.
unsafe fn translated(options: Option<&lh_broadcast_options>) -> Result<BroadcastOptions> {
    let mut made = BroadcastOptions::new();
    let Some(options) = options else { return Ok(made) };
    if options.capacity != 0 {
        made = made.capacity(options.capacity);
    }
    if options.max_message != 0 {
        made = made.max_message(options.max_message);
    }
    if options.receivers != 0 {
        made = made.receivers(options.receivers);
    }
    made = made.lossy(options.lossy).from_oldest(options.from_oldest);
    // SAFETY: the contract is the same.
    let kind = unsafe { Kind::new(options.type_size, options.type_alignment, options.type_name) }?;
    Ok(kind.set(made, BroadcastOptions::foreign_type, BroadcastOptions::type_name))
}

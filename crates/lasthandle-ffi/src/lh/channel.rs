//! Channels: their ends are taken and left here.
//!
//! # Safety
//! As in `mod.rs`; of a handle of an end nothing is asked, as it is not followed. Options are null or point to some, and a
//! type's name ends in NUL.
#![allow(unsafe_code)]

use std::ffi::c_char;

use lasthandle::channel::{ChannelOptions, Duplex, Receiver, Sender};
use lasthandle::{Name, Result};

use super::ends::{CHANNELS, Receiving, Sending};
use super::loan::Lender;
use super::object::{Target, lh_object};
use super::taking::{self, Kind};
use super::{code_of, hand_out, place, write};

/// An end of a channel. Unlike other pointers this is checked: one that was closed, or is no end, is refused with 6. One
/// thread at a time may send, and one receive; a second is refused with 170 and changes nothing.
pub struct lh_channel {
    _number: (),
}

/// How a channel is made, if there is none of the name yet; the type must be the same for all. All zeros are what null in
/// place of it means.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct lh_channel_options {
    /// Bytes for messages on their way, of each sender: rounded up to a power of two, to 4096, and to what two of the
    /// longest messages take. A message takes 64 bytes, or if it has more than 56, its length rounded up to a multiple of
    /// 64 and 64 more. 0: 65,536.
    pub capacity: usize,
    /// The longest message in bytes, less than 2 GiB; 0: 16,384, or the type's size.
    pub max_message: usize,
    /// How many may send at a time, at most 60; 0: one. Two-way channels have none to choose.
    pub senders: u32,
    /// The type of all messages: sizeof, and _Alignof, a power of two. 0: bytes of any number. A C program's 8 and 8 meet
    /// a Rust program's `Receiver<u64>`.
    pub type_alignment: u32,
    /// See above.
    pub type_size: usize,
    /// A name for the type, in UTF-8, to tell apart types of the same size and versions of one; null: none.
    pub type_name: *const c_char,
}

/// Takes a sending end of the channel of that name, which is made if there is none. Leave it with lh_channel_close; the
/// end of the process leaves it, too, however it ends, and the receiver learns of it at once. 231: as many living senders
/// as it is for have it; 1629: it carries another type, or is of another shape; 6: another object has the name, or a
/// mapping in which there is no channel; 87: the options make no sense.
///
/// Messages are kept for a receiver that has not come yet, and what is left when one goes is for its successor.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_channel_sender_create(
    name: *const c_char,
    options: *const lh_channel_options,
    end: *mut *mut lh_channel,
) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { take(name, options, end, |options, name| Ok(sending(options.sender(name)?))) }
}

/// The same, where the channel must be there: 2 if nothing has the name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_channel_sender_open(
    name: *const c_char,
    options: *const lh_channel_options,
    end: *mut *mut lh_channel,
) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { take(name, options, end, |options, name| Ok(sending(options.open_sender(name)?))) }
}

/// Takes the receiving end of the channel of that name, which is made if there is none. There is one at a time: 231, if a
/// living process has it. Otherwise as lh_channel_sender_create.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_channel_receiver_create(
    name: *const c_char,
    options: *const lh_channel_options,
    end: *mut *mut lh_channel,
) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { take(name, options, end, |options, name| Ok(receiving(options.receiver(name)?))) }
}

/// The same, where the channel must be there: 2 if nothing has the name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_channel_receiver_open(
    name: *const c_char,
    options: *const lh_channel_options,
    end: *mut *mut lh_channel,
) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { take(name, options, end, |options, name| Ok(receiving(options.open_receiver(name)?))) }
}

/// Takes an end of the two-way channel of that name, which is made if there is none: it sends to the other end and receives
/// from it, and one thread may do the one while another does the other. 231: two living processes have it. Otherwise as
/// lh_channel_sender_create.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_duplex_create(
    name: *const c_char,
    options: *const lh_channel_options,
    end: *mut *mut lh_channel,
) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { take(name, options, end, |options, name| Ok(both(options.duplex(name)?))) }
}

/// The same, where the channel must be there: 2 if nothing has the name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_duplex_open(
    name: *const c_char,
    options: *const lh_channel_options,
    end: *mut *mut lh_channel,
) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { take(name, options, end, |options, name| Ok(both(options.open_duplex(name)?))) }
}

/// Leaves an end: the other side learns of it at once. What was reserved there is not sent, and what was peeked at is
/// received. Null: nothing happens. 6: it was closed before; 170: another thread is using it, and it stays open.
#[unsafe(no_mangle)]
pub extern "C" fn lh_channel_close(end: *mut lh_channel) -> u32 {
    code_of(|| CHANNELS.close(end.addr()))
}

/// The longest message in bytes that the end sends. 6: it only receives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_channel_max_message(end: *mut lh_channel, bytes: *mut usize) -> u32 {
    code_of(|| {
        let bytes = place(bytes)?;
        let longest = CHANNELS.sending(end.addr())?.get().end()?.max_message();
        // SAFETY: a place.
        unsafe { write(bytes, longest) };
        Ok(())
    })
}

/// How many messages were being written by senders that were killed meanwhile, since the channel was made: such a message
/// is never delivered. 6: the end only sends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_channel_lost(end: *mut lh_channel, count: *mut u64) -> u32 {
    code_of(|| {
        let count = place(count)?;
        let lost = CHANNELS.receiving(end.addr())?.get().end()?.lost();
        // SAFETY: a place.
        unsafe { write(count, lost) };
        Ok(())
    })
}

/// Makes an object to wait for (lh_wait, lh_wait_any; not lh_wait_all, lh_signal_and_wait): signaled while the receiving
/// end has a message, and when all its senders have gone. Waiting takes nothing: receive afterwards. Close it with
/// lh_object_close; when the end was closed waiting for it is 6. 6: the end only sends.
///
/// It counts as two of the 64 objects of a wait, and one more for each further sender. During the wait no other thread may
/// receive: 170; and so the wait itself, while a message is peeked at.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_channel_readable(end: *mut lh_channel, readable: *mut *mut lh_object) -> u32 {
    code_of(|| {
        let readable = place(readable)?;
        drop(CHANNELS.receiving(end.addr())?);
        // SAFETY: a place.
        unsafe { write(readable, hand_out(lh_object::new(Target::Readable(end.addr())))) };
        Ok(())
    })
}

/// The same for a sending end: signaled while there is room for the longest message, and when the receiver has gone. 6: the
/// end only receives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_channel_writable(end: *mut lh_channel, writable: *mut *mut lh_object) -> u32 {
    code_of(|| {
        let writable = place(writable)?;
        drop(CHANNELS.sending(end.addr())?);
        // SAFETY: a place.
        unsafe { write(writable, hand_out(lh_object::new(Target::Writable(end.addr())))) };
        Ok(())
    })
}

type Halves = (Option<Sending>, Option<Receiving>);

fn sending(sender: Sender) -> Halves {
    (Some(Lender::new(sender)), None)
}

fn receiving(receiver: Receiver) -> Halves {
    (None, Some(Lender::new(receiver)))
}

fn both(duplex: Duplex) -> Halves {
    (Some(Lender::new(duplex.sender)), Some(Lender::new(duplex.receiver)))
}

/// # Safety
/// See the top of the file.
unsafe fn take(
    name: *const c_char,
    options: *const lh_channel_options,
    end: *mut *mut lh_channel,
    take: impl FnOnce(&ChannelOptions, Name) -> Result<Halves>,
) -> u32 {
    let enter = |options: Option<&lh_channel_options>, name| {
        // SAFETY: the contract is the same.
        let halves = take(&unsafe { translated(options) }?, name)?;
        CHANNELS.enter(options.map_or(0, |options| options.type_size), halves)
    };
    // SAFETY: the contract is the same.
    unsafe { taking::take(name, options, end, enter) }
}

/// # Safety
/// See the top of the file.
unsafe fn translated(options: Option<&lh_channel_options>) -> Result<ChannelOptions> {
    let mut made = ChannelOptions::new();
    let Some(&lh_channel_options { capacity, max_message, senders, type_alignment, type_size, type_name }) = options
    else {
        return Ok(made);
    };
    if capacity != 0 {
        made = made.capacity(capacity);
    }
    if max_message != 0 {
        made = made.max_message(max_message);
    }
    if senders != 0 {
        made = made.senders(senders);
    }
    // SAFETY: the contract is the same.
    let kind = unsafe { Kind::new(type_size, type_alignment, type_name) }?;
    Ok(kind.set(made, ChannelOptions::foreign_type, ChannelOptions::type_name))
}

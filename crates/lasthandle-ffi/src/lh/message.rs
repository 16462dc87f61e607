//! Messages, copied: one or several a call.
//!
//! # Safety
//! As in `channel.rs`; bytes lie where and as many as is said, and so do places for them.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::null_mut;
use std::slice::{from_raw_parts, from_raw_parts_mut};
use std::time::Instant;

use lasthandle::channel::{Message, Receiver, Sender};
use lasthandle::{Error, ErrorKind, Result, Timeout};

use super::channel::lh_channel;
use super::ends::{CHANNELS, Claim, Receiving};
use super::wait::after;
use super::{code_of, write};

/// What a call of a channel returns when its time was up. That is no failure: lh_error_message stays as it is.
pub const LH_TIME_IS_UP: u32 = 258;

/// A message to be sent.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct lh_bytes {
    /// Its first byte; may be null if the length is 0.
    pub start: *const c_void,
    /// How many bytes.
    pub length: usize,
}

/// Sends a message, copied; waits for room for so many nanoseconds (LH_FOREVER: as long as it takes; 0: not at all).
/// LH_TIME_IS_UP: nothing was sent. 109: the receiver has gone, and nothing was sent; 24: the message is longer than the
/// channel takes, or not of its type's size; 6: the end only receives; 170: another thread is sending there, or room is
/// reserved; 1392: a hostile peer spoiled the channel's memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_channel_send(
    end: *mut lh_channel,
    message: *const c_void,
    length: usize,
    timeout: u64,
) -> u32 {
    in_time(|| {
        let mut claim = CHANNELS.sending(end.addr())?;
        // SAFETY: so many bytes lie there.
        let message = unsafe { bytes(message, length) }?;
        of_size(claim.size, message.len())?;
        claim.get().end()?.send_timeout(message, after(timeout))
    })
}

/// Sends several messages, which are shown to the receiver together as far as there is room for them together. `sent`,
/// which may be null, becomes how many were sent, whatever is returned: LH_TIME_IS_UP if not all, or an error as from
/// lh_channel_send, of the first that was not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_channel_send_batch(
    end: *mut lh_channel,
    messages: *const lh_bytes,
    count: usize,
    timeout: u64,
    sent: *mut usize,
) -> u32 {
    let mut done = 0;
    let code = in_time(|| {
        let mut claim = CHANNELS.sending(end.addr())?;
        if messages.is_null() && count != 0 {
            return Err(no_bytes());
        }
        let messages = if count == 0 {
            &[]
        } else {
            // SAFETY: so many lie there.
            unsafe { from_raw_parts(messages, count) }
        };
        let size = claim.size;
        // SAFETY: the contract is the same.
        let (good, wrong) = unsafe { good(messages, size) };
        send_all(claim.get().end()?, &good, after(timeout), &mut done)?;
        if done < good.len() { Ok(false) } else { wrong.map_or(Ok(true), Err) }
    });
    // SAFETY: a place, or null.
    unsafe { write(sent, done) };
    code
}

/// The messages before the first that cannot be sent, and why it cannot.
///
/// # Safety
/// See the top of the file.
unsafe fn good<'a>(messages: &[lh_bytes], size: usize) -> (Vec<&'a [u8]>, Option<Error>) {
    let mut good = Vec::with_capacity(messages.len());
    for message in messages {
        // SAFETY: so many bytes lie there.
        match unsafe { bytes(message.start, message.length) }
            .and_then(|bytes| of_size(size, bytes.len()).map(|()| bytes))
        {
            Ok(bytes) => good.push(bytes),
            Err(wrong) => return (good, Some(wrong)),
        }
    }
    (good, None)
}

/// As many as go at once, then one that waits, and again.
fn send_all(sender: &mut Sender, messages: &[&[u8]], timeout: Timeout, done: &mut usize) -> Result<()> {
    let deadline = Deadline::new(timeout);
    while *done < messages.len() {
        let before = *done;
        // What cannot be sent is told by itself, after what was sent before it.
        let longest = sender.max_message();
        let fitting = messages[before..].iter().copied().take_while(|message| message.len() <= longest);
        let mut tried = 0;
        let sent = sender.try_send_batch(fitting.inspect(|_| tried += 1));
        // What came before the one that failed was sent.
        *done += *sent.as_ref().unwrap_or(&(tried - 1));
        sent?;
        let Some(next) = messages.get(*done) else { break };
        if !sender.send_timeout(next, deadline.left())? {
            break;
        }
        *done += 1;
    }
    Ok(())
}

/// Receives a message, copied to `into`; waits for it for so many nanoseconds. `length`, which may be null, becomes its
/// bytes. 234: it has more than `capacity`; `length` says how many, and it stays the next one, with what it needs to be
/// received. LH_TIME_IS_UP: there was none. 109: all senders have gone, and all that they sent was received; another that
/// comes makes it good again. 6: the end only sends; 170: another thread is receiving there, or a message is peeked at;
/// 1392: a hostile peer spoiled the channel's memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_channel_receive(
    end: *mut lh_channel,
    into: *mut c_void,
    capacity: usize,
    length: *mut usize,
    timeout: u64,
) -> u32 {
    in_time(|| {
        let mut claim = CHANNELS.receiving(end.addr())?;
        // SAFETY: there is so much room.
        let into = unsafe { room(into, capacity) }?;
        // SAFETY: a place, or null.
        receive(&mut claim, into, after(timeout), |found| unsafe { write(length, found) })
    })
}

/// Receives up to `most` messages: waits for the first, and takes what is there with it. Message i lies at `into` + i *
/// `stride`, and has `lengths`[i] bytes (`lengths` may be null). `count` becomes how many they are, whatever is returned: 0
/// if there is at least one, also if a later one has more than `stride` bytes, and so stays the next one; else as
/// lh_channel_receive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_channel_receive_batch(
    end: *mut lh_channel,
    into: *mut c_void,
    stride: usize,
    lengths: *mut usize,
    most: usize,
    count: *mut usize,
    timeout: u64,
) -> u32 {
    let mut done = 0;
    let code = in_time(|| {
        let mut claim = CHANNELS.receiving(end.addr())?;
        let whole = stride.checked_mul(most).ok_or_else(no_bytes)?;
        // SAFETY: there is so much room.
        let into = unsafe { room(into, whole) }?;
        while done < most {
            let timeout = if done == 0 { after(timeout) } else { Timeout::Now };
            let place = if lengths.is_null() { null_mut() } else { lengths.wrapping_add(done) };
            let into = &mut into[done * stride..(done + 1) * stride];
            // SAFETY: there are `most` places, or it is null.
            match receive(&mut claim, into, timeout, |found| unsafe { write(place, found) }) {
                Ok(true) => done += 1,
                // The next call tells what ended this one.
                _ if done > 0 => break,
                nothing => return nothing,
            }
        }
        Ok(true)
    });
    // SAFETY: a place, or null.
    unsafe { write(count, done) };
    code
}

/// Sends a request at a two-way end and receives the reply, the next message from the other side: each waits for so many
/// nanoseconds. LH_TIME_IS_UP: if the request was sent, the reply is the next message yet; who goes on after that must tell
/// replies apart. 109: the other side went before it replied. 234: the reply is too long for `capacity`, and to be received
/// by lh_channel_receive. Otherwise as lh_channel_send and lh_channel_receive.
///
/// The other side answers by lh_channel_receive and lh_channel_send.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_duplex_call(
    end: *mut lh_channel,
    request: *const c_void,
    request_length: usize,
    reply: *mut c_void,
    capacity: usize,
    reply_length: *mut usize,
    timeout: u64,
) -> u32 {
    in_time(|| {
        let mut sending = CHANNELS.sending(end.addr())?;
        let mut receiving = CHANNELS.receiving(end.addr())?;
        receiving.get().end()?;
        // SAFETY: so many bytes lie there.
        let request = unsafe { bytes(request, request_length) }?;
        // SAFETY: there is so much room.
        let reply = unsafe { room(reply, capacity) }?;
        of_size(sending.size, request.len())?;
        if !sending.get().end()?.send_timeout(request, after(timeout))? {
            return Ok(false);
        }
        // SAFETY: a place, or null.
        receive(&mut receiving, reply, after(timeout), |found| unsafe { write(reply_length, found) })
    })
}

fn receive(claim: &mut Claim<Receiving>, into: &mut [u8], timeout: Timeout, tell: impl FnOnce(usize)) -> Result<bool> {
    let size = claim.size;
    let Some(message) = next(claim.get().end()?, size, timeout)? else { return Ok(false) };
    let length = message.len();
    tell(length);
    let Some(into) = into.get_mut(..length) else {
        // Forgotten, it is not consumed.
        std::mem::forget(message);
        return Err(more_data(length));
    };
    message.read_at(0, into)?;
    Ok(true)
}

/// What `copy` copies of an end whose messages have `size` bytes (0: any number), to where there is room for `capacity`; it
/// asks of each length that it finds whether that may be copied, of the right one last. The length is told if it was copied,
/// or if there is no room for it.
pub(super) fn copied<V>(
    size: usize,
    capacity: usize,
    tell: impl FnOnce(usize),
    copy: impl FnOnce(&mut dyn FnMut(usize) -> Result<()>) -> Result<Option<V>>,
) -> Result<Option<V>> {
    let mut found = None;
    let copied = copy(&mut |length| {
        found = None;
        right(size, length)?;
        found = Some(length);
        if length > capacity { Err(more_data(length)) } else { Ok(()) }
    });
    // Any other error says nothing of a length.
    let told = copied.as_ref().map_or_else(is_more_data, Option::is_some);
    if let Some(length) = found.filter(|_| told) {
        tell(length);
    }
    copied
}

/// The next message, if it has the size that all have.
pub(super) fn next(receiver: &mut Receiver, size: usize, timeout: Timeout) -> Result<Option<Message<'_>>> {
    let message = receiver.recv_ref_timeout(timeout)?;
    if let Some(message) = &message {
        right(size, message.len())?;
    }
    Ok(message)
}

/// Whether that is the length of what was sent where all has the same size, or any (0).
#[inline]
fn right(size: usize, length: usize) -> Result<()> {
    if size == 0 || length == size {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Damaged).detail("a message has another length than its type"))
}

/// Whether a message of that length may be sent where all have the same size, or any (0).
#[inline]
pub(super) fn of_size(size: usize, length: usize) -> Result<()> {
    if size == 0 || length == size {
        return Ok(());
    }
    Err(Error::new(ErrorKind::TooLong)
        .detail(format!("messages of this type have {size} bytes, neither more nor less")))
}

/// The body of a call that waits: `false` is that the time was up.
#[inline]
pub(super) fn in_time(body: impl FnOnce() -> Result<bool>) -> u32 {
    let mut late = false;
    let code = code_of(|| {
        late = !body()?;
        Ok(())
    });
    if late { LH_TIME_IS_UP } else { code }
}

/// Until when a call of several steps waits.
enum Deadline {
    At(Instant),
    Fixed(Timeout),
}

impl Deadline {
    fn new(timeout: Timeout) -> Self {
        match timeout {
            Timeout::After(time) => Instant::now().checked_add(time).map_or(Self::Fixed(Timeout::Never), Self::At),
            fixed => Self::Fixed(fixed),
        }
    }

    fn left(&self) -> Timeout {
        match *self {
            Self::At(time) => time.into(),
            Self::Fixed(timeout) => timeout,
        }
    }
}

/// # Safety
/// See the top of the file.
#[inline]
pub(super) unsafe fn bytes<'a>(start: *const c_void, length: usize) -> Result<&'a [u8]> {
    if length == 0 {
        return Ok(&[]);
    }
    if start.is_null() || isize::try_from(length).is_err() {
        return Err(no_bytes());
    }
    // SAFETY: not null, and so many bytes lie there.
    Ok(unsafe { from_raw_parts(start.cast(), length) })
}

/// # Safety
/// See the top of the file.
#[inline]
pub(super) unsafe fn room<'a>(start: *mut c_void, length: usize) -> Result<&'a mut [u8]> {
    if length == 0 {
        return Ok(&mut []);
    }
    if start.is_null() || isize::try_from(length).is_err() {
        return Err(no_bytes());
    }
    // SAFETY: not null, and there is so much room, which no other thread uses meanwhile.
    Ok(unsafe { from_raw_parts_mut(start.cast(), length) })
}

#[cold]
fn no_bytes() -> Error {
    Error::new(ErrorKind::InvalidParameter)
        .detail("the pointer to the bytes is null, or there are more than any memory has")
}

/// Windows' own code for it.
const ERROR_MORE_DATA: u32 = 234;

#[cold]
fn more_data(length: usize) -> Error {
    Error::new(ErrorKind::TooLong).detail(format!("it has {length} bytes: no room for it")).code(ERROR_MORE_DATA)
}

fn is_more_data(error: &Error) -> bool {
    error.windows_code() == ERROR_MORE_DATA
}

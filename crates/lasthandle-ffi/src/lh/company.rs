//! Waiting for the other side itself: until it has come, and until it has taken everything.
//!
//! # Safety
//! As in `channel.rs`; only the exported names are unsafe here.
#![allow(unsafe_code)]

use super::broadcast::lh_broadcast;
use super::channel::lh_channel;
use super::ends::{BROADCASTS, CHANNELS, LATEST};
use super::latest::lh_latest;
use super::message::in_time;
use super::wait::after;

/// Waits for so many nanoseconds until the receiver has received everything that was sent; for one that has not come yet,
/// too. A channel goes with its last end, and what was not received goes with it: a program that sends and ends waits here
/// first. LH_TIME_IS_UP: it has not. 109: the receiver has gone, and left something for the next one; 6: the end only
/// receives; 170: another thread is sending there, or room is reserved; 1392: a hostile peer spoiled the channel's memory.
#[unsafe(no_mangle)]
pub extern "C" fn lh_channel_wait_received(end: *mut lh_channel, timeout: u64) -> u32 {
    in_time(|| CHANNELS.sending(end.addr())?.get().end()?.wait_received(after(timeout)))
}

/// Waits for so many nanoseconds until there is a receiver: after 109, another one. LH_TIME_IS_UP: none came. 6: the end
/// only receives; 170: another thread is sending there, or room is reserved.
#[unsafe(no_mangle)]
pub extern "C" fn lh_channel_wait_receiver(end: *mut lh_channel, timeout: u64) -> u32 {
    in_time(|| CHANNELS.sending(end.addr())?.get().end()?.wait_for_receiver(after(timeout)))
}

/// Waits for so many nanoseconds until there is a sender, or a message that one left: for who goes on after 109.
/// LH_TIME_IS_UP: none came. 6: the end only sends; 170: another thread is receiving there, or a message is peeked at.
#[unsafe(no_mangle)]
pub extern "C" fn lh_channel_wait_sender(end: *mut lh_channel, timeout: u64) -> u32 {
    in_time(|| CHANNELS.receiving(end.addr())?.get().end()?.wait_for_sender(after(timeout)))
}

/// Waits for so many nanoseconds until there is a sender, or a message that one left: for who goes on after 109.
/// LH_TIME_IS_UP: none came. 6: the end only sends; 170: another thread is receiving there.
#[unsafe(no_mangle)]
pub extern "C" fn lh_broadcast_wait_sender(end: *mut lh_broadcast, timeout: u64) -> u32 {
    in_time(|| BROADCASTS.receiving(end.addr())?.get().wait_for_sender(after(timeout)))
}

/// Waits for so many nanoseconds until there is a writer, or a value newer than the one read last: for who goes on after
/// 109. LH_TIME_IS_UP: neither. 6: the end only writes; 170: another thread is reading there; 231: all places to wait are
/// taken.
#[unsafe(no_mangle)]
pub extern "C" fn lh_latest_wait_writer(end: *mut lh_latest, timeout: u64) -> u32 {
    in_time(|| LATEST.receiving(end.addr())?.get().wait_for_writer(after(timeout)))
}

//! Channels: messages between processes, over a named mapping, at the speed of the cache line.
//!
//! | | who | what |
//! |---|---|---|
//! | [`Sender`], [`Receiver`] | one or several send, one receives | a bounded queue, in order, each message once |
//! | [`Duplex`] | two, both ways | the same twice; request and reply |
//! | [`Broadcaster`], [`Subscriber`] | one sends, many receive | a log of the last messages, each to all |
//! | [`LatestWriter`], [`LatestReader`] | one writes, any number read | the current value, and its version |
//!
//! They have names, lifetimes and crash behaviour like every object here: found by name, gone with the last handle, and a
//! peer that was killed is noticed by who waits for it at once. A message is delivered whole or not at all.
//!
//! An end belongs to the process that took it. A child of `fork` opens its own: what it would send by its parent's is
//! overwritten by what the parent sends. Dropping its parent's ends there does nothing.
//!
//! A wait looks for some microseconds before it sleeps, and a call makes a system call only to sleep, or to wake who does.
//!
//! ```
//! use lasthandle::channel::{Receiver, Sender};
//!
//! # fn main() -> lasthandle::Result<()> {
//! # let name = &*format!("Local\\doc-numbers-{}", std::process::id());
//! # #[cfg(any())]
//! let name = "Local\\Numbers";
//! let mut sender = Sender::<u64>::create(name)?; // in one process
//! sender.send(&42)?;
//!
//! let mut receiver = Receiver::<u64>::create(name)?; // in another
//! assert_eq!(receiver.recv()?, 42);
//! # Ok(())
//! # }
//! ```
//!
//! How it works, and why: `docs/design/channels.md`. What lies where: `docs/format.md`.

mod broadcast_options;
mod broadcaster;
mod company;
mod duplex;
mod end;
mod follow;
mod latest;
#[doc(hidden)]
pub mod latest_cell;
mod latest_options;
mod layout;
#[doc(hidden)]
pub mod log;
#[doc(hidden)]
pub mod memory;
mod message;
mod options;
mod payload;
mod peek;
mod receiver;
#[doc(hidden)]
pub mod record;
#[doc(hidden)]
pub mod ring;
mod rx;
#[doc(hidden)]
pub mod seat;
mod section;
mod sender;
mod sleepers;
mod subscriber;
mod tap;
#[cfg(test)]
mod tests;
mod tx;
pub(crate) mod wait;

pub use broadcast_options::BroadcastOptions;
pub use broadcaster::Broadcaster;
pub use duplex::Duplex;
pub use latest::{LatestReader, LatestWriter, Version};
pub use latest_options::LatestOptions;
pub use message::{Message, Slot};
pub use options::ChannelOptions;
pub use payload::Payload;
pub use receiver::Receiver;
pub use sender::Sender;
pub use subscriber::Subscriber;
pub use tap::{ChannelInfo, EndInfo, LaneInfo, Presence, Role, Sighting, Tap};
pub use wait::{Readable, Writable};

use crate::error::{Error, ErrorKind};

// The format's words are as this machine has them.
const _: () =
    assert!(usize::BITS == 64 && cfg!(target_endian = "little"), "channels are for 64-bit little-endian systems");

/// Pauses between two looks at a ring: a look in the middle of a line's journey takes it back from who is about to write.
const LOOK: u32 = 8;

#[cold]
fn damaged() -> Error {
    Error::new(ErrorKind::Damaged)
        .detail("a peer wrote into the channel's memory what no peer writes")
        .cure("close all ends of it, find that program, and make the channel anew")
}

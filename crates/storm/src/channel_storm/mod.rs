//! Senders and receivers of one channel, killed at random. Each message must arrive whole, once and in its sender's
//! order, or be of the one call in which its sender died.
//!
//! A receiver writes down what it saw before it consumes it, and what it consumed after: so the next one knows which
//! messages it may meet again. A sender does the same with what it sends. In the end all senders are killed, a last
//! receiver empties the channel, and the notes are compared.
//!
//! The same of broadcasts and latest values, which have one sender and many receivers (`cast.rs`): what a receiver sees
//! follows what it saw before, but for what it is told that it missed.

mod actor;
mod board;
mod cast;
pub(crate) mod message;
mod shape;
mod supervisor;

pub use actor::act;
pub use shape::Shape;
pub use supervisor::{ChannelStorm, Report, command};

/// The channel.
const NAME: &str = "storm-channel";
/// One more than of the many ends at a time: a dead one may be said to run for a little longer.
const LANES: u32 = 4;

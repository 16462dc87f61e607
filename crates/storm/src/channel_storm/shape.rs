//! What a storm is about, and who takes part.

use lasthandle::Mapping;
use lasthandle::channel::{BroadcastOptions, ChannelOptions, LatestOptions};

use super::LANES;
use super::message::LONGEST;

/// The shapes of channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Several send, one receives.
    Queue,
    /// One sends, several receive everything.
    Broadcast,
    /// One sends, several receive what they can.
    Lossy,
    /// One writes, several read the current value.
    Latest,
}

impl Shape {
    const ALL: [Self; 4] = [Self::Queue, Self::Broadcast, Self::Lossy, Self::Latest];

    /// The shape of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Broadcast => "broadcast",
            Self::Lossy => "lossy",
            Self::Latest => "latest",
        }
    }

    /// What the only one of its kind does.
    pub(super) fn one(self) -> &'static str {
        match self {
            Self::Queue => "receives",
            Self::Broadcast | Self::Lossy => "broadcasts",
            Self::Latest => "writes",
        }
    }

    /// What the others do.
    pub(super) fn many(self) -> &'static str {
        match self {
            Self::Queue => "sends",
            Self::Broadcast | Self::Lossy => "subscribes",
            Self::Latest => "reads",
        }
    }

    /// What those do who receive.
    pub(super) fn receives(self) -> &'static str {
        if self == Self::Queue { self.one() } else { self.many() }
    }

    /// Makes the channel. This process keeps it as a mapping, to its end, and has no end of it.
    pub(crate) fn make(self, name: &str) -> lasthandle::Result<()> {
        let end: Box<dyn std::any::Any> = match self {
            Self::Queue => Box::new(queue().sender::<[u8]>(name)?),
            Self::Broadcast | Self::Lossy => Box::new(log().lossy(self == Self::Lossy).sender::<[u8]>(name)?),
            Self::Latest => Box::new(value().writer::<[u8]>(name)?),
        };
        std::mem::forget(Mapping::open(name)?);
        drop(end);
        Ok(())
    }
}

pub(super) fn queue() -> ChannelOptions {
    ChannelOptions::new().senders(LANES).capacity(1 << 15).max_message(LONGEST)
}

/// Whether it is lossy is its maker's choice.
pub(super) fn log() -> BroadcastOptions {
    BroadcastOptions::new().receivers(LANES).capacity(1 << 15).max_message(LONGEST)
}

pub(super) fn value() -> LatestOptions {
    LatestOptions::new().waiting_readers(LANES).max_value(LONGEST)
}

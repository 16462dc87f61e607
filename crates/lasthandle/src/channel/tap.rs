//! Looking at a channel without taking part in it.

use std::fmt;
use std::sync::atomic::Ordering::Acquire;

use super::follow::{Follower, Seen};
use super::layout::{EndAt, Form, Layout, PAGE};
use super::memory::Memory;
use super::peek::Peek;
use super::ring::{Damaged, Reader, Ring};
use super::{damaged, seat, section};
use crate::access::Access;
use crate::error::{Error, Result};
use crate::mapping::Mapping;
use crate::name::Name;
use crate::sys::Platform;
use crate::sys::end::EndKernel;

/// Watches a channel, of whatever type: who has its ends, what lies in it, and what passes. It takes no end, consumes
/// nothing, and maps the memory so that it cannot write there; the two sides do not know of it. Like every handle, though,
/// it keeps the channel.
///
/// Nobody waits for it, so it may miss messages, and then says how many bytes. What it shows is whole, but in one rare
/// case: a sender was writing a batch of more than half the capacity just then. Nothing important should rest on a tap.
///
/// ```
/// use lasthandle::channel::{Receiver, Sender, Sighting, Tap};
/// # fn main() -> lasthandle::Result<()> {
/// # let name = &format!("Local\\doc-tap-{}", std::process::id());
/// let mut sender = Sender::<[u8]>::create(name)?;
/// let mut tap = Tap::open(name)?; // in another process
/// sender.send(b"hello")?;
/// let seen = tap.look()?;
/// assert_eq!(seen, [Sighting::Message { lane: 0, bytes: b"hello".to_vec() }]);
/// assert_eq!(Receiver::<[u8]>::open(name)?.recv()?, b"hello");
/// # Ok(())
/// # }
/// ```
pub struct Tap {
    name: Name,
    layout: Layout,
    followers: Vec<Follower>,
    memory: Peek,
    mapping: Mapping,
}

/// A channel at one moment. What a hostile peer wrote there may be any number, but nothing worse.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelInfo {
    /// Which of the shapes it has: `channel`, `duplex`, `broadcast` or `latest`.
    pub form: &'static str,
    /// Bytes of each ring.
    pub capacity: u64,
    /// The longest message in bytes.
    pub max_message: u64,
    /// Bytes of each message; none: they have any length.
    pub message_size: Option<u64>,
    /// Who sends and receives.
    pub ends: Vec<EndInfo>,
    /// The ways between them.
    pub lanes: Vec<LaneInfo>,
}

/// An end of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndInfo {
    /// What it does.
    pub role: Role,
    /// Whether somebody has it.
    pub presence: Presence,
    /// The number of the process that has it, or had it last.
    pub process: Option<u32>,
    /// How often it was taken.
    pub taken: u64,
    /// Whether it sleeps.
    pub sleeps: bool,
    /// How many messages were being written here by processes that were killed.
    pub lost: u64,
}

/// What an end does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// It sends.
    Sends,
    /// It receives.
    Receives,
    /// It does both: of a duplex channel.
    Both,
}

/// Whether an end has somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Nobody has ever had it.
    Never,
    /// A living process has it.
    Here,
    /// Who had it has closed it, or has died.
    Gone,
}

/// One way, from an end to an end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LaneInfo {
    /// The index of the end that sends.
    pub from: u32,
    /// The index of the end that receives.
    pub to: u32,
    /// Messages that were sent and not received yet; none: a hostile peer wrote there, or it moved too fast to be counted.
    pub messages: Option<u64>,
    /// What they take of the capacity, in bytes.
    pub bytes: Option<u64>,
    /// Bytes of the stream that were received since the channel was made.
    pub received: Option<u64>,
}

/// What a tap saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    /// A message.
    Message {
        /// The index of the lane on which it went; of a broadcast 0.
        lane: u32,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Something passed unseen.
    Skipped {
        /// The index of the lane.
        lane: u32,
        /// What it took of the capacity.
        bytes: u64,
    },
}

impl Tap {
    /// Looks at the channel of that name. What passes is followed from the first message on that was not received yet.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound); [`WrongKind`](crate::ErrorKind::WrongKind): something else than a channel
    /// has the name; [`VersionMismatch`](crate::ErrorKind::VersionMismatch); [`Damaged`](crate::ErrorKind::Damaged).
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        let name = name.try_into().map_err(Into::into)?;
        Self::attach(&name).map_err(|error| error.during("look at channel", Some(name.to_string())))
    }

    fn attach(name: &Name) -> Result<Self> {
        let mapping = Mapping::options().access(Access::READ).open(name.clone()).map_err(Error::of_a_step)?;
        if mapping.size() < PAGE as u64 {
            return Err(section::no_channel());
        }
        let memory = Peek::map(&mapping)?;
        let layout = section::layout(&memory, memory.length())?;
        let follow = |ring| Follower::new(ring, &memory).map_err(|Damaged| damaged());
        let followers = streams(&layout).into_iter().map(follow).collect::<Result<_>>()?;
        Ok(Self { name: name.clone(), layout, followers, memory, mapping })
    }

    /// What has passed since the last look, or lay there at the first one.
    ///
    /// # Errors
    /// [`Damaged`](crate::ErrorKind::Damaged): a hostile peer wrote into the channel's memory.
    pub fn look(&mut self) -> Result<Vec<Sighting>> {
        let mut sightings = Vec::new();
        for (lane, follower) in (0..).zip(&mut self.followers) {
            let seen = follower.look(&self.memory, |seen| {
                sightings.push(match seen {
                    Seen::Message(bytes) => Sighting::Message { lane, bytes },
                    Seen::Skipped(bytes) => Sighting::Skipped { lane, bytes },
                });
            });
            seen.map_err(|Damaged| damaged().during("look at channel", Some(self.name.to_string())))?;
        }
        Ok(sightings)
    }

    /// The channel as it is now.
    pub fn info(&self) -> ChannelInfo {
        let layout = &self.layout;
        ChannelInfo {
            form: layout.form.name(),
            capacity: layout.capacity,
            max_message: layout.longest,
            message_size: Some(layout.fingerprint.size).filter(|&size| size > 0),
            ends: (0..layout.ends).map(|index| self.end(index)).collect(),
            lanes: (0..layout.lanes).map(|index| self.lane(index)).collect(),
        }
    }

    fn end(&self, index: u32) -> EndInfo {
        let (memory, at) = (&self.memory, EndAt::new(index));
        let load = |at| memory.load(at, Acquire);
        let (token, taken) = (load(at.token), load(at.generation));
        let presence = match token {
            0 if taken == 0 => Presence::Never,
            0 => Presence::Gone,
            _ if Platform::default().is_alive(self.mapping.handle(), token) => Presence::Here,
            _ => Presence::Gone,
        };
        EndInfo {
            role: role(self.layout.form, index),
            presence,
            process: u32::try_from(load(at.process)).ok().filter(|&process| process != 0),
            taken,
            sleeps: presence == Presence::Here && load(at.waiting) & seat::SLEEPS != 0,
            lost: load(at.lost),
        }
    }

    fn lane(&self, index: u32) -> LaneInfo {
        let (from, to) = match self.layout.form {
            Form::Channel => (index + 1, 0),
            Form::Duplex => (index, 1 - index),
            Form::Broadcast | Form::Latest => (0, index + 1),
        };
        let ring = self.layout.ring(index);
        let content = content(ring, &self.memory);
        LaneInfo {
            from,
            to,
            messages: content.map(|(messages, _)| messages),
            bytes: content.map(|(_, bytes)| bytes),
            received: ring.cursor(&self.memory).ok(),
        }
    }
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tap").field("name", &self.name.to_string()).finish_non_exhaustive()
    }
}

/// What can be followed: a ring for each lane, or the one log of a broadcast.
fn streams(layout: &Layout) -> Vec<Ring> {
    match layout.form {
        Form::Channel | Form::Duplex => (0..layout.lanes).map(|lane| layout.ring(lane)).collect(),
        Form::Broadcast => vec![layout.log().ring],
        Form::Latest => Vec::new(),
    }
}

fn role(form: Form, index: u32) -> Role {
    match (form, index) {
        (Form::Duplex, _) => Role::Both,
        (Form::Channel, 0) => Role::Receives,
        (Form::Channel, _) | (Form::Broadcast | Form::Latest, 0) => Role::Sends,
        (Form::Broadcast | Form::Latest, _) => Role::Receives,
    }
}

/// Messages in a ring, and their bytes.
fn content(ring: Ring, memory: &Peek) -> Option<(u64, u64)> {
    let cursor = ring.cursor(memory).ok()?;
    let (mut reader, mut messages) = (Reader::at(ring, cursor), 0);
    while let Some(found) = reader.look(memory).ok()? {
        reader.pass(found);
        messages += 1;
        if reader.position() - cursor > ring.capacity as u64 {
            return None;
        }
    }
    Some((messages, reader.position() - cursor))
}

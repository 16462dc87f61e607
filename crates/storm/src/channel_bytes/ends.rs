//! The ends of a channel of any shape, and the calls to them that bytes choose.

use std::time::Duration;

use lasthandle::channel::{
    BroadcastOptions, Broadcaster, ChannelOptions, Duplex, LatestOptions, LatestReader, LatestWriter, Receiver, Sender,
    Subscriber,
};
use lasthandle::{Error, Timeout, Waitable};

use super::{Input, NAME};

const LONGEST: usize = 500;
const CAPACITY: usize = 4096;
const SHORT: Duration = Duration::from_micros(20);

/// What is made under the name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    Queue { senders: u32 },
    Duplex,
    Broadcast { lossy: bool },
    Latest,
}

impl Shape {
    pub(super) fn chosen(by: u8) -> Self {
        match by % 7 {
            0 => Self::Duplex,
            1 => Self::Broadcast { lossy: false },
            2 => Self::Broadcast { lossy: true },
            3 => Self::Latest,
            more => Self::Queue { senders: u32::from(more) - 3 },
        }
    }

    fn queue(self) -> ChannelOptions {
        let senders = if let Self::Queue { senders } = self { senders } else { 1 };
        ChannelOptions::new().capacity(CAPACITY).max_message(LONGEST).senders(senders)
    }

    fn log(lossy: bool) -> BroadcastOptions {
        BroadcastOptions::new().capacity(CAPACITY).max_message(LONGEST).receivers(3).lossy(lossy).from_oldest(lossy)
    }

    fn value() -> LatestOptions {
        LatestOptions::new().max_value(LONGEST)
    }

    /// Makes the channel, or attaches to what is there.
    pub(super) fn giver(self, make: bool) -> Result<Giver, Error> {
        let queue = self.queue();
        Ok(match (self, make) {
            (Self::Queue { .. }, true) => Giver::Sender(queue.sender(NAME)?),
            (Self::Queue { .. }, false) => Giver::Sender(queue.open_sender(NAME)?),
            (Self::Duplex, true) => Giver::Duplex(queue.duplex(NAME)?),
            (Self::Duplex, false) => Giver::Duplex(queue.open_duplex(NAME)?),
            (Self::Broadcast { lossy }, true) => Giver::Broadcaster(Self::log(lossy).sender(NAME)?),
            (Self::Broadcast { lossy }, false) => Giver::Broadcaster(Self::log(lossy).open_sender(NAME)?),
            (Self::Latest, true) => Giver::Writer(Self::value().writer(NAME)?),
            (Self::Latest, false) => Giver::Writer(Self::value().open_writer(NAME)?),
        })
    }

    /// Attaches to what is there. Both ends of a duplex are alike.
    pub(super) fn taker(self) -> Result<Taker, Error> {
        Ok(match self {
            Self::Queue { .. } => Taker::Receiver(self.queue().open_receiver(NAME)?),
            Self::Duplex => Taker::Duplex(self.queue().open_duplex(NAME)?),
            Self::Broadcast { lossy } => Taker::Subscriber(Self::log(lossy).open_receiver(NAME)?),
            Self::Latest => Taker::Reader(Self::value().open_reader(NAME)?),
        })
    }
}

/// An end that sends.
pub(super) enum Giver {
    Sender(Sender),
    Duplex(Duplex),
    Broadcaster(Broadcaster),
    Writer(LatestWriter),
}

impl Giver {
    pub(super) fn send(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        let message = vec![input.byte(); input.short() % (LONGEST + 20)];
        let how = input.byte();
        match self {
            Self::Sender(sender) => send(sender, &message, how, input),
            Self::Duplex(both) => send(&mut both.sender, &message, how, input),
            Self::Broadcaster(sender) if how % 2 == 0 => sender.try_send(&message).map(drop),
            Self::Broadcaster(sender) => sender.send_timeout(&message, SHORT).map(drop),
            Self::Writer(writer) => writer.write(&message).map(drop),
        }
    }
}

fn send(sender: &mut Sender, message: &[u8], how: u8, input: &mut Input<'_>) -> Result<(), Error> {
    match how % 6 {
        0 | 1 => sender.try_send(message).map(drop),
        2 => sender.try_send_batch([message, &[5; 8], &[6; 100]]).map(drop),
        3 => sender.send_timeout(message, SHORT).map(drop),
        4 => sender.writable().wait(Timeout::Now).map(drop),
        _ => match sender.reserve_timeout(message.len(), Timeout::Now)? {
            None => Ok(()),
            Some(mut slot) => {
                slot.write_at(0, message)?;
                slot.commit(usize::from(input.byte()))
            }
        },
    }
}

/// An end that receives.
pub(super) enum Taker {
    Receiver(Receiver),
    Duplex(Duplex),
    Subscriber(Subscriber),
    Reader(LatestReader),
}

impl Taker {
    /// The length of the longest message that was received.
    pub(super) fn receive(&mut self, how: u8) -> Result<usize, Error> {
        let length = |message: Option<Vec<u8>>| message.map_or(0, |message| message.len());
        match self {
            Self::Receiver(receiver) => receive(receiver, how),
            Self::Duplex(both) => receive(&mut both.receiver, how),
            Self::Subscriber(receiver) => match how % 4 {
                0 | 1 => receiver.try_recv().map(length),
                2 => receiver.recv_timeout(SHORT).map(length),
                _ => receiver.readable().wait(Timeout::Now).map(|_| 0),
            },
            Self::Reader(reader) => match how % 4 {
                0 => reader.read().map(|version| length(version.map(|version| version.value))),
                1 => reader.try_next().map(|version| length(version.map(|version| version.value))),
                2 => reader.next_timeout(SHORT).map(|version| length(version.map(|version| version.value))),
                _ => reader.readable()?.wait(Timeout::Now).map(|_| 0),
            },
        }
    }
}

fn receive(receiver: &mut Receiver, how: u8) -> Result<usize, Error> {
    let mut most = 0;
    match how % 6 {
        0 | 1 => most = receiver.try_recv()?.map_or(0, |message| message.len()),
        2 => drop(receiver.try_recv_batch(20, |message| most = most.max(message.len()))?),
        3 => most = receiver.recv_timeout(SHORT)?.map_or(0, |message| message.len()),
        4 => drop(receiver.readable().wait(Timeout::Now)?),
        _ => most = receiver.recv_ref_timeout(Timeout::Now)?.map_or(0, |message| message.to_vec().len()),
    }
    Ok(most)
}

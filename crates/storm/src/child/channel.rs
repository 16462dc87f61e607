//! Commands about ends of channels.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use lasthandle::channel::{
    BroadcastOptions, Broadcaster, ChannelOptions, Duplex, LatestOptions, LatestReader, LatestWriter, Receiver, Sender,
    Subscriber,
};
use lasthandle::{Error, Mapping};

use super::{Answer, Refused, Session, Words, check};
use crate::channel_storm::{Shape, message};
use crate::noise::Noise;

/// An end of this process.
#[derive(Debug)]
pub(crate) enum End {
    Sender(Sender),
    Receiver(Receiver),
    Duplex(Duplex),
    Broadcaster(Broadcaster),
    Subscriber(Subscriber),
    Writer(LatestWriter),
    Reader(LatestReader),
}

impl End {
    fn sender(&mut self) -> Result<&mut Sender, Refused> {
        match self {
            Self::Sender(sender) => Ok(sender),
            Self::Duplex(both) => Ok(&mut both.sender),
            _ => Err(Refused("Command".into(), 0, "that end sends no such messages".into())),
        }
    }

    fn receiver(&mut self) -> Result<&mut Receiver, Refused> {
        match self {
            Self::Receiver(receiver) => Ok(receiver),
            Self::Duplex(both) => Ok(&mut both.receiver),
            _ => Err(Refused("Command".into(), 0, "that end receives no such messages".into())),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> Result<Result<(), Error>, Refused> {
        Ok(match self {
            Self::Broadcaster(sender) => sender.send(bytes),
            Self::Writer(writer) => writer.write(bytes).map(drop),
            _ => self.sender()?.send(bytes),
        })
    }

    fn try_send(&mut self, bytes: &[u8]) -> Result<bool, Refused> {
        Ok(match self {
            Self::Broadcaster(sender) => sender.try_send(bytes)?,
            _ => self.sender()?.try_send(bytes)?,
        })
    }

    fn recv(&mut self) -> Result<Result<Vec<u8>, Error>, Refused> {
        Ok(match self {
            Self::Subscriber(receiver) => receiver.recv(),
            Self::Reader(reader) => reader.next().map(|version| version.value),
            _ => self.receiver()?.recv(),
        })
    }

    fn lost(&mut self) -> Result<u64, Refused> {
        Ok(match self {
            Self::Subscriber(receiver) => receiver.lost(),
            _ => self.receiver()?.lost(),
        })
    }
}

fn ring() -> ChannelOptions {
    ChannelOptions::new().capacity(1 << 15).max_message(message::LONGEST)
}

fn log() -> BroadcastOptions {
    BroadcastOptions::new().capacity(1 << 15).max_message(message::LONGEST)
}

fn value() -> LatestOptions {
    LatestOptions::new().max_value(message::LONGEST)
}

impl Session {
    /// `channel WHAT NUMBER …`: about the end of that number.
    pub(super) fn channel_command(&mut self, words: &mut Words<'_>) -> Answer {
        let (what, number): (_, u32) = (words.text()?, words.number()?);
        let made = match what {
            "sender" => End::Sender(ring().sender(words.text()?)?),
            "senders" => End::Sender(ring().senders(words.number()?).sender(words.text()?)?),
            "receiver" => End::Receiver(ring().receiver(words.text()?)?),
            "duplex" => End::Duplex(ring().duplex(words.text()?)?),
            "broadcaster" => End::Broadcaster(log().sender(words.text()?)?),
            "subscriber" => End::Subscriber(log().receiver(words.text()?)?),
            "lossy-broadcaster" => End::Broadcaster(log().lossy(true).sender(words.text()?)?),
            "lossy-subscriber" => End::Subscriber(log().lossy(true).receiver(words.text()?)?),
            "writer" => End::Writer(value().writer(words.text()?)?),
            "reader" => End::Reader(value().reader(words.text()?)?),
            "storm" => {
                Shape::of(words.text()?).expect("a shape").make(words.text()?)?;
                return Ok(String::new());
            }
            "claim" => return claim(words.text()?),
            _ => return self.with_end(what, number, words),
        };
        self.ends.insert(number, made);
        Ok(String::new())
    }

    fn with_end(&mut self, what: &str, number: u32, words: &mut Words<'_>) -> Answer {
        if what == "close" {
            self.ends.remove(&number);
            return Ok(String::new());
        }
        let end = self.ends.get_mut(&number).ok_or_else(|| Refused("Command".into(), 0, "no such end".into()))?;
        match what {
            "send" => send(end, words),
            "fill" => fill(end, words),
            "reserve" => reserve(end.sender()?),
            "recv" => recv(end, words),
            "drain" => drain(end.receiver()?, words),
            "lost" => Ok(end.lost()?.to_string()),
            "babble" => babble(end, words),
            _ => Err(Refused("Command".into(), 0, format!("unknown command channel {what}"))),
        }
    }
}

/// `channel send NUMBER LIFE FIRST COUNT`: those messages, with as long a wait as it takes. Answers how many, and what
/// ended it.
fn send(end: &mut End, words: &mut Words<'_>) -> Answer {
    let (life, first, count): (u64, u64, u64) = (words.number()?, words.number()?, words.number()?);
    for number in first..first + count {
        if let Err(error) = end.send(&message::message(life, number))? {
            return Ok(format!("{} {:?}", number - first, error.kind()));
        }
    }
    Ok(format!("{count} Done"))
}

/// `channel fill NUMBER LIFE FIRST`: as many as there is room for; how many.
fn fill(end: &mut End, words: &mut Words<'_>) -> Answer {
    let (life, first): (u64, u64) = (words.number()?, words.number()?);
    let mut number = first;
    while end.try_send(&message::message(life, number))? {
        number += 1;
    }
    Ok((number - first).to_string())
}

/// `channel claim NUMBER NAME`: what a sender has done that is stopped in the middle of waking the receiver.
fn claim(name: &str) -> Answer {
    /// Of the receiver's end, and the bit that says that it sleeps: `docs/format.md`.
    const WAITING: usize = 256 + 128;
    const SLEEPS: u64 = 1;
    let view = Mapping::open(name)?.view()?;
    let waiting = view.atomic::<AtomicU64>(WAITING)?;
    while waiting.fetch_and(!SLEEPS, SeqCst) & SLEEPS == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok("claimed".into())
}

/// `channel reserve NUMBER`: half of a message is written, and stays so.
fn reserve(sender: &mut Sender) -> Answer {
    let mut slot = sender.reserve(message::LONGEST)?;
    slot.write_at(0, &[0xEE; message::LONGEST / 2])?;
    std::mem::forget(slot);
    Ok("reserved".into())
}

/// `channel recv NUMBER LIFE FIRST COUNT`: exactly those messages, whole. Answers how many, and what ended it.
fn recv(end: &mut End, words: &mut Words<'_>) -> Answer {
    let (life, first, count): (u64, u64, u64) = (words.number()?, words.number()?, words.number()?);
    for number in first..first + count {
        match end.recv()? {
            Ok(bytes) => {
                let found = message::read(&bytes).map_err(|what| Refused("Check".into(), 0, what))?;
                check(found == (life, number), format!("{found:?} instead of {number}"))?;
            }
            Err(error) => return Ok(format!("{} {:?}", number - first, error.kind())),
        }
    }
    Ok(format!("{count} Done"))
}

/// `channel drain NUMBER LIFE LAST`: messages of whatever lives, whole, until that one.
fn drain(receiver: &mut Receiver, words: &mut Words<'_>) -> Answer {
    let last: (u64, u64) = (words.number()?, words.number()?);
    let mut count = 0_u64;
    loop {
        count += 1;
        let bytes = receiver.recv_timeout(Duration::from_secs(20))?;
        let bytes = bytes.ok_or_else(|| Refused("Check".into(), 0, format!("{count} and no more")))?;
        if message::read(&bytes).map_err(|what| Refused("Check".into(), 0, what))? == last {
            return Ok(count.to_string());
        }
    }
}

/// `channel babble NUMBER MILLISECONDS`: sends, or receives, whatever is there, while somebody spoils the channel. Each
/// call must end soon, in whatever way. Answers how many did, and how many of them with an error.
fn babble(end: &mut End, words: &mut Words<'_>) -> Answer {
    let until = Instant::now() + Duration::from_millis(words.number()?);
    let (mut calls, mut errors, mut number) = (0_u64, 0_u64, 0);
    while Instant::now() < until {
        let begun = Instant::now();
        errors += u64::from(babble_once(end, number).is_err());
        let took = begun.elapsed();
        check(took < Duration::from_secs(3), format!("call {calls} took {took:?}"))?;
        (calls, number) = (calls + 1, number + 1);
    }
    Ok(format!("{calls} {errors}"))
}

const SHORT: Duration = Duration::from_millis(3);

fn babble_once(end: &mut End, number: u64) -> Result<(), Error> {
    match end {
        End::Sender(sender) => match number % 3 {
            0 => sender.send_timeout(&message::message(0, number), SHORT).map(drop),
            1 => sender.reserve_timeout(message::LONGEST, SHORT)?.map_or(Ok(()), |slot| slot.commit(100)),
            _ => sender.try_send_batch([&[1_u8; 40][..], &[2; 4000]]).map(drop),
        },
        End::Receiver(receiver) => match number % 3 {
            0 => receiver.recv_timeout(SHORT).map(drop),
            1 => receiver.try_recv_batch(5, drop).map(drop),
            _ => receiver.recv_ref_timeout(SHORT).map(drop),
        },
        End::Duplex(both) => both.call_timeout(&[3; 30][..], SHORT).map(drop),
        End::Broadcaster(sender) => sender.send_timeout(&message::message(0, number), SHORT).map(drop),
        End::Subscriber(receiver) => receiver.recv_timeout(SHORT).map(drop),
        End::Writer(writer) => writer.write(&message::message(0, number)).map(drop),
        End::Reader(reader) => match number % 2 {
            0 => reader.next_timeout(SHORT).map(drop),
            _ => reader.read().map(drop),
        },
    }
}

/// `scribble NAME MILLISECONDS SEED`: writes nonsense over a channel through a plain mapping.
pub(super) fn scribble(words: &mut Words<'_>) -> Answer {
    let (name, time, seed): (_, u64, u64) = (words.text()?, words.number()?, words.number()?);
    let (mapping, mut noise) = (Mapping::open(name)?, Noise::new(seed));
    let view = mapping.view()?;
    let until = Instant::now() + Duration::from_millis(time);
    let mut written = 0_u64;
    while Instant::now() < until {
        for _ in 0..64 {
            // Most of it where it does most.
            let end = if noise.once_in(4) { view.len() } else { 2048 };
            let at = usize::try_from(noise.below(end as u64 / 8)).expect("inside") * 8;
            let old: u64 = view.read(at)?;
            let word = match noise.below(6) {
                0 => 0,
                1 => noise.next(),
                2 => 1 << noise.below(64),
                3 => old ^ 1 << noise.below(64),
                4 => old.wrapping_add(64 * noise.below(2000)),
                _ => u64::MAX,
            };
            view.write(at, &word)?;
            written += 1;
        }
        std::thread::sleep(Duration::from_micros(noise.below(300)));
    }
    Ok(written.to_string())
}

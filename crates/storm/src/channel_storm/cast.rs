//! The processes of broadcasts and latest values. The channel counts what is sent, through all lives of senders: each
//! notes where the count stood when it came, so a receiver knows the number of every message.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use lasthandle::channel::{Broadcaster, LatestReader, LatestWriter, Subscriber};
use lasthandle::{ErrorKind, Result, Timeout, Waitable, Waited};

use super::NAME;
use super::actor::{Checked, LONG, said, take};
use super::board::{Board, Life};
use super::message::{message, read};
use super::shape::{log, value};
use crate::noise::Noise;

enum Caster {
    Broadcast(Broadcaster),
    Latest(LatestWriter),
}

impl Caster {
    /// `false`: there is no room.
    fn send(&mut self, message: &[u8]) -> Result<bool> {
        match self {
            Self::Broadcast(sender) => sender.send_timeout(message, LONG),
            Self::Latest(writer) => writer.write(message).map(|_| true),
        }
    }

    /// How many there were, by all lives.
    fn count(&self) -> u64 {
        match self {
            Self::Broadcast(sender) => sender.sent(),
            Self::Latest(writer) => writer.version(),
        }
    }
}

pub(super) struct Casting<'a> {
    board: &'a Board,
    noise: Noise,
    caster: Caster,
    life: u64,
}

impl<'a> Casting<'a> {
    pub(super) fn broadcasts(board: &'a Board, noise: Noise) -> Checked<Self> {
        Self::begin(board, noise, Caster::Broadcast(take(|| log().sender(NAME))?))
    }

    pub(super) fn writes(board: &'a Board, noise: Noise) -> Checked<Self> {
        Self::begin(board, noise, Caster::Latest(take(|| value().writer(NAME))?))
    }

    /// Goes on where the life before ended: all of which a call returned is counted, and none that was not begun.
    fn begin(board: &'a Board, noise: Noise, caster: Caster) -> Checked<Self> {
        let (life, base) = (board.lives().load(SeqCst), caster.count());
        if let Some(before) = life.checked_sub(1) {
            let before = board.life(before);
            let [sent, begun] = [before.sent, before.begun].map(|word| before.base.load(SeqCst) + word.load(SeqCst));
            if !(sent..=begun).contains(&base) {
                return Err(format!("life {life} begins at {base}; the one before sent {sent} to {begun}"));
            }
        }
        // There is one sender at a time. So a life counts only when its base is noted.
        board.life(life).base.store(base, SeqCst);
        board.lives().store(life + 1, SeqCst);
        Ok(Self { board, noise, caster, life })
    }

    pub(super) fn run(mut self) -> Checked {
        let Life { begun, sent, base, .. } = self.board.life(self.life);
        let base = base.load(SeqCst);
        for number in 1.. {
            begun.store(number, SeqCst);
            if !self.caster.send(&message(self.life, number)).map_err(said)? {
                return Err("nobody makes room".into());
            }
            sent.store(number, SeqCst);
            if self.caster.count() != base + number {
                return Err(format!("{base} and {number} are not {}", self.caster.count()));
            }
            if self.noise.once_in(50) {
                std::thread::sleep(Duration::from_micros(self.noise.below(300)));
            }
        }
        Ok(())
    }
}

enum Watcher {
    Broadcast(Subscriber),
    Latest(LatestReader),
}

/// What was received, and its number, where that is told.
type Received = (Option<u64>, Vec<u8>);

impl Watcher {
    fn next(&mut self, timeout: Timeout) -> Result<Option<Received>> {
        Ok(match self {
            Self::Broadcast(receiver) => receiver.recv_timeout(timeout)?.map(|message| (None, message)),
            Self::Latest(reader) => reader.next_timeout(timeout)?.map(|now| (Some(now.number), now.value)),
        })
    }

    fn wait(&mut self) -> Result<Waited> {
        match self {
            Self::Broadcast(receiver) => receiver.readable().wait(Timeout::After(LONG)),
            Self::Latest(reader) => reader.readable()?.wait(Timeout::After(LONG)),
        }
    }

    fn wait_for_successor(&mut self) -> Result<bool> {
        match self {
            Self::Broadcast(receiver) => receiver.wait_for_sender(LONG),
            Self::Latest(reader) => reader.wait_for_writer(LONG),
        }
    }

    fn missed(&self) -> u64 {
        match self {
            Self::Broadcast(receiver) => receiver.missed(),
            Self::Latest(_) => 0,
        }
    }
}

pub(super) struct Watching<'a> {
    board: &'a Board,
    noise: Noise,
    watcher: Watcher,
    /// The number of what was received last, and how many were missed by then.
    last: Option<(u64, u64)>,
}

impl<'a> Watching<'a> {
    pub(super) fn subscribes(board: &'a Board, mut noise: Noise) -> Checked<Self> {
        let oldest = board.stage().load(SeqCst) == 1 || noise.once_in(2);
        let watcher = Watcher::Broadcast(take(|| log().from_oldest(oldest).receiver(NAME))?);
        Ok(Self { board, noise, watcher, last: None })
    }

    pub(super) fn reads(board: &'a Board, noise: Noise) -> Checked<Self> {
        Ok(Self { board, noise, watcher: Watcher::Latest(take(|| value().reader(NAME))?), last: None })
    }

    pub(super) fn run(mut self) -> Checked {
        loop {
            match self.receive() {
                Ok(Some(received)) => self.see(&received)?,
                Ok(None) => return Err("nothing comes".into()),
                Err(error) if error.kind() == ErrorKind::Disconnected => {
                    if self.board.stage().load(SeqCst) == 1 {
                        return Ok(());
                    }
                    self.go_on()?;
                }
                // All places to wait may be taken by the dead who are said to run for a little longer.
                Err(error) if error.kind() == ErrorKind::Occupied => std::thread::sleep(Duration::from_micros(200)),
                Err(error) => return Err(said(error)),
            }
            if self.noise.once_in(100) {
                std::thread::sleep(Duration::from_micros(self.noise.below(2000)));
            }
        }
    }

    fn receive(&mut self) -> Result<Option<Received>> {
        while self.noise.once_in(2) {
            if self.watcher.wait()? == Waited::TimedOut {
                return Ok(None);
            }
            // None: the sender has gone and another came; or a lossy one is too fast.
            if let Some(received) = self.watcher.next(Timeout::Now)? {
                return Ok(Some(received));
            }
        }
        self.watcher.next(Timeout::After(LONG))
    }

    fn go_on(&mut self) -> Checked {
        self.board.deserted().fetch_add(1, SeqCst);
        if let Watcher::Broadcast(receiver) = &self.watcher {
            self.board.lost().fetch_max(receiver.lost(), SeqCst);
        }
        if self.noise.once_in(2) || self.watcher.wait_for_successor().map_err(said)? {
            return Ok(());
        }
        Err("nobody comes after a dead sender".into())
    }

    /// A message is the next; or as many later as were missed. A value is a later one.
    fn see(&mut self, (told, bytes): &Received) -> Checked {
        let (life, number) = read(bytes)?;
        if life >= self.board.lives().load(SeqCst) {
            return Err(format!("life {life} has not begun"));
        }
        let Life { begun, seen, base, .. } = self.board.life(life);
        let (total, missed) = (base.load(SeqCst) + number, self.watcher.missed());
        let right = match (self.last, told) {
            (_, Some(told)) if *told != total => false,
            (None, _) => true,
            (Some((last, _)), Some(_)) => total > last,
            (Some((last, before)), None) => total == last + 1 + (missed - before),
        };
        if !right || number > begun.load(SeqCst) {
            let last = self.last;
            return Err(format!(
                "life {life}: number {number}, {total} in all, told {told:?}, after {last:?}; {missed} missed"
            ));
        }
        if matches!(&self.watcher, Watcher::Broadcast(receiver) if !receiver.is_lossy()) && missed != 0 {
            return Err(format!("{missed} missed of a lossless broadcast"));
        }
        self.last = Some((total, missed));
        seen.fetch_max(number, SeqCst);
        Ok(())
    }
}

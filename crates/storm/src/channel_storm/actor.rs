//! One process of the storm: it sends or receives until it is killed, or until something is wrong. Here those of a queue.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use lasthandle::channel::{Receiver, Sender};
use lasthandle::{Error, ErrorKind, Timeout, Waitable, Waited};

use super::NAME;
use super::board::{Board, Life};
use super::cast::{Casting, Watching};
use super::message::{LONGEST, message, read};
use super::shape::queue;
use crate::noise::Noise;

pub(super) type Checked<T = ()> = Result<T, String>;

/// The exit code of an actor that saw what must never happen.
const VIOLATION: u8 = 3;
/// Nothing lasts nearly as long by right.
pub(super) const LONG: Duration = Duration::from_secs(20);

/// `channel-actor sends|receives|broadcasts|subscribes|writes|reads BOARD SEED`
pub fn act(what: &str, path: &str, seed: &str) -> u8 {
    let Ok(seed) = seed.parse::<u64>() else { return 2 };
    let path = Path::new(path);
    let (board, noise) = (Board::open(path), Noise::new(seed));
    let done = match what {
        "sends" => Sending::new(&board, noise).and_then(Sending::run),
        "receives" => Receiving::new(&board, noise).and_then(Receiving::run),
        "broadcasts" => Casting::broadcasts(&board, noise).and_then(Casting::run),
        "writes" => Casting::writes(&board, noise).and_then(Casting::run),
        "subscribes" => Watching::subscribes(&board, noise).and_then(Watching::run),
        "reads" => Watching::reads(&board, noise).and_then(Watching::run),
        _ => return 2,
    };
    let Err(what) = done else { return 0 };
    let _ = std::fs::write(path.with_file_name(format!("violation.{seed}")), format!("seed {seed}: {what}\n"));
    VIOLATION
}

#[allow(clippy::needless_pass_by_value)] // for `map_err`
pub(super) fn said(error: Error) -> String {
    error.to_string()
}

/// Takes an end. Its dead holder may be said to run for a little longer.
pub(super) fn take<T>(mut open: impl FnMut() -> lasthandle::Result<T>) -> Checked<T> {
    let begun = Instant::now();
    loop {
        match open() {
            Err(error) if error.kind() == ErrorKind::Occupied && begun.elapsed() < LONG => {
                std::thread::sleep(Duration::from_micros(200));
            }
            done => return done.map_err(said),
        }
    }
}

struct Sending<'a> {
    board: &'a Board,
    noise: Noise,
    life: u64,
    sender: Sender,
    number: u64,
}

impl<'a> Sending<'a> {
    fn new(board: &'a Board, noise: Noise) -> Checked<Self> {
        let sender = take(|| queue().sender(NAME))?;
        let life = board.lives().fetch_add(1, SeqCst);
        Ok(Self { board, noise, life, sender, number: 0 })
    }

    fn run(mut self) -> Checked {
        loop {
            let count = if self.noise.once_in(3) { 1 + self.noise.below(6) } else { 1 };
            self.board.life(self.life).begun.store(self.number + count, SeqCst);
            let done = if count > 1 { self.batch(count) } else { self.one() };
            let sent = match done {
                Ok(sent) => sent,
                Err(error) if error.kind() == ErrorKind::Disconnected => {
                    self.board.refused().fetch_add(1, SeqCst);
                    std::thread::sleep(Duration::from_micros(self.noise.below(300)));
                    0
                }
                Err(error) => return Err(said(error)),
            };
            self.number += sent;
            self.board.life(self.life).sent.store(self.number, SeqCst);
            if self.noise.once_in(50) {
                std::thread::sleep(Duration::from_micros(self.noise.below(500)));
            }
        }
    }

    fn one(&mut self) -> lasthandle::Result<u64> {
        let message = message(self.life, self.number + 1);
        match self.noise.below(4) {
            0 => self.in_place(&message),
            1 => {
                let waited = self.sender.writable().wait(Timeout::After(LONG))?;
                assert!(waited == Waited::Signaled(0), "nobody makes room");
                Ok(u64::from(self.sender.try_send(&message)?))
            }
            _ => {
                assert!(self.sender.send_timeout(&message, LONG)?, "nobody makes room");
                Ok(1)
            }
        }
    }

    fn in_place(&mut self, message: &[u8]) -> lasthandle::Result<u64> {
        let length = if self.noise.once_in(2) { LONGEST } else { message.len() };
        let mut slot = self.sender.reserve_timeout(length, LONG)?.expect("room for a message");
        slot.write_at(0, message)?;
        if self.noise.once_in(4) {
            return Ok(0); // not sent
        }
        slot.commit(message.len()).map(|()| 1)
    }

    /// As far as there is room, and the receiver is there.
    fn batch(&mut self, count: u64) -> lasthandle::Result<u64> {
        let messages: Vec<_> = (1..=count).map(|more| message(self.life, self.number + more)).collect();
        let sent = self.sender.try_send_batch(messages.iter().map(Vec::as_slice))?;
        Ok(sent as u64)
    }
}

struct Receiving<'a> {
    board: &'a Board,
    noise: Noise,
    receiver: Receiver,
    /// Of each life, the last message that this receiver saw.
    last: HashMap<u64, u64>,
}

impl<'a> Receiving<'a> {
    fn new(board: &'a Board, noise: Noise) -> Checked<Self> {
        let receiver = take(|| queue().receiver(NAME))?;
        Ok(Self { board, noise, receiver, last: HashMap::new() })
    }

    fn run(mut self) -> Checked {
        loop {
            let received = match self.noise.below(3) {
                0 => self.batch(),
                1 => self.in_place(),
                _ => self.after_a_wait(),
            };
            match received {
                Ok(Ok(())) => {}
                Ok(Err(what)) => return Err(what),
                Err(error) if error.kind() == ErrorKind::Disconnected => {
                    self.board.lost().store(self.receiver.lost(), SeqCst);
                    if self.board.stage().load(SeqCst) == 1 {
                        return Ok(());
                    }
                    self.board.deserted().fetch_add(1, SeqCst);
                    std::thread::sleep(Duration::from_micros(100));
                }
                Err(error) => return Err(said(error)),
            }
        }
    }

    fn in_place(&mut self) -> lasthandle::Result<Checked> {
        let Some(message) = self.receiver.recv_ref_timeout(LONG)? else { return Ok(Err("nothing comes".into())) };
        let seen = see(self.board, &mut self.last, &message.to_vec());
        drop(message);
        Ok(seen.map(|life| self.consumed(life)))
    }

    fn batch(&mut self) -> lasthandle::Result<Checked> {
        let (mut seen, mut wrong) = (Vec::new(), Ok(()));
        let (board, last) = (self.board, &mut self.last);
        self.receiver.recv_batch(8, |message| match see(board, last, &message) {
            Ok(life) => seen.push(life),
            Err(what) => wrong = Err(what),
        })?;
        for life in seen {
            self.consumed(life);
        }
        Ok(wrong)
    }

    /// All that this receiver saw of that life. A receiver before it may have seen more, and died before it consumed that.
    fn consumed(&self, life: u64) {
        self.board.life(life).consumed.store(self.last[&life], SeqCst);
    }

    fn after_a_wait(&mut self) -> lasthandle::Result<Checked> {
        if self.receiver.readable().wait(Timeout::After(LONG))? == Waited::TimedOut {
            return Ok(Err("nothing comes".into()));
        }
        let Some(message) = self.receiver.recv_ref_timeout(Timeout::Now)? else {
            return Ok(Ok(())); // the senders have gone, and others came
        };
        let seen = see(self.board, &mut self.last, &message.to_vec());
        drop(message);
        Ok(seen.map(|life| self.consumed(life)))
    }
}

/// A message is the next of its life; or, the first time, the next or one that a receiver before saw, and nobody consumed
/// for certain: of a receiver that was killed the note may be missing.
fn see(board: &Board, last: &mut HashMap<u64, u64>, bytes: &[u8]) -> Checked<u64> {
    let (life, number) = read(bytes)?;
    if life >= board.lives().load(SeqCst) {
        return Err(format!("life {life} has not begun"));
    }
    let Life { begun, seen, consumed, .. } = board.life(life);
    let before = seen.load(SeqCst);
    let right = match last.get(&life) {
        Some(last) => number == last + 1,
        None => (consumed.load(SeqCst) + 1..=before + 1).contains(&number),
    };
    if !right || number > begun.load(SeqCst) {
        return Err(format!("life {life}: message {number} after {before}"));
    }
    last.insert(life, number);
    seen.store(number.max(before), SeqCst);
    Ok(life)
}

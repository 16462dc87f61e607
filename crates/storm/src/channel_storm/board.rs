//! What the actors write down about each life of a sender, so that the next actor, and the supervisor, can check it.

use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;

use crate::actors::Words;

/// Most lives of a round.
const LIVES: usize = 2048;
const HEADER: usize = 8;
const PER_LIFE: usize = 5;

pub(crate) struct Board(Words<{ HEADER + LIVES * PER_LIFE }, 0>);

/// Of one life; message numbers count from 1.
pub(crate) struct Life<'a> {
    /// The last message that its sender began to send.
    pub(crate) begun: &'a AtomicU64,
    /// The last one of which the call returned.
    pub(crate) sent: &'a AtomicU64,
    /// The last one that a receiver saw.
    pub(crate) seen: &'a AtomicU64,
    /// The last one that a receiver has consumed for certain.
    pub(crate) consumed: &'a AtomicU64,
    /// How many messages, or versions, there were before it, as the channel counts them; of a queue 0.
    pub(crate) base: &'a AtomicU64,
}

impl Board {
    pub(crate) fn create(path: &Path) -> Self {
        Self(Words::create(path))
    }

    pub(crate) fn open(path: &Path) -> Self {
        Self(Words::open(path))
    }

    /// 1: whoever receives is to empty the channel, and to end.
    pub(crate) fn stage(&self) -> &AtomicU64 {
        self.0.word(0)
    }

    /// How many lives there were.
    pub(crate) fn lives(&self) -> &AtomicU64 {
        self.0.word(1)
    }

    /// What the channel counted as lost.
    pub(crate) fn lost(&self) -> &AtomicU64 {
        self.0.word(2)
    }

    /// How often a receiver was told that all senders are gone.
    pub(crate) fn deserted(&self) -> &AtomicU64 {
        self.0.word(3)
    }

    /// How often a sender was told that the receiver is gone.
    pub(crate) fn refused(&self) -> &AtomicU64 {
        self.0.word(4)
    }

    pub(crate) fn life(&self, life: u64) -> Life<'_> {
        let life = usize::try_from(life).expect("few");
        assert!(life < LIVES, "too many lives for the board");
        let at = HEADER + life * PER_LIFE;
        let [begun, sent, seen, consumed, base] = [0, 1, 2, 3, 4].map(|word| self.0.word(at + word));
        Life { begun, sent, seen, consumed, base }
    }

    /// After the channel was emptied, everybody else being dead: what arrived is what was sent; of the last call, which a
    /// death interrupted, any part.
    pub(crate) fn check(&self) -> (u64, Vec<String>) {
        let mut wrong = Vec::new();
        let mut messages = 0;
        for life in 0..self.lives().load(SeqCst) {
            let Life { begun, sent, seen, consumed, .. } = self.life(life);
            let [begun, sent, seen, consumed] = [begun, sent, seen, consumed].map(|word| word.load(SeqCst));
            messages += seen;
            // A receiver that was killed may have consumed what it saw without a note of it.
            if seen < consumed || !(sent..=begun).contains(&seen) {
                wrong.push(format!("life {life}: sent {sent} to {begun}, seen {seen}, consumed {consumed}\n"));
            }
        }
        (messages, wrong)
    }

    /// The same of what goes to many, some of whom may have come late: nobody saw what was not sent, and the newest was
    /// seen.
    pub(crate) fn check_cast(&self) -> (u64, Vec<String>) {
        let (mut wrong, mut messages, mut newest) = (Vec::new(), 0, true);
        for life in (0..self.lives().load(SeqCst)).rev() {
            let Life { begun, sent, seen, .. } = self.life(life);
            let [begun, sent, seen] = [begun, sent, seen].map(|word| word.load(SeqCst));
            messages += seen;
            if seen > begun || newest && seen < sent {
                wrong.push(format!("life {life}: sent {sent} to {begun}, seen {seen}\n"));
            }
            newest &= sent == 0 && seen == 0;
        }
        (messages, wrong)
    }
}

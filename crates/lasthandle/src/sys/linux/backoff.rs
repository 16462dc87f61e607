//! Waiting for another process to finish a few system calls: short at first, longer later, bounded by time.

use std::time::{Duration, Instant};

#[derive(Debug)]
pub(crate) struct Backoff {
    patience: Duration,
    since: Option<Instant>,
    rounds: u32,
}

impl Backoff {
    pub(crate) fn new(patience: Duration) -> Self {
        Self { patience, since: None, rounds: 0 }
    }

    /// Waits a little; `false` once the patience is used up. Looks at no clock before the first wait.
    pub(crate) fn wait(&mut self) -> bool {
        let since = *self.since.get_or_insert_with(Instant::now);
        if since.elapsed() >= self.patience {
            return false;
        }
        self.rounds += 1;
        match self.rounds {
            1..=8 => std::thread::yield_now(),
            // From 20 µs on, doubling up to about a millisecond.
            rounds => std::thread::sleep(Duration::from_micros(20 << (rounds / 8).min(6))),
        }
        true
    }
}

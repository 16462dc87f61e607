//! Time, and what it does to timers.

use std::time::{Duration, Instant, SystemTime};

use crate::sys::Due;

/// Two clocks at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    /// Since some start, by the clock that nobody sets.
    pub(super) monotonic: Duration,
    /// Since 1970.
    wall: Duration,
}

/// When a timer is due.
#[derive(Debug, Clone, Copy)]
struct Time {
    at: Duration,
    wall: bool,
}

/// A waitable timer.
#[derive(Debug)]
pub(super) struct Timer {
    pub(super) manual: bool,
    pub(super) signaled: bool,
    due: Option<Time>,
    /// Zero: it is due once.
    period: Duration,
}

/// The wall clock may be set while somebody waits for it: look again after so long.
const LOOK: Duration = Duration::from_millis(50);

impl Now {
    pub(super) fn since(start: Instant) -> Self {
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { monotonic: start.elapsed(), wall }
    }

    fn of(self, time: Time) -> Duration {
        if time.wall { self.wall } else { self.monotonic }
    }
}

impl Timer {
    pub(super) fn new(manual: bool) -> Self {
        Self { manual, signaled: false, due: None, period: Duration::ZERO }
    }

    pub(super) fn arm(&mut self, due: Due, period: Duration, now: Now) {
        let time = match due {
            Due::After(duration) => Time { at: now.monotonic.saturating_add(duration), wall: false },
            // What lies before 1970 is past.
            Due::At(time) => Time { at: time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default(), wall: true },
        };
        *self = Self { manual: self.manual, signaled: false, due: Some(time), period };
        self.tick(now);
    }

    pub(super) fn cancel(&mut self) {
        self.due = None;
    }

    /// Signals it if it is due, and sets when it is due next: a whole number of periods later.
    pub(super) fn tick(&mut self, now: Now) {
        let Some(time) = self.due.filter(|&time| now.of(time) >= time.at) else { return };
        self.signaled = true;
        let late = now.of(time).saturating_sub(time.at).as_nanos();
        let into_period = late.checked_rem(self.period.as_nanos());
        self.due = into_period.map(|into| {
            let left = self.period.saturating_sub(from_nanos(into));
            Time { at: now.of(time).saturating_add(left), ..time }
        });
    }

    /// How long until it is due.
    pub(super) fn left(&self, now: Now) -> Option<Duration> {
        self.due.map(|time| time.at.saturating_sub(now.of(time)))
    }

    /// How long until it is worth while to look whether it is due.
    pub(super) fn next_look(&self, now: Now) -> Option<Duration> {
        let left = self.left(now)?;
        Some(if self.due.is_some_and(|time| time.wall) { left.min(LOOK) } else { left })
    }
}

fn from_nanos(nanos: u128) -> Duration {
    const BILLION: u128 = 1_000_000_000;
    let seconds = u64::try_from(nanos / BILLION).unwrap_or(u64::MAX);
    Duration::new(seconds, u32::try_from(nanos % BILLION).expect("below a billion"))
}

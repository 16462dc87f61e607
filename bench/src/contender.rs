//! Who is measured, and how long one operation takes it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::Result;
use crate::results::{Aim, Spread};

/// One that is measured: runs an operation so many times and tells nanoseconds for one.
pub struct Contender<'a> {
    pub label: String,
    pub run: Box<dyn FnMut(u64) -> Result<f64> + 'a>,
}

impl<'a> Contender<'a> {
    /// An operation that only computes and calls the kernel: by this thread's own clock, which stands still while
    /// others have the processor.
    pub fn here(label: impl Into<String>, operation: impl FnMut() + 'a) -> Self {
        Self::by(ClockId::ThreadCPUTime, label, operation)
    }

    /// An operation beside one that waits for other processes: by the clock on the wall.
    pub fn by_the_wall(label: impl Into<String>, operation: impl FnMut() + 'a) -> Self {
        Self::by(ClockId::Monotonic, label, operation)
    }

    fn by(clock: ClockId, label: impl Into<String>, mut operation: impl FnMut() + 'a) -> Self {
        let now = move || {
            let time = clock_gettime(clock);
            time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
        };
        Self::elsewhere(label, move |times| {
            let start = now();
            for _ in 0..black_box(times) {
                operation();
            }
            Ok((now() - start) / times as f64)
        })
    }

    /// An operation that needs something done before it each time, which does not count: by the clock on the wall, from
    /// which a look at the clock is taken off, and without the times at which others had the processor. The operation
    /// does `each` things, and the time is for one of them.
    pub fn prepared(
        label: impl Into<String>,
        each: u64,
        mut prepare: impl FnMut() + 'a,
        mut operation: impl FnMut() + 'a,
    ) -> Self {
        let clock = clock_look();
        Self::elsewhere(label, move |times| {
            let mut once = |_| {
                prepare();
                let start = Instant::now();
                operation();
                start.elapsed().as_nanos() as f64
            };
            let took = undisturbed((0..times.div_ceil(each)).map(&mut once).collect());
            Ok((took - clock).max(0.1) / each as f64)
        })
    }

    /// One that measures itself.
    pub fn elsewhere(label: impl Into<String>, run: impl FnMut(u64) -> Result<f64> + 'a) -> Self {
        Self { label: label.into(), run: Box::new(run) }
    }

    /// How many operations fill a slice; warms up on the way.
    pub fn calibrate(&mut self, slice: Duration) -> Result<u64> {
        let slice = slice.as_nanos() as f64;
        let mut times = 1;
        loop {
            let each = (self.run)(times)?;
            if each * times as f64 > slice / 4.0 || times > 1 << 30 {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // positive and small
                return Ok(((slice / each) as u64).max(1));
            }
            times *= 2;
        }
    }
}

/// What two looks at the clock take when nothing is between them.
fn clock_look() -> f64 {
    let look = |_| {
        let start = Instant::now();
        black_box(());
        start.elapsed().as_nanos() as f64
    };
    undisturbed((0..10_000).map(look).collect())
}

/// The mean of those that nobody disturbed. (Not the median: a single look at the clock is a multiple of its step.)
fn undisturbed(mut looks: Vec<f64>) -> f64 {
    let most = 2.0 * Spread::of(looks.clone()).median;
    looks.retain(|&look| look <= most);
    looks.iter().sum::<f64>() / looks.len() as f64
}

/// Who ours is compared with, and how many times its cost ours may be.
pub struct Rival<'a> {
    pub contender: Contender<'a>,
    pub aim: Option<Aim>,
}

impl<'a> Rival<'a> {
    pub fn new(contender: Contender<'a>, aim: impl Into<Option<f64>>) -> Self {
        Self { contender, aim: aim.into().map(Aim::Ratio) }
    }

    /// The aim is a time of ours instead.
    pub fn within(self, nanoseconds: f64) -> Self {
        Self { aim: Some(Aim::Nanoseconds(nanoseconds)), ..self }
    }
}

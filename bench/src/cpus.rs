//! Where things run, and how far apart that is: the round trip of a cache line between two processors, *C*.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use lasthandle::{Event, Timeout, Waitable};
use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};

use crate::Result;
use crate::measure::Spread;

const BATCHES: u64 = 9;
const TRIPS: u64 = 200;
/// How much two looks at *C* may differ for what was measured between them to count.
const ALIKE: f64 = 1.25;

/// The processor of this program, and the one of its partners.
#[derive(Debug, Clone, Copy)]
pub struct Cpus {
    pub here: usize,
    pub other: Option<usize>,
}

impl Cpus {
    /// Stays on the processor we are on; so do children, unless they go to the other one.
    pub fn choose() -> Result<Self> {
        know_all()?;
        let (here, allowed) = (sched_getcpu(), sched_getaffinity(None)?);
        let other = (0..CpuSet::MAX_CPU).find(|&cpu| cpu != here && allowed.is_set(cpu));
        pin(here)?;
        Ok(Self { here, other })
    }

    /// Nanoseconds of a cache line there and back; none with one processor.
    pub fn line(&self) -> Result<Option<f64>> {
        self.other.map(bounce).transpose()
    }
}

/// An engine that spins asks once how many processors it may use. Programs are not pinned as a rule: let it count them
/// before we are.
pub fn know_all() -> Result<()> {
    Event::options().create_unnamed()?.wait(Timeout::After(Duration::from_millis(1)))?;
    Ok(())
}

pub fn pin(cpu: usize) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(cpu);
    Ok(sched_setaffinity(None, &set)?)
}

pub fn may_use(cpus: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    for &cpu in cpus {
        set.set(cpu);
    }
    Ok(sched_setaffinity(None, &set)?)
}

/// Whether the processors were as far apart after as before.
pub fn alike(before: f64, after: f64) -> bool {
    before.max(after) <= ALIKE * before.min(after)
}

#[derive(Default)]
#[repr(align(128))]
struct Line(AtomicU64);

/// The median of some batches, so that losing the processor once does not count.
fn bounce(other: usize) -> Result<f64> {
    let line = Line::default();
    let (ready, is_ready) = mpsc::channel();
    let pinned = thread::scope(|scope| {
        scope.spawn(|| {
            pin(other).expect("pin");
            let _ = ready.send(());
            echo(&line.0, BATCHES * TRIPS);
        });
        is_ready.recv_timeout(Duration::from_secs(5)).map(|()| {
            let batch = |batch| {
                let start = Instant::now();
                call(&line.0, batch * TRIPS, TRIPS);
                start.elapsed().as_nanos() as f64 / TRIPS as f64
            };
            Spread::of((0..BATCHES).map(batch).collect()).median
        })
    });
    Ok(pinned?)
}

/// Answers odd numbers with even ones. No pause between looks: this is the limit, not good manners.
pub fn echo(line: &AtomicU64, trips: u64) {
    for trip in 0..black_box(trips) {
        while line.load(Ordering::Acquire) != 2 * trip + 1 {}
        line.store(2 * trip + 2, Ordering::Release);
    }
}

pub fn call(line: &AtomicU64, done: u64, trips: u64) {
    for trip in done..done + black_box(trips) {
        line.store(2 * trip + 1, Ordering::Release);
        while line.load(Ordering::Acquire) != 2 * trip + 2 {}
    }
}

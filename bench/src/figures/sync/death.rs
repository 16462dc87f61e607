//! From the kill of a mutex' owner to the waiter that is told. Most of it is the kernel taking a process apart.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use lasthandle::Mutex;
use rustix::thread::{gettid, sched_yield};

use crate::Result;
use crate::bare::posix::RobustMutex;
use crate::cpus;
use crate::measure::{Bench, Latency};
use crate::page::Page;
use crate::partner::{Part, Partner};
use crate::sleeper::Sleeper;

const NAME: &str = "bench-death";
const FULL: usize = 300;
const QUICK: usize = 30;
/// A sleep lasts a while before its owner dies; it also outlasts looking before sleep.
const REST: Duration = Duration::from_millis(2);

/// Lines of the page.
const ROBUST: usize = 1;

pub const PARTS: &[(&str, Part)] = &[
    ("own-ours", |_, _| {
        std::mem::forget(Mutex::open(NAME)?.lock()?);
        Ok(0.0)
    }),
    ("own-robust", |stage, _| {
        RobustMutex::at(&stage.page, ROBUST).lock();
        Ok(0.0)
    }),
];

pub fn owner(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let mutex = Mutex::options().create_new(NAME)?;
    let times = if bench.is_quick() { QUICK } else { FULL };
    let (mut ours, mut robust) = (Vec::new(), Vec::new());
    for _ in 0..times {
        ours.push(kill(bench, "own-ours", |_| mutex.lock().expect("lock").is_abandoned())?);
        robust.push(kill(bench, "own-robust", |page| {
            let mutex = RobustMutex::at(page, ROBUST);
            let died = mutex.lock();
            mutex.unlock();
            died
        })?);
    }
    bench.latencies.push(Latency::of(figure, "kill of the owner, until the waiter runs", ours));
    bench.latencies.push(Latency::of(figure, "the same, pthread robust mutex", robust));
    Ok(())
}

/// Nanoseconds from the kill to the return of `wait`, which tells whether the owner died.
fn kill(bench: &Bench, verb: &str, wait: impl FnOnce(&Page) -> bool + Send) -> Result<f64> {
    let cpus: Vec<_> = [Some(bench.cpus.here), bench.cpus.other].into_iter().flatten().collect();
    let partner = Partner::start(bench, bench.cpus.other.unwrap_or(bench.cpus.here))?;
    let page = &partner.stage.page;
    RobustMutex::new(page, ROBUST);
    partner.ask(verb, 0)?;
    let (who, is_who) = mpsc::channel();
    thread::scope(|scope| {
        let waiter = scope.spawn(move || {
            cpus::may_use(&cpus).expect("affinity");
            let _ = who.send(gettid());
            (wait(page), Instant::now())
        });
        Sleeper::thread(is_who.recv()?)?.until_asleep(sched_yield)?;
        thread::sleep(REST);
        let start = Instant::now();
        partner.kill()?;
        let (died, told) = waiter.join().map_err(|_| "the waiter failed")?;
        if !died {
            return Err("the waiter was not told".into());
        }
        Ok((told - start).as_nanos() as f64)
    })
}

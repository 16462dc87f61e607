//! From a set to a waiter that was asleep, on the same processor and on the other: no looking helps here.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use lasthandle::{Event, Timeout, Waitable};
use rustix::thread::sched_yield;
use rustix::time::{ClockId, clock_gettime};

use crate::Result;
use crate::bare::futex;
use crate::measure::{Bench, Contender, Rival};
use crate::partner::{Part, Partner, Stage};

const NAME: &str = "bench-wake";
/// Until a processor without work has gone to rest.
const REST: Duration = Duration::from_micros(100);
/// Wake-ups in a slice, at most.
const MOST: u64 = 8;

pub const PARTS: &[(&str, Part)] = &[
    ("wake-event", event),
    ("wake-futex", |stage, times| {
        word(stage, times, futex::wait_while);
        Ok(0.0)
    }),
    ("wake-sliced", |stage, times| {
        word(stage, times, futex::wait_in_slices_while);
        Ok(0.0)
    }),
];

/// How to wait for the partner: what to do between two looks, and for how long it has been asleep when it is woken.
#[derive(Clone, Copy)]
struct Wait {
    pause: fn(),
    rest: Duration,
}

/// Lines of the page.
const WORD: usize = 1;
const WOKEN: usize = 2;

pub fn same_cpu(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let partner = Partner::start(bench, bench.cpus.here)?;
    with(&partner, Wait { pause: sched_yield, rest: Duration::ZERO }, |ours, rivals| {
        bench.contest(figure, ours, rivals)
    })
}

pub fn other_cpu(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let Some(other) = bench.other_cpu(figure) else { return Ok(()) };
    let partner = Partner::start(bench, other)?;
    with(&partner, Wait { pause: spin_loop, rest: REST }, |ours, rivals| {
        bench.contest_across(figure, &partner, ours, rivals)
    })
}

fn with(partner: &Partner, how: Wait, contest: impl FnOnce(Contender<'_>, Vec<Rival<'_>>) -> Result<()>) -> Result<()> {
    let event = Event::options().create_new(NAME)?;
    let ours = Contender::elsewhere("set, until the waiter runs", |times| {
        wake(partner, "wake-event", times, how, |_| event.set().expect("set"))
    });
    let bare = |label, verb| {
        Contender::elsewhere(label, move |times| {
            partner.stage.page.word(WORD).store(0, Ordering::Release);
            wake(partner, verb, times, how, |stage| futex::signal(stage.page.word(WORD)))
        })
    };
    let limit = bare("bare futex", "wake-futex");
    let sliced = bare("bare futex, in slices", "wake-sliced");
    contest(ours, vec![Rival::new(limit, 1.05), Rival::new(sliced, None)])
}

/// Wakes the partner so many times when it is asleep; nanoseconds until it looks at the clock.
fn wake(partner: &Partner, verb: &str, times: u64, how: Wait, signal: impl Fn(&Stage)) -> Result<f64> {
    // The rests between them make a slice long, and a long one is likely to be disturbed.
    let times = times.min(MOST);
    let mine = |stage: &Stage| {
        let (woken, mut took) = (stage.page.line(WOKEN), 0);
        for _ in 0..times {
            stage.until_asleep(how.pause)?;
            let resting = Instant::now();
            while resting.elapsed() < how.rest {}
            woken.store(0, Ordering::Release);
            let start = now();
            signal(stage);
            while woken.load(Ordering::Acquire) == 0 {
                (how.pause)();
            }
            took += woken.load(Ordering::Acquire) - start;
        }
        Ok::<_, Box<dyn std::error::Error>>(took as f64 / times as f64)
    };
    partner.together(verb, times, mine)?.0
}

fn event(stage: &Stage, times: u64) -> Result<f64> {
    let event = Event::open(NAME)?;
    stage.ready();
    for _ in 0..times {
        event.wait(Timeout::Never)?;
        stage.page.line(WOKEN).store(now(), Ordering::Release);
    }
    Ok(0.0)
}

fn word(stage: &Stage, times: u64, wait_while: impl Fn(&AtomicU32, u32) -> u32) {
    stage.ready();
    let mut seen = 0;
    for _ in 0..times {
        seen = wait_while(stage.page.word(WORD), seen);
        stage.page.line(WOKEN).store(now(), Ordering::Release);
    }
}

/// Nanoseconds of the clock that all processes share.
fn now() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    #[allow(clippy::cast_sign_loss)] // since the machine's start
    let now = time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64;
    now
}

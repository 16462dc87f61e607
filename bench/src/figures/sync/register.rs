//! Sleeping on many objects: what a wait for any takes of its own thread's time when it must sleep, to be woken by the
//! last object. Looking, entering many queues and leaving them again are in it; the time asleep is not.

use std::sync::atomic::Ordering;

use lasthandle::{Event, Timeout, Waitable, Waited, wait_any};
use rustix::thread::sched_yield;
use rustix::time::{ClockId, clock_gettime};

use crate::Result;
use crate::bare::futex;
use crate::measure::{Bench, Contender, Rival};
use crate::page::LINES_PER_PAGE;
use crate::partner::{Part, Partner, Stage};

const NAME: &str = "bench-register";

pub const PARTS: &[(&str, Part)] = &[("rouse-event", event), ("rouse-word", word)];

/// Lines of the page: how many waits have begun, and the words, one a page as the objects' are.
const TURN: usize = 1;
const LAST_WORD: usize = 2;
const WORDS: usize = 3;

/// The partner is on our own processor, so it runs when we sleep.
pub fn any<const COUNT: usize>(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let mut events = (1..COUNT).map(|_| Event::options().create_unnamed()).collect::<lasthandle::Result<Vec<_>>>()?;
    events.push(Event::options().create_new(NAME)?);
    let objects: Vec<&dyn Waitable> = events.iter().map(|event| event as _).collect();
    let partner = Partner::start(bench, bench.cpus.here)?;
    let ours = Contender::elsewhere("wait_any, asleep", |times| {
        in_turn(&partner, "rouse-event", times, || {
            assert_eq!(wait_any(&objects, Timeout::Never).expect("wait"), Waited::Signaled(COUNT - 1));
        })
    });
    let page = &partner.stage.page;
    let last = page.word(LAST_WORD);
    let mut places: Vec<_> =
        (1..COUNT).map(|number| futex::place(page.word(WORDS + number * LINES_PER_PAGE))).collect();
    places.push(futex::place(last));
    let limit = Contender::elsewhere("bare futex_waitv", |times| {
        in_turn(&partner, "rouse-word", times, || {
            while u64::from(last.load(Ordering::Acquire)) == places[COUNT - 1].val {
                futex::wait_many(&places);
            }
            places[COUNT - 1] = futex::place(last);
        })
    });
    bench.contest(figure, ours, vec![Rival::new(limit, 1.1)])
}

/// Thread time of a wait.
fn in_turn(partner: &Partner, verb: &str, times: u64, mut wait: impl FnMut()) -> Result<f64> {
    let turn = partner.stage.page.line(TURN);
    turn.store(0, Ordering::Release);
    let mine = |_: &Stage| {
        let start = thread_time();
        for _ in 0..times {
            turn.fetch_add(1, Ordering::Release);
            wait();
        }
        (thread_time() - start) / times as f64
    };
    Ok(partner.together(verb, times, mine)?.0)
}

fn thread_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

fn event(stage: &Stage, times: u64) -> Result<f64> {
    let event = Event::open(NAME)?;
    rouse(stage, times, || Ok(event.set()?))
}

fn word(stage: &Stage, times: u64) -> Result<f64> {
    rouse(stage, times, || {
        futex::signal(stage.page.word(LAST_WORD));
        Ok(())
    })
}

fn rouse(stage: &Stage, times: u64, signal: impl Fn() -> Result<()>) -> Result<f64> {
    stage.ready();
    for time in 0..times {
        while stage.page.line(TURN).load(Ordering::Acquire) == time {
            sched_yield();
        }
        stage.until_asleep(sched_yield)?;
        signal()?;
    }
    Ok(0.0)
}

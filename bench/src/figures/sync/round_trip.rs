//! There and back between two processes: on two processors, where nobody needs to sleep, and on one, where both must.

use std::sync::atomic::Ordering;
use std::time::Instant;

use lasthandle::{Event, Timeout, Waitable, Waited};

use crate::Result;
use crate::bare::futex;
use crate::cpus;
use crate::measure::{Bench, Contender, Rival};
use crate::partner::{Part, Partner, Stage};

const THERE: &str = "bench-there";
const BACK: &str = "bench-back";

pub const PARTS: &[(&str, Part)] = &[
    ("answer-events", events),
    ("answer-line", |stage, times| {
        line(stage, times);
        Ok(0.0)
    }),
    ("answer-futex", |stage, times| {
        words(stage, times);
        Ok(0.0)
    }),
];

/// Lines of the page.
const BALL: usize = 1;
const WORD_THERE: usize = 2;
const WORD_BACK: usize = 3;

/// The limit is the cache line itself.
pub fn spinning(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let Some(other) = bench.other_cpu(figure) else { return Ok(()) };
    let pair = Pair::new()?;
    let partner = Partner::start(bench, other)?;
    let limit = Contender::elsewhere("a cache line there and back", |times| {
        partner.stage.page.line(BALL).store(0, Ordering::Release);
        timed(&partner, "answer-line", times, |stage| cpus::call(stage.page.line(BALL), 0, times))
    });
    bench.contest_across(figure, &partner, pair.contender(&partner), vec![Rival::new(limit, 1.1)])
}

/// On one processor each sleeps when the other runs.
pub fn same_cpu(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let pair = Pair::new()?;
    let partner = Partner::start(bench, bench.cpus.here)?;
    let limit = Contender::elsewhere("bare futex", |times| {
        let page = &partner.stage.page;
        for line in [WORD_THERE, WORD_BACK] {
            page.word(line).store(0, Ordering::Release);
        }
        timed(&partner, "answer-futex", times, |stage| {
            let (there, back) = (stage.page.word(WORD_THERE), stage.page.word(WORD_BACK));
            let mut seen = 0;
            for _ in 0..times {
                futex::signal(there);
                seen = futex::wait_while(back, seen);
            }
        })
    });
    bench.contest(figure, pair.contender(&partner), vec![Rival::new(limit, 1.05)])
}

struct Pair {
    there: Event,
    back: Event,
}

impl Pair {
    fn new() -> Result<Self> {
        Ok(Self { there: Event::options().create_new(THERE)?, back: Event::options().create_new(BACK)? })
    }

    fn contender<'a>(&'a self, partner: &'a Partner) -> Contender<'a> {
        Contender::elsewhere("set, wait for the answer", move |times| {
            timed(partner, "answer-events", times, |_| {
                for _ in 0..times {
                    self.there.set().expect("set");
                    take(&self.back);
                }
            })
        })
    }
}

fn timed(partner: &Partner, verb: &str, times: u64, mine: impl FnOnce(&Stage)) -> Result<f64> {
    let with_clock = |stage: &Stage| {
        let start = Instant::now();
        mine(stage);
        start.elapsed().as_nanos() as f64
    };
    Ok(partner.together(verb, times, with_clock)?.0 / times as f64)
}

fn events(stage: &Stage, times: u64) -> Result<f64> {
    let (there, back) = (Event::open(THERE)?, Event::open(BACK)?);
    stage.ready();
    for _ in 0..times {
        take(&there);
        back.set()?;
    }
    Ok(0.0)
}

fn line(stage: &Stage, times: u64) {
    stage.ready();
    cpus::echo(stage.page.line(BALL), times);
}

fn words(stage: &Stage, times: u64) {
    let (there, back) = (stage.page.word(WORD_THERE), stage.page.word(WORD_BACK));
    stage.ready();
    let mut seen = 0;
    for _ in 0..times {
        seen = futex::wait_while(there, seen);
        futex::signal(back);
    }
}

fn take(event: &Event) {
    assert_eq!(event.wait(Timeout::Never).expect("wait"), Waited::Signaled(0));
}

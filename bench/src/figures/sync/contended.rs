//! Two processes that want the same mutex all the time, each from its own processor.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use lasthandle::Mutex;

use crate::Result;
use crate::bare::posix::RobustMutex;
use crate::bare::word::{spin_lock, spin_unlock};
use crate::measure::{Bench, Contender, Rival};
use crate::page::Page;
use crate::partner::{Part, Partner, Stage};

const NAME: &str = "bench-contended";

pub const PARTS: &[(&str, Part)] = &[
    ("contend-ours", |stage, _| part::<Ours>(stage)),
    ("contend-spin", |stage, _| part::<Spin<'_>>(stage)),
    ("contend-robust", |stage, _| part::<Robust<'_>>(stage)),
];

/// Lines of the page. What is protected lies on a line of its own.
const STOP: usize = 1;
const PROTECTED: usize = 2;
const SPIN: usize = 3;
const ROBUST: usize = 4;

/// A lock that both processes use in the same loop.
trait Lock<'a>: Sized {
    const VERB: &'static str;
    const LABEL: &'static str;
    fn at(page: &'a Page) -> Result<Self>;
    fn hold(&self, then: impl FnOnce());
}

struct Ours(Mutex);

impl Lock<'_> for Ours {
    const VERB: &'static str = "contend-ours";
    const LABEL: &'static str = "lock, unlock";

    fn at(_: &Page) -> Result<Self> {
        Ok(Self(Mutex::open(NAME)?))
    }

    #[inline]
    fn hold(&self, then: impl FnOnce()) {
        let guard = self.0.lock().expect("lock").guard();
        then();
        drop(guard);
    }
}

struct Spin<'a>(&'a AtomicU64);

impl<'a> Lock<'a> for Spin<'a> {
    const VERB: &'static str = "contend-spin";
    const LABEL: &'static str = "a bare spin lock that backs off";

    fn at(page: &'a Page) -> Result<Self> {
        Ok(Self(page.line(SPIN)))
    }

    #[inline]
    fn hold(&self, then: impl FnOnce()) {
        spin_lock(self.0);
        then();
        spin_unlock(self.0);
    }
}

struct Robust<'a>(RobustMutex<'a>);

impl<'a> Lock<'a> for Robust<'a> {
    const VERB: &'static str = "contend-robust";
    const LABEL: &'static str = "pthread robust mutex";

    fn at(page: &'a Page) -> Result<Self> {
        Ok(Self(RobustMutex::at(page, ROBUST)))
    }

    #[inline]
    fn hold(&self, then: impl FnOnce()) {
        self.0.lock();
        then();
        self.0.unlock();
    }
}

pub fn mutex(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let Some(other) = bench.other_cpu(figure) else { return Ok(()) };
    let _mutex = Mutex::options().create_new(NAME)?;
    let partner = Partner::start(bench, other)?;
    RobustMutex::new(&partner.stage.page, ROBUST);
    let shares = [const { Cell::new((0.0, 0.0)) }; 3];
    let rivals = vec![
        Rival::new(contender::<Spin<'_>>(&partner, &shares[1]), None),
        Rival::new(contender::<Robust<'_>>(&partner, &shares[2]), 0.7),
    ];
    bench.contest_across(figure, &partner, contender::<Ours>(&partner, &shares[0]), rivals)?;
    let share = |of: usize| 100.0 * shares[of].get().0 / shares[of].get().1;
    let note = "which share the other process had, where half is fair";
    bench.notes.push(format!(
        "{figure}, {note}: ours {:.0} %, spin {:.0} %, pthread {:.0} %",
        share(0),
        share(1),
        share(2)
    ));
    Ok(())
}

/// Nanoseconds from one acquisition to the next, whoever has it; `share` adds up theirs and all.
fn contender<'a, L: Lock<'a>>(partner: &'a Partner, share: &'a Cell<(f64, f64)>) -> Contender<'a> {
    Contender::elsewhere(L::LABEL, move |times| {
        let page = &partner.stage.page;
        let lock = L::at(page)?;
        page.line(STOP).store(0, Ordering::Release);
        page.line(PROTECTED).store(0, Ordering::Release);
        let (took, theirs) = partner.together(L::VERB, times, |_| {
            let start = Instant::now();
            acquire(&lock, page, |done| done == times);
            let took = start.elapsed();
            page.line(STOP).store(1, Ordering::Release);
            took.as_nanos() as f64
        })?;
        let all = page.line(PROTECTED).load(Ordering::Acquire) as f64;
        let (before, of) = share.get();
        share.set((before + theirs, of + all));
        if (all - theirs - times as f64).abs() > 0.5 {
            return Err(format!("{}: two had it at once", L::LABEL).into());
        }
        Ok(took / all)
    })
}

fn part<'a, L: Lock<'a>>(stage: &'a Stage) -> Result<f64> {
    let lock = L::at(&stage.page)?;
    stage.ready();
    let stop = stage.page.line(STOP);
    Ok(acquire(&lock, &stage.page, |_| stop.load(Ordering::Relaxed) != 0) as f64)
}

fn acquire<'a>(lock: &impl Lock<'a>, page: &Page, is_enough: impl Fn(u64) -> bool) -> u64 {
    let protected = page.line(PROTECTED);
    let mut done = 0;
    while !is_enough(done) {
        // Not an atomic addition: who shares the mutex must not lose one.
        lock.hold(|| protected.store(protected.load(Ordering::Relaxed) + 1, Ordering::Relaxed));
        done += 1;
    }
    done
}

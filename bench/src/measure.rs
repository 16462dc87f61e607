//! Ours and its rivals in turn, in many short slices, so that a machine that changes speed changes it for all of them.

use std::fmt::Display;
use std::hint::black_box;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::Result;
use crate::cpus::{self, Cpus};
use crate::partner::Partner;
use crate::root::Root;

/// How long to measure.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Of each contender in each round. Short, so that what disturbs one slice spares the next.
    pub slice: Duration,
    /// Rounds are made until a figure has taken that long …
    pub figure: Duration,
    /// … but at least so many, and at most so many.
    pub rounds: (usize, usize),
}

impl Budget {
    pub const FULL: Self = Self { slice: Duration::from_millis(2), figure: Duration::from_secs(4), rounds: (15, 401) };
    pub const QUICK: Self =
        Self { slice: Duration::from_millis(1), figure: Duration::from_millis(500), rounds: (5, 101) };
}

/// One that is measured: runs an operation so many times and tells nanoseconds for one.
pub struct Contender<'a> {
    pub label: String,
    run: Box<dyn FnMut(u64) -> Result<f64> + 'a>,
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
    fn calibrate(&mut self, slice: Duration) -> Result<u64> {
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

/// What ours should keep.
#[derive(Debug, Clone, Copy)]
pub enum Aim {
    /// So many times the other's cost.
    Ratio(f64),
    /// So many nanoseconds, where nobody else does the like.
    Nanoseconds(f64),
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

/// Median of what the rounds gave, and the range in which nine tenths of them lie.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

impl Spread {
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |percent: usize| values[(values.len() - 1) * percent / 100];
        Self { median: at(50), low: at(5), high: at(95) }
    }
}

/// Ours beside one rival.
#[derive(Debug)]
pub struct Row {
    pub figure: &'static str,
    pub ours: String,
    pub ours_ns: Spread,
    pub rival: String,
    pub rival_ns: Spread,
    /// Of each round by itself.
    pub ratio: Spread,
    pub aim: Option<Aim>,
    pub rounds: usize,
    /// Rounds that do not count, as others had a processor or the distance changed.
    pub dropped: usize,
}

impl Row {
    pub fn is_met(&self) -> Option<bool> {
        self.aim.map(|aim| match aim {
            Aim::Ratio(most) => self.ratio.median <= most,
            Aim::Nanoseconds(most) => self.ours_ns.median <= most,
        })
    }
}

/// Something that happens once at a time and is too rare for slices.
#[derive(Debug)]
pub struct Latency {
    pub figure: &'static str,
    pub what: &'static str,
    pub times: usize,
    pub p50: f64,
    pub p99: f64,
}

impl Latency {
    pub fn of(figure: &'static str, what: &'static str, mut found: Vec<f64>) -> Self {
        found.sort_by(f64::total_cmp);
        let at = |percent: usize| found[(found.len() - 1) * percent / 100];
        Self { figure, what, times: found.len(), p50: at(50), p99: at(99) }
    }
}

/// How far apart the processors were around a figure: nanoseconds of a cache line there and back.
#[derive(Debug)]
pub struct Distance {
    pub figure: &'static str,
    pub before: f64,
    pub after: f64,
}

/// One step of an operation.
#[derive(Debug)]
pub struct Step {
    pub operation: &'static str,
    pub what: String,
    pub ns: Spread,
}

/// A run of the program.
pub struct Bench {
    pub budget: Budget,
    pub cpus: Cpus,
    pub root: Root,
    pub rows: Vec<Row>,
    pub latencies: Vec<Latency>,
    pub distances: Vec<Distance>,
    pub steps: Vec<Step>,
    pub notes: Vec<String>,
}

impl Bench {
    pub fn new(budget: Budget, cpus: Cpus, root: Root) -> Self {
        Self {
            budget,
            cpus,
            root,
            rows: Vec::new(),
            latencies: Vec::new(),
            distances: Vec::new(),
            steps: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub fn is_quick(&self) -> bool {
        self.budget.figure < Budget::FULL.figure
    }

    /// Runs a figure, between two looks at how far apart the processors are.
    pub fn run(&mut self, figure: &'static str, measure: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let before = self.cpus.line()?;
        measure(self)?;
        if let (Some(before), Some(after)) = (before, self.cpus.line()?) {
            eprintln!("  C {before:.0} ns before, {after:.0} ns after");
            self.distances.push(Distance { figure, before, after });
        }
        Ok(())
    }

    /// Those that are there; of the others a line says why not.
    pub fn take<T>(&mut self, found: Vec<Result<T>>) -> Vec<T> {
        let mut there = Vec::new();
        for one in found {
            match one {
                Ok(one) => there.push(one),
                Err(why) => self.skip(why),
            }
        }
        there
    }

    /// Says once why something is not there.
    pub fn skip(&mut self, why: impl Display) {
        let note = format!("skipped: {why}");
        if !self.notes.contains(&note) {
            eprintln!("  {note}");
            self.notes.push(note);
        }
    }

    /// The other processor, or a line that says that the figure needs one.
    pub fn other_cpu(&mut self, figure: &str) -> Option<usize> {
        if self.cpus.other.is_none() {
            self.skip(format!("{figure} needs two processors"));
        }
        self.cpus.other
    }

    /// Measures ours and all rivals, slice by slice in turn, and every other round the other way round.
    pub fn contest(&mut self, figure: &'static str, ours: Contender<'_>, rivals: Vec<Rival<'_>>) -> Result<()> {
        self.compare(figure, ours, rivals, None)
    }

    /// The same between two processes on two processors: a round counts only if these were as far apart after as
    /// before, and nobody else had one of them meanwhile.
    pub fn contest_across(
        &mut self,
        figure: &'static str,
        partner: &Partner,
        ours: Contender<'_>,
        rivals: Vec<Rival<'_>>,
    ) -> Result<()> {
        self.compare(figure, ours, rivals, Some(partner))
    }

    fn line_if(&self, across: Option<&Partner>) -> Result<Option<f64>> {
        across.map_or(Ok(None), |_| self.cpus.line())
    }

    fn compare(
        &mut self,
        figure: &'static str,
        ours: Contender<'_>,
        rivals: Vec<Rival<'_>>,
        across: Option<&Partner>,
    ) -> Result<()> {
        let (mut all, aims): (Vec<_>, Vec<_>) =
            [(ours, None)].into_iter().chain(rivals.into_iter().map(|rival| (rival.contender, rival.aim))).unzip();
        let times = all.iter_mut().map(|one| one.calibrate(self.budget.slice)).collect::<Result<Vec<_>>>()?;
        let mut found = vec![Vec::new(); all.len()];
        let (fewest, most) = self.budget.rounds;
        let (start, mut round, mut dropped) = (Instant::now(), 0, 0);
        let mut before = self.line_if(across)?;
        while round < most && start.elapsed() < self.budget.figure * if round < fewest { 3 } else { 1 } {
            let interruptions = across.map(Partner::interruptions);
            let mut took = vec![0.0; all.len()];
            for at in 0..all.len() {
                let at = if (round + dropped) % 2 == 0 { at } else { all.len() - 1 - at };
                took[at] = (all[at].run)(times[at])?;
            }
            let was_alone = across.map(Partner::interruptions) == interruptions;
            let after = self.line_if(across)?;
            if was_alone && before.zip(after).is_none_or(|(before, after)| cpus::alike(before, after)) {
                found.iter_mut().zip(took).for_each(|(found, took)| found.push(took));
                round += 1;
            } else {
                dropped += 1;
            }
            before = after;
        }
        if round == 0 {
            self.skip(format!("{figure} was disturbed in all its {dropped} rounds"));
            return Ok(());
        }
        for at in 1..all.len() {
            let ratios = found[0].iter().zip(&found[at]).map(|(ours, rival)| ours / rival).collect();
            self.rows.push(Row {
                figure,
                ours: all[0].label.clone(),
                ours_ns: Spread::of(found[0].clone()),
                rival: all[at].label.clone(),
                rival_ns: Spread::of(found[at].clone()),
                ratio: Spread::of(ratios),
                aim: aims[at],
                rounds: round,
                dropped,
            });
        }
        Ok(())
    }
}

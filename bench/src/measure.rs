//! Ours and its rivals in turn, in many short slices, so that a machine that changes speed changes it for all of them.

use std::fmt::Display;
use std::time::{Duration, Instant};

pub use crate::contender::{Contender, Rival};
pub use crate::results::{Distance, Latency, Row, Spread, Step, Tail, Taken};

use crate::Result;
use crate::cpus::{self, Cpus};
use crate::partner::Partner;
use crate::root::Root;

/// Of a slice between two processors that others disturb.
const TRIES: usize = 5;

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

/// A run of the program.
pub struct Bench {
    pub budget: Budget,
    pub cpus: Cpus,
    pub root: Root,
    pub rows: Vec<Row>,
    pub latencies: Vec<Latency>,
    pub distances: Vec<Distance>,
    pub steps: Vec<Step>,
    pub tails: Vec<Tail>,
    pub taken: Vec<Taken>,
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
            tails: Vec::new(),
            taken: Vec::new(),
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

    /// What the figure found is about one message of so many bytes after the other.
    pub fn carries(&mut self, figure: &str, bytes: usize) {
        for row in self.rows.iter_mut().filter(|row| row.figure == figure) {
            row.message = Some(bytes);
        }
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
            let mut took = vec![None; all.len()];
            for at in 0..all.len() {
                let at = if (round + dropped) % 2 == 0 { at } else { all.len() - 1 - at };
                took[at] = run_alone(&mut all[at], times[at], across)?;
            }
            let after = self.line_if(across)?;
            let took = took.into_iter().collect::<Option<Vec<_>>>();
            let is_alike = before.zip(after).is_none_or(|(before, after)| cpus::alike(before, after));
            if let (Some(took), true) = (took, is_alike) {
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
                message: None,
            });
        }
        Ok(())
    }
}

/// What a slice took; again, a few times, if others had one of two processors meanwhile, and none if they always had.
fn run_alone(one: &mut Contender<'_>, times: u64, across: Option<&Partner>) -> Result<Option<f64>> {
    for _ in 0..TRIES {
        let before = across.map(Partner::interruptions);
        let took = (one.run)(times)?;
        if across.map(Partner::interruptions) == before {
            return Ok(Some(took));
        }
    }
    Ok(None)
}

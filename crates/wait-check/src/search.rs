//! The search: every schedule of a program, every instant of a kill.
//!
//! A state that was met before is not searched again. There is no other reduction: what is counted as done is done.

use std::collections::{HashSet, VecDeque};
use std::fmt::{self, Write as _};

use lasthandle::protocol::mutant;

use crate::machine::{end_sleep, step};
use crate::oracle::outcomes;
use crate::outcome::{Outcome, outcome};
use crate::program::Program;
use crate::rules::{check_claims, check_end, sleeps_on_state_only, would_go};
use crate::state::{Doing, Life, State};

/// One thing that may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Step(u8),
    /// A sleeper runs again: it was woken, or its time is up.
    Return(u8),
    /// A sleeper runs again for no reason.
    Look(u8),
    /// A slice is over: as above, when nobody else can run, after a kill.
    Slice(u8),
    Kill(u8),
    Bury(u8),
    Tick,
}

/// What was searched and found.
#[derive(Debug)]
pub struct Report {
    /// States visited.
    pub states: usize,
    /// All there are.
    pub complete: bool,
    /// Different ends that were reached.
    pub outcomes: usize,
    /// What is wrong.
    pub failure: Option<Failure>,
}

/// Something that must not be, and how it came about.
#[derive(Debug)]
pub struct Failure {
    /// What it is.
    pub what: String,
    /// The schedule.
    pub trace: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.trace {
            writeln!(f, "    {line}")?;
        }
        writeln!(f, "  {}", self.what)
    }
}

/// Searches a program, but no more than so many states. Of a failure, a short schedule is looked for.
pub fn check(program: &Program, most: usize) -> Report {
    let allowed = outcomes(program);
    let mut report = Search::new(program, &allowed).run(most, Order::DepthFirst);
    if report.failure.is_some() {
        let shorter = Search::new(program, &allowed).run(300_000, Order::BreadthFirst);
        report.failure = shorter.failure.or(report.failure);
    }
    report
}

#[derive(Clone, Copy, PartialEq)]
enum Order {
    DepthFirst,
    BreadthFirst,
}

struct Search<'a> {
    program: &'a Program,
    allowed: &'a HashSet<Outcome>,
    /// How each state was come by: from which, by what.
    ways: Vec<(u32, Action)>,
    seen: HashSet<u128>,
    reached: HashSet<Outcome>,
}

impl<'a> Search<'a> {
    fn new(program: &'a Program, allowed: &'a HashSet<Outcome>) -> Self {
        Self { program, allowed, ways: vec![(0, Action::Tick)], seen: HashSet::new(), reached: HashSet::new() }
    }

    fn run(mut self, most: usize, order: Order) -> Report {
        let start = State::new(self.program);
        self.seen.insert(start.hash());
        let mut open = VecDeque::from([(start, 0)]);
        let mut states = 0;
        let mut failure = None;
        while let Some((state, way)) = if order == Order::DepthFirst { open.pop_back() } else { open.pop_front() } {
            states += 1;
            if let Err((what, way)) = self.expand(&state, way, &mut open) {
                failure = Some(Failure { what, trace: self.trace(way) });
                break;
            }
            if states == most {
                break;
            }
        }
        Report { states, complete: open.is_empty() && failure.is_none(), outcomes: self.reached.len(), failure }
    }

    fn expand(&mut self, state: &State, way: u32, open: &mut VecDeque<(State, u32)>) -> Result<(), (String, u32)> {
        check_claims(self.program, state).map_err(|what| (what, way))?;
        let mut actions = Vec::new();
        possible(self.program, state, &mut actions);
        if !actions.iter().any(|action| matches!(action, Action::Step(_) | Action::Return(_) | Action::Bury(_))) {
            self.quiet(state, &mut actions).map_err(|what| (what, way))?;
        }
        for action in actions {
            let mut next = state.clone();
            let done = act(self.program, &mut next, action, false);
            let is_new = done.is_err() || self.seen.insert(next.hash());
            if is_new {
                self.ways.push((way, action));
                let here = u32::try_from(self.ways.len() - 1).expect("memory ends earlier");
                done.map_err(|what| (what, here))?;
                open.push_back((next, here));
            }
        }
        Ok(())
    }

    /// Nobody can run by himself.
    fn quiet(&mut self, state: &State, actions: &mut Vec<Action>) -> Result<(), String> {
        let someone_died = state.threads.iter().any(|thread| thread.life == Life::Dead);
        let slices_help = someone_died || self.program.impatient;
        let mut sleeps_beside = false;
        for t in 0..state.threads.len() {
            if matches!(state.threads[t].doing, Doing::Asleep(_)) && would_go(self.program, state, t)? {
                if !slices_help || self.program.prompt {
                    return Err(format!("nobody can run, and thread {t} sleeps beside what it waits for"));
                }
                if mutant::is_open(mutant::Hole::SliceOnStateOnly) && !sleeps_on_state_only(self.program, state, t) {
                    return Err(format!("no slice ends, and thread {t} sleeps beside what it waits for"));
                }
                sleeps_beside = true;
                actions.push(Action::Slice(u8::try_from(t).expect("few threads")));
            }
        }
        if sleeps_beside || actions.contains(&Action::Tick) {
            return Ok(());
        }
        check_end(self.program, state, slices_help)?;
        let outcome = outcome(self.program, state);
        if !self.allowed.contains(&outcome) {
            return Err(format!("Windows cannot end so: {outcome:?}"));
        }
        self.reached.insert(outcome);
        Ok(())
    }

    fn trace(&self, mut way: u32) -> Vec<String> {
        let mut actions = Vec::new();
        while way != 0 {
            let (before, action) = self.ways[way as usize];
            actions.push(action);
            way = before;
        }
        let mut state = State::new(self.program);
        let mut lines = Vec::new();
        for action in actions.into_iter().rev() {
            let said = act(self.program, &mut state, action, true).unwrap_or_else(|what| vec![what]);
            let mut line = match action {
                Action::Step(t) | Action::Return(t) | Action::Look(t) | Action::Slice(t) => format!("thread {t} "),
                Action::Kill(t) | Action::Bury(t) => format!("THREAD {t} "),
                Action::Tick => String::new(),
            };
            let _ = write!(line, "{}", said.join("; "));
            lines.push(line);
        }
        lines
    }
}

fn possible(program: &Program, state: &State, actions: &mut Vec<Action>) {
    for (t, thread) in (0..).zip(&state.threads) {
        match (thread.life, thread.doing) {
            (Life::Dying, _) => actions.push(Action::Bury(t)),
            (Life::Alive, Doing::Running) => actions.push(Action::Step(t)),
            (Life::Alive, Doing::Asleep(until)) => {
                if thread.woken || until.is_some_and(|until| until <= state.now) {
                    actions.push(Action::Return(t));
                } else if state.looks > 0 {
                    actions.push(Action::Look(t));
                }
            }
            _ => {}
        }
        let may_die = !program.prompt || thread.doing == Doing::Done;
        if state.kills > 0 && thread.life == Life::Alive && program.is_victim(usize::from(t)) && may_die {
            actions.push(Action::Kill(t));
        }
    }
    if program.next_instant(state.now).is_some() {
        actions.push(Action::Tick);
    }
}

fn act(program: &Program, state: &mut State, action: Action, tell: bool) -> Result<Vec<String>, String> {
    let said = |what: String| if tell { vec![what] } else { Vec::new() };
    match action {
        Action::Step(t) => step(program, state, usize::from(t), tell),
        Action::Return(t) | Action::Slice(t) | Action::Look(t) => {
            if let Action::Look(_) = action {
                state.looks -= 1;
            }
            Ok(said(end_sleep(state, usize::from(t)).to_owned()))
        }
        Action::Kill(t) => {
            state.kill(usize::from(t));
            Ok(said("IS KILLED".to_owned()))
        }
        Action::Bury(t) => {
            state.bury(usize::from(t));
            Ok(said("is dead: one who sleeps on its life is woken".to_owned()))
        }
        Action::Tick => {
            state.now = program.next_instant(state.now).expect("asked before");
            Ok(said(format!("time goes on to {}", state.now)))
        }
    }
}

//! What the threads of one check do: a few objects, and a short list of operations for each thread.

use std::fmt;

use lasthandle::protocol::words::armed;
use lasthandle::protocol::{Form, Limit};

use crate::state::id;

/// The wall clock of the model is ahead of the other by this: mixing them up is seen.
pub const WALL: u64 = 100;

/// An object as a program begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// An auto-reset event.
    Auto(bool),
    /// A manual-reset event.
    Manual(bool),
    /// A semaphore: its count, of at most so many.
    Semaphore(u32, u32),
    /// A free mutex.
    Mutex,
    /// A mutex that a thread owns.
    Owned(usize),
    /// A mutex whose owner has ended.
    Orphan,
    /// An auto-reset timer, due at a time (0: not armed), and again after each period (0: once).
    Timer(u64, u64),
    /// A manual-reset timer, due at a time (0: not armed).
    ManualTimer(u64),
}

impl Thing {
    /// The kind of its words.
    pub fn form(self) -> Form {
        match self {
            Self::Auto(_) => Form::Event { manual: false },
            Self::Manual(_) => Form::Event { manual: true },
            Self::Semaphore(_, maximum) => Form::Semaphore { maximum },
            Self::Mutex | Self::Owned(_) | Self::Orphan => Form::Mutex,
            Self::Timer(..) => Form::Timer { manual: false },
            Self::ManualTimer(_) => Form::Timer { manual: true },
        }
    }

    /// Its state word; `orphan` is the id of the dead.
    pub fn state(self, orphan: u64) -> u64 {
        let form = self.form();
        match self {
            Self::Auto(set) | Self::Manual(set) => form.initial(u64::from(set)),
            Self::Semaphore(count, _) => form.initial(u64::from(count)),
            Self::Orphan => form.initial(orphan),
            Self::Owned(thread) => form.initial(id(thread).word()),
            Self::Timer(due, _) | Self::ManualTimer(due) if due > 0 => armed(due, false),
            Self::Mutex | Self::Timer(..) | Self::ManualTimer(_) => form.initial(0),
        }
    }

    /// Its period.
    pub fn period(self) -> u64 {
        if let Self::Timer(_, period) = self { period } else { 0 }
    }

    /// When it is due, if it is a timer that is armed.
    pub fn due(self) -> Option<u64> {
        match self {
            Self::Timer(due, _) | Self::ManualTimer(due) if due > 0 => Some(due),
            _ => None,
        }
    }
}

/// One operation. Objects are named by their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Sets an event.
    Set(usize),
    /// Resets it.
    Reset(usize),
    /// Pulses it.
    Pulse(usize),
    /// Releases a semaphore by so many.
    Release(usize, u32),
    /// Releases a mutex once.
    Unlock(usize),
    /// Arms a timer: when, how often, by the wall clock or not.
    Arm(usize, u64, u64, bool),
    /// Cancels a timer.
    Cancel(usize),
    /// Waits for any.
    Any(Vec<usize>, Limit),
    /// Waits for all.
    All(Vec<usize>, Limit),
    /// Raises a thread's alert, for good. A thread's waits can be alerted if somebody does that.
    Raise(usize),
}

/// A program and what may happen to it.
#[derive(Clone)]
#[allow(clippy::struct_excessive_bools)] // each is a condition of its own
pub struct Program {
    /// Says what it is about.
    pub name: String,
    /// The objects.
    pub things: Vec<Thing>,
    /// What each thread does.
    pub threads: Vec<Vec<Op>>,
    /// How many threads may be killed.
    pub kills: u8,
    /// Which ones: a bit for each.
    pub victims: u8,
    /// Threads are killed at their end only, in the middle of nothing: who can take what they leave is woken at once.
    pub prompt: bool,
    /// A wait looks once more before it sleeps, as the engine does for a while.
    pub spins: bool,
    /// How many sleeps may end for no reason, at any time.
    pub looks: u8,
    /// An object may be consumed and signalled again while somebody looks: see `oracle`.
    pub inexact: bool,
    /// Nobody but the sleepers takes what is set or pulsed: a signal that met a sleeper must release one.
    pub must: bool,
    /// Waits take every claim that they meet for one that is stuck. What they lose by that comes back with a slice.
    pub impatient: bool,
    /// Time does not go on beyond this.
    pub horizon: u64,
    /// The times at which it stops on its way.
    instants: Vec<u64>,
}

impl Program {
    /// A program without kills, looks and allowances.
    pub fn new(name: &str, things: &[Thing], threads: Vec<Vec<Op>>) -> Self {
        let mut program = Self {
            name: name.to_owned(),
            things: things.to_vec(),
            threads,
            kills: 0,
            victims: 0,
            prompt: false,
            spins: false,
            looks: 0,
            inexact: false,
            must: false,
            impatient: false,
            horizon: 0,
            instants: Vec::new(),
        };
        let horizon = program.named_times().max().unwrap_or(0);
        program = program.until(horizon);
        program
    }

    /// So many kills among these threads.
    #[must_use]
    pub fn kills(mut self, kills: u8, victims: &[u8]) -> Self {
        self.kills = kills;
        self.victims = victims.iter().fold(0, |all, &t| all | 1 << t);
        self.name = format!("{}, {kills} killed of {victims:?}", self.name);
        self
    }

    /// See [`Program::spins`].
    #[must_use]
    pub fn spins(mut self) -> Self {
        self.spins = true;
        self.name = format!("{}, spinning", self.name);
        self
    }

    /// See [`Program::prompt`].
    #[must_use]
    pub fn prompt(mut self) -> Self {
        self.prompt = true;
        self
    }

    /// So many sleeps end for no reason.
    #[must_use]
    pub fn looks(mut self, looks: u8) -> Self {
        self.looks = looks;
        self.name = format!("{}, {looks} looks", self.name);
        self
    }

    /// See [`Program::inexact`].
    #[must_use]
    pub fn inexact(mut self) -> Self {
        self.inexact = true;
        self
    }

    /// See [`Program::must`].
    #[must_use]
    pub fn must(mut self) -> Self {
        self.must = true;
        self
    }

    /// See [`Program::impatient`].
    #[must_use]
    pub fn impatient(mut self) -> Self {
        self.impatient = true;
        self
    }

    /// See [`Program::horizon`].
    #[must_use]
    pub fn until(mut self, horizon: u64) -> Self {
        self.horizon = horizon;
        let periods = self.periods();
        let mut instants: Vec<u64> = self.named_times().collect();
        // Any due time may come together with any period: by a kill, or a mistake.
        let mut next = 0;
        while let Some(&time) = instants.get(next) {
            let later = periods.iter().map(|period| time + period);
            let later: Vec<u64> = later.filter(|time| *time <= horizon && !instants.contains(time)).collect();
            instants.extend(later);
            next += 1;
        }
        instants.sort_unstable();
        instants.dedup();
        self.instants = instants;
        self
    }

    /// The next time at which something may change by itself.
    pub fn next_instant(&self, now: u64) -> Option<u64> {
        self.instants.iter().copied().find(|&time| time > now && time <= self.horizon)
    }

    fn periods(&self) -> Vec<u64> {
        let armed = self.threads.iter().flatten().filter_map(|op| match *op {
            Op::Arm(_, _, period, _) => Some(period),
            _ => None,
        });
        armed.chain(self.things.iter().map(|thing| thing.period())).filter(|&period| period > 0).collect()
    }

    fn named_times(&self) -> impl Iterator<Item = u64> {
        let limits = self.threads.iter().flatten().filter_map(|op| match *op {
            Op::Any(_, Limit::Until(time)) | Op::All(_, Limit::Until(time)) | Op::Arm(_, time, ..) => Some(time),
            _ => None,
        });
        limits.chain(self.things.iter().filter_map(|thing| thing.due()))
    }

    /// Whether time is of no interest.
    pub fn is_timeless(&self) -> bool {
        self.horizon == 0
    }

    /// Whether a thread's waits can be alerted.
    pub fn is_alertable(&self, thread: usize) -> bool {
        self.threads.iter().flatten().any(|op| *op == Op::Raise(thread))
    }

    /// Whether a thread may be killed.
    pub fn is_victim(&self, thread: usize) -> bool {
        self.victims >> thread & 1 != 0
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        for (x, thing) in self.things.iter().enumerate() {
            writeln!(f, "  object {x}: {thing:?}")?;
        }
        for (t, ops) in self.threads.iter().enumerate() {
            writeln!(f, "  thread {t}: {ops:?}")?;
        }
        Ok(())
    }
}

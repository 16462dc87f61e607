//! Starts the actors, kills them, and says what was seen.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode, ExitStatus};
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use super::board::{Board, Count, NAMES};
use super::holding::label;
use crate::actors::{self, ACTORS};
use crate::noise::Noise;
use crate::parent;
use crate::root::Root;

/// A child that is being started shares its dead parent's memory, and so its locks, until its `exec`.
const AFTER_A_SPAWN: Duration = Duration::from_millis(500);

/// A storm to come.
#[derive(Debug, Clone)]
pub struct Storm {
    /// How many processes are to die.
    pub kills: u64,
    /// How many there are at a time.
    pub actors: usize,
    /// On how many names.
    pub names: usize,
    /// Chooses who dies when; the same seed gives much the same storm.
    pub seed: u64,
    /// Plans for the engine's faults (`fail:…`), in every actor.
    pub fault: Option<String>,
}

impl Default for Storm {
    fn default() -> Self {
        Self { kills: 10_000, actors: 6, names: 4, seed: u64::from(std::process::id()), fault: None }
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    /// Processes that died by SIGKILL.
    pub kills: u64,
    /// What was seen that must never happen.
    pub violations: Vec<String>,
    /// Files that were there after everybody had died, before anybody looked.
    pub leftovers: usize,
    /// Files that were there after a look.
    pub remaining: Vec<PathBuf>,
    /// How often each thing happened.
    pub counts: Vec<(&'static str, u64)>,
    /// How long it took.
    pub time: Duration,
}

struct Slot {
    process: Option<Child>,
    /// Not to be cleared before.
    rest: Option<Instant>,
}

impl Storm {
    /// Lets it blow.
    ///
    /// # Panics
    /// If no process can be started.
    pub fn blow(&self) -> Report {
        self.blow_with(|_| {})
    }

    /// As `blow`, with somebody who meddles with the objects' files all the time.
    ///
    /// # Panics
    /// If no process can be started.
    pub fn blow_with(&self, meddle: impl Fn(&Root)) -> Report {
        let (objects, notes) = (Root::with_mode(0o1777), Root::new());
        let path = notes.path().join("board");
        let board = Board::create(&path);
        board.arrivals(NAMES).store(self.names as u64, SeqCst);
        let begun = Instant::now();
        let mut report = Report::default();
        self.kill_until_done(&objects, &path, &board, &mut report, &meddle);
        report.leftovers = objects.files().len();
        report.look(&objects, self.names);
        report.violations.extend(actors::violations(notes.path()));
        report.count(&board);
        report.time = begun.elapsed();
        report
    }

    fn kill_until_done(&self, objects: &Root, path: &Path, board: &Board, report: &mut Report, meddle: &dyn Fn(&Root)) {
        let mut noise = Noise::new(self.seed);
        let mut slots: Vec<Slot> = (0..self.actors).map(|_| Slot { process: None, rest: None }).collect();
        // A storm in which hardly anybody got to work, on a slow machine, would prove nothing.
        let idle = || board.count(Count::Verified).load(SeqCst).min(board.count(Count::Created).load(SeqCst)) < 60;
        while (report.kills < self.kills || idle()) && report.violations.is_empty() {
            for (actor, slot) in slots.iter_mut().enumerate() {
                slot.attend(actor, board, report);
                if slot.process.is_none() && slot.rest.is_none() {
                    slot.process = Some(self.start(objects, path, actor, noise.next()));
                }
            }
            if noise.once_in(2) {
                let victim = noise.pick(&(0..self.actors).collect::<Vec<_>>()).to_owned();
                if let Some(process) = &mut slots[victim].process {
                    let _ = process.kill();
                }
            }
            meddle(objects);
            std::thread::sleep(Duration::from_micros(noise.below(4000)));
        }
        for slot in &mut slots {
            slot.end(report);
        }
        std::thread::sleep(AFTER_A_SPAWN);
    }

    fn start(&self, objects: &Root, board: &Path, actor: usize, seed: u64) -> Child {
        let (actor, seed) = (actor.to_string(), seed.to_string());
        let words = ["actor".as_ref(), board.as_os_str(), actor.as_ref(), seed.as_ref()];
        actors::start(objects, &words, self.fault.as_deref())
    }
}

impl Slot {
    /// Looks whether the actor died, and clears what it left on the board when that is certainly over.
    fn attend(&mut self, actor: usize, board: &Board, report: &mut Report) {
        let ended = self.process.as_mut().and_then(|process| process.try_wait().expect("a child to wait for"));
        if let Some(status) = ended {
            self.process = None;
            report.ended(status);
            let wait = if board.spawning(actor).load(SeqCst) == 0 { Duration::ZERO } else { AFTER_A_SPAWN };
            self.rest = Some(Instant::now() + wait);
        }
        if self.rest.is_some_and(|rest| Instant::now() >= rest) {
            board.clear(actor);
            self.rest = None;
        }
    }

    fn end(&mut self, report: &mut Report) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            report.ended(process.wait().expect("a child to wait for"));
        }
    }
}

impl Report {
    fn ended(&mut self, status: ExitStatus) {
        match actors::was_killed(status) {
            Ok(()) => self.kills += 1,
            Err(violation) => self.violations.push(violation),
        }
    }

    /// After everybody died: no name is taken, and one look leaves no file.
    fn look(&mut self, objects: &Root, names: usize) {
        let mut witness = parent::Child::new(objects);
        for name in (0..names).map(label) {
            if let Ok(found) = witness.ask(&format!("open 0 {name}")) {
                self.violations.push(format!("{name} outlived its holders: {found}\n"));
            }
        }
        let (listed, remaining) = actors::look(&mut witness, objects);
        self.violations.extend(listed);
        self.remaining = remaining;
    }

    fn count(&mut self, board: &Board) {
        use Count as C;
        self.counts = [
            ("created", C::Created),
            ("opened", C::Opened),
            ("not found", C::NotFound),
            ("already there", C::Exists),
            ("verified while held", C::Verified),
            ("children started", C::Spawned),
            ("suspicions cleared", C::Suspected),
            ("kept busy", C::Busy),
        ]
        .map(|(label, what)| (label, board.count(what).load(SeqCst)))
        .to_vec();
    }

    /// Whether everything was as it must be.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty() && self.remaining.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} kills in {:.1} s", self.kills, self.time.as_secs_f64())?;
        for (label, count) in &self.counts {
            writeln!(f, "  {label}: {count}")?;
        }
        writeln!(f, "  files left by the killed: {}, after a look: {}", self.leftovers, self.remaining.len())?;
        for violation in &self.violations {
            write!(f, "  VIOLATION {violation}")?;
        }
        Ok(())
    }
}

/// `storm [--kills N] [--actors N] [--names N] [--seed N] [--fault PLAN]`
pub fn command(words: &[&str]) -> ExitCode {
    let Some(storm) = parse(words) else {
        eprintln!("storm: [--kills N] [--actors 1-{ACTORS}] [--names 1-{NAMES}] [--seed N] [--fault PLAN]");
        eprintln!("storm: --fuzz ROUNDS [SEED]");
        return ExitCode::from(2);
    };
    println!("{storm:?}");
    let report = storm.blow();
    print!("{report}");
    if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn parse(words: &[&str]) -> Option<Storm> {
    let mut storm = Storm::default();
    for pair in words.chunks(2) {
        let [option, value] = pair else { return None };
        match *option {
            "--kills" => storm.kills = value.parse().ok()?,
            "--actors" => storm.actors = value.parse().ok().filter(|actors| (1..=ACTORS).contains(actors))?,
            "--names" => storm.names = value.parse().ok().filter(|names| (1..=NAMES).contains(names))?,
            "--seed" => storm.seed = value.parse().ok()?,
            "--fault" => storm.fault = Some((*value).to_owned()),
            _ => return None,
        }
    }
    Some(storm)
}

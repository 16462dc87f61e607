//! Starts the actors, kills them, and says what was seen.

use std::fmt;
use std::path::PathBuf;
use std::process::{Child, ExitCode, ExitStatus};
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use super::board::{Board, Count};
use crate::actors::{self, ACTORS};
use crate::noise::Noise;
use crate::parent;
use crate::root::Root;

/// A storm to come.
#[derive(Debug, Clone)]
pub struct SyncStorm {
    /// How many processes are to die.
    pub kills: u64,
    /// How many there are at a time.
    pub actors: usize,
    /// How many die in one round; each round has fresh objects and ends with a count.
    pub round: u64,
    /// Chooses who dies when.
    pub seed: u64,
    /// Plans for the engine's faults (`fail:…`), in every actor.
    pub fault: Option<String>,
}

impl Default for SyncStorm {
    fn default() -> Self {
        Self { kills: 10_000, actors: 6, round: 400, seed: u64::from(std::process::id()), fault: None }
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    /// Processes that died by SIGKILL.
    pub kills: u64,
    /// Rounds.
    pub rounds: u64,
    /// What was seen that must never happen.
    pub violations: Vec<String>,
    /// Files left by the killed, and life files among them.
    pub leftovers: u64,
    /// Files that were there after a look.
    pub remaining: Vec<PathBuf>,
    /// How often each thing happened.
    pub counts: Vec<(&'static str, u64)>,
    /// How long it took.
    pub time: Duration,
}

impl SyncStorm {
    /// Lets it blow.
    ///
    /// # Panics
    /// If no process can be started.
    pub fn blow(&self) -> Report {
        let begun = Instant::now();
        let (mut report, mut noise) = (Report::default(), Noise::new(self.seed));
        while report.kills < self.kills && report.is_clean() {
            self.blow_a_round(&mut report, &mut noise);
            report.rounds += 1;
        }
        report.time = begun.elapsed();
        report
    }

    fn blow_a_round(&self, report: &mut Report, noise: &mut Noise) {
        let (objects, notes) = (Root::with_mode(0o1777), Root::new());
        let path = notes.path().join("board");
        let board = Board::create(&path);
        let mut referee = self.start(&objects, &["sync-referee".as_ref(), path.as_os_str()]);
        while board.stage().load(SeqCst) == 0 && referee.try_wait().is_ok_and(|ended| ended.is_none()) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let mut slots: Vec<Option<Child>> = (0..self.actors).map(|_| None).collect();
        let end = report.kills + self.round.min(self.kills - report.kills);
        while report.kills < end && report.violations.is_empty() {
            for (actor, slot) in slots.iter_mut().enumerate() {
                attend(slot, actor, &board, report);
                if slot.is_none() {
                    let (actor, seed) = (actor.to_string(), noise.next().to_string());
                    let words = ["sync-actor".as_ref(), path.as_os_str(), actor.as_ref(), seed.as_ref()];
                    *slot = Some(self.start(&objects, &words));
                }
            }
            if noise.once_in(2) {
                let victim = usize::try_from(noise.below(self.actors as u64)).expect("few");
                if let Some(process) = &mut slots[victim] {
                    let _ = process.kill();
                }
            }
            if referee.try_wait().is_ok_and(|ended| ended.is_some()) {
                report.violations.push("the referee ended the round\n".into());
            }
            std::thread::sleep(Duration::from_micros(noise.below(4000)));
        }
        board.stage().store(2, SeqCst);
        for (actor, slot) in slots.iter_mut().enumerate() {
            if let Some(process) = slot {
                let _ = process.kill();
                let status = process.wait().expect("a child to wait for");
                report.ended(status);
                board.clear(actor);
            }
        }
        board.stage().store(3, SeqCst);
        let status = referee.wait().expect("a child to wait for");
        report.leftovers += objects.files().len() as u64;
        report.look(&objects);
        report.violations.extend(actors::violations(notes.path()));
        if !status.success() && report.violations.is_empty() {
            report.violations.push(format!("the referee ended with {status}\n"));
        }
        report.count(&board);
    }

    fn start(&self, objects: &Root, words: &[&std::ffi::OsStr]) -> Child {
        actors::start(objects, words, self.fault.as_deref())
    }
}

/// Looks whether the actor died.
fn attend(slot: &mut Option<Child>, actor: usize, board: &Board, report: &mut Report) {
    let Some(process) = slot else { return };
    if let Some(status) = process.try_wait().expect("a child to wait for") {
        report.ended(status);
        board.clear(actor);
        *slot = None;
    }
}

impl Report {
    fn ended(&mut self, status: ExitStatus) {
        match actors::was_killed(status) {
            Ok(()) => self.kills += 1,
            Err(violation) => self.violations.push(violation),
        }
    }

    /// After everybody is gone: no name is taken, and one look leaves no file.
    fn look(&mut self, objects: &Root) {
        let mut witness = parent::Child::new(objects);
        let (listed, remaining) = actors::look(&mut witness, objects);
        self.violations.extend(listed);
        self.remaining = remaining;
    }

    fn count(&mut self, board: &Board) {
        use Count as C;
        let now = [
            ("locks", C::Locks),
            ("of the semaphore", C::Taken),
            ("waits for any", C::Anys),
            ("waits for all", C::Alls),
            ("tries", C::Tries),
            ("signals", C::Signals),
            ("names", C::Names),
            ("told abandoned", C::Abandoned),
            ("deaths of possible owners", C::Widows),
            ("deaths in a wait for all", C::Parted),
            ("looks of the referee", C::Looks),
        ]
        .map(|(label, what)| (label, board.count(what).load(SeqCst)));
        if self.counts.is_empty() {
            self.counts = now.map(|(label, _)| (label, 0)).to_vec();
        }
        self.counts.iter_mut().zip(now).for_each(|(sum, (_, count))| sum.1 += count);
    }

    /// Whether everything was as it must be.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty() && self.remaining.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} kills in {} rounds, {:.1} s", self.kills, self.rounds, self.time.as_secs_f64())?;
        for (label, count) in &self.counts {
            writeln!(f, "  {label}: {count}")?;
        }
        writeln!(f, "  files left by the killed: {}, after a look: {:?}", self.leftovers, self.remaining)?;
        for violation in &self.violations {
            write!(f, "  VIOLATION {violation}")?;
        }
        Ok(())
    }
}

/// `storm sync [--kills N] [--actors N] [--round N] [--seed N] [--fault PLAN]`
pub fn command(words: &[&str]) -> ExitCode {
    let Some(storm) = parse(words) else {
        eprintln!("storm: sync [--kills N] [--actors 1-{ACTORS}] [--round N] [--seed N] [--fault PLAN]");
        return ExitCode::from(2);
    };
    println!("{storm:?}");
    let report = storm.blow();
    print!("{report}");
    if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn parse(words: &[&str]) -> Option<SyncStorm> {
    let mut storm = SyncStorm::default();
    for pair in words.chunks(2) {
        let [option, value] = pair else { return None };
        match *option {
            "--kills" => storm.kills = value.parse().ok()?,
            "--actors" => storm.actors = value.parse().ok().filter(|actors| (1..=ACTORS).contains(actors))?,
            "--round" => storm.round = value.parse().ok().filter(|&round| round > 0)?,
            "--seed" => storm.seed = value.parse().ok()?,
            "--fault" => storm.fault = Some((*value).to_owned()),
            _ => return None,
        }
    }
    Some(storm)
}

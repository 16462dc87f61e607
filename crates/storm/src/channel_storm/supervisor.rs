//! Starts the actors, kills them, and says what was seen.

use std::fmt;
use std::path::PathBuf;
use std::process::{Child, ExitCode};
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use super::board::Board;
use super::{LANES, NAME, Shape};
use crate::actors;
use crate::noise::Noise;
use crate::parent;
use crate::root::Root;

/// Most kills of a round; each has a fresh channel and ends with a count.
const ROUND: u64 = 200;
/// How long the last receiver may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A storm to come.
#[derive(Debug, Clone)]
pub struct ChannelStorm {
    /// How many processes are to die.
    pub kills: u64,
    /// What is stormed.
    pub shape: Shape,
    /// How many send to one receiver at a time, or receive from one sender; one less than the channel is for at most.
    pub many: usize,
    /// Chooses who dies when.
    pub seed: u64,
}

impl Default for ChannelStorm {
    fn default() -> Self {
        let many = LANES as usize - 1;
        Self { kills: 10_000, shape: Shape::Queue, many, seed: u64::from(std::process::id()) }
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    /// Processes that died by SIGKILL.
    pub kills: u64,
    /// Messages that were sent and arrived.
    pub messages: u64,
    /// What the channels told to be lost.
    pub lost: u64,
    /// How often senders, and receivers, were told that the other side has gone.
    pub told: (u64, u64),
    /// What was seen that must never happen.
    pub violations: Vec<String>,
    /// Files that were there after a look.
    pub remaining: Vec<PathBuf>,
    /// How long it took.
    pub time: Duration,
}

impl ChannelStorm {
    /// Lets it blow.
    ///
    /// # Panics
    /// If no process can be started.
    pub fn blow(&self) -> Report {
        let begun = Instant::now();
        let (mut report, mut noise) = (Report::default(), Noise::new(self.seed));
        while report.kills < self.kills && report.is_clean() {
            let kills = ROUND.min(self.kills - report.kills);
            Round::new(self.shape, self.many).blow(kills, &mut report, &mut noise);
        }
        report.time = begun.elapsed();
        report
    }
}

/// A channel and its actors; in slot 0 the only one of its kind.
struct Round {
    shape: Shape,
    objects: Root,
    notes: Root,
    board: Board,
    slots: Vec<Option<Child>>,
}

impl Round {
    fn new(shape: Shape, many: usize) -> Self {
        let (objects, notes) = (Root::new(), Root::new());
        let board = Board::create(&notes.path().join("board"));
        Self { shape, objects, notes, board, slots: (0..=many).map(|_| None).collect() }
    }

    fn blow(mut self, kills: u64, report: &mut Report, noise: &mut Noise) {
        // Who keeps the channel when all others are dead. It has it as a mapping, and no end.
        let mut keeper = parent::Child::new(&self.objects);
        keeper.ok(&format!("channel storm 0 {} {NAME}", self.shape.name()));
        let end = report.kills + kills;
        while report.kills < end && report.violations.is_empty() {
            for slot in 0..self.slots.len() {
                self.attend(slot, report, noise);
            }
            if noise.once_in(2) {
                let victim = usize::try_from(noise.below(self.slots.len() as u64)).expect("few");
                if let Some(process) = &mut self.slots[victim] {
                    let _ = process.kill();
                }
            }
            std::thread::sleep(Duration::from_micros(noise.below(8000)));
        }
        self.finish(report, noise);
        keeper.finish();
        let mut witness = parent::Child::new(&self.objects);
        let (listed, remaining) = actors::look(&mut witness, &self.objects);
        report.violations.extend(listed);
        report.remaining = remaining;
    }

    /// Looks whether an actor died, and starts the next one.
    fn attend(&mut self, slot: usize, report: &mut Report, noise: &mut Noise) {
        if let Some(process) = &mut self.slots[slot] {
            let Some(status) = process.try_wait().expect("a child to wait for") else { return };
            report.ended(status);
        }
        self.slots[slot] = Some(self.start(if slot == 0 { self.shape.one() } else { self.shape.many() }, noise));
    }

    fn start(&self, what: &str, noise: &mut Noise) -> Child {
        let (path, seed) = (self.notes.path().join("board"), noise.next().to_string());
        actors::start(&self.objects, &["channel-actor".as_ref(), what.as_ref(), path.as_ref(), seed.as_ref()], None)
    }

    /// All die, and a last receiver takes what is left.
    fn finish(&mut self, report: &mut Report, noise: &mut Noise) {
        for mut process in self.slots.drain(..).flatten() {
            let _ = process.kill();
            report.ended(process.wait().expect("a child to wait for"));
        }
        self.board.stage().store(1, SeqCst);
        let mut last = self.start(self.shape.receives(), noise);
        let begun = Instant::now();
        while last.try_wait().expect("a child to wait for").is_none() && begun.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(1));
        }
        if last.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = last.kill();
            report.violations.push("the last receiver was not told that nobody is left\n".into());
        }
        let _ = last.wait();
        report.violations.extend(actors::violations(self.notes.path()));
        let (messages, wrong) = match self.shape {
            Shape::Queue => self.board.check(),
            _ => self.board.check_cast(),
        };
        report.messages += messages;
        report.violations.extend(wrong);
        report.lost += self.board.lost().load(SeqCst);
        report.told.0 += self.board.refused().load(SeqCst);
        report.told.1 += self.board.deserted().load(SeqCst);
    }
}

impl Report {
    fn ended(&mut self, status: std::process::ExitStatus) {
        match actors::was_killed(status) {
            Ok(()) => self.kills += 1,
            Err(violation) => self.violations.push(violation),
        }
    }

    /// Whether everything was as it must be.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty() && self.remaining.is_empty() && self.lost <= self.kills
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} kills, {} messages, {:.1} s", self.kills, self.messages, self.time.as_secs_f64())?;
        writeln!(f, "  told to be lost: {}", self.lost)?;
        writeln!(f, "  told that the other side is gone: senders {} times, receivers {}", self.told.0, self.told.1)?;
        writeln!(f, "  files after a look: {:?}", self.remaining)?;
        self.violations.iter().try_for_each(|violation| write!(f, "  VIOLATION {violation}"))
    }
}

/// `storm channel [--shape queue|broadcast|lossy|latest] [--kills N] [--many N] [--seed N]`
pub fn command(words: &[&str]) -> ExitCode {
    let Some(storm) = parse(words) else {
        eprintln!(
            "storm: channel [--shape queue|broadcast|lossy|latest] [--kills N] [--many 1-{}] [--seed N]",
            LANES - 1
        );
        return ExitCode::from(2);
    };
    println!("{storm:?}");
    let report = storm.blow();
    print!("{report}");
    if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn parse(words: &[&str]) -> Option<ChannelStorm> {
    let mut storm = ChannelStorm::default();
    for pair in words.chunks(2) {
        let [option, value] = pair else { return None };
        match *option {
            "--kills" => storm.kills = value.parse().ok()?,
            "--shape" => storm.shape = Shape::of(value)?,
            "--many" => storm.many = value.parse().ok().filter(|many| (1..LANES as usize).contains(many))?,
            "--seed" => storm.seed = value.parse().ok()?,
            _ => return None,
        }
    }
    Some(storm)
}

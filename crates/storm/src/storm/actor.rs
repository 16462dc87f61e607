//! One process of the storm: does what programs do, and looks whether it was right.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering::SeqCst;

use lasthandle::sys::linux::fault::{self, Plan};
use lasthandle::{ErrorKind, Mapping};

use super::board::{Board, Claim, Count, NAMES};
use super::holding::{Checked, Holding, Kept, label, size};
use crate::noise::Noise;

/// The exit code of an actor that saw what must never happen.
pub(crate) const VIOLATION: u8 = 3;

struct Actor {
    me: usize,
    names: usize,
    /// A handle is closed after about so many looks.
    patience: u64,
    noise: Noise,
    board: Board,
    held: [Option<Holding>; NAMES],
    kept: Option<Kept>,
}

/// What the board said before a call.
struct Before {
    alone: bool,
    arrival: u64,
    claims: Vec<Claim>,
    generation: u64,
}

/// Acts until killed, or until something is wrong: then says so in a file beside the board.
pub fn act(board: &str, slot: &str, seed: &str) -> u8 {
    let (Ok(me), Ok(seed)) = (slot.parse::<usize>(), seed.parse::<u64>()) else { return 2 };
    let path = Path::new(board);
    let board = Board::open(path);
    let names = usize::try_from(board.arrivals(NAMES).load(SeqCst)).unwrap_or(1);
    let mut noise = Noise::new(seed);
    let mut plans = fault::parse(&std::env::var("STORM_FAULT").unwrap_or_default()).unwrap_or_default();
    if noise.once_in(2) {
        // Dies inside the engine.
        plans.push(Plan::Kill { nth: 1 + noise.below(600) });
    }
    fault::arm(plans);
    let patience = 1 + noise.below(6);
    let mut actor = Actor { me, names, patience, noise, board, held: Default::default(), kept: None };
    loop {
        if let Err(what) = actor.step() {
            let text = format!("actor {me}, seed {seed}: {what}\n");
            let _ = std::fs::write(path.with_file_name(format!("violation.{me}")), text);
            return VIOLATION;
        }
    }
}

impl Actor {
    fn step(&mut self) -> Checked {
        self.board.heartbeat(self.me).fetch_add(1, SeqCst);
        let name = usize::try_from(self.noise.below(self.names as u64)).expect("few names");
        if self.noise.once_in(50) {
            self.look_around()?;
        }
        if let Some(kept) = &self.kept {
            kept.verify(self.me)?;
        }
        match self.held[name].take() {
            None => self.attempt(name),
            Some(holding) if self.noise.once_in(self.patience) => {
                self.close(name, holding);
                Ok(())
            }
            Some(holding) => {
                if self.noise.once_in(20) {
                    self.start_a_child();
                }
                holding.verify(name, self.me)?;
                self.board.count(Count::Verified).fetch_add(1, SeqCst);
                self.held[name] = Some(holding);
                Ok(())
            }
        }
    }

    /// Creates or opens, and judges the outcome by what the board said before and says after.
    fn attempt(&mut self, name: usize) -> Checked {
        self.board.maybe(self.me, name).store(1, SeqCst);
        let arrival = self.board.arrivals(name).fetch_add(1, SeqCst) + 1;
        let before = Before {
            alone: self.board.is_alone(self.me, name),
            arrival,
            claims: self.board.claims(self.me, name),
            generation: self.board.generations().load(SeqCst),
        };
        let outcome = match self.noise.below(3) {
            0 => Mapping::create(label(name), size(name)),
            1 => Mapping::create_new(label(name), size(name)),
            _ => Mapping::open(label(name)),
        };
        let held = self.judge(name, &before, outcome)?;
        match held {
            None => self.board.maybe(self.me, name).store(0, SeqCst),
            Some(holding) => {
                self.board.stamp(self.me, name).store(holding.stamp(), SeqCst);
                self.board.turn(self.me, name).fetch_add(1, SeqCst);
                self.held[name] = Some(holding);
            }
        }
        Ok(())
    }

    fn judge(&self, name: usize, before: &Before, outcome: lasthandle::Result<Mapping>) -> Checked<Option<Holding>> {
        let alone = before.alone && self.board.arrivals(name).load(SeqCst) == before.arrival;
        let standing: Vec<Claim> =
            before.claims.iter().filter(|claim| self.board.stands(claim, name)).copied().collect();
        let count = |what| self.board.count(what).fetch_add(1, SeqCst);
        match outcome {
            Ok(mapping) if mapping.opened_existing() => {
                count(Count::Opened);
                if alone {
                    return Err(format!("a dead object opened under `{}`", label(name)));
                }
                check_size(name, &mapping)?;
                self.same_as(&standing, Holding::new(mapping, &self.board, self.me)?)
            }
            Ok(mapping) => {
                count(Count::Created);
                self.nobody_of(&standing, "two live objects: created beside a holder")?;
                check_size(name, &mapping)?;
                Holding::check_fresh(&mapping, before.generation)?;
                Holding::new(mapping, &self.board, self.me).map(Some)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                count(Count::NotFound);
                self.nobody_of(&standing, "a name lost while held: not found").map(|()| None)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                count(Count::Exists);
                if alone { Err("a dead object exists".into()) } else { Ok(None) }
            }
            Err(error) if error.kind() == ErrorKind::Busy => {
                count(Count::Busy);
                Err(format!("kept busy: {error}"))
            }
            Err(error) => Err(format!("a half-made object seen, or worse: {error}")),
        }
    }

    /// None of the claims is by a living actor.
    fn nobody_of(&self, claims: &[Claim], what: &str) -> Checked {
        for claim in claims {
            self.board.count(Count::Suspected).fetch_add(1, SeqCst);
            if self.board.lives(claim, self.me) {
                return Err(format!("{what}, but actor {} held it all the time", claim.actor));
            }
        }
        Ok(())
    }

    /// Every claim by a living actor is on this very object.
    fn same_as(&self, claims: &[Claim], holding: Holding) -> Checked<Option<Holding>> {
        let others: Vec<Claim> = claims.iter().filter(|claim| claim.stamp != holding.stamp()).copied().collect();
        self.nobody_of(&others, "two live objects: opened another one")?;
        Ok(Some(holding))
    }

    fn close(&mut self, name: usize, holding: Holding) {
        self.board.turn(self.me, name).fetch_add(1, SeqCst);
        self.kept = Some(holding.close());
        self.board.maybe(self.me, name).store(0, SeqCst);
    }

    fn start_a_child(&mut self) {
        self.board.spawning(self.me).store(1, SeqCst);
        let child = Command::new("true").stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        self.board.spawning(self.me).store(0, SeqCst);
        if child.is_ok_and(|mut child| child.wait().is_ok()) {
            self.board.count(Count::Spawned).fetch_add(1, SeqCst);
        }
    }

    /// Lists what exists, and collects what was left, in the middle of it all.
    fn look_around(&mut self) -> Checked {
        let mine: Vec<String> = (0..self.names).filter(|&name| self.held[name].is_some()).map(full_label).collect();
        let entries = lasthandle::list().map_err(|error| format!("no list: {error}"))?;
        for entry in &entries {
            entry.info.as_ref().map_err(|error| format!("a listed object cannot be asked: {error}"))?;
            if entry.holders == Some(0) {
                return Err(format!("{} is listed and nobody holds it", entry.label));
            }
        }
        if let Some(missing) = mine.iter().find(|label| !entries.iter().any(|entry| entry.label == **label)) {
            return Err(format!("{missing} is held and not listed"));
        }
        if self.noise.once_in(4) {
            lasthandle::collect_leftovers(false).map_err(|error| format!("no collection: {error}"))?;
        }
        Ok(())
    }
}

fn check_size(name: usize, mapping: &Mapping) -> Checked {
    if mapping.size() == size(name) { Ok(()) } else { Err(format!("half-made: {} bytes", mapping.size())) }
}

fn full_label(name: usize) -> String {
    let label = label(name);
    if label.starts_with("Global") { label } else { format!("Local\\{label}") }
}

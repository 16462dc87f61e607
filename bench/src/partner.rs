//! The other process: this program once more, told its parts on standard input like a peer, with a page that both
//! share. Who uses objects together uses them from two processes.

use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustix::thread::sched_yield;

use crate::Result;
use crate::cpus;
use crate::figures::PARTS;
use crate::measure::Bench;
use crate::page::Page;
use crate::peers::Peer;
use crate::sleeper::{self, Sleeper};

/// What it does at a verb: it opens what it needs, says that it is ready, and answers with a number.
pub type Part = fn(&Stage, u64) -> Result<f64>;

/// Where the partner says that it is ready, and is told to go. Figures use other lines.
const START: usize = 0;
const READY: u64 = 1;
const GO: u64 = 2;
/// Longer than any start takes, shorter than anybody would wait.
const PATIENCE: Duration = Duration::from_secs(10);

/// What both see.
pub struct Stage {
    pub page: Page,
    /// The process at the other side.
    peer: Sleeper,
    /// What parts open once and use again, one of a type.
    kept: RefCell<HashMap<TypeId, Box<dyn Any>>>,
}

impl Stage {
    fn new(path: &str, peer: u32) -> Result<Self> {
        let path = std::ffi::CString::new(path)?;
        Ok(Self { page: Page::at(&path)?, peer: Sleeper::process(peer)?, kept: RefCell::default() })
    }

    /// The partner's word that it could begin; returns when it should.
    pub fn ready(&self) {
        let start = self.page.line(START);
        start.store(READY, Ordering::Release);
        while start.load(Ordering::Acquire) != GO {
            sched_yield();
        }
    }

    /// Keeps it for the parts that come later, in place of the last of its type.
    pub fn keep<T: 'static>(&self, thing: T) {
        self.kept.borrow_mut().insert(TypeId::of::<T>(), Box::new(thing));
    }

    /// Has what was kept do something.
    pub fn with<T: 'static, R>(&self, use_it: impl FnOnce(&mut T) -> R) -> Result<R> {
        let mut kept = self.kept.borrow_mut();
        let thing = kept.get_mut(&TypeId::of::<T>()).and_then(|thing| thing.downcast_mut());
        Ok(use_it(thing.ok_or("nothing of that type was kept")?))
    }

    /// Drops it.
    pub fn forget<T: 'static>(&self) {
        self.kept.borrow_mut().remove(&TypeId::of::<T>());
    }

    /// Looks until the other process' first thread sleeps. A pause that lets it have the processor is necessary on one
    /// processor; between two it would count as an interruption.
    pub fn until_asleep(&self, pause: fn()) -> Result<()> {
        self.peer.until_asleep(pause)
    }
}

/// A running partner. It ends when it is dropped.
pub struct Partner {
    peer: RefCell<Peer>,
    pub stage: Stage,
    /// The processor it is on.
    pub cpu: usize,
    /// How often one of the two had to leave its processor to others while they did something together.
    interruptions: Cell<u64>,
}

impl Partner {
    /// Starts one on that processor, with a page of its own.
    pub fn start(bench: &Bench, cpu: usize) -> Result<Self> {
        let path = bench.root.file("stage").into_string()?;
        let _ = std::fs::remove_file(&path);
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--partner").arg(&path).stderr(Stdio::inherit());
        let peer = Peer::spawn("partner", &mut command)?;
        let stage = Stage::new(&path, peer.id())?;
        let partner = Self { peer: RefCell::new(peer), stage, cpu, interruptions: Cell::new(0) };
        let may_use = [Some(bench.cpus.here), bench.cpus.other].into_iter().flatten();
        for allowed in may_use {
            partner.ask("may-use", allowed as u64)?;
        }
        partner.ask("pin", cpu as u64)?;
        Ok(partner)
    }

    /// How often others had one of the two processors while both processes were measured, since the start.
    pub fn interruptions(&self) -> u64 {
        self.interruptions.get()
    }

    /// Its answer, with nothing done here.
    pub fn ask(&self, verb: &str, number: u64) -> Result<f64> {
        self.peer.borrow_mut().run(verb, number)
    }

    /// Has it do a part while another is done here; what came of both. (One at a time.)
    pub fn together<T>(&self, verb: &str, number: u64, mine: impl FnOnce(&Stage) -> T) -> Result<(T, f64)> {
        let mut peer = self.peer.borrow_mut();
        let start = self.stage.page.line(START);
        start.store(0, Ordering::Release);
        peer.tell(verb, number)?;
        let told = Instant::now();
        while start.load(Ordering::Acquire) != READY {
            sched_yield();
            if told.elapsed() > PATIENCE {
                return Err(format!("the other process does not begin {verb}").into());
            }
        }
        let both = [std::process::id(), peer.id()];
        let before = both.map(sleeper::interruptions);
        start.store(GO, Ordering::Release);
        let result = mine(&self.stage);
        for (before, after) in before.into_iter().zip(both.map(sleeper::interruptions)) {
            self.interruptions.set(self.interruptions.get() + after? - before?);
        }
        Ok((result, peer.hear()?))
    }

    /// Kills it, without waiting for its end.
    pub fn kill(&self) -> Result<()> {
        self.peer.borrow_mut().kill()
    }
}

impl Drop for Partner {
    /// It may be asleep in a part of its own if ours failed.
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// What the partner's process does until its standard input ends.
pub fn serve(path: &str) -> Result<()> {
    let stage = Stage::new(path, std::os::unix::process::parent_id())?;
    let mut may_use = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (verb, number) = line.rsplit_once(' ').ok_or("VERB NUMBER")?;
        let number: u64 = number.parse()?;
        let answer = match verb {
            "may-use" => {
                may_use.push(usize::try_from(number)?);
                cpus::may_use(&may_use).map(|()| 0.0)
            }
            "pin" => cpus::know_all().and_then(|()| cpus::pin(usize::try_from(number)?)).map(|()| 0.0),
            verb => {
                let (_, part) = PARTS.iter().find(|(name, _)| name == verb).ok_or("no such part")?;
                part(&stage, number)
            }
        };
        let mut output = std::io::stdout().lock();
        writeln!(output, "{}", answer.map_err(|error| format!("partner, {verb}: {error}"))?)?;
        output.flush()?;
    }
    Ok(())
}

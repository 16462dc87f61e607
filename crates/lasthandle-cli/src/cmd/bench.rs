//! `bench`: how fast channels are here and now, between two processes on two processors.
//!
//! This process is the one that measures; its partner, the same program, answers.

mod machine;
mod partner;
mod table;

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use core_affinity::CoreId;
use lasthandle::channel::{ChannelOptions, Duplex, Receiver};
use lasthandle::{Mapping, Name, Timeout, View, Waitable};

use machine::Machine;
use table::{Figure, Report, Unit};

/// How long each figure is measured, at most.
const BUDGET: Duration = Duration::from_millis(500);
/// And how often, at most.
const MOST: usize = 100_000;
/// What is not measured, but makes everything present.
const WARM_UP: usize = 100;
/// How long to wait for the partner's first word.
const PATIENCE: Duration = Duration::from_secs(10);
const MEBIBYTE: usize = 1 << 20;
/// Small messages of one sample.
const BURST: u32 = 1000;

/// Measure how fast channels are on this machine, in some seconds
///
/// Two processes on two processors, which this program keeps them on: messages there and back, spinning and asleep, and
/// one way. Each figure is also told as a multiple of the time that a cache line takes there and back between the two,
/// measured in the same run: that compares machines. Other work on the machine shows in the 99th percentiles first.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print a JSON object
    #[arg(long)]
    json: bool,
    /// Be the partner (for the program itself)
    #[arg(long, hide = true, value_name = "NAME")]
    partner: Option<Name>,
    /// Which processor the partner is for
    #[arg(long, hide = true, requires = "partner")]
    cpu: Option<usize>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    if let Some(name) = &args.partner {
        return partner::run(name, args.cpu);
    }
    let machine = Machine::look();
    if !args.json {
        crate::output::line(&machine.to_string())?;
    }
    let bench = Bench::start()?;
    let report = bench.report(machine)?;
    if args.json { Ok(crate::output::json(&report)?) } else { report.print() }
}

/// Keeps this process on a processor; no harm if the system does not let us.
fn pin(cpu: usize) {
    core_affinity::set_for_current(CoreId { id: cpu });
}

/// What both processes make, each by its own name.
#[derive(Debug, Clone, Copy)]
enum Item {
    Line,
    Spinning,
    Asleep,
    Small,
    Large,
    InPlace,
}

impl Item {
    /// In the order in which they are measured.
    const ALL: [Self; 6] = [Self::Line, Self::Spinning, Self::Asleep, Self::Small, Self::Large, Self::InPlace];

    fn name(self, base: &Name) -> String {
        format!("{base}-{self:?}")
    }

    fn options(self) -> ChannelOptions {
        match self {
            Self::Large | Self::InPlace => ChannelOptions::new().max_message(MEBIBYTE).capacity(8 * MEBIBYTE),
            Self::Small => ChannelOptions::new().max_message(64).capacity(256 << 10),
            Self::Line | Self::Spinning | Self::Asleep => ChannelOptions::new(),
        }
    }
}

/// The words that a cache line is bounced by: the question, and that the partner ends.
struct Line {
    view: View,
    /// Keeps the name, by which the other process finds it.
    _mapping: Mapping,
}

impl Line {
    const END: u64 = u64::MAX;

    fn new(base: &Name) -> anyhow::Result<Self> {
        let mapping = Mapping::create(Item::Line.name(base), 4096)?;
        Ok(Self { view: mapping.view()?, _mapping: mapping })
    }

    fn word(&self) -> anyhow::Result<&AtomicU64> {
        Ok(self.view.atomic(0)?)
    }

    /// Until the word is something else than `old`; an error, if that takes too long.
    fn next(word: &AtomicU64, old: u64) -> anyhow::Result<u64> {
        let mut end = None;
        loop {
            for _ in 0..10_000 {
                match word.load(Ordering::Acquire) {
                    same if same == old => {} // and no pause: it may be longer than the line's journey
                    new => return Ok(new),
                }
            }
            if Instant::now() >= *end.get_or_insert_with(|| Instant::now() + PATIENCE) {
                bail!("the other process does not answer");
            }
            std::thread::yield_now(); // there may be one processor only
        }
    }
}

/// The measuring side.
struct Bench {
    name: Name,
    partner: Child,
    /// Nanoseconds of looking at the clock, which are in every sample.
    clock: f64,
}

impl Bench {
    fn start() -> anyhow::Result<Self> {
        let name = Name::new(&format!("Local\\lasthandle-bench-{}", std::process::id()))?;
        let program = std::env::current_exe().context("cannot find this program again")?;
        let mut command = Command::new(program);
        command.args(["bench", "--partner", &name.to_string()]).stdin(Stdio::null()).stdout(Stdio::null());
        if let Some([here, there]) = processors() {
            command.args(["--cpu", &there.to_string()]);
            pin(here);
        }
        let partner = command.spawn().context("cannot start the partner process")?;
        let clock = table::median(measure(0.0, || Ok(()))?);
        Ok(Self { name, partner, clock })
    }

    fn report(mut self, machine: Machine) -> anyhow::Result<Report> {
        let line = self.line()?;
        let figures = vec![
            Figure::new("round trip, 8 B, spinning", Unit::Trip, self.spinning()?),
            Figure::new("round trip, 8 B, asleep", Unit::Trip, self.asleep()?),
            Figure::new("one way, 64 B", Unit::Message(64), self.small()?),
            Figure::new("one way, 1 MiB, copied", Unit::Message(MEBIBYTE), self.large()?),
            Figure::new("round trip, 1 MiB, in place", Unit::Trip, self.in_place()?),
        ];
        self.partner.wait().context("cannot wait for the partner process")?;
        Ok(Report::new(machine, line, figures))
    }

    fn measure(&self, call: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<Vec<f64>> {
        measure(self.clock, call)
    }

    /// A cache line, there and back.
    fn line(&self) -> anyhow::Result<Vec<f64>> {
        let line = Line::new(&self.name)?;
        let (word, mut question) = (line.word()?, 0);
        let samples = self.measure(|| {
            question += 2;
            word.store(question - 1, Ordering::Release);
            Line::next(word, question - 1).map(drop)
        });
        word.store(Line::END, Ordering::Release);
        samples
    }

    fn spinning(&self) -> anyhow::Result<Vec<f64>> {
        let mut duplex: Duplex<u64> = Item::Spinning.options().duplex(Item::Spinning.name(&self.name))?;
        duplex.call_timeout(&0, PATIENCE)?.context("the partner process does not answer")?;
        self.measure(|| Ok(duplex.call(&1).map(drop)?))
    }

    /// A wait for `readable` never spins.
    fn asleep(&self) -> anyhow::Result<Vec<f64>> {
        let mut duplex: Duplex<u64> = Item::Asleep.options().duplex(Item::Asleep.name(&self.name))?;
        self.measure(|| {
            duplex.sender.send(&1)?;
            duplex.receiver.readable().wait(PATIENCE.into())?;
            duplex.receiver.try_recv()?.context("the partner process does not answer")?;
            Ok(())
        })
    }

    fn small(&self) -> anyhow::Result<Vec<f64>> {
        let mut receiver: Receiver<[u64; 8]> = Item::Small.options().receiver(Item::Small.name(&self.name))?;
        receiver.recv_timeout(PATIENCE)?.context("the partner process sends nothing")?;
        let samples = self.measure(|| {
            for _ in 0..BURST {
                receiver.recv()?;
            }
            Ok(())
        })?;
        Ok(samples.into_iter().map(|burst| burst / f64::from(BURST)).collect())
    }

    fn large(&self) -> anyhow::Result<Vec<f64>> {
        let mut receiver: Receiver = Item::Large.options().receiver(Item::Large.name(&self.name))?;
        let mut message = vec![0; MEBIBYTE];
        receiver.recv_into(&mut message, PATIENCE)?.context("the partner process sends nothing")?;
        self.measure(|| Ok(receiver.recv_into(&mut message, Timeout::Never).map(drop)?))
    }

    fn in_place(&self) -> anyhow::Result<Vec<f64>> {
        let mut duplex: Duplex = Item::InPlace.options().duplex(Item::InPlace.name(&self.name))?;
        self.measure(|| {
            partner::send_in_place(&mut duplex)?;
            drop(duplex.receiver.recv_ref_timeout(PATIENCE)?.context("the partner process does not answer")?);
            Ok(())
        })
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.partner.kill(); // has ended already unless something failed
        let _ = self.partner.wait();
    }
}

/// Two processors that we may use; none: there is one only, or the system does not tell.
fn processors() -> Option<[usize; 2]> {
    let cores = core_affinity::get_core_ids()?;
    match &*cores {
        [here, there, ..] => Some([here.id, there.id]),
        _ => None,
    }
}

/// Nanoseconds of each call, for as long as it pays.
fn measure(clock: f64, mut call: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<Vec<f64>> {
    for _ in 0..WARM_UP {
        call()?;
    }
    let mut samples = Vec::with_capacity(MOST);
    let start = Instant::now();
    let mut before = start;
    while samples.len() < MOST && (before - start < BUDGET || samples.is_empty()) {
        call()?;
        let now = Instant::now();
        samples.push(((now - before).as_secs_f64() * 1e9 - clock).max(0.0));
        before = now;
    }
    Ok(samples)
}

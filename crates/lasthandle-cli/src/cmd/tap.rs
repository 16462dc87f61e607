//! `tap`: a channel, watched without taking part.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;
use lasthandle::Name;
use lasthandle::channel::{ChannelInfo, EndInfo, LaneInfo, Presence, Role, Sighting, Tap};
use serde::Serialize;

use crate::channel::{Content, Show};
use crate::failure;
use crate::output::{self, Column, Table};
use crate::units;

/// How long to rest between two looks in vain: the first time, and the longest.
const REST: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(16));
/// How often to look who is there: that takes some system calls.
const ROLL_CALL: Duration = Duration::from_millis(200);

/// Watch a channel without taking part: who has its ends, what waits in it; with --follow, what passes
///
/// It consumes nothing, and can write nothing there. Only its handle is one more that keeps the channel.
///
/// With --follow it prints the messages that pass, beginning with those that wait, until nobody has an end any more.
/// Nobody waits for it: what it missed, it says on stderr, in bytes of the channel.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  lasthandle tap Jobs
  lasthandle tap Jobs --follow --for 10s")]
pub(crate) struct Args {
    /// The channel's name, such as 'Local\Jobs'
    name: Name,
    /// Print the messages that pass
    #[arg(long)]
    follow: bool,
    /// With --follow: end after this time: 300ms, 5s, 2m
    #[arg(long = "for", value_name = "DURATION", value_parser = units::duration, requires = "follow")]
    duration: Option<Duration>,
    /// With --follow: write the messages as they are, one behind another, without newlines
    #[arg(long, requires = "follow", conflicts_with = "json")]
    raw: bool,
    /// Print a JSON object; with --follow one a line
    #[arg(long)]
    json: bool,
}

/// The stable JSON shape of a channel.
#[derive(Serialize)]
struct Channel {
    name: String,
    form: &'static str,
    capacity: u64,
    max_message: u64,
    /// Bytes of each message; null: any length.
    message_size: Option<u64>,
    ends: Vec<End>,
    lanes: Vec<Lane>,
}

/// The stable JSON shape of an end.
#[derive(Serialize)]
struct End {
    role: &'static str,
    state: &'static str,
    pid: Option<u32>,
    taken: u64,
    sleeps: bool,
    lost: u64,
}

/// The stable JSON shape of a lane.
#[derive(Serialize)]
struct Lane {
    from: u32,
    to: u32,
    messages: Option<u64>,
    bytes: Option<u64>,
    received: Option<u64>,
}

/// The stable JSON shapes of what passes.
#[derive(Serialize)]
struct Passed<'a> {
    lane: u32,
    #[serde(flatten)]
    content: Content<'a>,
}

#[derive(Serialize)]
struct Skipped {
    lane: u32,
    skipped: u64,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let tap = Tap::open(&args.name)?;
    if args.follow {
        return args.follow(tap);
    }
    let channel = Channel::of(&args.name, tap.info());
    if args.json {
        return Ok(output::json(&channel)?);
    }
    for (label, value) in channel.facts() {
        output::line(&format!("{label:<13}{}", output::printable(&value)))?;
    }
    Ok(channel.table().print()?)
}

impl Args {
    fn follow(&self, mut tap: Tap) -> anyhow::Result<()> {
        if tap.info().form == "latest" {
            bail!("no messages pass `{}`: it is a latest value; without --follow, tap shows who has it", self.name);
        }
        let end = self.duration.and_then(|duration| Instant::now().checked_add(duration));
        let (mut rest, mut called) = (REST.0, Instant::now());
        loop {
            // Who leaves has left all its messages there: so first who is there, then what is.
            let roll_call = called.elapsed() >= ROLL_CALL;
            let last = (roll_call && is_deserted(&tap.info())) || end.is_some_and(|end| Instant::now() >= end);
            if roll_call {
                called = Instant::now();
            }
            let sightings = tap.look()?;
            rest = if sightings.is_empty() { (rest * 2).min(REST.1) } else { REST.0 };
            for sighting in sightings {
                self.print(sighting)?;
            }
            if last {
                return Ok(());
            }
            thread::sleep(rest);
        }
    }

    fn print(&self, sighting: Sighting) -> anyhow::Result<()> {
        match sighting {
            Sighting::Message { lane, bytes } => {
                let passed = Passed { lane, content: Content::of(&bytes) };
                Show::new(self.raw, self.json).print(&bytes, &passed)
            }
            Sighting::Skipped { lane, bytes: skipped } if self.json => {
                Ok(output::line(&serde_json::to_string(&Skipped { lane, skipped })?)?)
            }
            Sighting::Skipped { bytes, .. } => {
                failure::note(&format!("{} passed too fast to be seen", units::show_bytes(bytes)));
                Ok(())
            }
        }
    }
}

fn is_deserted(info: &ChannelInfo) -> bool {
    info.ends.iter().all(|end| end.presence != Presence::Here)
}

impl Channel {
    fn of(name: &Name, info: ChannelInfo) -> Self {
        let ChannelInfo { form, capacity, max_message, message_size, ends, lanes, .. } = info;
        Self {
            name: name.to_string(),
            form,
            capacity,
            max_message,
            message_size,
            ends: ends.into_iter().map(End::from).collect(),
            lanes: lanes.into_iter().map(Lane::from).collect(),
        }
    }

    fn facts(&self) -> [(&'static str, String); 4] {
        let messages = match self.message_size {
            Some(size) => format!("of {}", units::show_bytes(size)),
            None => format!("of any length up to {}", units::show_bytes(self.max_message)),
        };
        [
            ("name", self.name.clone()),
            ("form", self.form.into()),
            ("capacity", units::show_bytes(self.capacity)),
            ("messages", messages),
        ]
    }

    fn table(&self) -> Table {
        let columns = [Column::Left("ROLE"), Column::Right("PID"), Column::Left("STATE")];
        let more = [Column::Right("WAITING"), Column::Right("BYTES"), Column::Right("LOST")];
        let mut table = Table::new(columns.into_iter().chain(more).collect());
        for (index, end) in (0..).zip(&self.ends) {
            let lane = self.lanes.iter().find(|lane| lane.belongs_to(index, self.form));
            table.row(end.row(lane));
        }
        table
    }
}

impl End {
    fn row(&self, lane: Option<&Lane>) -> [String; 6] {
        let number = |number: Option<u64>| number.map_or_else(|| "-".into(), |number| number.to_string());
        let state = match (self.state, self.sleeps) {
            ("here", true) => "sleeps",
            ("never", _) => "free",
            (state, _) => state,
        };
        [
            self.role.into(),
            number(self.pid.map(u64::from)),
            state.into(),
            number(lane.and_then(|lane| lane.messages)),
            number(lane.and_then(|lane| lane.bytes)),
            self.lost.to_string(),
        ]
    }
}

impl Lane {
    /// Of a broadcast each receiver has a place of its own in what one has sent; else each sender has a ring.
    fn belongs_to(&self, end: u32, form: &str) -> bool {
        end == if form == "broadcast" { self.to } else { self.from }
    }
}

impl From<EndInfo> for End {
    fn from(end: EndInfo) -> Self {
        let role = match end.role {
            Role::Sends => "sends",
            Role::Receives => "receives",
            _ => "both",
        };
        let state = match end.presence {
            Presence::Never => "never",
            Presence::Here => "here",
            Presence::Gone => "gone",
        };
        Self { role, state, pid: end.process, taken: end.taken, sleeps: end.sleeps, lost: end.lost }
    }
}

impl From<LaneInfo> for Lane {
    fn from(LaneInfo { from, to, messages, bytes, received, .. }: LaneInfo) -> Self {
        Self { from, to, messages, bytes, received }
    }
}

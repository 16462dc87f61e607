//! What `send`, `recv` and `tap` have in common: how a channel is made, and how a message is shown.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lasthandle::channel::ChannelOptions;
use lasthandle::{Name, Timeout};
use serde::Serialize;

use crate::failure::{self, TimedOut};
use crate::{output, units};

/// Nobody wonders before.
const MOMENT: Duration = Duration::from_secs(1);

/// How to make the channel, if there is none.
#[derive(Debug, clap::Args)]
pub(crate) struct Making {
    /// If the channel is made: room for messages on their way, of each sender. Default: 64K
    #[arg(long, value_name = "BYTES", value_parser = units::some_size)]
    capacity: Option<u64>,
    /// If the channel is made: the longest message. Default: 16K, or what is sent, if that is more
    #[arg(long, value_name = "BYTES", value_parser = units::size)]
    max_message: Option<u64>,
    /// If the channel is made: how many may send at a time, 1 to 60
    #[arg(long, value_name = "N", default_value_t = 1)]
    senders: u32,
}

impl Making {
    /// For messages of at least that length.
    pub(crate) fn options(&self, longest: usize) -> anyhow::Result<ChannelOptions> {
        const LONGEST: usize = 16 << 10;
        let count = |bytes: u64| usize::try_from(bytes).context("no memory holds that many bytes");
        let mut options = ChannelOptions::new().senders(self.senders);
        if let Some(capacity) = self.capacity {
            options = options.capacity(count(capacity)?);
        }
        Ok(options.max_message(self.max_message.map_or(Ok(longest.max(LONGEST)), count)?))
    }
}

/// A wait for the other side, which may take long: then people are told what is waited for.
pub(crate) struct Patience {
    limit: Option<Duration>,
    since: Instant,
    told: bool,
}

impl Patience {
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        Self { limit, since: Instant::now(), told: false }
    }

    /// Waits as long as there is patience. `what` is waited for, in words that go behind a `no`.
    pub(crate) fn wait<T>(
        &mut self,
        what: impl Fn() -> String,
        mut wait: impl FnMut(Timeout) -> lasthandle::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        loop {
            let left = self.limit.map(|limit| limit.saturating_sub(self.since.elapsed()));
            let step = if self.told { left } else { Some(left.map_or(MOMENT, |left| left.min(MOMENT))) };
            if let Some(done) = wait(units::timeout(step))? {
                return Ok(done);
            }
            match self.limit {
                Some(limit) if self.since.elapsed() >= limit => {
                    let waited = units::show_duration(limit);
                    return Err(TimedOut(format!("no {}; waited {waited}", what())).into());
                }
                _ => self.tell(&what()),
            }
        }
    }

    /// Scripts are not told: they know what they wait for.
    fn tell(&mut self, what: &str) {
        if !self.told && self.since.elapsed() >= MOMENT {
            self.told = true;
            if io::stderr().is_terminal() {
                failure::note(&format!("no {what} yet; waiting, Ctrl-C ends it"));
            }
        }
    }
}

/// How messages are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// Each with a newline.
    Lines,
    /// One behind another.
    Raw,
    Json,
}

/// The stable JSON shape of a message.
#[derive(Serialize)]
pub(crate) struct Content<'a> {
    /// When it was seen: RFC 3339, UTC.
    time: Option<String>,
    /// Bytes.
    length: usize,
    /// If it is text in UTF-8.
    text: Option<&'a str>,
    /// If it is not.
    base64: Option<String>,
}

impl<'a> Content<'a> {
    pub(crate) fn of(message: &'a [u8]) -> Self {
        let text = std::str::from_utf8(message).ok();
        let base64 = text.is_none().then(|| STANDARD.encode(message));
        Self { time: units::show_time(SystemTime::now()), length: message.len(), text, base64 }
    }
}

impl Show {
    pub(crate) fn new(raw: bool, json: bool) -> Self {
        match (raw, json) {
            (_, true) => Self::Json,
            (true, _) => Self::Raw,
            _ => Self::Lines,
        }
    }

    /// Prints a message at once; `json` is its line for machines.
    pub(crate) fn print(self, message: &[u8], json: &impl Serialize) -> anyhow::Result<()> {
        match self {
            Self::Json => Ok(output::line(&serde_json::to_string(json)?)?),
            Self::Raw => Ok(output::raw(message)?),
            Self::Lines => Ok(line(message)?),
        }
    }
}

/// Bytes as they are; but a terminal is given no power over itself.
fn line(message: &[u8]) -> io::Result<()> {
    let message = if io::stdout().is_terminal() {
        let text = String::from_utf8_lossy(message);
        Cow::Owned(output::printable_lines(&text).into_owned().into_bytes())
    } else {
        Cow::Borrowed(message)
    };
    let mut out = io::stdout().lock();
    out.write_all(&message)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// `receiver of the channel X`.
pub(crate) fn of(what: &str, name: &Name) -> String {
    format!("{what} `{name}`")
}

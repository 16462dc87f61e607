//! What a long-running verb tells, step by step: a sentence for people, or one JSON object a line.

use std::fmt::{self, Display};
use std::io;
use std::time::Duration;

use serde::Serialize;

use crate::output;
use crate::stop::{self, Reason, Until};
use crate::units;

/// The teller.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Steps {
    json: bool,
}

/// The arguments that every verb which holds something has.
#[derive(Debug, clap::Args)]
pub(crate) struct Holding {
    /// End after this time: 300ms, 5s, 2m. Input is left alone then
    #[arg(long = "for", value_name = "DURATION", value_parser = units::duration)]
    duration: Option<Duration>,
    /// Print each step as one JSON object a line
    #[arg(long)]
    json: bool,
}

impl Holding {
    pub(crate) fn steps(&self) -> Steps {
        Steps { json: self.json }
    }

    /// Until when it holds; without a time: `otherwise`.
    pub(crate) fn until(&self, otherwise: Until) -> Until {
        self.duration.map_or(otherwise, Until::Time)
    }
}

/// The steps that every verb which holds something has.
#[derive(Debug, Serialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
enum Step<'a> {
    Ready { pid: u32, until: &'a str },
    Ended { reason: Reason },
}

impl Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready { until, .. } => write!(f, "Ready. {until}"),
            Self::Ended { reason } => write!(f, "{}.", reason.as_str()),
        }
    }
}

impl Steps {
    /// Tells a step. They are news, what the verb holds is the work: a reader that has gone away does not end it.
    pub(crate) fn say(self, step: &(impl Serialize + Display)) -> anyhow::Result<()> {
        let line =
            if self.json { serde_json::to_string(step)? } else { output::printable(&step.to_string()).into_owned() };
        match output::line(&line) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }

    /// Says that all is ready, sleeps until there is a reason to stop, and says which.
    pub(crate) fn hold(self, until: Until) -> anyhow::Result<()> {
        let stop = stop::listen(until)?;
        self.say(&Step::Ready { pid: std::process::id(), until: &until.to_string() })?;
        self.say(&Step::Ended { reason: stop.wait() })
    }
}

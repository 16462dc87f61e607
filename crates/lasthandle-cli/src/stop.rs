//! When to stop holding: Enter, the end of input, a signal, or time.

use std::fmt;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;

use crate::units;

/// What ended the wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reason {
    Enter,
    EndOfInput,
    Signal,
    Time,
}

impl Reason {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Enter => "Enter was pressed",
            Self::EndOfInput => "The input ended",
            Self::Signal => "A signal to end came",
            Self::Time => "The time is over",
        }
    }
}

/// What is listened to, beside signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// A line, or the end, of standard input.
    Input,
    /// So much time; input does not matter.
    Time(Duration),
    /// Nothing.
    Signal,
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => f.write_str("Press Enter to end."),
            Self::Time(limit) => write!(f, "Ends after {}, or with Ctrl-C.", units::show_duration(*limit)),
            Self::Signal => f.write_str("Press Ctrl-C to end."),
        }
    }
}

/// From here on Ctrl-C and SIGTERM no longer end the process but the wait; a close of the console, too.
pub(crate) fn listen(until: Until) -> anyhow::Result<Stop> {
    let (tell, told) = channel();
    let signal = tell.clone();
    let on_signal = move || {
        let _ = signal.send(Reason::Signal); // fails only when the wait is over
    };
    ctrlc::set_handler(on_signal).context("cannot listen for Ctrl-C")?;
    if until == Until::Input {
        watch_input(tell.clone());
    }
    // A sender is kept so that the wait goes on when the input thread has ended.
    Ok(Stop { until, told, _tell: tell })
}

/// The wait, ready to begin.
pub(crate) struct Stop {
    until: Until,
    told: Receiver<Reason>,
    _tell: Sender<Reason>,
}

impl Stop {
    /// Sleeps until there is a reason to stop.
    pub(crate) fn wait(&self) -> Reason {
        let limit = match self.until {
            Until::Time(limit) => limit,
            _ => Duration::MAX,
        };
        match self.told.recv_timeout(limit) {
            Ok(reason) => reason,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Reason::Time,
        }
    }
}

/// A thread of its own, for a blocking read cannot be given up; it ends with the process.
fn watch_input(tell: Sender<Reason>) {
    std::thread::spawn(move || {
        let reason = match io::stdin().read_line(&mut String::new()) {
            Ok(1..) => Reason::Enter,
            // What is no text was typed by somebody all the same.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Reason::Enter,
            _ => Reason::EndOfInput,
        };
        let _ = tell.send(reason); // fails only when something else has ended the wait
    });
}

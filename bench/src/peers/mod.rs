//! Peers that are programs of their own. Each is started once, told on its standard input `VERB COUNT`, and answers
//! with the nanoseconds that one operation took it; so it is measured in turn like everybody else.

mod kernel32;
mod library;
mod programs;

pub use kernel32::Kernel32;
pub use library::{function, load};
pub use programs::{boost, python, queue_library, wine, wine_sync};

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::Result;

/// A running peer. It ends when its standard input does.
pub struct Peer {
    pub label: &'static str,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Peer {
    fn start(label: &'static str, command: &mut Command) -> Result<Self> {
        let mut peer = Self::spawn(label, command.stderr(Stdio::null()))?;
        peer.run("create", 1)?;
        Ok(peer)
    }

    /// Starts it, and asks it nothing yet.
    pub fn spawn(label: &'static str, command: &mut Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take().ok_or("no output")?);
        Ok(Self { label, child, input, output: BufReader::new(output) })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill()?)
    }

    /// Nanoseconds for one of so many operations.
    pub fn run(&mut self, verb: &str, times: u64) -> Result<f64> {
        self.tell(verb, times)?;
        self.hear()
    }

    /// The question alone.
    pub fn tell(&mut self, verb: &str, times: u64) -> Result<()> {
        Ok(writeln!(self.input.as_mut().ok_or("ended")?, "{verb} {times}")?)
    }

    /// The answer to it.
    pub fn hear(&mut self) -> Result<f64> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        line.trim().parse().map_err(|_| format!("{} answered {line:?}", self.label).into())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.wait();
    }
}

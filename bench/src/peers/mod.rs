//! Peers that are programs of their own. Each is started once, told on its standard input `VERB COUNT`, and answers
//! with the nanoseconds that one operation took it; so it is measured in turn like everybody else.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::Result;

const PYTHON: &str = include_str!("shared_memory.py");
const WINDOWS: &str = include_str!("file_mapping.c");
const COMPILER: &str = "x86_64-w64-mingw32-gcc";

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

/// Python's `multiprocessing.shared_memory`.
pub fn python(name: &str, bytes: usize) -> Result<Peer> {
    let mut command = Command::new("python3");
    command.args(["-c", PYTHON, name, &bytes.to_string()]);
    Peer::start("Python's SharedMemory", &mut command).map_err(|why| format!("Python: {why}").into())
}

/// Windows' own calls as Wine has them, in a prefix beside this program, so that no other program's server is asked.
pub fn wine(bytes: usize) -> Result<Peer> {
    let start = || {
        let directory = beside_us()?;
        let (source, program) = (directory.join("file_mapping.c"), directory.join("file_mapping.exe"));
        fs::write(&source, WINDOWS)?;
        let compiled = Command::new(COMPILER).args(["-O2", "-o"]).arg(&program).arg(&source).status();
        if !compiled.map_err(|why| format!("{COMPILER}: {why}"))?.success() {
            return Err(format!("{COMPILER} failed").into());
        }
        let mut command = Command::new("wine");
        command.arg(&program).arg(bytes.to_string());
        command.env("WINEPREFIX", directory.join("prefix")).env("WINEDEBUG", "-all");
        command.env("WINEDLLOVERRIDES", "mscoree,mshtml="); // asks for no downloads at the first start
        Peer::start("Wine's CreateFileMapping", &mut command)
    };
    start().map_err(|why: Box<dyn std::error::Error>| format!("Wine: {why}").into())
}

/// A directory in cargo's target directory.
fn beside_us() -> Result<PathBuf> {
    let directory = std::env::current_exe()?.parent().ok_or("no directory")?.join("wine");
    fs::create_dir_all(&directory)?;
    Ok(directory)
}

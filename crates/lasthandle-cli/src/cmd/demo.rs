//! `demo`: the whole story in one command, with real processes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, bail, ensure};
use lasthandle::{ErrorKind, Name};
use serde::Serialize;
use serde_json::Value;

use crate::output;

const MESSAGE: &str = "Hello from the server process \u{1F44B}";
const SECOND_MESSAGE: &str = "Hello from its successor";
/// Large enough that it would be missed.
const KILLED_SIZE: &str = "64M";

/// See it all in one go: a message crosses between two processes, and a killed server leaves nothing behind
///
/// Starts a server and a client as processes of their own and checks what they say; then kills a server that has had
/// no chance to clean up, and checks that its name and its memory are gone. Exit code 1 if anything is not as promised.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print the story as a JSON object
    #[arg(long)]
    json: bool,
}

/// The stable JSON shape of the story.
#[derive(Serialize)]
struct Story {
    name: String,
    ok: bool,
    steps: Vec<Check>,
    #[serde(skip)]
    aloud: bool,
}

#[derive(Serialize)]
struct Check {
    step: &'static str,
    ok: bool,
    detail: String,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let nonce = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.subsec_micros();
    let name = Name::new(&format!("Local\\lasthandle-demo-{}-{nonce}", std::process::id()))?;
    let mut story = Story { name: name.to_string(), ok: false, steps: Vec::new(), aloud: !args.json };
    let told = message_crosses(&mut story, &name).and_then(|()| killed_server_leaves_nothing(&mut story, &name));
    story.ok = told.is_ok();
    if args.json {
        output::json(&story)?;
    } else if story.ok {
        output::line("\nAll as promised. The same by hand, in two terminals:")?;
        output::line("  lasthandle serve 'Local\\HelloWorld'\n  lasthandle read 'Local\\HelloWorld'")?;
    }
    told
}

fn message_crosses(story: &mut Story, name: &Name) -> anyhow::Result<()> {
    story.chapter("A message crosses between two processes")?;
    let server = Server::start(name, MESSAGE, "256")?;
    let detail = format!("the server, process {}, created `{name}` and wrote: {MESSAGE}", server.pid());
    story.check("server-created", server.created, detail)?;

    let client = read(name)?;
    let text = String::from_utf8_lossy(&client.stdout).trim_end().to_owned();
    story.check("client-read", text == MESSAGE, format!("a client process opened the name and read: {text}"))?;

    let ended = server.press_enter()?;
    story.check("server-ended", ended, "Enter was pressed: the server closed its handle, the last one")?;
    story.check("name-ended", is_gone(name)?, "the name is gone")
}

fn killed_server_leaves_nothing(story: &mut Story, name: &Name) -> anyhow::Result<()> {
    story.chapter("A server is killed and has no chance to clean up")?;
    let server = Server::start(name, MESSAGE, KILLED_SIZE)?;
    let detail = format!("a server, process {}, created `{name}` anew, {KILLED_SIZE} in size", server.pid());
    story.check("second-server-created", server.created, detail)?;
    story.check("name-listed", is_listed(name)?, "`lasthandle ls` shows it")?;

    server.kill()?;
    story.check("server-killed", true, "it is killed: SIGKILL, on Windows TerminateProcess")?;
    let client = read(name)?;
    let detail = format!("a client is told, exit code 3: {}", String::from_utf8_lossy(&client.stderr).trim_end());
    story.check("name-gone", client.status.code() == Some(3), detail)?;
    story.check("name-not-listed", is_gone(name)? && !is_listed(name)?, "`lasthandle ls` no longer shows it")?;
    story.check(
        "memory-given-back",
        !has_leftover(name)?,
        "its memory is given back: `lasthandle gc` finds nothing",
    )?;

    let server = Server::start(name, SECOND_MESSAGE, "256")?;
    story.check("created-afresh", server.created, "the next server creates the name afresh")?;
    let ended = server.press_enter()? && is_gone(name)?;
    story.check("nothing-left", ended, "it ends, and nothing is left")
}

fn is_gone(name: &Name) -> anyhow::Result<bool> {
    match lasthandle::inspect(name) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error.into()),
    }
}

fn is_listed(name: &Name) -> anyhow::Result<bool> {
    Ok(lasthandle::list()?.iter().any(|entry| entry.name.as_ref() == Some(name)))
}

fn has_leftover(name: &Name) -> anyhow::Result<bool> {
    let label = name.to_string();
    Ok(lasthandle::collect_leftovers(true)?.iter().any(|leftover| leftover.label == label))
}

fn read(name: &Name) -> anyhow::Result<std::process::Output> {
    lasthandle_command()?.args(["read", &name.to_string()]).output().context("cannot start a client")
}

/// This very program.
fn lasthandle_command() -> anyhow::Result<Command> {
    Ok(Command::new(std::env::current_exe().context("cannot find this program again")?))
}

impl Story {
    fn chapter(&self, title: &str) -> std::io::Result<()> {
        let gap = if self.steps.is_empty() { "" } else { "\n" };
        if self.aloud { output::line(&format!("{gap}{title}")) } else { Ok(()) }
    }

    /// Tells what happened; what should not have happened ends the story.
    fn check(&mut self, step: &'static str, ok: bool, detail: impl Into<String>) -> anyhow::Result<()> {
        let detail = detail.into();
        if self.aloud {
            let mark = if ok { "ok" } else { "WRONG" };
            output::line(&format!("  {mark:<4} {}", output::printable(&detail)))?;
        }
        let failed = format!("not as promised at `{step}`: this is not true: {detail}");
        self.steps.push(Check { step, ok, detail });
        ensure!(ok, failed);
        Ok(())
    }
}

/// A `lasthandle serve` in a process of its own. Whatever happens to this one, that one ends: its input does.
struct Server {
    child: Child,
    input: Option<ChildStdin>,
    /// Kept open until the end: the server's last words go there.
    _steps: BufReader<ChildStdout>,
    /// Whether it made the name, or met it.
    created: bool,
}

impl Server {
    /// Starts it and waits until it serves.
    fn start(name: &Name, message: &str, size: &str) -> anyhow::Result<Self> {
        let name = name.to_string();
        let mut child = lasthandle_command()?
            .args(["serve", &name, "--json", "--message", message, "--size", size])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start a server")?;
        let input = child.stdin.take();
        let mut steps = BufReader::new(child.stdout.take().context("a server has no output")?);
        let mut created = false;
        loop {
            let mut line = String::new();
            if steps.read_line(&mut line)? == 0 {
                let _ = child.wait();
                bail!("the server ended before it served; what it said stands above");
            }
            match serde_json::from_str::<Value>(&line)?["step"].as_str() {
                Some("created") => created = true,
                Some("ready") => return Ok(Self { child, input, _steps: steps, created }),
                _ => {}
            }
        }
    }

    fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a person would, and tells whether it ended well.
    fn press_enter(mut self) -> anyhow::Result<bool> {
        if let Some(mut input) = self.input.take() {
            input.write_all(b"\n").context("cannot press Enter for the server")?;
        }
        Ok(self.child.wait()?.success())
    }

    /// Ends it without a word.
    fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().context("cannot kill the server")?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill(); // has ended already unless the story broke off
        let _ = self.child.wait();
    }
}

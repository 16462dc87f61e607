//! A child's side: reads a command a line, does it, and answers with a line.
//!
//! `ok …`, or `error KIND CODE TEXT`. Handles and views are kept under numbers that the parent chooses.

mod channel;
mod loops;
mod objects;
mod passing;
mod process;
mod robust;
pub(crate) mod sync;
mod threads;
mod watch;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{BufRead, Write};

use lasthandle::{Error, Mapping, View};

/// What the child has.
#[derive(Debug, Default)]
pub(crate) struct Session {
    mappings: BTreeMap<u32, Mapping>,
    views: BTreeMap<u32, View>,
    files: Vec<std::fs::File>,
    descriptors: Vec<std::os::fd::OwnedFd>,
    watch: Option<watch::Watch>,
    syncs: BTreeMap<u32, sync::Sync>,
    workers: BTreeMap<u32, threads::Worker>,
    robust: Option<crate::system::Robust>,
    ends: BTreeMap<u32, channel::End>,
}

/// A refused command: the error's kind, its Windows code, its text.
#[derive(Debug)]
pub(crate) struct Refused(String, u32, String);

pub(crate) type Answer = Result<String, Refused>;

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(format!("{:?}", error.kind()), error.windows_code(), error.to_string())
    }
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Self {
        Self("Io".into(), 0, error.to_string())
    }
}

impl From<rustix::io::Errno> for Refused {
    fn from(errno: rustix::io::Errno) -> Self {
        std::io::Error::from(errno).into()
    }
}

/// What was found is not what was expected.
pub(crate) fn check(holds: bool, what: impl Display) -> Result<(), Refused> {
    if holds { Ok(()) } else { Err(Refused("Check".into(), 0, what.to_string())) }
}

/// A command's words.
pub(crate) struct Words<'a>(std::str::SplitWhitespace<'a>);

impl<'a> Words<'a> {
    pub(crate) fn text(&mut self) -> Result<&'a str, Refused> {
        self.0.next().ok_or_else(|| Refused("Command".into(), 0, "a word is missing".into()))
    }

    pub(crate) fn number<T: std::str::FromStr>(&mut self) -> Result<T, Refused> {
        let word = self.text()?;
        word.parse().map_err(|_| Refused("Command".into(), 0, format!("`{word}` is no number")))
    }

    pub(crate) fn rest(self) -> impl Iterator<Item = &'a str> {
        self.0
    }
}

/// Obeys until the input ends.
pub fn serve() {
    let mut session = Session::default();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let answer = session.obey(&line);
        let mut output = std::io::stdout().lock();
        let text = match answer {
            Ok(text) => format!("ok {text}"),
            Err(Refused(kind, code, text)) => format!("error {kind} {code} {text}"),
        };
        if writeln!(output, "{}", text.replace('\n', " ")).and_then(|()| output.flush()).is_err() {
            return;
        }
    }
}

/// A child whose own number is 1, in a name space of its own.
pub fn in_new_numbers() -> std::process::ExitCode {
    use std::process::{Command, ExitCode};
    if !crate::system::new_process_numbers() {
        println!("error Check 0 not permitted");
        return ExitCode::FAILURE;
    }
    let ended = Command::new(crate::parent::program()).arg("child").status();
    ExitCode::from(u8::from(!ended.is_ok_and(|status| status.success())))
}

impl Session {
    fn obey(&mut self, line: &str) -> Answer {
        let mut words = Words(line.split_whitespace());
        let verb = words.text()?;
        if let Some(answer) = self.object_command(verb, &mut words) {
            return answer;
        }
        if let Some(answer) = self.sync_command(verb, &mut words) {
            return answer;
        }
        match verb {
            "channel" => self.channel_command(&mut words),
            "scribble" => channel::scribble(&mut words),
            "thread" => self.in_thread(words),
            "lives" => self.lives(&mut words),
            "forked" => self.forked(words),
            "fork-amid" => threads::fork_amid(&mut words),
            "robust" => self.robust_command(&mut words),
            "watch" => self.start_watch(&mut words),
            "unwatch" => self.end_watch(),
            "churn" => loops::churn(&mut words),
            "ghosts" => loops::ghosts(&mut words),
            "fuzz" => {
                crate::fuzz::rounds(words.number()?, words.number()?).map_err(|what| Refused("Check".into(), 0, what))
            }
            "calls" => {
                crate::calls::rounds(words.number()?, words.number()?).map_err(|what| Refused("Check".into(), 0, what))
            }
            "channel-bytes" => crate::channel_bytes::rounds(words.number()?, words.number()?)
                .map_err(|what| Refused("Check".into(), 0, what)),
            "race" => loops::race(&mut words),
            "die-often" => loops::die_often(&mut words),
            _ => self.process_command(verb, words),
        }
    }
}

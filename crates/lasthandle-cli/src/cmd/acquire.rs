//! `acquire`: hold a mutex, or one of a semaphore, while a command runs.

use std::ffi::OsString;
use std::process::Command;
use std::time::Duration;

use anyhow::bail;
use lasthandle::{Access, ErrorKind, Mutex, Name, Waited};

use crate::failure::{self, TimedOut};
use crate::sync::{SyncObject, is};
use crate::{child, units};

/// Tells the command that the mutex was abandoned before.
const ABANDONED: &str = "LASTHANDLE_ABANDONED";

/// Hold a mutex, or one of a semaphore's count, while a command runs
///
/// Waits until it can be had, runs the command, gives it back, and ends with the command's exit code.
///
/// A mutex whose owner was killed is not lost: it is had at once, with a note on stderr, and the command finds
/// `LASTHANDLE_ABANDONED=1` in its environment, for what the mutex protects may be half-changed. What a killed holder
/// took from a semaphore is lost, as semaphores have no owners.
///
/// Ctrl-C is for the command: this process waits until it has ended. SIGTERM and SIGHUP are passed on to it. SIGKILL
/// cannot be: it ends this process and frees the mutex, while the command goes on without it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes:
  Before the command runs those of `lasthandle`; then the command's own,
  128+n if signal n ended it, 126 if it cannot be run, 127 if there is none

Examples:
  lasthandle acquire Backup -- rsync -a src/ dst/
  lasthandle acquire Backup --create --timeout 0s -- ./only-once.sh
  lasthandle acquire Slots -- make test")]
pub(crate) struct Args {
    /// The mutex' or semaphore's name, such as 'Local\Backup'
    name: Name,
    /// If nothing has the name, create a mutex. It ends with its last holder, and with it the memory of a killed owner:
    /// where that matters, keep it with `create`
    #[arg(long)]
    create: bool,
    /// Wait at most so long: 300ms, 5s, 2m; 0s looks once. Default: for ever
    #[arg(long, value_name = "DURATION", value_parser = units::duration)]
    timeout: Option<Duration>,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<i32> {
    let object = args.open()?;
    if !matches!(object, SyncObject::Mutex(_) | SyncObject::Semaphore(_)) {
        bail!("cannot acquire `{}`: it is not a mutex or semaphore but has the kind {}", args.name, object.kind());
    }
    let abandoned = match object.waitable().wait(units::timeout(args.timeout))? {
        Waited::TimedOut => return Err(TimedOut(args.missed()).into()),
        Waited::Signaled(_) => false,
        Waited::Abandoned(_) => true,
    };
    let held = Held(object);
    if abandoned {
        failure::note(&format!(
            "the mutex `{}` was abandoned: its owner ended without releasing it, and what it protects may be \
             half-changed",
            args.name
        ));
    }
    let code = child::run(args.command(abandoned));
    held.give_back()?;
    code
}

impl Args {
    fn open(&self) -> anyhow::Result<SyncObject> {
        match SyncObject::open(&self.name, Access::SYNCHRONIZE | Access::MODIFY) {
            Err(error) if self.create && is(&error, ErrorKind::NotFound) => {
                Ok(SyncObject::Mutex(Mutex::create(&self.name)?))
            }
            opened => opened,
        }
    }

    fn command(&self, abandoned: bool) -> Command {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]);
        // Another `acquire` around this one may have set it.
        if abandoned {
            command.env(ABANDONED, "1")
        } else {
            command.env_remove(ABANDONED)
        };
        command
    }

    fn missed(&self) -> String {
        let waited = units::show_duration(self.timeout.unwrap_or_default());
        format!("`{}` cannot be had; waited {waited}", self.name)
    }
}

/// What was taken.
struct Held(SyncObject);

impl Held {
    fn give_back(self) -> lasthandle::Result<()> {
        match self.0 {
            SyncObject::Mutex(mutex) => mutex.release(),
            SyncObject::Semaphore(semaphore) => semaphore.release(1).map(drop),
            SyncObject::Event(_) | SyncObject::Timer(_) => Ok(()),
        }
    }
}

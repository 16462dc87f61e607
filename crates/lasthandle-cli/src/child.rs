//! A command that runs in our place, and whom signals are for meanwhile. With `stream` the one that knows which system
//! it is on.

use std::process::{Child, Command};

use crate::failure::NotStarted;

fn spawn(command: &mut Command) -> Result<Child, NotStarted> {
    command.spawn().map_err(|why| NotStarted { program: command.get_program().to_string_lossy().into_owned(), why })
}

#[cfg(unix)]
pub(crate) use unix::run;
#[cfg(windows)]
pub(crate) use windows::run;

#[cfg(unix)]
mod unix {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Command, ExitStatus};

    use anyhow::Context;
    use rustix::process::{Pid, Signal, kill_process};
    use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::iterator::Signals;

    /// Runs it to its end; its exit code, 128+n if signal n ended it.
    pub(crate) fn run(mut command: Command) -> anyhow::Result<i32> {
        let ignored = ignored();
        let heard = [SIGINT, SIGQUIT, SIGTERM, SIGHUP].into_iter().filter(|&signal| ignored >> (signal - 1) & 1 == 0);
        let mut signals = Signals::new(heard.chain([SIGCHLD])).context("cannot listen for signals")?;
        let mut child = super::spawn(&mut command)?;
        loop {
            if let Some(status) = child.try_wait().context("cannot wait for the command")? {
                return Ok(code(status));
            }
            signals.wait().for_each(|signal| pass_on(signal, &child));
        }
    }

    /// What the terminal sends it sends to the command, too. Others send to one process; not to the command, which they
    /// hardly know. It has not been waited for since it was last seen running, so its number is still its own.
    fn pass_on(signal: i32, child: &Child) {
        let signal = match signal {
            SIGTERM => Signal::TERM,
            SIGHUP => Signal::HUP,
            _ => return,
        };
        let _ = kill_process(Pid::from_child(child), signal); // it may have ended
    }

    fn code(status: ExitStatus) -> i32 {
        let by_signal = || status.signal().map(|signal| 128 + signal);
        status.code().or_else(by_signal).unwrap_or(1)
    }

    /// A bit for each signal that this process was started to ignore (`nohup`, `&` in a script): the command must go on
    /// ignoring it, and it would not if we listened.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or(0)
    }
}

#[cfg(windows)]
mod windows {
    use std::process::Command;

    use anyhow::Context;

    /// Runs it to its end; its exit code.
    pub(crate) fn run(mut command: Command) -> anyhow::Result<i32> {
        // The command is on the same console and hears of it by itself.
        ctrlc::set_handler(|| {}).context("cannot listen for Ctrl-C")?;
        let mut child = super::spawn(&mut command)?;
        let status = child.wait().context("cannot wait for the command")?;
        Ok(status.code().unwrap_or(1))
    }
}

//! The command line as a whole: the verbs, and the help that concerns them all.

use clap::{Parser, Subcommand};

use crate::cmd;

const AFTER_HELP: &str = "\
Names:
  Local\\X (this user), Global\\X (this machine), or X, which means Local\\X.
  Case counts. Quote them: shells take a bare backslash for themselves.

Units:
  Durations  300ms, 5s, 2m, 1h, or several: '1h 30m'
  Sizes      bytes: 8192; or with K, M, G, T, powers of 1,024: 64K, 1.5M, 1G

Exit codes:
  0    done
  1    failed; one line on stderr says what, why, and what to do
  2    misuse of the command line, an impossible name included
  3    no object of that name exists
  124  timed out

JSON:
  ls       [object, ...]
  info     object: {name, whole_name, kind, size, protection, reserved,
           file, created, age_seconds, creator, holders, error}
  who      [{pid, command, handle, memory}, ...]
  gc       {dry_run, bytes,
           leftovers: [{name, bytes, removed, error}, ...]}
  write    {name, offset, bytes}
  serve    one object a line, in this order:
           {step: created or opened, name, size}, {step: mapped, bytes},
           {step: written, bytes, encoding, message},
           {step: ready, pid, until}, {step: ended, reason},
           {step: unmapped}, {step: closed}
           reason: enter, end-of-input, signal or time
  demo     {name, ok, steps: [{step, ok, detail}, ...]}
  Sizes and offsets are bytes, times are RFC 3339 in UTC, and what the
  system does not tell is null. Fields may be added; none will change or go.

Environment:
  LASTHANDLE_ROOT  the directory that holds the names (Linux)
  NO_COLOR         no colour, even on a terminal

Example, in two terminals:
  lasthandle serve 'Local\\HelloWorld'
  lasthandle read 'Local\\HelloWorld'";

/// Named shared memory with the Windows object model: what a program serves under a name, others read and write,
/// and the name ends with its last holder, in whatever way that ends.
#[derive(Debug, Parser)]
#[command(name = "lasthandle", version, after_long_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The verbs; each has a file of its own.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(cmd::serve::Args),
    Read(cmd::read::Args),
    Write(cmd::write::Args),
    Ls(cmd::ls::Args),
    Info(cmd::info::Args),
    Who(cmd::who::Args),
    Gc(cmd::gc::Args),
    Demo(cmd::demo::Args),
    Completions(cmd::completions::Args),
    Man(cmd::man::Args),
}

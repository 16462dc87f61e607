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
  0    done; of `wait`: signaled
  1    failed; one line on stderr says what, why, and what to do
  2    misuse of the command line, an impossible name included
  3    no object of that name exists
  4    of `wait`: signaled, by a mutex whose owner ended without releasing it
  124  timed out
  `acquire` ends with its command's exit code

JSON:
  ls       [object, ...]
  info     object: {name, whole_name, kind, size, protection, reserved,
           file, created, age_seconds, creator, holders, state, error}
           state: null, or {signaled, manual, count, maximum, abandoned,
           due_seconds, owner: {pid, thread}, waiters}; of a mutex, count is
           how often its owner has taken it, and 1 waiter perhaps some
  who      [{pid, command, handle, memory, owner}, ...]
           owner: the thread of it that owns the mutex
  gc       {dry_run, bytes,
           leftovers: [{name, bytes, removed, error}, ...]}
  write    {name, offset, bytes}
  serve    one object a line, in this order:
           {step: created or opened, name, size}, {step: mapped, bytes},
           {step: written, bytes, encoding, message},
           {step: ready, pid, until}, {step: ended, reason},
           {step: unmapped}, {step: closed}
           reason: enter, end-of-input, signal or time
  create   the same: {step: created or opened, name, kind, owned},
           {step: ready, ...}, {step: ended, ...}, {step: closed}
  wait     {result: signaled, abandoned or timed-out, index, name}
           index and name: which; null if it timed out, and with --all
  release  {name, added, before}
  recv     one object a line: {sequence, time, length, text, base64, lost}
           text if the message is UTF-8, else base64
  tap      {name, form, capacity, max_message, message_size,
           ends: [{role, state, pid, taken, sleeps, lost}, ...],
           lanes: [{from, to, messages, bytes, received}, ...]}
           state: never, here or gone; from and to: which of the ends
  tap --follow  one object a line: {lane, time, length, text, base64}, or
           {lane, skipped}
  bench    {machine: {...}, cache_line_ns, figures: [{name, unit,
           median, p99, median_ratio, p99_ratio}, ...]}
  demo     {name, ok, steps: [{step, ok, detail}, ...]}
  Sizes and offsets are bytes, times are RFC 3339 in UTC, and what the
  system does not tell is null. Fields may be added; none will change or go.

Environment:
  LASTHANDLE_ROOT  the directory that holds the names (Linux)
  NO_COLOR         no colour, even on a terminal
  LASTHANDLE_ABANDONED  1 for a command of `acquire` whose mutex was abandoned

Example, in two terminals:
  lasthandle serve 'Local\\HelloWorld'
  lasthandle read 'Local\\HelloWorld'";

/// Named shared memory, channels, events, mutexes, semaphores and timers with the Windows object model: what one program makes
/// under a name, others use, and the name ends with its last holder, in whatever way that ends.
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
    Create(cmd::create::Args),
    Set(cmd::set::Args),
    Reset(cmd::reset::Args),
    Pulse(cmd::pulse::Args),
    Release(cmd::release::Args),
    Timer(cmd::timer::Args),
    Wait(cmd::wait::Args),
    Acquire(cmd::acquire::Args),
    Send(cmd::send::Args),
    Recv(cmd::recv::Args),
    Tap(cmd::tap::Args),
    Ls(cmd::ls::Args),
    Info(cmd::info::Args),
    Who(cmd::who::Args),
    Gc(cmd::gc::Args),
    Bench(cmd::bench::Args),
    Demo(cmd::demo::Args),
    Completions(cmd::completions::Args),
    Man(cmd::man::Args),
}

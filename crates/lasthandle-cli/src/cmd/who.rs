//! `who`: the processes that keep an object.

use lasthandle::{Holder, Name};
use serde::Serialize;

use crate::output::{self, Column, Table};

/// List the processes that hold an object or map its memory
///
/// A handle keeps the name and the memory; a view keeps the memory alone. Processes of other users may be missing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The name, such as 'Local\HelloWorld'
    name: Name,
    /// Print a JSON array of processes
    #[arg(long)]
    json: bool,
}

/// The stable JSON shape of a process.
#[derive(Serialize)]
struct Process {
    pid: u32,
    command: String,
    handle: bool,
    memory: bool,
}

impl From<Holder> for Process {
    fn from(Holder { pid, command, handle, memory }: Holder) -> Self {
        Self { pid, command, handle, memory }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut processes: Vec<Process> = lasthandle::holders(&args.name)?.into_iter().map(Process::from).collect();
    processes.sort_by_key(|process| process.pid);
    if args.json {
        return Ok(output::json(&processes)?);
    }
    let mut table = Table::new(vec![Column::Right("PID"), Column::Left("KEEPS"), Column::Left("COMMAND")]);
    for process in &processes {
        let keeps = match (process.handle, process.memory) {
            (true, true) => "handle, memory",
            (true, false) => "handle",
            (false, _) => "memory",
        };
        table.row([process.pid.to_string(), keeps.into(), process.command.clone()]);
    }
    Ok(table.print()?)
}

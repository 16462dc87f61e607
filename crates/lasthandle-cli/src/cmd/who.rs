//! `who`: the processes that keep an object, and the one that owns it.

use lasthandle::{Holder, Name, Owner};
use serde::Serialize;

use crate::output::{self, Column, Table};

/// List the processes that hold an object, map its memory, or own the mutex
///
/// A handle keeps the name and the memory; a view keeps the memory alone. Of a mutex, the thread that owns it is shown
/// too, where the system tells. Processes of other users may be missing.
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
    /// The thread of it that owns the mutex.
    owner: Option<u32>,
}

impl From<Holder> for Process {
    fn from(Holder { pid, command, handle, memory }: Holder) -> Self {
        Self { pid, command, handle, memory, owner: None }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut processes: Vec<Process> = lasthandle::holders(&args.name)?.into_iter().map(Process::from).collect();
    // It may have ended since.
    if let Some(owner) = lasthandle::inspect(&args.name).ok().and_then(|entry| entry.owner) {
        add(&mut processes, owner);
    }
    processes.sort_by_key(|process| process.pid);
    if args.json {
        return Ok(output::json(&processes)?);
    }
    let mut table = Table::new(vec![Column::Right("PID"), Column::Left("KEEPS"), Column::Left("COMMAND")]);
    for process in &processes {
        table.row([process.pid.to_string(), keeps(process), process.command.clone()]);
    }
    Ok(table.print()?)
}

/// An owner may have closed its handle, or be one that this user may not look into.
fn add(processes: &mut Vec<Process>, owner: Owner) {
    match processes.iter_mut().find(|process| process.pid == owner.pid) {
        Some(process) => process.owner = Some(owner.thread),
        None => processes.push(Process {
            pid: owner.pid,
            command: String::new(),
            handle: false,
            memory: false,
            owner: Some(owner.thread),
        }),
    }
}

fn keeps(process: &Process) -> String {
    let owner = process.owner.map(|thread| format!("owner: thread {thread}"));
    let parts = [process.handle.then(|| "handle".to_owned()), process.memory.then(|| "memory".to_owned()), owner];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

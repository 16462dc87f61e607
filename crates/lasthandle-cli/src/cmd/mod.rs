//! One file a verb: its arguments, and what it does.

pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod gc;
pub(crate) mod info;
pub(crate) mod ls;
pub(crate) mod man;
pub(crate) mod read;
pub(crate) mod serve;
pub(crate) mod who;
pub(crate) mod write;

use crate::cli::Command;

/// Does what the command line asks for.
pub(crate) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(args) => serve::run(&args),
        Command::Read(args) => read::run(&args),
        Command::Write(args) => write::run(&args),
        Command::Ls(args) => ls::run(&args),
        Command::Info(args) => info::run(&args),
        Command::Who(args) => who::run(&args),
        Command::Gc(args) => gc::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

//! One file a verb: its arguments, and what it does.

pub(crate) mod acquire;
pub(crate) mod bench;
pub(crate) mod completions;
pub(crate) mod create;
pub(crate) mod demo;
pub(crate) mod gc;
pub(crate) mod info;
pub(crate) mod ls;
pub(crate) mod man;
pub(crate) mod pulse;
pub(crate) mod read;
pub(crate) mod recv;
pub(crate) mod release;
pub(crate) mod reset;
pub(crate) mod send;
pub(crate) mod serve;
pub(crate) mod set;
pub(crate) mod tap;
pub(crate) mod timer;
pub(crate) mod wait;
pub(crate) mod who;
pub(crate) mod write;

use crate::cli::Command;

/// Does what the command line asks for; the exit code.
pub(crate) fn run(command: Command) -> anyhow::Result<i32> {
    match command {
        Command::Serve(args) => serve::run(&args),
        Command::Read(args) => read::run(&args),
        Command::Write(args) => write::run(&args),
        Command::Create(args) => create::run(&args),
        Command::Set(args) => set::run(&args),
        Command::Reset(args) => reset::run(&args),
        Command::Pulse(args) => pulse::run(&args),
        Command::Release(args) => release::run(&args),
        Command::Timer(args) => timer::run(&args),
        Command::Wait(args) => return wait::run(&args),
        Command::Acquire(args) => return acquire::run(&args),
        Command::Send(args) => send::run(&args),
        Command::Recv(args) => recv::run(&args),
        Command::Tap(args) => tap::run(&args),
        Command::Ls(args) => ls::run(&args),
        Command::Info(args) => info::run(&args),
        Command::Who(args) => who::run(&args),
        Command::Gc(args) => gc::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }?;
    Ok(0)
}

//! Development tasks: `cargo xtask TASK`. One file a task; this one only dispatches.

mod wine;

use std::process::ExitCode;

use clap::Parser;

/// Development tasks of lasthandle.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    Wine(wine::Args),
}

fn main() -> ExitCode {
    let done = match Task::parse() {
        Task::Wine(args) => wine::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The causes in one line: a stack trace of the task says nothing to who misses a package.
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

//! Development tasks: `cargo xtask TASK`. One file a task; this one only dispatches.

mod dotnet;
mod install;
mod machine;
mod miri;
mod msrv;
mod nightly;
mod sanitize;
mod tidy;
mod wine;

use std::process::ExitCode;

use clap::Parser;

/// Development tasks of lasthandle.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Check what neither compiler nor clippy does: where `cfg` and unsafe lie, links, manifests, lengths.
    Tidy,
    /// Compile everything with the oldest Rust that the manifest promises.
    Msrv,
    Sanitize(sanitize::Args),
    /// Interpret the tests of the record code and the copies, looking for undefined behaviour.
    Miri,
    Wine(wine::Args),
    Install(install::Args),
    /// Fetch the .NET runtime that tests of C# programs use.
    Dotnet,
}

fn main() -> ExitCode {
    let done = match Task::parse() {
        Task::Tidy => tidy::run(),
        Task::Msrv => msrv::run(),
        Task::Sanitize(args) => sanitize::run(&args),
        Task::Miri => miri::run(),
        Task::Wine(args) => wine::run(&args),
        Task::Install(args) => install::run(&args),
        Task::Dotnet => dotnet::run(),
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

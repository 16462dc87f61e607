//! The `lasthandle` command: named shared memory and sync objects from the shell. See `lasthandle --help`.

mod channel;
mod child;
mod cli;
mod cmd;
mod failure;
mod hex;
mod object;
mod output;
mod progress;
mod state;
mod steps;
mod stop;
mod stream;
mod sync;
mod text;
mod transfer;
mod units;

use clap::Parser;

fn main() {
    // Not `ExitCode`, which has no room for what a command may end with on Windows.
    std::process::exit(match cli::Cli::try_parse() {
        Ok(cli) => cmd::run(cli.command).unwrap_or_else(|error| failure::report(&error)),
        Err(error) => failure::misuse(&error),
    })
}

//! The `lasthandle` command: named shared memory from the shell. See `lasthandle --help`.

mod cli;
mod cmd;
mod failure;
mod hex;
mod object;
mod output;
mod progress;
mod stop;
mod stream;
mod text;
mod transfer;
mod units;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return failure::misuse(&error),
    };
    match cmd::run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}

//! `completions`: for the shell's tab key.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::output;

/// Print the completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  lasthandle completions bash > ~/.local/share/bash-completion/completions/lasthandle
  lasthandle completions fish > ~/.config/fish/completions/lasthandle.fish")]
pub(crate) struct Args {
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "lasthandle", &mut script);
    Ok(output::raw(&script)?)
}

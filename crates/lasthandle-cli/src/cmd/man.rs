//! `man`: the manual, from the same definition as the help.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::cli::Cli;
use crate::output;

/// Print the manual pages, or write them to a directory
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  lasthandle man | man -l -
  lasthandle man --out ~/.local/share/man/man1")]
pub(crate) struct Args {
    /// Write one page a command to this directory instead
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let pages = pages()?;
    let Some(directory) = &args.out else {
        return Ok(output::raw(&pages.into_iter().flat_map(|(_, page)| page).collect::<Vec<_>>())?);
    };
    std::fs::create_dir_all(directory).with_context(|| format!("cannot create `{}`", directory.display()))?;
    for (name, page) in pages {
        let path = directory.join(name);
        std::fs::write(&path, page).with_context(|| format!("cannot write `{}`", path.display()))?;
        output::line(&path.display().to_string())?;
    }
    Ok(())
}

/// File names and pages: of the command itself, and of each verb.
fn pages() -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    // A verb's page is called after both: lasthandle-serve.
    let mut whole = Cli::command().disable_help_subcommand(true);
    whole.build();
    with_verbs(&whole)
        .into_iter()
        .map(|command| {
            let notes = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            let has_verbs = command.has_subcommands();
            let man = Man::new(command).source(concat!("lasthandle ", env!("CARGO_PKG_VERSION")));
            let mut page = Vec::new();
            man.render_title(&mut page)?;
            man.render_name_section(&mut page)?;
            man.render_synopsis_section(&mut page)?;
            man.render_description_section(&mut page)?;
            man.render_options_section(&mut page)?;
            if has_verbs {
                man.render_subcommands_section(&mut page)?;
            }
            sections(&notes).to_writer(&mut page)?;
            Ok((man.get_filename(), page))
        })
        .collect()
}

/// A command and all below it: `create` has verbs of its own.
fn with_verbs(command: &Command) -> Vec<Command> {
    let below = command.get_subcommands().filter(|verb| verb.get_name() != "help").flat_map(with_verbs);
    std::iter::once(command.clone()).chain(below).collect()
}

/// The help's closing paragraphs, each a section of its own, their lines left as they are.
fn sections(notes: &str) -> Roff {
    let mut roff = Roff::new();
    for paragraph in notes.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
        let (title, lines) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
        roff.control("SH", [title.trim_end_matches(':').to_uppercase().as_str()]).control("nf", []);
        for line in lines.lines() {
            roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
        }
        roff.control("fi", []);
    }
    roff
}

//! `set`: set an event.

use lasthandle::{Access, Event, Name};

/// Set an event: let one waiter go, or all, if it is a manual-reset one
///
/// Setting what is set already does nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The event's name, such as 'Local\Ready'
    name: Name,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    Ok(Event::options().access(Access::MODIFY).open(&args.name)?.set()?)
}

//! `pulse`: let those go who wait for an event now.

use lasthandle::{Access, Event, Name};

/// Pulse an event: let those go who wait at this moment, and leave it not set
///
/// An auto-reset event lets one of them go. Who has not begun to wait misses it: prefer `set`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The event's name, such as 'Local\Ready'
    name: Name,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    Ok(Event::options().access(Access::MODIFY).open(&args.name)?.pulse()?)
}

//! `reset`: reset an event.

use lasthandle::{Access, Event, Name};

/// Reset an event: from now on waiters wait
///
/// Resetting what is not set does nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The event's name, such as 'Local\Ready'
    name: Name,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    Ok(Event::options().access(Access::MODIFY).open(&args.name)?.reset()?)
}

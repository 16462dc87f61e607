//! `timer`: say when a timer is due, or stop it.

use std::time::{Duration, SystemTime};

use lasthandle::{Access, Due, Name, Timer};

use crate::units;

/// Arm a timer: say when it is due; or stop it
///
/// From now on it is not signaled until it is due. Arming it again replaces what was said before. Nothing has to run
/// for it, but somebody must hold it: `create timer`, or whoever waits for it.
#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("when").args(["after", "at", "cancel"]).required(true)),
    after_long_help = "\
Examples:
  lasthandle timer Tick --after 10s
  lasthandle timer Tick --after 0s --every 500ms
  lasthandle timer Alarm --at '2030-01-01 07:00:00'
  lasthandle timer Tick --cancel"
)]
pub(crate) struct Args {
    /// The timer's name, such as 'Local\Tick'
    name: Name,
    /// Due so long after now, whatever happens to the clock
    #[arg(long, value_name = "DURATION", value_parser = units::duration)]
    after: Option<Duration>,
    /// Due at this time, in UTC, by the system's clock: '2030-01-01 07:00:00'
    #[arg(long, value_name = "TIME", value_parser = units::time)]
    at: Option<SystemTime>,
    /// Due again and again from then on; whole milliseconds
    #[arg(long, value_name = "DURATION", value_parser = units::period, conflicts_with = "cancel")]
    every: Option<Duration>,
    /// Stop it. Its state stays: signaled, if it was due
    #[arg(long)]
    cancel: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let timer = Timer::options().access(Access::MODIFY).open(&args.name)?;
    let due = args.after.map(Due::After).or(args.at.map(Due::At));
    match due {
        Some(due) => timer.arm(due, args.every.unwrap_or_default())?,
        None => timer.cancel()?,
    }
    Ok(())
}

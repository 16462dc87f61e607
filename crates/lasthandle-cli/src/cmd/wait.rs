//! `wait`: for one object, for any of several, or for all at one instant.

use std::time::Duration;

use lasthandle::{Access, MAXIMUM_WAIT_OBJECTS, Name, Waitable, Waited};
use serde::Serialize;

use crate::failure::{self, TimedOut};
use crate::sync::SyncObject;
use crate::{output, units};

/// Wait until an object is signaled, and take it
///
/// Of several, whatever their kinds, the first signaled one in the order given is taken, and its name printed. With
/// --all all are taken at one instant or none is, and all names are printed.
///
/// Taking resets an auto-reset event or timer and takes one from a semaphore's count, for good. A mutex is taken and
/// given back at once, as this process ends: `wait` says that nobody else owned it at that moment, and no more. To hold
/// a mutex use `acquire`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes:
  0    signaled
  4    signaled, and it (or one of all) is a mutex whose owner ended without
       releasing it; as nobody repairs anything here, the mutex is free again
  124  timed out

Examples:
  lasthandle wait Ready --timeout 10s
  case $(lasthandle wait Stop Tick) in 'Local\\Stop') exit ;; esac
  lasthandle wait Left Right --all")]
pub(crate) struct Args {
    /// The names, such as 'Local\Ready'; 1 to 64
    #[arg(required = true, value_name = "NAME", num_args = 1..=MAXIMUM_WAIT_OBJECTS)]
    names: Vec<Name>,
    /// Wait for any of them (the default)
    #[arg(long)]
    any: bool,
    /// Wait for all of them at one instant
    #[arg(long, conflicts_with = "any")]
    all: bool,
    /// Wait at most so long: 300ms, 5s, 2m; 0s looks once. Default: for ever
    #[arg(long, value_name = "DURATION", value_parser = units::duration)]
    timeout: Option<Duration>,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// The stable JSON shape of the result.
#[derive(Serialize)]
struct Report {
    /// `signaled`, `abandoned` or `timed-out`.
    result: &'static str,
    /// Which of the names, from 0; null for all.
    index: Option<usize>,
    name: Option<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<i32> {
    let open = |name| SyncObject::open(name, Access::SYNCHRONIZE);
    let objects = args.names.iter().map(open).collect::<anyhow::Result<Vec<_>>>()?;
    let waitables: Vec<&dyn Waitable> = objects.iter().map(SyncObject::waitable).collect();
    let wait = if args.all { lasthandle::wait_all } else { lasthandle::wait_any };
    let waited = wait(&waitables, units::timeout(args.timeout))?;
    args.give_back(&objects, waited)?;
    args.tell(waited)?;
    match waited {
        Waited::Signaled(_) => Ok(0),
        Waited::Abandoned(index) => {
            failure::note(&args.abandoned(index));
            Ok(failure::ABANDONED)
        }
        Waited::TimedOut => Err(TimedOut(args.missed()).into()),
    }
}

impl Args {
    /// A mutex that this process took would be abandoned at its end.
    fn give_back(&self, objects: &[SyncObject], waited: Waited) -> lasthandle::Result<()> {
        let taken = match waited {
            Waited::TimedOut => &[],
            Waited::Signaled(_) | Waited::Abandoned(_) if self.all => objects,
            Waited::Signaled(index) | Waited::Abandoned(index) => &objects[index..=index],
        };
        taken.iter().try_for_each(|object| match object {
            SyncObject::Mutex(mutex) => mutex.release(),
            _ => Ok(()),
        })
    }

    fn tell(&self, waited: Waited) -> std::io::Result<()> {
        let (result, index) = match waited {
            Waited::Signaled(index) => ("signaled", Some(index)),
            Waited::Abandoned(index) => ("abandoned", Some(index)),
            Waited::TimedOut => ("timed-out", None),
        };
        let one = index.filter(|_| !self.all);
        if self.json {
            return output::json(&Report { result, index: one, name: one.map(|index| self.names[index].to_string()) });
        }
        let ended: &[Name] = match (index, one) {
            (None, _) => &[],
            (Some(_), None) => &self.names,
            (_, Some(index)) => &self.names[index..=index],
        };
        ended.iter().try_for_each(|name| output::line(&output::printable(&name.to_string())))
    }

    fn abandoned(&self, index: usize) -> String {
        let which = if self.all { "one of the mutexes".to_owned() } else { format!("`{}`", self.names[index]) };
        format!("{which} was abandoned: its owner ended without releasing it")
    }

    fn missed(&self) -> String {
        let names: Vec<String> = self.names.iter().map(|name| format!("`{name}`")).collect();
        let (names, waited) = (names.join(", "), units::show_duration(self.timeout.unwrap_or_default()));
        match (self.names.len(), self.all) {
            (1, _) => format!("{names} is not signaled; waited {waited}"),
            (_, false) => format!("none of {names} is signaled; waited {waited}"),
            (_, true) => format!("not all of {names} are signaled; waited {waited}"),
        }
    }
}

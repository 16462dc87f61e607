//! `release`: give back to a semaphore; of a mutex only its owner can.

use anyhow::bail;
use lasthandle::{Access, Name};
use serde::Serialize;

use crate::output;
use crate::sync::SyncObject;

/// Release a semaphore: add to its count
///
/// Past the maximum nothing changes, and it is an error. A mutex can be released only by the thread that owns it, never
/// by another process: that is an error that says so. `acquire` holds a mutex while a command runs, and releases it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The semaphore's name, such as 'Local\Slots'
    name: Name,
    /// How much to add
    #[arg(value_name = "N", default_value = "1", value_parser = clap::value_parser!(i32).range(1..))]
    count: i32,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// The stable JSON shape of the result.
#[derive(Serialize)]
struct Released {
    name: String,
    added: i32,
    /// The count before.
    before: u32,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let (name, added) = (args.name.to_string(), args.count);
    let before = match SyncObject::open(&args.name, Access::MODIFY)? {
        SyncObject::Semaphore(semaphore) => semaphore.release(added)?,
        // This process has just begun and owns nothing: the library says so in its own words.
        SyncObject::Mutex(mutex) => return mutex.release().map_err(|error| owned_elsewhere(&args.name, &error)),
        other => bail!("cannot release `{name}`: it is not a semaphore or mutex but has the kind {}", other.kind()),
    };
    if args.json {
        return Ok(output::json(&Released { name, added, before })?);
    }
    Ok(output::line(&output::printable(&format!("Released {added} of `{name}`: its count was {before}.")))?)
}

fn owned_elsewhere(name: &Name, error: &lasthandle::Error) -> anyhow::Error {
    let owner = lasthandle::inspect(name).ok().and_then(|entry| entry.owner);
    let who = owner.map_or_else(String::new, |owner| format!(", but thread {} of process {}", owner.thread, owner.pid));
    anyhow::anyhow!("{error}{who}; only its owner can release it, and `lasthandle acquire` holds one for a command")
}

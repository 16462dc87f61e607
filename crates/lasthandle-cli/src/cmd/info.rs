//! `info`: everything the system tells of one object.

use lasthandle::Name;

use crate::object::Object;
use crate::state::State;
use crate::{output, units};

/// Show everything the system tells of one object, without opening it
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The name, such as 'Local\HelloWorld'
    name: Name,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut entry = lasthandle::inspect(&args.name)?;
    if args.json {
        return Ok(output::json(&Object::from(entry))?);
    }
    // For people an object that cannot be asked is an error like any other.
    entry.info = Ok(entry.info?);
    for (label, value) in facts(&Object::from(entry)) {
        output::line(&format!("{label:<12}{}", output::printable(&value)))?;
    }
    Ok(())
}

fn facts(object: &Object) -> Vec<(&'static str, String)> {
    let memory = match object {
        Object { file: Some(path), .. } => Some(format!("over the file {}", path.display())),
        Object { reserved: Some(true), .. } => Some("reserved; promised part by part".to_owned()),
        Object { reserved: Some(false), .. } => Some("promised".to_owned()),
        _ => None,
    };
    let state = object.state.as_ref();
    let created = object.created.clone().map(|at| match object.age() {
        Some(age) => format!("{at} ({age} ago)"),
        None => at,
    });
    let facts = [
        ("name", Some(object.name.clone())),
        ("kind", object.kind.map(str::to_owned)),
        ("size", object.size.map(units::show_bytes)),
        ("protection", object.protection.map(str::to_owned)),
        ("memory", memory),
        ("created", created),
        ("creator", object.creator.map(|pid| format!("process {pid}"))),
        ("holders", object.holders.map(|count| count.to_string())),
        ("state", state.map(State::summary)),
        ("reset", state.and_then(State::reset)),
        ("owner", state.and_then(State::owner)),
        ("waiters", state.and_then(State::waiters)),
    ];
    facts.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

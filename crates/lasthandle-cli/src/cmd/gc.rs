//! `gc`: give back at once what killed holders left.

use lasthandle::{Leftover, LeftoverKind};
use serde::Serialize;

use crate::{output, units};

/// Give back at once the memory that killed processes left behind
///
/// Their names are gone as soon as anybody looks, and the library gives back the memory by itself as objects are
/// created; this does all of it now. Besides objects it finds the life files of processes that owned mutexes, and
/// objects whose maker was killed before they had a name. On Windows the system has done it already, and nothing is ever found.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only tell what would be given back
    #[arg(long)]
    dry_run: bool,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// The stable JSON shape of the result.
#[derive(Serialize)]
struct Report {
    dry_run: bool,
    /// Of what was given back, or in a dry run would be.
    bytes: u64,
    leftovers: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    /// `object`, `life` (the life file of a process that ended) or `unfinished` (an object half made when its maker was killed).
    kind: &'static str,
    /// An object's name; null for what has none.
    name: Option<String>,
    bytes: u64,
    removed: bool,
    error: Option<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let leftovers = lasthandle::collect_leftovers(args.dry_run)?;
    let bytes = given_back(&leftovers);
    if args.json {
        let leftovers = leftovers.iter().map(Item::from).collect();
        output::json(&Report { dry_run: args.dry_run, bytes, leftovers })?;
    } else {
        tell(args.dry_run, bytes, &leftovers)?;
    }
    // What could not be removed is shown above with the rest; the first reason is the command's error.
    leftovers.into_iter().try_for_each(|it| it.removed.map(drop)).map_err(Into::into)
}

fn given_back(leftovers: &[Leftover]) -> u64 {
    leftovers.iter().filter(|it| it.removed.is_ok()).map(|it| it.bytes).sum()
}

impl From<&Leftover> for Item {
    fn from(leftover: &Leftover) -> Self {
        Self {
            kind: leftover.kind.as_str(),
            name: (leftover.kind == LeftoverKind::Object).then(|| leftover.label.clone()),
            bytes: leftover.bytes,
            removed: matches!(leftover.removed, Ok(true)),
            error: leftover.removed.as_ref().err().map(ToString::to_string),
        }
    }
}

fn tell(dry_run: bool, bytes: u64, leftovers: &[Leftover]) -> std::io::Result<()> {
    for leftover in leftovers {
        let what = match leftover.removed {
            Ok(true) => "given back",
            Ok(false) => "would be given back",
            Err(_) => "cannot be given back",
        };
        let label = match leftover.kind {
            LeftoverKind::Object => format!("`{}`", leftover.label),
            _ => format!("A {}", leftover.label),
        };
        let line = format!("{label}: {} {what}.", units::show_size(leftover.bytes));
        output::line(&output::printable(&line))?;
    }
    let total = units::show_size(bytes);
    match (leftovers.is_empty(), dry_run) {
        (true, _) => output::line("Nothing was left behind."),
        (false, true) => output::line(&format!("In all, {total} would be given back.")),
        (false, false) => output::line(&format!("In all, {total} given back.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_removed_has_a_reason_and_does_not_count() {
        let stuck = || Leftover {
            kind: LeftoverKind::Object,
            label: "Global\\X".into(),
            bytes: 4096,
            removed: Err(lasthandle::Name::new("").unwrap_err()),
        };
        let label = "life file of a process that ended".into();
        let gone = Leftover { kind: LeftoverKind::Life, label, bytes: 8192, removed: Ok(true) };
        let item = Item::from(&stuck());
        assert!(!item.removed && item.error.is_some());
        assert_eq!((item.kind, item.name.as_deref()), ("object", Some("Global\\X")));
        let item = Item::from(&gone);
        assert!(item.removed);
        assert_eq!((item.kind, item.name), ("life", None));
        assert_eq!(given_back(&[stuck(), gone]), 8192);
    }
}

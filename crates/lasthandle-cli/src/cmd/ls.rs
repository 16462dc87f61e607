//! `ls`: every living object.

use crate::object::Object;
use crate::output::{self, Column, Table};
use crate::state::State;
use crate::units;

/// List the living objects: kind, name, size, holders, age, and the state of sync objects
///
/// Holders are processes on Linux and handles on Windows. An object that cannot be asked is listed with the reason.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print a JSON array of objects
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut objects: Vec<Object> = lasthandle::list()?.into_iter().map(Object::from).collect();
    objects.sort_by(|a, b| a.name.cmp(&b.name));
    if args.json {
        return Ok(output::json(&objects)?);
    }
    // The last column has no head: it is empty unless there is something to say.
    let columns = [Column::Left("KIND"), Column::Left("NAME"), Column::Right("SIZE")];
    let more = [Column::Right("HOLDERS"), Column::Right("AGE"), Column::Left("")];
    let mut table = Table::new(columns.into_iter().chain(more).collect());
    for object in &objects {
        table.row(row(object));
    }
    Ok(table.print()?)
}

fn row(object: &Object) -> [String; 6] {
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    [
        object.kind.unwrap_or("?").into(),
        object.name.clone(),
        or_unknown(object.size.map(units::show_size)),
        or_unknown(object.holders.map(|count| count.to_string())),
        or_unknown(object.age()),
        note(object),
    ]
}

fn note(object: &Object) -> String {
    match object {
        Object { error: Some(error), .. } => error.clone(),
        Object { file: Some(path), .. } => format!("over {}", path.display()),
        Object { reserved: Some(true), .. } => "reserved".into(),
        Object { state: Some(state), .. } => summary(state),
        _ => String::new(),
    }
}

/// `owned by process 12, thread 13; perhaps some waiting`.
fn summary(state: &State) -> String {
    let owner = state.owner().map_or_else(String::new, |owner| format!(" by {owner}"));
    let waiters = state.waiters().filter(|waiters| waiters != "none");
    let waiters = waiters.map_or_else(String::new, |waiters| format!("; {waiters} waiting"));
    format!("{}{owner}{waiters}", state.summary())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use lasthandle::{Entry, Info, Kind, Name, Owner, Protection};

    use super::*;

    fn object(label: &str, info: lasthandle::Result<Info>) -> Object {
        Entry { name: None, label: label.into(), info, holders: Some(3), owner: None, waiters: None }.into()
    }

    fn info() -> Info {
        Info {
            kind: Kind::Mapping,
            size: 5 << 20,
            protection: Some(Protection::ReadOnly),
            reserved: false,
            file: None,
            created: Some(SystemTime::now() - Duration::from_millis(7_230_500)),
            creator: Some(7),
            state: None,
        }
    }

    #[test]
    fn a_row_says_what_is_special() {
        assert_eq!(row(&object("Local\\X", Ok(info()))), ["mapping", "Local\\X", "5.00 MiB", "3", "2h 30s", ""]);
        let reserved = row(&object("Local\\X", Ok(Info { reserved: true, ..info() })));
        assert_eq!(reserved[5], "reserved");
        let over_a_file = row(&object("Local\\X", Ok(Info { file: Some("/data/x".into()), ..info() })));
        assert_eq!(over_a_file[5], "over /data/x");
    }

    #[test]
    fn an_event_has_no_size() {
        let event = object("Local\\E", Ok(Info { kind: Kind::Event, size: 0, ..info() }));
        assert_eq!(row(&event)[..3], ["event", "Local\\E", "-"]);
        assert_eq!((event.size, event.reserved, event.protection), (None, None, None));
    }

    #[test]
    fn a_sync_object_has_its_state_in_the_row() {
        let note = |kind, state, owner, waiters| {
            let info = Info { kind, state: Some(state), ..info() };
            let entry = Entry {
                name: None,
                label: "X".into(),
                info: Ok(info),
                holders: Some(1),
                owner,
                waiters: Some(waiters),
            };
            row(&entry.into())[5].clone()
        };
        let event = lasthandle::State::Event { manual: false, signaled: false };
        assert_eq!(note(Kind::Event, event, None, 2), "not signaled; 2 waiting");
        assert_eq!(note(Kind::Event, event, None, 0), "not signaled");
        let mutex = lasthandle::State::Mutex { count: 1, abandoned: false, mine: false };
        let owner = Some(Owner { pid: 12, thread: 13 });
        assert_eq!(note(Kind::Mutex, mutex, owner, 1), "owned by process 12, thread 13; perhaps some waiting");
    }

    #[test]
    fn what_cannot_be_asked_is_listed_with_the_reason() {
        let error = Name::new("").unwrap_err();
        let reason = error.to_string();
        assert_eq!(row(&object("?", Err(error))), ["?", "?", "-", "3", "-", &reason]);
    }

    #[test]
    fn hostile_times_are_unknown() {
        for created in
            [SystemTime::UNIX_EPOCH - Duration::from_secs(1), SystemTime::now() + Duration::from_secs(300_000_000_000)]
        {
            let object = object("X", Ok(Info { created: Some(created), ..info() }));
            assert_eq!(object.created, None);
        }
    }
}

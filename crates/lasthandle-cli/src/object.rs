//! An object as `ls` and `info` show it.

use std::path::PathBuf;
use std::time::SystemTime;

use lasthandle::{Entry, Kind};
use serde::Serialize;

use crate::state::State;
use crate::units;

/// The stable JSON shape of an object. What the system does not tell is null.
#[derive(Debug, Serialize)]
pub(crate) struct Object {
    /// With its prefix.
    pub(crate) name: String,
    /// False where the record keeps only the beginning of a very long name, or is damaged.
    whole_name: bool,
    pub(crate) kind: Option<&'static str>,
    /// Bytes.
    pub(crate) size: Option<u64>,
    pub(crate) protection: Option<&'static str>,
    pub(crate) reserved: Option<bool>,
    pub(crate) file: Option<PathBuf>,
    /// RFC 3339, UTC.
    pub(crate) created: Option<String>,
    pub(crate) age_seconds: Option<f64>,
    /// The creator's process id.
    pub(crate) creator: Option<u32>,
    /// Processes on Linux, handles on Windows.
    pub(crate) holders: Option<u32>,
    /// Of a sync object.
    pub(crate) state: Option<State>,
    /// Why the object cannot be asked.
    pub(crate) error: Option<String>,
}

impl From<Entry> for Object {
    fn from(entry: Entry) -> Self {
        let state = State::of(&entry);
        let (info, error) = match entry.info {
            Ok(info) => (Some(info), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let told = info.as_ref();
        // Other kinds, which Windows lists too, have none of what a mapping has.
        let mapping = told.filter(|info| info.kind == Kind::Mapping);
        let created = told.and_then(|info| info.created);
        Self {
            name: entry.label,
            whole_name: entry.name.is_some(),
            kind: told.map(|info| info.kind.as_str()),
            size: mapping.map(|info| info.size),
            protection: mapping.and_then(|info| info.protection).map(lasthandle::Protection::as_str),
            reserved: mapping.map(|info| info.reserved),
            file: mapping.and_then(|info| info.file.clone()),
            created: created.and_then(units::show_time),
            age_seconds: created.and_then(|at| SystemTime::now().duration_since(at).ok()).map(|age| age.as_secs_f64()),
            creator: told.and_then(|info| info.creator),
            holders: entry.holders,
            state,
            error,
        }
    }
}

impl Object {
    /// How long ago it was created, for people.
    pub(crate) fn age(&self) -> Option<String> {
        let age = std::time::Duration::try_from_secs_f64(self.age_seconds?).ok()?;
        Some(units::show_age(age))
    }
}

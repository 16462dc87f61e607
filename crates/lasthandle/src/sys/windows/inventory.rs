//! What exists: the kernel's own directories, asked.
//!
//! To ask about an object is to hold it for a moment. An object whose last holder closes just then lives that
//! moment longer.

use std::os::windows::io::{AsHandle, OwnedHandle};

use super::directory::Directory;
use super::{Windows, holders, nt, section, state};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::{Name, Namespace};
use crate::sys::{Entry, Holder, Info, Inventory, Leftover};

impl Inventory for Windows {
    fn list(&self) -> Result<Vec<Entry>> {
        let mut entries = list_part(Namespace::Local)?;
        if !Directory::is_one()? {
            entries.extend(list_part(Namespace::Global)?);
        }
        Ok(entries)
    }

    fn inspect(&self, name: &Name) -> Result<Entry> {
        let directory = Directory::of(name.namespace())?;
        let (kind, opened) = find(&directory, name)?;
        Ok(entry(name.namespace(), name.units(), kind, opened))
    }

    fn holders(&self, name: &Name) -> Result<Vec<Holder>> {
        let (kind, opened) = find(&Directory::of(name.namespace())?, name)?;
        holders::of(kind, &opened?)
    }

    fn collect(&self, _dry_run: bool) -> Result<Vec<Leftover>> {
        Ok(Vec::new())
    }
}

fn list_part(namespace: Namespace) -> Result<Vec<Entry>> {
    let directory = Directory::of(namespace)?;
    let named = directory.list()?.into_iter();
    Ok(named.filter_map(|(kind, units)| listed(&directory, namespace, kind, &units)).collect())
}

/// None: gone since its name was read, or another object has taken the name.
fn listed(directory: &Directory, namespace: Namespace, kind: Kind, units: &[u16]) -> Option<Entry> {
    let opened = directory.open_to_query(kind, units);
    let gone = matches!(&opened, Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::WrongKind));
    (!gone).then(|| entry(namespace, units, kind, opened))
}

fn entry(namespace: Namespace, units: &[u16], kind: Kind, opened: Result<OwnedHandle>) -> Entry {
    let whole = match namespace {
        // Bare, because the longest has no room for a prefix.
        Namespace::Local => units.to_vec(),
        Namespace::Global => "Global\\".encode_utf16().chain(units.iter().copied()).collect(),
    };
    let name = Name::from_wide(&whole).ok();
    let label = name.as_ref().map_or_else(|| String::from_utf16_lossy(&whole), ToString::to_string);
    let (info, holders) = match opened {
        Ok(handle) => (info(kind, &handle), others(&handle)),
        Err(error) => (Err(error), None),
    };
    Entry { name, label, info, holders, owner: None, waiters: None }
}

fn info(kind: Kind, handle: &OwnedHandle) -> Result<Info> {
    match kind {
        Kind::Mapping => Ok(section::info(nt::section(handle.as_handle())?, None)),
        // Whether a timer resets itself, Windows tells nobody.
        _ => Ok(state::info(kind, state::of(kind, handle.as_handle(), None)?)),
    }
}

/// Handles of the object, but for the one that asks.
fn others(handle: &OwnedHandle) -> Option<u32> {
    nt::object(handle.as_handle()).ok()?.HandleCount.checked_sub(1)
}

/// The kind that a name stands for, and a handle to ask with, or why there is none.
fn find(directory: &Directory, name: &Name) -> Result<(Kind, Result<OwnedHandle>)> {
    for kind in Kind::ALL {
        match directory.open_to_query(kind, name.units()) {
            Err(error) if error.kind() == ErrorKind::WrongKind => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(error),
            opened => return Ok((kind, opened)),
        }
    }
    Err(Error::new(ErrorKind::NotAnObject))
}

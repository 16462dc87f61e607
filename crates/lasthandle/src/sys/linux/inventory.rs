//! What exists. Looking takes no lock, so it disturbs nobody.

use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::Stat;
use rustix::io::Errno;

use super::attach::read_record;
use super::backing::recorded_path;
use super::call::{self, Open};
use super::failure::{denied, failure, no_object};
use super::filename;
use super::holders::{self, Wanted};
use super::identity::Identity;
use super::lock;
use super::place::{Place, Spot, effective_user, kind_of, status, status_at};
use super::reap::{Reaped, record_offset};
use super::section::query;
use super::sweep;
use super::sync::report::{Report, report};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::{Name, Namespace};
use crate::record::Description;
use crate::sys::{Entry, Holder, Leftover, LeftoverKind};

/// More holders than this are not counted: a hostile one can invent locks.
const MOST_HOLDERS: usize = 1000;
/// For a whole listing.
const BUFFER: usize = 32 * 1024;

/// A look at one name's file.
struct Look {
    description: Description,
    path: Option<std::path::PathBuf>,
    status: Stat,
    holders: u32,
    /// Of a sync object.
    report: Option<Report>,
}

/// Every living object.
pub(crate) fn list(place: &'static Place) -> Vec<Entry> {
    let mut entries = Vec::new();
    for namespace in [Namespace::Local, Namespace::Global] {
        sweep::walk(place, namespace, 0, BUFFER, true, &mut |path, temporary| {
            let entry = if temporary { Ok(None) } else { look(place, namespace, path) };
            match entry {
                Ok(Some(look)) => entries.push(describe(namespace, path, &look)),
                Ok(None) => {}
                Err(error) => entries.push(unreadable(namespace, path, error)),
            }
        });
    }
    entries
}

/// One object by name.
pub(crate) fn inspect(spot: &Spot) -> Result<Entry> {
    let look = look_at(spot)?;
    Ok(describe(spot.namespace, &spot.path, &look))
}

/// The processes that keep one object.
pub(crate) fn keepers(spot: &Spot) -> Result<Vec<Holder>> {
    let look = look_at(spot)?;
    let target = look.description.backing.map(|backing| Identity { device: backing.device, inode: backing.inode });
    let record = record_offset(&look.status).expect("it was read from there");
    Ok(holders::find(Wanted { object: Identity::of(&look.status), record, target }))
}

/// Removes what killed holders left; a dry run only tells.
pub(crate) fn collect(place: &Place, dry_run: bool) -> Vec<Leftover> {
    let mut leftovers = Vec::new();
    for namespace in [Namespace::Local, Namespace::Global] {
        sweep::walk(place, namespace, 0, BUFFER, true, &mut |path, temporary| {
            if let Some(bytes) = leftover(path, temporary) {
                let (kind, label) = remains(namespace, path);
                match if dry_run { Ok(Some(false)) } else { remove(path, temporary) } {
                    Ok(Some(removed)) => leftovers.push(Leftover { kind, label, bytes, removed: Ok(removed) }),
                    Ok(None) => {} // somebody took it into use, or away, meanwhile
                    Err(error) => leftovers.push(Leftover { kind, label, bytes, removed: Err(error) }),
                }
            }
        });
    }
    leftovers
}

fn look_at(spot: &Spot) -> Result<Look> {
    look(spot.place, spot.namespace, &spot.path)?.ok_or_else(|| Error::new(ErrorKind::NotFound))
}

/// A look at the file at `path`; none if nothing living is there.
fn look(place: &'static Place, namespace: Namespace, path: &CStr) -> Result<Option<Look>> {
    let fd = match call::open(path, Open::ReadOnly) {
        Ok(fd) => fd,
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP) => return Err(no_object(path, "it is a symbolic link")),
        Err(errno @ (Errno::ACCESS | Errno::PERM)) => {
            return Err(denied(path, status_at(path).as_ref(), "its file may not be read", Some(errno)));
        }
        Err(errno) => return Err(failure(errno, "its file cannot be opened")),
    };
    let status = status(fd.as_fd())?;
    let Some(record) = record_offset(&status) else {
        let what = kind_of(&status);
        return Err(no_object(path, &format!("it is {what}, not a file of whole pages")));
    };
    let holders =
        lock::holders(fd.as_fd(), MOST_HOLDERS).map_err(|errno| failure(errno, "its locks cannot be asked"))?;
    if holders.is_empty() {
        // Dead, if it is an object at all. Also while somebody has the exclusive lock: it is given only where nobody
        // holds the object, and by then its name is as good as gone.
        return read_record(path, fd.as_fd(), &status).map(|_| None);
    }
    let description = read_record(path, fd.as_fd(), &status)?;
    if description.dead {
        return Ok(None);
    }
    let path = description.backing.as_ref().and_then(|backing| recorded_path(fd.as_fd(), backing));
    let holders = u32::try_from(holders.len()).unwrap_or(u32::MAX);
    let is_sync = description.kind != Kind::Mapping;
    let report =
        is_sync.then(|| report(fd.as_fd(), record, &description, place.lives(namespace, effective_user()))).flatten();
    Ok(Some(Look { description, path, status, holders, report }))
}

fn describe(namespace: Namespace, path: &CStr, look: &Look) -> Entry {
    let stored = look.description.name.as_ref();
    let mut info = query(&look.description, look.path.as_deref());
    info.state = look.report.as_ref().map(|report| report.state);
    Entry {
        name: stored.and_then(|name| name.whole(namespace)),
        label: stored.map_or_else(|| label(namespace, path), |name| prefixed(namespace, &name.label())),
        info: Ok(info),
        holders: Some(look.holders),
        owner: look.report.as_ref().and_then(|report| report.owner),
        waiters: look.report.as_ref().map(|report| report.waiters),
    }
}

fn unreadable(namespace: Namespace, path: &CStr, error: Error) -> Entry {
    let label = label(namespace, path);
    let name = (!label.ends_with('…')).then(|| Name::new(&label).ok()).flatten();
    Entry { name, label, info: Err(error), holders: None, owner: None, waiters: None }
}

/// What is left over at `path`, and how people call it.
fn remains(namespace: Namespace, path: &CStr) -> (LeftoverKind, String) {
    let file = file_name(namespace, path);
    if file.starts_with(filename::LIFE) {
        (LeftoverKind::Life, "life file of a process that ended".to_owned())
    } else if file.starts_with(filename::TEMPORARY) {
        (LeftoverKind::Unfinished, "half-made object of a process that was killed".to_owned())
    } else {
        (LeftoverKind::Object, label(namespace, path))
    }
}

fn label(namespace: Namespace, path: &CStr) -> String {
    prefixed(namespace, &filename::decode(&file_name(namespace, path)))
}

/// Without directory and prefix.
fn file_name(namespace: Namespace, path: &CStr) -> String {
    let path = path.to_string_lossy();
    let file = path.rsplit('/').next().unwrap_or_default();
    file.strip_prefix(Place::prefix(namespace)).unwrap_or(file).to_owned()
}

fn prefixed(namespace: Namespace, name: &str) -> String {
    match namespace {
        Namespace::Local => format!("Local\\{name}"),
        Namespace::Global => format!("Global\\{name}"),
    }
}

/// The bytes that the file at `path` holds, if it is one of ours that nobody has.
fn leftover(path: &CStr, temporary: bool) -> Option<u64> {
    let fd = call::open(path, Open::ReadOnly).ok()?;
    let status = status(fd.as_fd()).ok()?;
    let unused = lock::conflict(fd.as_fd()).ok()?.is_none();
    (unused && (temporary || is_object(path, fd.as_fd(), &status)))
        .then(|| u64::try_from(status.st_blocks).unwrap_or(0) * 512)
}

fn is_object(path: &CStr, fd: BorrowedFd<'_>, status: &Stat) -> bool {
    read_record(path, fd, status).is_ok()
}

fn remove(path: &CStr, temporary: bool) -> Result<Option<bool>> {
    match sweep::reap_either(path, temporary) {
        Reaped::Gone => Ok(Some(true)),
        Reaped::Alive(_) | Reaped::Left(None) => Ok(None),
        Reaped::Left(Some(errno)) => {
            Err(denied(path, status_at(path).as_ref(), "its leftover may not be removed", Some(errno)))
        }
    }
}

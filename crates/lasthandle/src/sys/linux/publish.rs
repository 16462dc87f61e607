//! Making a name: build the object where nobody can see it, lock it, and only then give it its name.
//!
//! 1. A file without a name (`O_TMPFILE`). Killed here or until 5: the kernel frees it.
//! 2. Memory is reserved and the record written.
//! 3. A second description of it takes the shared lock, maps the record page, and its descriptor is closed.
//! 4. (The first description stays, for views.)
//! 5. `linkat`: the name appears, of a whole object that has a holder (reap's invariant 3). The name exists: throw
//!    all away and look at who was faster.
//!
//! Where the file system has no `O_TMPFILE`, or `/proc` is missing, the file has a temporary name until it is linked;
//! killed in between, that name is a leftover, which `sweep` removes. So there it is locked *before* its memory is
//! reserved, which may take long: a sweep would take it for a leftover again and again.

use std::ffi::CString;
use std::hash::{BuildHasher, RandomState};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;

use super::attach::{PATIENCE, busy};
use super::backoff::Backoff;
use super::call::{self, Open};
use super::failure::failure;
use super::holder::{Holder, Lease};
use super::identity::{Descriptor, Identity};
use super::place::{Spot, status};
use crate::error::{Error, ErrorKind, Result};

/// Makes a file into an object: its memory and its record.
pub(crate) trait Build {
    /// Fills the empty file behind `fd`. Tells where its record lies.
    fn build(&self, fd: BorrowedFd<'_>) -> Result<u64>;

    /// The mode its file shall have.
    fn mode(&self) -> u32;

    /// Whether it is a sync object, whose record page is used and not only kept.
    fn has_words(&self) -> bool;
}

/// Builds an object and names it. None: somebody else's object got the name first.
pub(crate) fn publish(spot: &Spot, object: &impl Build) -> Result<Option<(Holder, Descriptor)>> {
    spot.place.prepare(spot.namespace, spot.user)?;
    let outcome = match call::open_unnamed(&spot.directory()?, object.mode()) {
        Ok(fd) => publish_unnamed(spot, object, fd)?,
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOENT) => Step::NotHere,
        Err(errno) => return Err(directory_failure(spot, errno)),
    };
    match outcome {
        Step::Done(published) => Ok(published),
        Step::NotHere => publish_temporary(spot, object),
    }
}

enum Step {
    Done(Option<(Holder, Descriptor)>),
    /// This system cannot name an unnamed file.
    NotHere,
}

fn publish_unnamed(spot: &Spot, object: &impl Build, fd: OwnedFd) -> Result<Step> {
    let file = admit(object, fd)?;
    let record = object.build(file.unchecked())?;
    let locked = match call::reopen(file.unchecked(), Open::ReadWrite) {
        Ok(fd) => fd,
        Err(Errno::NOENT | Errno::ACCESS | Errno::PERM) => return Ok(Step::NotHere), // no /proc
        Err(errno) => return Err(failure(errno, "its file cannot be opened again")),
    };
    let holder = keep(lock(locked)?, record, object.has_words(), spot)?;
    match call::link_descriptor(file.unchecked(), &spot.path) {
        Ok(()) => Ok(Step::Done(Some((holder, file)))),
        Err(Errno::EXIST) => Ok(Step::Done(None)),
        Err(Errno::NOENT | Errno::OPNOTSUPP | Errno::PERM | Errno::ACCESS | Errno::XDEV) => Ok(Step::NotHere),
        Err(errno) => Err(failure(errno, "its file cannot be named")),
    }
}

fn publish_temporary(spot: &Spot, object: &impl Build) -> Result<Option<(Holder, Descriptor)>> {
    let mut backoff = Backoff::new(PATIENCE);
    loop {
        let path = spot.temporary(RandomState::new().hash_one(std::process::id()))?;
        let fd = match call::open_exclusive(&path, object.mode()) {
            Ok(fd) => fd,
            Err(Errno::EXIST) => continue,
            Err(errno) => return Err(directory_failure(spot, errno)),
        };
        let linked = link_temporary(spot, object, fd, &path);
        // Whatever came of it, the temporary name has done its work.
        let _ = call::unlink(&path);
        match linked {
            Ok(Some(published)) => return Ok(published),
            // A sweep took it for a leftover before it was locked: again. Who does that each time is no sweep.
            Ok(None) if backoff.wait() => {}
            Ok(None) => return Err(busy(spot)),
            Err(error) => return Err(error),
        }
    }
}

type Published = Option<(Holder, Descriptor)>;

fn link_temporary(spot: &Spot, object: &impl Build, fd: OwnedFd, path: &CString) -> Result<Option<Published>> {
    let file = admit(object, fd)?;
    let locked = match call::open(path, Open::ReadWrite) {
        Ok(fd) => fd,
        Err(Errno::NOENT) => return Ok(None),
        Err(errno) => return Err(failure(errno, "its file cannot be opened again")),
    };
    if Identity::of(&status(locked.as_fd())?) != file.identity() {
        return Ok(None);
    }
    let Some(lease) = take(locked)? else { return Ok(None) };
    let record = object.build(file.unchecked())?;
    let holder = keep(lease, record, object.has_words(), spot)?;
    match call::link(path, &spot.path) {
        Ok(()) => Ok(Some(Some((holder, file)))),
        Err(Errno::EXIST) => Ok(Some(None)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(failure(errno, "its file cannot be named")),
    }
}

/// Gives a fresh file the mode that was asked for, of which the process' umask took bits away.
fn admit(object: &impl Build, fd: OwnedFd) -> Result<Descriptor> {
    let status = status(fd.as_fd())?;
    if status.st_mode & 0o777 != object.mode() {
        call::set_mode(fd.as_fd(), object.mode()).map_err(|errno| failure(errno, "its permissions cannot be set"))?;
    }
    Ok(Descriptor::new(fd, Identity::of(&status)))
}

/// Locks the object through the description behind `fd`. None: somebody looks at it at this moment.
fn take(fd: OwnedFd) -> Result<Option<Lease>> {
    let taken = Lease::take(fd).map_err(|errno| failure(errno, "its lock cannot be taken"))?;
    Ok(taken.ok())
}

/// As `take`, of a file that nobody else knows: so nobody can be in the way.
fn lock(fd: OwnedFd) -> Result<Lease> {
    take(fd)?.ok_or_else(|| failure(Errno::AGAIN, "its lock cannot be taken"))
}

/// (Should the name be another's after all, dropping this holder looks at that one and leaves it.)
fn keep(lease: Lease, record: u64, words: bool, spot: &Spot) -> Result<Holder> {
    lease.keep(record, words, spot).map_err(|errno| failure(errno, "its record cannot be mapped"))
}

#[cold]
fn directory_failure(spot: &Spot, errno: Errno) -> Error {
    let directory = spot.directory().map_or_else(|_| String::new(), |path| path.to_string_lossy().into_owned());
    match errno {
        Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::NOENT => Error::new(ErrorKind::UnusableRoot)
            .detail(format!("{directory} takes no new file"))
            .os(errno)
            .cure("set LASTHANDLE_ROOT to a directory that this user may write"),
        _ => failure(errno, "no file can be made for it"),
    }
}

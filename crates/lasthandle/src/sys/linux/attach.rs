//! Opening a name: become a holder of a live object, or learn that there is none.
//!
//! The steps, and why no kill or race between them does harm:
//! 1. Open the file, without ever creating it.
//! 2. Try the exclusive lock. Got it: nobody holds the object; remove it ([`super::reap`]). Not found.
//! 3. Take the shared lock. Somebody has the exclusive one at this moment: start over.
//! 4. Open the path again: the descriptor for views, of another description. Another file: the name was removed
//!    between 1 and 3; start over. The same file: by reap's invariant 1 the name stays while we have the lock.
//! 5. Read the record and check it. Marked dead: start over, by way of reap.
//! 6. Map the record page through the first description, and close that descriptor.
//!
//! Who is killed on the way loses nothing but the lock. The loop ends by time, with *busy*.

use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::fs::{FileType, Stat};
use rustix::io::Errno;

use super::backoff::Backoff;
use super::call::{self, Open};
use super::failure::{denied, failure, no_object};
use super::holder::{Holder, Lease};
use super::identity::{Descriptor, Identity};
use super::lock;
use super::place::{Spot, kind_of, status, status_at};
use super::reap::{self, Reaped, record_offset};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::record::{Defect, Description, RECORD_BYTES, Record};

/// How long a name may be kept busy by others before that is an error. Each of them needs some microseconds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// A live object, and we are a holder of it.
#[derive(Debug)]
pub(crate) struct Attached {
    pub(crate) holder: Holder,
    pub(crate) description: Description,
    pub(crate) identity: Identity,
    /// The object's own file, by another description than the holder's, if it was asked for.
    pub(crate) file: Option<Descriptor>,
}

/// What the caller needs of the object's file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Need {
    /// A descriptor, for views.
    Data(Open),
    /// Only what the holder has. To write too: sync objects are written by whoever waits.
    Holder(Open),
}

impl Need {
    fn how(self) -> Open {
        match self {
            Self::Data(how) | Self::Holder(how) => how,
        }
    }
}

/// What an attempt found.
enum Found {
    Live(Box<Attached>),
    Nothing,
    /// Something changed meanwhile.
    Again,
}

/// Becomes a holder of the object at `spot`; none if there is no living one.
pub(crate) fn attach(spot: &Spot, need: Need) -> Result<Option<Attached>> {
    let mut backoff = Backoff::new(PATIENCE);
    loop {
        match attempt(spot, need)? {
            Found::Live(attached) => return Ok(Some(*attached)),
            Found::Nothing => return Ok(None),
            Found::Again if backoff.wait() => {}
            Found::Again => return Err(busy(spot)),
        }
    }
}

fn attempt(spot: &Spot, need: Need) -> Result<Found> {
    let Some((fd, opened)) = open(spot, need.how())? else { return Ok(Found::Nothing) };
    let before = status(fd.as_fd())?;
    check_file(spot, &before)?;
    let lease = match look_for_holders(spot, fd, opened, &before)? {
        Looked::Dead => return Ok(Found::Nothing),
        Looked::Busy => return Ok(Found::Again),
        Looked::Alive(fd) => match Lease::take(fd).map_err(|errno| failure(errno, "its lock cannot be taken"))? {
            Ok(lease) => lease,
            Err(_busy) => return Ok(Found::Again),
        },
    };
    // From here on we have the lock: who gives up leaves the name to `reap`.
    match settle(spot, need, lease, &before) {
        Ok(Some(attached)) => Ok(Found::Live(Box::new(attached))),
        Ok(None) => {
            reap::reap(&spot.path);
            Ok(Found::Again)
        }
        Err(error) => {
            reap::reap(&spot.path);
            Err(error)
        }
    }
}

/// Steps 4 to 6. None: the object went meanwhile.
fn settle(spot: &Spot, need: Need, lease: Lease, before: &Stat) -> Result<Option<Attached>> {
    let Some(file) = look_again(spot, need, Identity::of(before))? else { return Ok(None) };
    let description = read_record(&spot.path, lease.fd(), before)?;
    if description.dead {
        return Ok(None);
    }
    let record = record_offset(before).expect("the record was read from there");
    // A sync object that this user may only read cannot be used; its page is kept then, and no more.
    let has_words = description.kind != Kind::Mapping && need.how() == Open::ReadWrite;
    let holder = lease.keep(record, has_words, spot).map_err(|errno| failure(errno, "its record cannot be mapped"))?;
    Ok(Some(Attached { holder, description, identity: Identity::of(before), file }))
}

/// Step 4: whether the path still leads to the file that we have locked. None: it does not.
#[allow(clippy::option_option)] // is it still there; and then, was a descriptor asked for
fn look_again(spot: &Spot, need: Need, identity: Identity) -> Result<Option<Option<Descriptor>>> {
    let Need::Data(how) = need else {
        let found = status_at(&spot.path).is_some_and(|found| Identity::of(&found) == identity);
        return Ok(found.then_some(None));
    };
    let file = match call::open(&spot.path, how) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(None),
        Err(errno) => return Err(failure(errno, "its file cannot be opened")),
    };
    let found = Identity::of(&status(file.as_fd())?);
    Ok((found == identity).then(|| Some(Descriptor::new(file, identity))))
}

/// Opens the name's file, if there is one: to write too, so that a dead one can be removed; to read only where no
/// more is permitted and no more was asked for.
fn open(spot: &Spot, how: Open) -> Result<Option<(OwnedFd, Open)>> {
    let path = &spot.path;
    let refused = match call::open(path, Open::ReadWrite) {
        Ok(fd) => return Ok(Some((fd, Open::ReadWrite))),
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP) => return Err(no_object(path, "it is a symbolic link")),
        Err(Errno::ISDIR) => return Err(no_object(path, "it is a directory")),
        Err(Errno::NXIO | Errno::NODEV) => return Err(no_object(path, "it is a socket or a device")),
        Err(errno @ (Errno::ACCESS | Errno::PERM | Errno::ROFS)) => errno,
        Err(errno) => return Err(failure(errno, "its file cannot be opened")),
    };
    if how == Open::ReadOnly {
        if let Ok(fd) = call::open(path, Open::ReadOnly) {
            return Ok(Some((fd, Open::ReadOnly)));
        }
    }
    let status = status_at(path);
    match &status {
        None => Ok(None),
        Some(status) => Err(denied(path, Some(status), "its file may not be opened", Some(refused))),
    }
}

/// Before anything is locked: a plain file, of somebody who may own one here.
fn check_file(spot: &Spot, status: &Stat) -> Result<()> {
    if FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
        return Err(no_object(&spot.path, &format!("it is {}", kind_of(status))));
    }
    if !spot.may_belong_to(status.st_uid) {
        return Err(denied(&spot.path, Some(status), "another user's file lies in this user's directory", None));
    }
    Ok(())
}

enum Looked {
    Alive(OwnedFd),
    Dead,
    /// Somebody else is looking.
    Busy,
}

/// Step 2.
fn look_for_holders(spot: &Spot, fd: OwnedFd, opened: Open, before: &Stat) -> Result<Looked> {
    let failed = |errno| failure(errno, "its locks cannot be asked");
    if opened == Open::ReadOnly {
        // Who may not write can neither lock exclusively nor remove; it can see whether somebody holds the object.
        return Ok(match lock::conflict(fd.as_fd()).map_err(failed)? {
            None => {
                read_record(&spot.path, fd.as_fd(), before)?;
                Looked::Dead
            }
            Some(conflict) if conflict.exclusive => Looked::Busy,
            Some(_) => Looked::Alive(fd),
        });
    }
    if !lock::exclude(fd.as_fd()).map_err(failed)? {
        return Ok(Looked::Alive(fd));
    }
    // Say what is wrong with a file that `reap` would leave alone.
    read_record(&spot.path, fd.as_fd(), before)?;
    match reap::bury(fd, &spot.path) {
        Reaped::Gone | Reaped::Alive(_) | Reaped::Left(None | Some(Errno::PERM | Errno::ACCESS)) => Ok(Looked::Dead),
        Reaped::Left(Some(errno)) => Err(failure(errno, "its dead name cannot be removed")),
    }
}

/// Reads and checks the record; an error says what is wrong with it.
pub(crate) fn read_record(path: &CStr, fd: BorrowedFd<'_>, status: &Stat) -> Result<Description> {
    let offset = record_offset(status).ok_or_else(|| no_object(path, "it is not made of whole pages"))?;
    let mut bytes = [0; RECORD_BYTES];
    let read = call::read_at(fd, &mut bytes, offset).map_err(|errno| failure(errno, "its record cannot be read"))?;
    if read != RECORD_BYTES {
        return Err(no_object(path, "it shrank while it was read"));
    }
    let size = u64::try_from(status.st_size).unwrap_or(0);
    Record::parse(&bytes, size, rustix::param::page_size()).map_err(|defect| defective(path, defect))
}

fn defective(path: &CStr, defect: Defect) -> Error {
    let other_layout = |what: String| {
        Error::new(ErrorKind::VersionMismatch)
            .detail(format!("{} was made by another build: {what}", path.to_string_lossy()))
            .cure("use programs built with the same version of lasthandle; it was left as it is")
    };
    match defect {
        Defect::Foreign => no_object(path, "it has no record"),
        Defect::Damaged(what) => no_object(path, &format!("its record is damaged: {what}")),
        Defect::Version(theirs) => {
            other_layout(format!("its layout is version {theirs}, ours is {}", crate::record::VERSION))
        }
        Defect::Signature(theirs) => {
            let ours = crate::record::signature(rustix::param::page_size());
            other_layout(format!("its layout has signature {theirs:#x}, ours is {ours:#x}"))
        }
    }
}

#[cold]
pub(crate) fn busy(spot: &Spot) -> Error {
    let blockers = super::holders::blockers(&spot.path);
    let who = if blockers.is_empty() { "somebody".into() } else { blockers.join(", ") };
    Error::new(ErrorKind::Busy)
        .detail(format!("{} was kept busy for {PATIENCE:?} by {who}", spot.path.to_string_lossy()))
        .cure("look at that process: it may be stopped")
}

/// After a create met a name that nobody living has: whether we could remove it at all. Otherwise only its owner can
/// help, and trying again would be an endless loop.
pub(crate) fn expect_removable(spot: &Spot) -> Result<()> {
    match reap::reap(&spot.path) {
        Reaped::Gone | Reaped::Alive(_) | Reaped::Left(None) => Ok(()),
        Reaped::Left(errno) => match status_at(&spot.path) {
            None => Ok(()),
            Some(status) => {
                Err(denied(&spot.path, Some(&status), "its name is a leftover that this user may not remove", errno))
            }
        },
    }
}

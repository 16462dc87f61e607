//! The one operation that removes a name: if nobody holds the object, mark it dead and take its name away.
//!
//! Invariants, on which every other protocol rests:
//! 1. A name is removed only under the exclusive lock on its inode, and only while the path leads to that inode.
//! 2. Who has the exclusive lock does nothing else with it, so it lasts for a few system calls.
//! 3. A live object is locked by a holder from before its name appears; so 1 never takes a live object's name.
//! 4. A record marked dead never comes back: who holds the exclusive lock and cannot remove the name has marked it.
//! 5. A file that is no object of this version is never touched.

use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{FileType, Stat};
use rustix::io::Errno;

use super::call::{self, Open};
use super::identity::Identity;
use super::lock;
use crate::record::{DEAD, LIFE_OFFSET, RECORD_BYTES, Record};

/// What became of a name.
#[derive(Debug)]
pub(crate) enum Reaped {
    /// Nothing there any more.
    Gone,
    /// It has holders, or somebody else is looking at it; here is a descriptor of it.
    Alive(OwnedFd),
    /// It was left where it is: not ours to remove, or not allowed.
    Left(Option<Errno>),
}

/// Removes the name at `path` if its object has no holders.
pub(crate) fn reap(path: &CStr) -> Reaped {
    let fd = match call::open(path, Open::ReadWrite) {
        Ok(fd) => fd,
        Err(Errno::NOENT) => return Reaped::Gone,
        Err(errno) => return Reaped::Left(Some(errno)),
    };
    match lock::exclude(fd.as_fd()) {
        Ok(true) => bury(fd, path),
        Ok(false) => Reaped::Alive(fd),
        Err(errno) => Reaped::Left(Some(errno)),
    }
}

/// Marks the object behind `fd` dead and takes its name away. The caller has the exclusive lock through `fd`.
pub(crate) fn bury(fd: OwnedFd, path: &CStr) -> Reaped {
    let outcome = bury_locked(fd.as_fd(), path);
    call::close(fd);
    match outcome {
        Ok(true) => Reaped::Gone,
        Ok(false) => Reaped::Left(None),
        Err(errno) => Reaped::Left(Some(errno)),
    }
}

fn bury_locked(fd: BorrowedFd<'_>, path: &CStr) -> Result<bool, Errno> {
    let status = call::status(fd)?;
    let Some(record) = record_offset(&status) else { return Ok(false) };
    if !is_usable(fd, &status, record)? {
        return Ok(false);
    }
    call::write_at(fd, &DEAD, record + LIFE_OFFSET)?;
    unlink_if_same(path, &status)?;
    Ok(true)
}

/// Whether the record is one of this version; every other file is somebody else's (invariant 5).
fn is_usable(fd: BorrowedFd<'_>, status: &Stat, record: u64) -> Result<bool, Errno> {
    let mut bytes = [0; RECORD_BYTES];
    let read = call::read_at(fd, &mut bytes, record)?;
    let size = u64::try_from(status.st_size).unwrap_or(0);
    Ok(read == RECORD_BYTES && Record::parse(&bytes, size, rustix::param::page_size()).is_ok())
}

/// Takes the name away if it still leads to that file (invariant 1).
fn unlink_if_same(path: &CStr, status: &Stat) -> Result<(), Errno> {
    match call::status_at(path) {
        Ok(found) if Identity::of(&found) == Identity::of(status) => match call::unlink(path) {
            Err(errno) if errno != Errno::NOENT => Err(errno),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Removes a file that was on its way to becoming an object when its maker was killed: whatever is in it, if nobody
/// has it locked and it is a plain file.
pub(crate) fn reap_temporary(path: &CStr) -> Reaped {
    let fd = match call::open(path, Open::ReadWrite) {
        Ok(fd) => fd,
        Err(Errno::NOENT) => return Reaped::Gone,
        Err(errno) => return Reaped::Left(Some(errno)),
    };
    let removed = lock::exclude(fd.as_fd()).and_then(|free| {
        let status = call::status(fd.as_fd())?;
        if !free || FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
            return Ok(false);
        }
        unlink_if_same(path, &status).map(|()| true)
    });
    match removed {
        Ok(true) => Reaped::Gone,
        Ok(false) => Reaped::Alive(fd),
        Err(errno) => Reaped::Left(Some(errno)),
    }
}

/// Where the record lies in a file of that size: its last page. None if it is no plain file of whole pages.
pub(crate) fn record_offset(status: &Stat) -> Option<u64> {
    let page = rustix::param::page_size() as u64;
    let size = u64::try_from(status.st_size).ok()?;
    let plain = FileType::from_raw_mode(status.st_mode) == FileType::RegularFile;
    (plain && size >= page && size % page == 0).then(|| size - page)
}

//! Giving a fresh file its memory.

use std::os::fd::BorrowedFd;

use rustix::io::Errno;

use super::call;
use super::failure::failure;
use super::room;
use crate::error::{Error, ErrorKind, Result};

/// Allocated in pieces: a signal makes the kernel undo and repeat one of them, not all.
const PIECE: u64 = 64 << 20;

/// Reserves memory for `length` fresh bytes from `offset` on, so that touching them can never fail. The file grows to
/// hold them.
pub(crate) fn promise(fd: BorrowedFd<'_>, offset: u64, length: u64) -> Result<()> {
    match promise_in_place(fd, offset, length) {
        Err(error) if error.kind() == ErrorKind::Unsupported => fill(fd, offset, offset + length),
        done => done,
    }
}

/// As [`promise`], for bytes that may be in use: they stay what they are. Unsupported where the file system cannot.
pub(crate) fn promise_in_place(fd: BorrowedFd<'_>, offset: u64, length: u64) -> Result<()> {
    room::require_file_size(offset.saturating_add(length))?;
    room::require(fd, length)?;
    let end = offset + length;
    let mut at = offset;
    while at < end {
        let piece = PIECE.min(end - at);
        match call::allocate(fd, at, piece) {
            Ok(()) => at += piece,
            Err(Errno::NOSPC | Errno::DQUOT | Errno::NOMEM) => return Err(room::exhausted(fd, length)),
            Err(Errno::FBIG) => return Err(too_big()),
            Err(errno) => return Err(failure(errno, "its memory cannot be reserved")),
        }
    }
    Ok(())
}

/// Makes the file `size` bytes long without promising memory.
pub(crate) fn reserve(fd: BorrowedFd<'_>, size: u64) -> Result<()> {
    room::require_file_size(size)?;
    match call::set_size(fd, size) {
        Ok(()) => Ok(()),
        Err(Errno::FBIG | Errno::INVAL) => Err(too_big()),
        Err(errno) => Err(failure(errno, "its size cannot be set")),
    }
}

fn too_big() -> Error {
    Error::new(ErrorKind::TooBig).detail("its file system holds no file of that size")
}

/// A file system that cannot reserve takes its blocks when they are written.
fn fill(fd: BorrowedFd<'_>, from: u64, end: u64) -> Result<()> {
    let zeros = vec![0; 1 << 20];
    let mut at = from;
    while at < end {
        let piece = usize::try_from((end - at).min(zeros.len() as u64)).expect("at most 1 MiB");
        match call::write_at(fd, &zeros[..piece], at) {
            Ok(written) => at += written as u64,
            Err(Errno::NOSPC | Errno::DQUOT) => return Err(room::exhausted(fd, end - from)),
            Err(errno) => return Err(failure(errno, "its memory cannot be reserved")),
        }
    }
    Ok(())
}

//! Which file it is, whatever it is called; and descriptors that are checked against it.

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

use rustix::fs::Stat;

use super::call::{self, Open};
use super::failure::failure;
use crate::error::{Error, ErrorKind, Result};

/// A file's device and inode: unique for as long as somebody has it open or mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    pub(crate) device: u64,
    pub(crate) inode: u64,
}

impl Identity {
    pub(crate) fn of(status: &Stat) -> Self {
        Self { device: status.st_dev, inode: status.st_ino }
    }
}

/// A descriptor that foreign code in this process may close under our feet, and whose number may then be given to
/// another file. So it is compared with the file that it stood for before it is used or closed.
///
/// # Safety
/// `raw` came from an `OwnedFd` that was given up to us, so it is ours to lend and to close, as long as it still
/// leads to the file of `identity`; [`Descriptor::get`] and `drop` look first.
#[derive(Debug)]
pub(crate) struct Descriptor {
    raw: RawFd,
    identity: Identity,
}

#[allow(unsafe_code)]
impl Descriptor {
    pub(crate) fn new(fd: OwnedFd, identity: Identity) -> Self {
        Self { raw: fd.into_raw_fd(), identity }
    }

    /// The descriptor, if it still leads to our file, and what the file is now.
    pub(crate) fn get(&self) -> Result<(BorrowedFd<'_>, Stat)> {
        let fd = self.unchecked();
        match call::status(fd) {
            Ok(status) if Identity::of(&status) == self.identity => Ok((fd, status)),
            Ok(_) => Err(Error::new(ErrorKind::InvalidHandle)
                .detail("its descriptor leads to another file now")
                .cure("something in this process closed a descriptor that it did not own")),
            Err(errno) => Err(failure(errno, "its descriptor is gone")),
        }
    }

    /// The descriptor, unlooked-at.
    pub(crate) fn unchecked(&self) -> BorrowedFd<'_> {
        // SAFETY: the number is ours and not -1, by the type's invariant; that foreign code may have closed it is
        // that code's breach of I/O safety, and costs an error of the next call at most.
        unsafe { BorrowedFd::borrow_raw(self.raw) }
    }

    /// A fresh description of the same file.
    pub(crate) fn reopen(&self, how: Open) -> Result<Self> {
        let (fd, _) = self.get()?;
        let fresh = call::reopen(fd, how).map_err(|errno| failure(errno, "its file cannot be opened again"))?;
        Ok(Self::new(fresh, self.identity))
    }

    pub(crate) fn identity(&self) -> Identity {
        self.identity
    }
}

#[allow(unsafe_code)]
impl Drop for Descriptor {
    fn drop(&mut self) {
        let still_ours = call::status(self.unchecked()).is_ok_and(|status| Identity::of(&status) == self.identity);
        if still_ours {
            // SAFETY: it leads to our file, so it is the descriptor that was given up to us, and nobody uses it after
            // this drop.
            call::close(unsafe { OwnedFd::from_raw_fd(self.raw) });
        }
    }
}

impl AsRawFd for Descriptor {
    fn as_raw_fd(&self) -> RawFd {
        self.raw
    }
}

//! A sign of life that has no name, so that no removal of names takes it away.
//!
//! A life file can be removed by a stranger (`rm -r`, a cleaner, the end of a login session) while its process lives.
//! "There is no such file" would then be taken for a death. So each process with life files also has the **root
//! directory** open, and in it a shared lock at the byte whose number is the file's nonce. That directory stays where
//! it is when all that is in it goes, and the kernel drops the lock however the process ends. A life file that is absent,
//! or that nobody has locked, means death only if this lock is not there either.
//!
//! A directory cannot be mapped, so a descriptor keeps the lock. Foreign code may close it; the next thread that
//! begins a life here notices that. A child made by `fork` has a copy, which it closes at once.
//!
//! # Safety
//! A fork child closes the copy of a descriptor of ours by number, after a look at what it leads to.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, AsRawFd};

use rustix::io::Errno;

use crate::error::{Error, Result};
use crate::sys::linux::call::{self, Lock};
use crate::sys::linux::failure::failure;
use crate::sys::linux::identity::{Descriptor, Identity};
use crate::sys::linux::place::Place;

/// The locks of this process for the life files of one world.
#[derive(Debug)]
pub(super) struct Vigil {
    root: Descriptor,
}

impl Vigil {
    /// None: a root that may not be read, or whose file system knows no locks. Names are all there is then.
    pub(super) fn begin(place: &Place, nonces: impl Iterator<Item = u64>) -> Result<Option<Self>> {
        let (fd, identity) = match place.open_root() {
            Ok(root) => root,
            Err(errno) if is_lack(errno) => return Ok(None),
            Err(errno) => return Err(failed(errno)),
        };
        let vigil = Self { root: Descriptor::new(fd, identity) };
        for nonce in nonces {
            vigil.add(nonce)?;
        }
        Ok(Some(vigil))
    }

    /// For one file more. (There is nobody to be in the way: no one can lock a directory exclusively.)
    pub(super) fn add(&self, nonce: u64) -> Result<()> {
        match call::try_lock(self.root.unchecked(), Lock::Shared, nonce, 1) {
            Err(errno) if !is_lack(errno) => Err(failed(errno)),
            _ => Ok(()),
        }
    }

    /// No thread of that file lives any more.
    pub(super) fn end(&self, nonce: u64) {
        if let Ok((fd, _)) = self.root.get() {
            let _ = call::unlock(fd, nonce, 1);
        }
    }

    /// Whether it is there still, and where others look.
    pub(super) fn is_kept(&self, place: &Place) -> bool {
        self.root.get().is_ok() && place.identity().is_none_or(|now| now == self.root.identity())
    }

    /// In a fork child: closes the copy, which would speak for the parent as long as the child lives. No call here may
    /// wait for a lock that a thread of the parent had.
    pub(super) fn close_copy(&self) {
        let status = rustix::fs::fstat(self.root.unchecked());
        if status.is_ok_and(|status| Identity::of(&status) == self.root.identity()) {
            // SAFETY: it leads to the directory that ours led to, and nobody in this process uses it from now on.
            unsafe { rustix::io::close(self.root.as_raw_fd()) };
        }
    }
}

fn failed(errno: Errno) -> Error {
    failure(errno, "the root cannot be locked for its life file")
}

/// It will not be otherwise the next time.
fn is_lack(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::ACCESS
            | Errno::PERM
            | Errno::NOENT
            | Errno::NOTDIR
            | Errno::INVAL
            | Errno::OPNOTSUPP
            | Errno::NOSYS
            | Errno::NOLCK
    )
}

/// Whether a process keeps vigil for the life file with that nonce. None: it cannot be told.
pub(super) fn is_kept(place: &Place, nonce: u64) -> Option<bool> {
    let (fd, identity) = match place.open_root() {
        Ok(root) => root,
        Err(Errno::ACCESS | Errno::PERM) => return Some(false),
        Err(_) => return None,
    };
    if !place.was_root(identity) {
        // The root was removed and made again. Who kept vigil in the old one cannot be seen from here.
        return None;
    }
    match call::find_lock(fd.as_fd(), nonce, 1) {
        // Just that byte: who locks the whole root stands for nobody.
        Ok(lock) => Some(lock.is_some_and(|lock| lock.start == nonce && !lock.exclusive)),
        Err(errno) if is_lack(errno) => Some(false),
        Err(_) => None,
    }
}

//! Files that are deleted when they are closed (`FILE_FLAG_DELETE_ON_CLOSE`).
//!
//! They keep their names until then, so that others can open them. A process that ends without closing them deletes them
//! as it exits; one that is killed leaves them: the system has no deletion that a name would survive until then.
//!
//! # Safety
//! `atexit` is given a function that lives as long as the program.
#![allow(unsafe_code)]

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use rustix::fs::Stat;

/// A file to delete: where it is, and which.
#[derive(PartialEq, Eq)]
pub(crate) struct Target {
    path: PathBuf,
    device: u64,
    inode: u64,
    /// The process that opened it: a forked child's copy deletes nothing.
    process: u32,
}

static TARGETS: Mutex<Vec<Target>> = Mutex::new(Vec::new());

/// Keeps files from being entered or deleted as long as it is there.
pub(crate) type Lock = MutexGuard<'static, Vec<Target>>;

pub(crate) fn lock() -> Lock {
    TARGETS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Deletes its file when dropped.
pub(crate) struct Doomed {
    device: u64,
    inode: u64,
    process: u32,
}

impl Doomed {
    pub(super) fn new(path: &Path, status: &Stat) -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // SAFETY: see the top. Without memory for the entry, such a file stays if nobody closes it.
            let _ = unsafe { libc::atexit(at_exit) };
        });
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (device, inode, process) = (status.st_dev, status.st_ino, std::process::id());
        lock().push(Target { path, device, inode, process });
        Self { device, inode, process }
    }

    fn means(&self, target: &Target) -> bool {
        (target.device, target.inode, target.process) == (self.device, self.inode, self.process)
    }
}

impl Drop for Doomed {
    fn drop(&mut self) {
        let mut targets = lock();
        if let Some(index) = targets.iter().position(|target| self.means(target)) {
            targets.swap_remove(index).delete();
        }
    }
}

impl Target {
    /// Unless another file has the path now.
    fn delete(&self) {
        let same = |found: Stat| (found.st_dev, found.st_ino) == (self.device, self.inode);
        if self.process == std::process::id() && rustix::fs::lstat(&self.path).is_ok_and(same) {
            let _ = rustix::fs::unlink(&self.path);
        }
    }
}

extern "C" fn at_exit() {
    // A signal handler that exits may have interrupted whoever has the lock.
    if let Ok(targets) = TARGETS.try_lock() {
        targets.iter().for_each(Target::delete);
    }
}

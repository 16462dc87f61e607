//! A directory of objects for one test: nothing of the system's own is touched, and it goes with the test.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A temporary `LASTHANDLE_ROOT`.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
}

impl Default for Root {
    fn default() -> Self {
        Self::new()
    }
}

impl Root {
    /// A directory for this user alone, in memory where that can be had.
    ///
    /// # Panics
    /// If no directory can be made, here and in the methods below: nothing could be tested then.
    pub fn new() -> Self {
        Self::with_mode(0o700)
    }

    /// A directory in which every user may make names, like `/dev/shm`.
    pub fn for_everybody() -> Self {
        Self::with_mode(0o1777)
    }

    /// A directory with a mode of one's choice.
    pub fn with_mode(mode: u32) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let serial = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("storm.{}.{serial}", std::process::id());
        let parents = [PathBuf::from("/dev/shm"), std::env::temp_dir()];
        let path = parents.iter().map(|parent| parent.join(&name)).find(|path| make(path)).expect("a place for tests");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("the root's mode");
        Self { path }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the effective user's `Local\` objects lie.
    pub fn local(&self) -> PathBuf {
        self.local_of(rustix::process::geteuid().as_raw())
    }

    /// Where another user's lie.
    pub fn local_of(&self, user: u32) -> PathBuf {
        self.path.join(format!("lasthandle-{user}"))
    }

    /// The file of a `Local\` name that needs no encoding.
    pub fn file(&self, name: &str) -> PathBuf {
        self.local().join(name)
    }

    /// The file of a `Global\` name that needs no encoding.
    pub fn global(&self, name: &str) -> PathBuf {
        self.path.join(format!("lasthandle.{name}"))
    }

    /// Every file in it, of both name spaces.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect(&self.path, &mut found);
        found
    }
}

fn make(path: &Path) -> bool {
    let _ = fs::remove_dir_all(path); // of a process that had our number once and was killed
    fs::DirBuilder::new().mode(0o700).create(path).is_ok()
}

fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect(&entry.path(), found),
            _ => found.push(entry.path()),
        }
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        // A test may have mounted something here, for itself alone.
        let _ = rustix::mount::unmount(&self.path, rustix::mount::UnmountFlags::DETACH);
        let _ = fs::remove_dir_all(&self.path);
    }
}

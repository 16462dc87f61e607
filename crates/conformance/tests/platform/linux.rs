//! Linux: each row has a root directory of its own, which must be without files when the row is over.

use std::path::{Path, PathBuf};

use conformance::Fixture;
use lasthandle::sys::linux::Linux;
use rustix::fs::StatVfsMountFlags;
use tempfile::TempDir;

use crate::disk::TempFile;

pub(crate) struct SystemFixture {
    kernel: Linux,
    root: TempDir,
}

impl Fixture for SystemFixture {
    type Kernel = Linux;
    type Disk = TempFile;

    const LARGE_RESERVE: u64 = 1 << 36;

    fn new() -> Self {
        let root = tempfile::Builder::new().prefix("conformance-").tempdir_in(parent()).expect("a directory");
        Self { kernel: Linux::at(root.path()), root }
    }

    fn kernel(&self) -> &Linux {
        &self.kernel
    }

    fn tag(&self) -> &'static str {
        // The directory is the row's own, so its names need nothing to tell them apart.
        "row."
    }

    fn disk(&self, bytes: &[u8]) -> TempFile {
        TempFile::new(bytes)
    }

    fn departs(_row: &str) -> Option<&'static str> {
        None
    }
}

impl Drop for SystemFixture {
    /// Nothing that a row made may be left, dead or alive.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(files_below(self.root.path()), Vec::<PathBuf>::new(), "the row left files behind");
        }
    }
}

/// Where objects live on Linux, unless nothing may be executed from there, as in many a container.
fn parent() -> PathBuf {
    let shm = Path::new("/dev/shm");
    let executable = |status: rustix::fs::StatVfs| !status.f_flag.contains(StatVfsMountFlags::NOEXEC);
    if rustix::fs::statvfs(shm).is_ok_and(executable) { shm.into() } else { std::env::temp_dir() }
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).expect("our own directory");
    let paths = entries.map(|entry| entry.expect("our own directory").path());
    let objects = paths.filter(|path| !is_life_file(path));
    objects.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// A process' own, which it keeps to its end; this one goes with the directory.
fn is_life_file(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().windows(6).any(|part| part == b"%life."))
}

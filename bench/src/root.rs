//! A root directory of our own in `/dev/shm`, gone when we go: at the end, at a panic, at Ctrl-C and SIGTERM. After a
//! SIGKILL one directory is left, `/dev/shm/lasthandle-bench.…`.

use std::ffi::CString;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::Result;

const SHARED_MEMORY: &str = "/dev/shm";

/// The names that this run uses.
#[derive(Debug)]
pub struct Root {
    directory: TempDir,
}

impl Root {
    /// Makes the directory and has the library use it. To be called once, before the library is used.
    pub fn new() -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("lasthandle-bench.").tempdir_in(SHARED_MEMORY)?;
        // SAFETY: `main` calls this before anything else; no other thread exists that could read the environment.
        unsafe { std::env::set_var("LASTHANDLE_ROOT", directory.path()) };
        let (path, peers) = (directory.path().to_path_buf(), Self::peer_paths(directory.path()));
        ctrlc::set_handler(move || {
            // The main thread is in the middle of something, and will miss its files.
            std::panic::set_hook(Box::new(|_| {}));
            let _ = std::fs::remove_dir_all(&path);
            for peer in &peers {
                let _ = std::fs::remove_file(peer);
            }
            std::process::exit(130);
        })?;
        Ok(Self { directory })
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A path in it for the bare calls.
    pub fn file(&self, name: &str) -> CString {
        let path = self.path().join(name);
        CString::new(path.into_os_string().into_encoded_bytes()).expect("no NUL in a path of ours")
    }

    /// A name for a peer's shared memory, which lies in `/dev/shm` itself.
    pub fn peer_name(&self, peer: &str) -> String {
        Self::peer_name_in(self.path(), peer)
    }

    fn peer_name_in(directory: &Path, peer: &str) -> String {
        format!("{}.{peer}", directory.file_name().unwrap_or_default().to_string_lossy())
    }

    fn peer_paths(directory: &Path) -> Vec<PathBuf> {
        let names = ["crate", "python", "posix", "boost"].map(|peer| Self::peer_name_in(directory, peer));
        // The C library's semaphores are files too.
        let paths = names.iter().flat_map(|name| [name.clone(), format!("sem.{name}")]);
        paths.map(|name| Path::new(SHARED_MEMORY).join(name)).collect()
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        for peer in Self::peer_paths(self.path()) {
            let _ = std::fs::remove_file(peer);
        }
    }
}

//! A root directory of our own in `/dev/shm`, gone when we go: at the end, at a panic, at Ctrl-C and SIGTERM. After a
//! SIGKILL one directory is left, `/dev/shm/lasthandle-bench.…`.

use std::ffi::CString;
use std::path::Path;

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
        let path = directory.path().to_path_buf();
        ctrlc::set_handler(move || {
            // The main thread is in the middle of something, and will miss its files.
            std::panic::set_hook(Box::new(|_| {}));
            let _ = std::fs::remove_dir_all(&path);
            remove_peers(&path);
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
        format!("{}.{peer}", self.path().file_name().unwrap_or_default().to_string_lossy())
    }
}

/// Peers' files bear the directory's name, as far as we name them; the C library's semaphores have a word before it.
fn remove_peers(directory: &Path) {
    let ours = directory.file_name().unwrap_or_default().to_string_lossy().into_owned() + ".";
    let entries = std::fs::read_dir(SHARED_MEMORY).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.strip_prefix("sem.").unwrap_or(&name).starts_with(&ours) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        remove_peers(self.path());
    }
}

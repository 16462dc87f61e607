//! A name space of the tests' own: on Linux a root directory that goes with the last test that uses it; on Windows the
//! session's, with names that carry the process number.

use std::sync::{Mutex, PoisonError};

static USERS: Mutex<usize> = Mutex::new(0);

/// Keeps the root directory.
pub(crate) struct Root(());

/// Must be called first in every test that names something, and kept.
#[must_use]
pub(crate) fn root() -> Root {
    let mut users = USERS.lock().unwrap_or_else(PoisonError::into_inner);
    *users += 1;
    #[cfg(target_os = "linux")]
    if *users == 1 {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new().mode(0o700).create(path()).expect("a directory for the tests");
        lasthandle::sys::linux::Linux::set_default_root(&path());
    }
    Root(())
}

impl Drop for Root {
    fn drop(&mut self) {
        let mut users = USERS.lock().unwrap_or_else(PoisonError::into_inner);
        *users -= 1;
        #[cfg(target_os = "linux")]
        if *users == 0 {
            let _ = std::fs::remove_dir_all(path());
        }
    }
}

#[cfg(target_os = "linux")]
fn path() -> std::path::PathBuf {
    let shm = std::path::Path::new("/dev/shm");
    let parent = if shm.is_dir() { shm.to_path_buf() } else { std::env::temp_dir() };
    parent.join(format!("lasthandle-test-{}", std::process::id()))
}

/// A name that no other process uses.
pub(crate) fn name(of: &str) -> String {
    format!("Local\\{of}-{}", std::process::id())
}

//! A name space of the tests' own: on Linux a root directory that goes when the process ends; on Windows the session's,
//! with names that carry the process number.
//!
//! # Safety
//! What is to be done at the end of the process is registered once, and is no closure.
#![allow(unsafe_code)]

/// Must be called first in every test that names something or owns a mutex: what owners live in lies in the root, too,
/// and must stay as long as the process.
pub(crate) fn root() {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::DirBuilderExt;
        static MADE: std::sync::Once = std::sync::Once::new();
        MADE.call_once(|| {
            std::fs::DirBuilder::new().mode(0o700).create(path()).expect("a directory for the tests");
            lasthandle::sys::linux::Linux::set_default_root(&path());
            // SAFETY: a function that lives as long as the program.
            assert_eq!(unsafe { libc::atexit(remove) }, 0);
        });
    }
}

#[cfg(target_os = "linux")]
extern "C" fn remove() {
    let _ = std::fs::remove_dir_all(path());
}

#[cfg(target_os = "linux")]
pub(crate) fn path() -> std::path::PathBuf {
    let shm = std::path::Path::new("/dev/shm");
    let parent = if shm.is_dir() { shm.to_path_buf() } else { std::env::temp_dir() };
    parent.join(format!("lasthandle-test-{}", std::process::id()))
}

/// A name that no other process uses.
pub(crate) fn name(of: &str) -> String {
    format!("Local\\{of}-{}", std::process::id())
}

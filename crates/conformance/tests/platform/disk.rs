//! Files on a real disk.

use std::fs::{self, File, OpenOptions};
use std::io::Write;

use conformance::Disk;
use lasthandle::sys::model::FileMode;
use tempfile::TempPath;

/// A file in the system's directory for temporary ones; removed when dropped.
pub(crate) struct TempFile(TempPath);

impl TempFile {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut file = tempfile::Builder::new().prefix("conformance-").tempfile().expect("a temporary file");
        file.write_all(bytes).expect("a small file");
        Self(file.into_temp_path())
    }
}

impl Disk for TempFile {
    type File = File;

    fn open(&self, mode: FileMode) -> Option<File> {
        let mut options = OpenOptions::new();
        match mode {
            FileMode::ReadWrite => options.read(true).write(true),
            FileMode::ReadOnly => options.read(true),
            FileMode::WriteOnly => options.write(true),
            FileMode::NoAccess => without_access(&mut options),
        };
        Some(options.open(&self.0).expect("our own file"))
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.0).expect("our own file")
    }
}

/// A descriptor that names the file and can do nothing with it.
#[cfg(target_os = "linux")]
fn without_access(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = i32::try_from(rustix::fs::OFlags::PATH.bits()).expect("a flag of open(2)");
    options.read(true).custom_flags(flags)
}

/// A handle that may ask for the file's attributes and nothing else.
#[cfg(windows)]
fn without_access(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::windows::fs::OpenOptionsExt;
    const FILE_READ_ATTRIBUTES: u32 = 0x80;
    options.access_mode(FILE_READ_ATTRIBUTES)
}

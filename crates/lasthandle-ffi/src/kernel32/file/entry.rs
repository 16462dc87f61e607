//! Calls by path, without a handle.

use rustix::fs::{FileType, Stat};
use std::path::Path;

use super::open::is_readonly;
use super::path::refused;
use crate::kernel32::call::{call, export_path, succeeds};
use crate::kernel32::code::Code;
use crate::kernel32::types::BOOL;

const READONLY: u32 = 0x1;
const DIRECTORY: u32 = 0x10;
const ARCHIVE: u32 = 0x20;
const NORMAL: u32 = 0x80;
const INVALID: u32 = u32::MAX;

export_path! {
    /// Deletes a file. Whoever has it open keeps it: nothing is refused for that here.
    fn DeleteFileA, DeleteFileW(; path;) -> BOOL {
        succeeds(|| delete(&path?))
    }

    /// The attributes of a file or directory, as far as there are such here.
    fn GetFileAttributesA, GetFileAttributesW(; path;) -> u32 {
        call(INVALID, || {
            let path = path?;
            Ok(attributes(&rustix::fs::stat(&path).map_err(|errno| refused(&path, errno))?))
        })
    }
}

fn delete(path: &Path) -> Result<(), Code> {
    let found = rustix::fs::lstat(path).map_err(|errno| refused(path, errno))?;
    let kind = FileType::from_raw_mode(found.st_mode);
    if kind == FileType::RegularFile && is_readonly(&found) {
        return Err(Code::ACCESS_DENIED);
    }
    rustix::fs::unlink(path).map_err(|errno| refused(path, errno))
}

fn attributes(status: &Stat) -> u32 {
    let kind = match FileType::from_raw_mode(status.st_mode) {
        FileType::Directory => DIRECTORY,
        FileType::RegularFile => ARCHIVE,
        _ => NORMAL,
    };
    let readonly = is_readonly(status) && kind != NORMAL;
    if readonly { kind | READONLY } else { kind }
}

//! The file behind a section: opened by who creates, found again by who opens.
//!
//! The record tells path, device, inode and file handle. Who opens compares all of them on the *opened* file. And a
//! record is somebody's claim: one that another user wrote must not make us open a file that this user could not
//! open itself. So unless the record's file is our own, target and record must have the same owner; and the file is
//! found and compared before it is opened, for opening alone can have effects (a device, a FIFO).

use std::ffi::{CString, OsStr};
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use rustix::fs::{FileType, OFlags, Stat};
use rustix::io::Errno;

use super::call::{self, Open};
use super::failure::failure;
use super::identity::{Descriptor, Identity};
use super::memory;
use super::place::{effective_user, kind_of, status};
use crate::access::{Access, Protection};
use crate::error::{Error, ErrorKind, Result};
use crate::record::{Backing, Description, PATH_SPACE};

/// The file behind a section.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) data: Descriptor,
    pub(crate) path: PathBuf,
    pub(crate) record: Backing,
    /// The section's size; the file's own when none was asked for.
    pub(crate) size: u64,
    /// The file's size when it was looked at.
    file_size: u64,
}

impl Target {
    /// Checks that `file` can carry a section of that protection and size. Changes nothing.
    pub(crate) fn new(file: &File, protection: Protection, size: u64) -> Result<Self> {
        let fd = file.as_fd();
        let found = status(fd)?;
        let file_size = u64::try_from(found.st_size).unwrap_or(0);
        check_opened_for(fd, &found, protection)?;
        if size == 0 && file_size == 0 {
            return Err(Error::new(ErrorKind::EmptyFile).cure("give a size"));
        }
        if size > file_size && !protection.is_writable() {
            return Err(Error::new(ErrorKind::TooBig).detail(format!(
                "the file has {file_size} bytes, and a {} mapping cannot extend it",
                protection.as_str()
            )));
        }
        let path = call::path_of(fd).map_err(|errno| failure(errno, "the file's path cannot be found"))?;
        if path.to_bytes().len() > PATH_SPACE {
            return Err(Error::new(ErrorKind::Unsupported).detail("the file's path is longer than 4,095 bytes"));
        }
        let duplicate =
            call::duplicate(fd).map_err(|errno| failure(errno, "the file's descriptor cannot be duplicated"))?;
        Ok(Self {
            data: Descriptor::new(duplicate, Identity::of(&found)),
            record: describe(fd, &found, path.to_bytes().len()),
            path: PathBuf::from(OsStr::from_bytes(path.to_bytes())),
            size: if size == 0 { file_size } else { size },
            file_size,
        })
    }

    /// Extends the file to the section's size, with its blocks reserved.
    pub(crate) fn grow(&self) -> Result<()> {
        let (fd, now) = self.data.get()?;
        let from = u64::try_from(now.st_size).unwrap_or(0).max(self.file_size);
        if self.size > from { memory::promise(fd, from, self.size - from) } else { Ok(()) }
    }

    /// The path as the object's file carries it.
    pub(crate) fn path_bytes(&self) -> &[u8] {
        self.path.as_os_str().as_bytes()
    }

    /// Finds the file that a record tells of; `own` is the record's file.
    pub(crate) fn reopen(backing: &Backing, section: &Description, own: &Descriptor, access: Access) -> Result<Self> {
        let (record_fd, record_status) = own.get()?;
        let path = read_path(record_fd, backing)?;
        let shown = path.to_string_lossy().into_owned();
        let lost = |why: &str| {
            Error::new(ErrorKind::NotAnObject)
                .detail(format!("the file behind the mapping, {shown}, {why}"))
                .cure("put the file back, or close the mapping everywhere and create it anew")
        };
        let refused = |errno| match errno {
            Errno::NOENT | Errno::NOTDIR => lost("is not there"),
            _ => failure(errno, "the file behind the mapping cannot be opened").during("open", Some(shown.clone())),
        };
        let probe = call::find(&path).map_err(refused)?;
        let found = status(probe.as_fd())?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return Err(lost(&format!("is {} now", kind_of(&found))));
        }
        if describe(probe.as_fd(), &found, backing.path_length) != *backing {
            return Err(lost("was replaced by another one"));
        }
        if record_status.st_uid != effective_user() && record_status.st_uid != found.st_uid {
            return Err(Error::new(ErrorKind::AccessDenied).detail(format!(
                "user {} made the mapping, but its file {shown} belongs to user {}",
                record_status.st_uid, found.st_uid
            )));
        }
        let how = if access.contains(Access::WRITE) && section.protection.is_writable() {
            Open::ReadWrite
        } else {
            Open::ReadOnly
        };
        let fd = match call::reopen(probe.as_fd(), how) {
            Err(Errno::NOENT) => call::open(&path, how), // no /proc
            opened => opened,
        };
        let fd = fd.map_err(refused)?;
        let found = status(fd.as_fd())?;
        if describe(fd.as_fd(), &found, backing.path_length) != *backing {
            return Err(lost("was replaced by another one"));
        }
        let file_size = u64::try_from(found.st_size).unwrap_or(0);
        if file_size < section.size {
            return Err(lost("was made shorter than the mapping"));
        }
        let path = PathBuf::from(OsStr::from_bytes(path.to_bytes()));
        let data = Descriptor::new(fd, Identity::of(&found));
        Ok(Self { data, path, record: backing.clone(), size: section.size, file_size })
    }
}

/// Whether the file is a plain one and open for what the protection needs.
fn check_opened_for(fd: BorrowedFd<'_>, found: &Stat, protection: Protection) -> Result<()> {
    if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
        let why = format!("{} cannot be mapped by name, only a plain file", kind_of(found));
        return Err(Error::new(ErrorKind::InvalidHandle).detail(why));
    }
    let flags = rustix::fs::fcntl_getfl(fd).map_err(|errno| failure(errno, "the file's descriptor cannot be asked"))?;
    let refuse = |why: &'static str| Err(Error::new(ErrorKind::AccessDenied).detail(why));
    match flags & OFlags::RWMODE {
        _ if flags.contains(OFlags::PATH) => refuse("the file is not open for reading"),
        OFlags::RDWR => Ok(()),
        OFlags::RDONLY if !protection.is_writable() => Ok(()),
        OFlags::RDONLY => refuse("the file is open for reading only, and the protection would let it be written"),
        _ => refuse("the file is open for writing only; a mapping must be able to read"),
    }
}

fn describe(fd: BorrowedFd<'_>, status: &Stat, path_length: usize) -> Backing {
    // File systems without handles have no better sign of identity than device and inode.
    let (handle_type, handle) = call::file_handle(fd).unwrap_or_default();
    Backing { device: status.st_dev, inode: status.st_ino, handle_type, handle, path_length }
}

/// The path lies where a section over memory has its data.
fn read_path(fd: BorrowedFd<'_>, backing: &Backing) -> Result<CString> {
    let mut bytes = vec![0; backing.path_length];
    let read = call::read_at(fd, &mut bytes, 0).map_err(|errno| failure(errno, "its path cannot be read"))?;
    let bad = || Error::new(ErrorKind::NotAnObject).detail("its record names no file by a whole path");
    if read != bytes.len() || bytes.first() != Some(&b'/') {
        return Err(bad());
    }
    CString::new(bytes).map_err(|_| bad())
}

/// For listings: the path that a record tells of, unverified.
pub(crate) fn recorded_path(fd: BorrowedFd<'_>, backing: &Backing) -> Option<PathBuf> {
    let path = read_path(fd, backing).ok()?;
    Some(PathBuf::from(OsStr::from_bytes(path.to_bytes())))
}

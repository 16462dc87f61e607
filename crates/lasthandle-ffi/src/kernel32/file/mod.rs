//! Files.
//!
//! | file | what is in it |
//! |---|---|
//! | `open.rs` | `CreateFile` |
//! | `transfer.rs` | reading, writing, flushing |
//! | `position.rs` | the pointer, the size, the end |
//! | `entry.rs` | calls by path: deleting, attributes |
//! | `temporary.rs` | temporary names |
//! | `standard.rs` | standard input, output and error |
//! | `path.rs` | what Windows' paths mean here |
//! | `doomed.rs` | files that are deleted when they are closed |
//! | `failure.rs` | the system's errors as Windows' codes |
//!
//! A handle has its own rights, checked by each call; what was opened is shared by all duplicates, and so is the file
//! pointer, as on Windows. The pointer is the system's, so that a child that inherits the file shares it too.

pub(crate) mod doomed;
mod entry;
mod failure;
mod open;
mod path;
mod position;
mod standard;
mod temporary;
mod transfer;

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, OnceLock};

use lasthandle::{Access, Event, Protection, Waitable};
use rustix::fs::FileType;

use super::code::Code;
use super::table::{self, Entry};
use super::types::HANDLE;
use doomed::Doomed;
use failure::code;

/// Rights of a file's handle.
const READ_DATA: u32 = 0x1;
const WRITE_DATA: u32 = 0x2;
const APPEND_DATA: u32 = 0x4;
const EXECUTE: u32 = 0x20;

/// An open file.
#[derive(Clone)]
pub(crate) struct File(Arc<Opened>);

/// What duplicates share.
struct Opened {
    descriptor: Descriptor,
    kind: Kind,
    /// Opened with `FILE_FLAG_OVERLAPPED`: each transfer says where it begins.
    overlapped: bool,
    /// Deletes the file when this is dropped.
    _doomed: Option<Doomed>,
    /// Made for the first wait that has other objects beside this one.
    signaled: OnceLock<Event>,
}

enum Descriptor {
    Own(OwnedFd),
    /// Standard input, output or error: never closed, as the rest of the program uses it too.
    Standard(BorrowedFd<'static>),
}

/// What `GetFileType` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unknown = 0,
    Disk = 1,
    Character = 2,
    Pipe = 3,
}

impl Kind {
    fn of(descriptor: BorrowedFd<'_>) -> Result<Self, Code> {
        let status = rustix::fs::fstat(descriptor).map_err(code)?;
        Ok(match FileType::from_raw_mode(status.st_mode) {
            FileType::RegularFile | FileType::Directory | FileType::BlockDevice => Self::Disk,
            FileType::CharacterDevice => Self::Character,
            FileType::Fifo | FileType::Socket => Self::Pipe,
            _ => Self::Unknown,
        })
    }
}

impl File {
    fn new(descriptor: Descriptor, overlapped: bool, doomed: Option<Doomed>) -> Result<Self, Code> {
        let kind = Kind::of(descriptor.as_fd())?;
        Ok(Self(Arc::new(Opened { descriptor, kind, overlapped, _doomed: doomed, signaled: OnceLock::new() })))
    }

    /// One that another process has opened.
    pub(crate) fn received(descriptor: OwnedFd, overlapped: bool) -> Result<Self, Code> {
        Self::new(Descriptor::Own(descriptor), overlapped, None)
    }

    pub(crate) fn is_overlapped(&self) -> bool {
        self.0.overlapped
    }

    /// An object that is always signaled, to wait for beside others: a file is ready whenever it is asked.
    pub(crate) fn waitable(&self) -> Result<&dyn Waitable, Code> {
        if self.0.signaled.get().is_none() {
            let event = Event::options().manual_reset(true).signaled(true).create_unnamed()?;
            let _ = self.0.signaled.set(event); // or another thread's
        }
        self.0.signaled.get().map(|event| event as &dyn Waitable).ok_or(Code::GEN_FAILURE)
    }
}

impl AsFd for File {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.descriptor.as_fd()
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Own(descriptor) => descriptor.as_fd(),
            Self::Standard(descriptor) => *descriptor,
        }
    }
}

/// The file that a handle leads to, kept for a call that may sleep; the handle must have one of those rights, if any
/// are named.
fn opened(handle: HANDLE, any_of: u32) -> Result<File, Code> {
    table::with(handle, |entry| {
        let file = entry.object.file()?;
        if any_of == 0 || entry.access & any_of != 0 { Ok(file.clone()) } else { Err(Code::ACCESS_DENIED) }
    })
}

/// The file to lay a mapping over. Its handle must have the rights that the protection needs.
pub(crate) fn backing(entry: &Entry, protection: Protection) -> Result<std::fs::File, Code> {
    let file = entry.object.file()?;
    let writes = if protection.is_writable() { WRITE_DATA } else { 0 };
    let executes = if protection.is_executable() { EXECUTE } else { 0 };
    if !Access::from_bits(entry.access).contains(Access::from_bits(READ_DATA | writes | executes)) {
        return Err(Code::ACCESS_DENIED);
    }
    rustix::io::fcntl_dupfd_cloexec(file, 0).map(Into::into).map_err(code)
}

#[cfg(test)]
mod tests;

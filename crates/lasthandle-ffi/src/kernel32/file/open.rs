//! Opening and creating files.

use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{Advice, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::doomed::Doomed;
use super::failure::code;
use super::path::refused;
use super::{APPEND_DATA, Descriptor, EXECUTE, File, READ_DATA, WRITE_DATA};
use crate::kernel32::access;
use crate::kernel32::call::{call, export_path};
use crate::kernel32::code::Code;
use crate::kernel32::named::{created, inherits, only};
use crate::kernel32::pointer::In;
use crate::kernel32::types::{CURRENT_PROCESS, HANDLE, SecurityAttributes};

/// How others may open the file meanwhile. Not enforced: see `docs/kernel32.md`.
const SHARE_KNOWN: u32 = 7;

const READONLY: u32 = 1;
const WRITE_THROUGH: u32 = 0x8000_0000;
const OVERLAPPED: u32 = 0x4000_0000;
const RANDOM_ACCESS: u32 = 0x1000_0000;
const SEQUENTIAL_SCAN: u32 = 0x0800_0000;
const DELETE_ON_CLOSE: u32 = 0x0400_0000;
const BACKUP_SEMANTICS: u32 = 0x0200_0000;
const OPEN_REPARSE_POINT: u32 = 0x0020_0000;

/// The bits that take the right to write away.
const ALL_WRITE: Mode = Mode::WUSR.union(Mode::WGRP).union(Mode::WOTH);

export_path! {
    /// Opens or creates a file. The last error is 183 if a file was there already that did not need to be, else 0.
    fn CreateFileA, CreateFileW(; path; access: u32, share: u32, attributes: In<SecurityAttributes>, disposition: u32,
        flags: u32, _template: HANDLE) -> HANDLE {
        // INVALID_HANDLE_VALUE is what a failure returns here.
        call(CURRENT_PROCESS, || {
            only(share, SHARE_KNOWN)?;
            let access = access::file(access);
            let request = Request { access: access.bits(), disposition: Disposition::parse(disposition)?, flags };
            let (file, existed) = request.open(&path?)?;
            created(file.into(), existed, access, None, inherits(attributes))
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disposition {
    CreateNew,
    CreateAlways,
    OpenExisting,
    OpenAlways,
    TruncateExisting,
}

impl Disposition {
    fn parse(number: u32) -> Result<Self, Code> {
        match number {
            1 => Ok(Self::CreateNew),
            2 => Ok(Self::CreateAlways),
            3 => Ok(Self::OpenExisting),
            4 => Ok(Self::OpenAlways),
            5 => Ok(Self::TruncateExisting),
            _ => Err(Code::INVALID_PARAMETER),
        }
    }

    fn truncates(self) -> bool {
        matches!(self, Self::CreateAlways | Self::TruncateExisting)
    }
}

struct Request {
    access: u32,
    disposition: Disposition,
    flags: u32,
}

impl Request {
    /// The file, and whether it was there already although it did not need to be.
    fn open(&self, path: &Path) -> Result<(File, bool), Code> {
        if self.disposition == Disposition::TruncateExisting && !self.has(WRITE_DATA) {
            return Err(Code::INVALID_PARAMETER);
        }
        let (descriptor, existed) = self.find(path).map_err(|errno| refused(path, errno))?;
        let status = rustix::fs::fstat(&descriptor).map_err(code)?;
        if existed {
            self.check(&status)?;
            self.renew(&descriptor, &status)?;
        }
        self.advise(&descriptor);
        let doomed = self.flagged(DELETE_ON_CLOSE).then(|| Doomed::new(path, &status));
        let file = File::new(Descriptor::Own(descriptor), self.flagged(OVERLAPPED), doomed)?;
        let told = matches!(self.disposition, Disposition::CreateAlways | Disposition::OpenAlways);
        Ok((file, existed && told))
    }

    /// Opens what is there, or creates what is not, as the disposition says; and tells which.
    fn find(&self, path: &Path) -> Result<(OwnedFd, bool), Errno> {
        match self.disposition {
            Disposition::CreateNew => Ok((self.create(path)?, false)),
            Disposition::OpenExisting | Disposition::TruncateExisting => Ok((self.open_existing(path)?, true)),
            Disposition::CreateAlways | Disposition::OpenAlways => self.open_or_create(path),
        }
    }

    fn open_or_create(&self, path: &Path) -> Result<(OwnedFd, bool), Errno> {
        // Others may create and delete it between the two calls; a link that leads nowhere is both, for ever.
        const ATTEMPTS: usize = 100;
        for _ in 0..ATTEMPTS {
            match self.open_existing(path) {
                Err(Errno::NOENT) => {}
                opened => return Ok((opened?, true)),
            }
            match self.create(path) {
                Err(Errno::EXIST) => {}
                created => return Ok((created?, false)),
            }
        }
        Err(Errno::NOENT)
    }

    fn open_existing(&self, path: &Path) -> Result<OwnedFd, Errno> {
        let nothing = !self.reads() && !self.writes();
        let follow = if self.flagged(OPEN_REPARSE_POINT) { OFlags::NOFOLLOW } else { OFlags::empty() };
        let how = if nothing { OFlags::PATH } else { self.how() };
        rustix::fs::open(path, how | follow | OFlags::CLOEXEC, Mode::empty())
    }

    fn create(&self, path: &Path) -> Result<OwnedFd, Errno> {
        let mode = Mode::from_raw_mode(0o666);
        let mode = if self.flagged(READONLY) { mode - ALL_WRITE } else { mode };
        rustix::fs::open(path, self.how() | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC, mode)
    }

    fn how(&self) -> OFlags {
        let access = match (self.reads(), self.writes()) {
            (true, true) => OFlags::RDWR,
            (false, true) => OFlags::WRONLY,
            _ => OFlags::RDONLY,
        };
        let appends = self.has(APPEND_DATA) && !self.has(WRITE_DATA);
        let append = if appends { OFlags::APPEND } else { OFlags::empty() };
        let sync = if self.flagged(WRITE_THROUGH) { OFlags::DSYNC } else { OFlags::empty() };
        access | append | sync | OFlags::NOCTTY
    }

    fn reads(&self) -> bool {
        self.has(READ_DATA | EXECUTE)
    }

    /// Whether the system must let us write: for the handle, or to truncate. What the handle may do is checked later.
    fn writes(&self) -> bool {
        self.has(WRITE_DATA | APPEND_DATA) || self.disposition.truncates()
    }

    fn has(&self, any_of: u32) -> bool {
        self.access & any_of != 0
    }

    fn flagged(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// What Windows refuses and this system does not: directories as files, and writing where nobody may.
    fn check(&self, status: &Stat) -> Result<(), Code> {
        let kind = FileType::from_raw_mode(status.st_mode);
        let readonly = kind == FileType::RegularFile && is_readonly(status);
        let directory = kind == FileType::Directory && !self.flagged(BACKUP_SEMANTICS);
        if directory || readonly && self.writes() { Err(Code::ACCESS_DENIED) } else { Ok(()) }
    }

    /// Makes a file that was there as if it had been created, if that was asked for.
    fn renew(&self, descriptor: &OwnedFd, status: &Stat) -> Result<(), Code> {
        if !self.disposition.truncates() || FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
            return Ok(());
        }
        rustix::fs::ftruncate(descriptor, 0).map_err(code)?;
        if self.flagged(READONLY) && self.disposition == Disposition::CreateAlways {
            let mode = Mode::from_raw_mode(status.st_mode) - ALL_WRITE;
            rustix::fs::fchmod(descriptor, mode).map_err(code)?;
        }
        Ok(())
    }

    /// Hints; who cannot follow them is not asked to.
    fn advise(&self, descriptor: &OwnedFd) {
        for (flag, advice) in [(RANDOM_ACCESS, Advice::Random), (SEQUENTIAL_SCAN, Advice::Sequential)] {
            if self.flagged(flag) {
                let _ = rustix::fs::fadvise(descriptor.as_fd(), 0, None, advice);
            }
        }
    }
}

/// The attribute, as it is kept here: nobody may write.
pub(super) fn is_readonly(status: &Stat) -> bool {
    !Mode::from_raw_mode(status.st_mode).intersects(ALL_WRITE)
}

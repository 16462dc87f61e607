//! One life file, as its own process has it: `%life.<nonce>`, with a page for each of up to 8,192 threads.
//!
//! It gets its name when it is locked, and when every word in it is right. From then on:
//!
//! 1. A page is given out once. So an id, nonce and page, names one thread for ever, and a word that says *ended* says
//!    so for ever.
//! 2. Should a stranger take the name away, a new file is put in its place: the same nonce, the same words, and the
//!    threads' pages are mapped anew at the addresses where they were, which is where the kernel looks when a thread
//!    ends. No id changes by that.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustix::io::Errno;
use rustix::mm::{Advice, ProtFlags};

use super::life::Lives;
use super::pages::{Pages, WORD_FROM_END};
use super::thread::OWNER_DIED;
use crate::error::{Error, ErrorKind, Result};
use crate::name::Namespace;
use crate::protocol::Id;
use crate::sys::linux::attach::PATIENCE;
use crate::sys::linux::backoff::Backoff;
use crate::sys::linux::call::{self, Open};
use crate::sys::linux::failure::failure;
use crate::sys::linux::fault::hit;
use crate::sys::linux::holder::Lease;
use crate::sys::linux::identity::{Descriptor, Identity};
use crate::sys::linux::memory;
use crate::sys::linux::place::status;
use crate::sys::linux::reap;

/// This process' file.
#[derive(Debug)]
pub(super) struct LifeFile {
    nonce: u64,
    path: CString,
    locked: Locked,
    next_page: u32,
    /// It stays when no thread has a page in it any more: others know the process by it.
    stays: bool,
    /// Who has a page now, by its number.
    seats: BTreeMap<u32, Arc<Pages>>,
}

/// A file that this process has locked.
#[derive(Debug)]
struct Locked {
    file: Descriptor,
    /// Keeps the lock. Not inherited by fork children, so that it ends with this process.
    _pin: Pages,
}

impl LifeFile {
    /// None: there is one of that nonce.
    pub(super) fn make(lives: &Lives, nonce: u64) -> Result<Option<Self>> {
        let path = lives.path(nonce)?;
        let (locked, temporary) = Locked::make(lives)?;
        match call::link(&temporary.0, &path) {
            Ok(()) => Ok(Some(Self { nonce, path, locked, next_page: 0, stays: false, seats: BTreeMap::new() })),
            Err(Errno::EXIST) => Ok(None),
            Err(errno) => Err(failed(errno)),
        }
    }

    pub(super) fn nonce(&self) -> u64 {
        self.nonce
    }

    /// All its pages have been given out. (Tests say so earlier.)
    pub(super) fn is_full(&self) -> bool {
        self.next_page == Id::PAGES || hit("life_file_is_full").is_err()
    }

    /// No thread that had a page in it lives.
    pub(super) fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// Nobody will ask for it any more.
    pub(super) fn is_spare(&self) -> bool {
        self.is_empty() && !self.stays
    }

    /// From now on it speaks for the process, as long as that runs.
    pub(super) fn stay(&mut self) {
        self.stays = true;
    }

    /// A page for a thread, whose word `begin` writes.
    pub(super) fn seat(&mut self, begin: impl FnOnce(&Pages)) -> Result<(Id, Arc<Pages>)> {
        let page = self.next_page;
        let pages = Arc::new(self.map_page(page)?);
        self.next_page += 1;
        begin(&pages);
        self.seats.insert(page, Arc::clone(&pages));
        Ok((Id::new(self.nonce, page), pages))
    }

    fn map_page(&self, page: u32) -> Result<Pages> {
        let again;
        let fd = if let Ok((fd, _)) = self.locked.file.get() {
            fd
        } else {
            // Foreign code closed it.
            again = self.open_again()?;
            again.as_fd()
        };
        promise(fd, page)?;
        let pages = Pages::private(2).map_err(failed)?;
        pages.overlay(fd, offset(page)).map_err(failed)?;
        Ok(pages)
    }

    fn open_again(&self) -> Result<OwnedFd> {
        let fd = call::open(&self.path, Open::ReadWrite).map_err(|errno| failure(errno, "its life file is gone"))?;
        if Identity::of(&status(fd.as_fd())?) != self.locked.file.identity() {
            return Err(Error::new(ErrorKind::InvalidHandle).detail("its life file is another one now"));
        }
        Ok(fd)
    }

    /// Its thread has ended, and said so.
    pub(super) fn leave(&mut self, page: u32) {
        self.seats.remove(&page);
    }

    /// Whether others find it. Where that cannot be seen, nothing could be done about it either.
    pub(super) fn is_named(&self) -> bool {
        match call::status_at(&self.path) {
            Ok(status) => Identity::of(&status) == self.locked.file.identity(),
            Err(errno) => !matches!(errno, Errno::NOENT | Errno::NOTDIR),
        }
    }

    /// Takes its name away.
    pub(super) fn unlink(&self) {
        if self.is_named() {
            let _ = call::unlink(&self.path);
        }
    }

    /// A file that others find, in the place of one that they do not find any more.
    pub(super) fn put_back(&mut self, lives: &Lives) -> Result<()> {
        let (locked, temporary) = Locked::make(lives)?;
        let fd = locked.file.unchecked();
        for (&page, pages) in &self.seats {
            promise(fd, page)?;
            let word = pages.life_word().load(Ordering::SeqCst);
            call::write_at(fd, &word.to_ne_bytes(), word_offset(page)).map_err(failed)?;
        }
        for (&page, pages) in &self.seats {
            pages.overlay(fd, offset(page)).map_err(failed)?;
            self.repeat_mark(page, pages);
        }
        if call::link(&temporary.0, &self.path) == Err(Errno::EXIST) {
            // A copy that somebody made; nobody has it locked.
            let _ = reap::reap_temporary(&self.path);
            call::link(&temporary.0, &self.path).map_err(failed)?;
        }
        self.locked = locked;
        Ok(())
    }

    /// The kernel may have marked the old page between the copy and the change of pages.
    fn repeat_mark(&self, page: u32, pages: &Pages) {
        let mut word = [0; 4];
        let Ok((old, _)) = self.locked.file.get() else { return };
        let read = call::read_at(old, &mut word, word_offset(page));
        if read == Ok(4) && u32::from_ne_bytes(word) & OWNER_DIED != 0 {
            pages.life_word().fetch_or(OWNER_DIED, Ordering::SeqCst);
        }
    }
}

/// A name that goes when it has done its work.
struct Temporary(CString);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = call::unlink(&self.0);
    }
}

impl Locked {
    fn make(lives: &Lives) -> Result<(Self, Temporary)> {
        lives.prepare()?;
        let mode = if lives.namespace == Namespace::Global { 0o644 } else { 0o600 };
        let mut backoff = Backoff::new(PATIENCE);
        loop {
            let path = lives.temporary()?;
            let file = match call::open_exclusive(&path, mode) {
                Ok(file) => file,
                Err(Errno::EXIST) => continue,
                Err(errno) => return Err(failed(errno)),
            };
            let temporary = Temporary(path);
            match Self::lock(file, &temporary, mode)? {
                Some(locked) => return Ok((locked, temporary)),
                None if backoff.wait() => {}
                None => return Err(failed(Errno::AGAIN)),
            }
        }
    }

    /// None: a sweep took it for a leftover before it was locked.
    fn lock(file: OwnedFd, temporary: &Temporary, mode: u32) -> Result<Option<Self>> {
        let status = status(file.as_fd())?;
        if status.st_mode & 0o777 != mode {
            // The umask took bits away, without which other users cannot see whether the owner of a mutex lives.
            call::set_mode(file.as_fd(), mode).map_err(failed)?;
        }
        let identity = Identity::of(&status);
        let locked = match call::open(&temporary.0, Open::ReadWrite) {
            Ok(locked) => locked,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(failed(errno)),
        };
        let Ok(lease) = Lease::take(locked).map_err(failed)? else { return Ok(None) };
        let pin = Pages::shared(lease.fd(), 0, ProtFlags::READ).map_err(failed)?;
        pin.advise(Advice::LinuxDontFork).map_err(failed)?;
        if call::status_at(&temporary.0).map(|found| Identity::of(&found)) != Ok(identity) {
            return Ok(None);
        }
        call::close(lease.into_fd());
        Ok(Some(Self { file: Descriptor::new(file, identity), _pin: pin }))
    }
}

fn failed(errno: Errno) -> Error {
    failure(errno, "its life file cannot be made")
}

fn offset(page: u32) -> u64 {
    u64::from(page) * rustix::param::page_size() as u64
}

/// Where the life word of a page lies in the file.
pub(super) fn word_offset(page: u32) -> u64 {
    offset(page + 1) - WORD_FROM_END as u64
}

/// Memory for a page.
fn promise(fd: BorrowedFd<'_>, page: u32) -> Result<()> {
    memory::promise(fd, offset(page), rustix::param::page_size() as u64)
}

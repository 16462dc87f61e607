//! What this process has in one world: its life files, one after another, and the vigil for them.
//!
//! Threads take pages from the newest file; when all of that one are given out, the next is made. An older one stays
//! until the last thread that has a page in it ends, and goes then: whoever meets an id of it finds no file and no
//! vigil, which is right, for each of its threads has ended. One by which others know the process itself stays until
//! that ends.
//!
//! # Safety
//! The vigil is a leaked box. It is changed under the lock, and freed there when another one has taken its place; a
//! fork child, which may look without the lock, has its own copy of all that and frees nothing.
#![allow(unsafe_code)]

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::mm::Advice;

use super::life::Lives;
use super::lifefile::LifeFile;
use super::pages::Pages;
use super::vigil::Vigil;
use crate::error::Result;
use crate::protocol::Id;
use crate::sys::linux::failure::failure;
use crate::sys::linux::place::Place;

/// Nonces have so many bits.
const NONCE_BITS: u32 = 48;

/// What this process has in one world. Never freed: threads that end late still use it.
#[derive(Debug)]
pub(super) struct Own {
    lives: &'static Lives,
    /// A private page that is wiped in fork children: there, all this is the parent's, and its lock is never waited for.
    marker: Pages,
    vigil: AtomicPtr<Vigil>,
    /// Begins anywhere and goes up, so that no two files of one process can have the same.
    next_nonce: AtomicU64,
    /// The last one is the newest.
    files: Mutex<Vec<LifeFile>>,
}

impl Own {
    pub(super) fn new(lives: &'static Lives) -> Result<Self> {
        let failed = |errno| failure(errno, "its life file cannot be made");
        let marker = Pages::private(1).map_err(failed)?;
        marker.advise(Advice::LinuxWipeOnFork).map_err(failed)?;
        marker.flag(0).store(true, Ordering::Relaxed);
        let next_nonce = AtomicU64::new(RandomState::new().hash_one(std::process::id()));
        let vigil = AtomicPtr::new(std::ptr::null_mut());
        Ok(Self { lives, marker, vigil, next_nonce, files: Mutex::new(Vec::new()) })
    }

    /// Not the parent's of a fork child.
    pub(super) fn is_ours(&self) -> bool {
        self.marker.flag(0).load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<LifeFile>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page for this thread, whose word `begin` writes.
    pub(super) fn seat(&self, begin: impl FnOnce(&Pages)) -> Result<(Id, Arc<Pages>)> {
        let mut files = self.lock();
        self.put_files_back(&mut files);
        let fresh = files.last().is_none_or(LifeFile::is_full);
        if fresh {
            files.push(self.make_file()?);
        }
        // Before anybody can meet an id of that file.
        if let Err(error) = self.keep_vigil(&files, fresh) {
            if let Some(file) = fresh.then(|| files.pop()).flatten() {
                self.forget(&file);
            }
            return Err(error);
        }
        files.last_mut().expect("there is one now").seat(begin)
    }

    fn make_file(&self) -> Result<LifeFile> {
        loop {
            let nonce = self.next_nonce.fetch_add(1, Ordering::Relaxed) & ((1 << NONCE_BITS) - 1);
            let made = if nonce == 0 { None } else { LifeFile::make(self.lives, nonce)? };
            if let Some(file) = made {
                watch_process();
                return Ok(file);
            }
        }
    }

    /// The thread that `id` names ends; `end` says so in its page.
    pub(super) fn leave(&self, id: Id, end: impl FnOnce()) {
        let mut files = self.lock();
        end();
        let Some(at) = files.iter().position(|file| file.nonce() == id.nonce()) else { return };
        files[at].leave(id.page());
        if files[at].is_full() && files[at].is_spare() {
            self.forget(&files.remove(at));
        }
        // Others must see that it has ended, though the process lives on.
        self.put_files_back(&mut files);
    }

    /// From now on that id says whether this process runs, also when its thread has ended.
    pub(super) fn stay(&self, id: Id) {
        if let Some(file) = self.lock().iter_mut().find(|file| file.nonce() == id.nonce()) {
            file.stay();
        }
    }

    /// Whether a thread of this process has, or had, that id: of one that a file still knows.
    pub(super) fn has(&self, id: Id) -> bool {
        self.lock().iter().any(|file| file.nonce() == id.nonce())
    }

    /// Puts files back that a stranger has taken away.
    pub(super) fn put_back(&self) {
        self.put_files_back(&mut self.lock());
    }

    /// (Where that fails, the vigil still says that the process lives.)
    fn put_files_back(&self, files: &mut Vec<LifeFile>) {
        let mut lost = false;
        files.retain_mut(|file| {
            if file.is_named() {
                return true;
            }
            lost = true;
            if file.is_spare() {
                self.forget(file);
                return false;
            }
            let _ = file.put_back(self.lives);
            true
        });
        if lost {
            // Perhaps the root is another one now.
            let _ = self.keep_vigil(files, false);
        }
    }

    /// No thread of that file lives.
    fn forget(&self, file: &LifeFile) {
        file.unlink();
        if let Some(vigil) = self.vigil() {
            vigil.end(file.nonce());
        }
    }

    /// Makes sure that there is a vigil for all files; `fresh`: the last one is new.
    fn keep_vigil(&self, files: &[LifeFile], fresh: bool) -> Result<()> {
        match (self.vigil(), files.last()) {
            (Some(vigil), last) if vigil.is_kept(self.lives.place) => {
                last.filter(|_| fresh).map_or(Ok(()), |file| vigil.add(file.nonce()))
            }
            _ => {
                let begun = Vigil::begin(self.lives.place, files.iter().map(LifeFile::nonce))?;
                self.replace_vigil(begun);
                Ok(())
            }
        }
    }

    fn vigil(&self) -> Option<&Vigil> {
        // SAFETY: what is stored is a leaked box; the caller has the lock under which alone it is replaced.
        unsafe { self.vigil.load(Ordering::Acquire).as_ref() }
    }

    /// Without a new one the old one stays, which may still be good for others.
    fn replace_vigil(&self, begun: Option<Vigil>) {
        let Some(begun) = begun else { return };
        let old = self.vigil.swap(Box::into_raw(Box::new(begun)), Ordering::AcqRel);
        if !old.is_null() {
            // SAFETY: it was leaked by this method, and nobody borrows it: the caller has the lock.
            drop(unsafe { Box::from_raw(old) });
        }
    }

    /// In a fork child.
    fn close_vigil_copy(&self) {
        // SAFETY: this thread is alone in its process, and nothing is ever freed of what it got from its parent.
        if let Some(vigil) = unsafe { self.vigil.swap(std::ptr::null_mut(), Ordering::AcqRel).as_ref() } {
            vigil.close_copy();
        }
    }

    /// The process ends in the ordinary way: takes the names of its life files away, if no thread may own something any
    /// more. Threads run on until the process is really gone; were the file missing, others would take what they own
    /// meanwhile. A lock that somebody else has is left alone.
    pub(super) fn end(&self) {
        let Ok(mut files) = self.files.try_lock() else { return };
        files.retain(|file| {
            if file.is_empty() {
                self.forget(file);
            }
            !file.is_empty()
        });
    }
}

/// Has a look at this process' ordinary end, and at its forks. (A killed process' files are swept.)
fn watch_process() {
    static WATCHED: AtomicBool = AtomicBool::new(false);
    if !WATCHED.swap(true, Ordering::Relaxed) {
        // SAFETY: the handler lives as long as the process.
        let _ = unsafe { libc::atexit(at_exit) };
        // SAFETY: the handler lives as long as the process, and waits for no lock and takes no memory.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(forked)) };
    }
}

extern "C" fn at_exit() {
    each(|own| {
        if own.is_ours() {
            own.end();
        }
    });
}

extern "C" fn forked() {
    each(Own::close_vigil_copy);
}

fn each(visit: impl Fn(&Own)) {
    Place::each(|place| place.each_lives(|lives| lives.latest().into_iter().for_each(&visit)));
}

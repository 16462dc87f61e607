//! This thread's life: a word that the kernel marks when the thread ends, however it ends.
//!
//! A process that owns mutexes or claims has one **life file** in each world of objects (a root's `Local\` or
//! `Global\` part), `%life.<nonce>`, locked like an object and never listed. Each of its threads that owns something
//! has one page there. At the page's end lies the **life word**: the thread's number and, from the start,
//! `FUTEX_WAITERS`. It is linked once into the thread's robust list, whose node lies in a private page right behind:
//!
//! ```text
//!   page of the life file (shared, not for fork children)      private page (wiped in fork children)
//!   +--------------------------------------+------+----------+-----------------+--------+--------+
//!   |                                      | word | 20 bytes | node's previous | node   | marker |
//!   +--------------------------------------+------+----------+-----------------+--------+--------+
//!                                          ^ -24             ^ 0               ^ 8      ^ 16
//! ```
//!
//! The C library's list says where a node's word lies: 32 bytes before it, which is the word.
//!
//! When the thread ends in a way that the kernel sees, the word gets `FUTEX_OWNER_DIED` and one sleeper is woken. A
//! thread that ends normally does that by itself before. What the kernel does not see (a thread that is not the
//! process' first and calls `exec`; a C library without a list), the file's lock tells: see `watch`.
//!
//! Only the owner process writes its life file; no decision and no pointer depends on memory that a peer can write.
//!
//! # Safety
//! A `ThreadLife` owns its two pages. The robust list is this thread's own; it is changed by this thread alone, in the
//! order that the kernel's documentation asks for: pending, word, link, no longer pending.
#![allow(unsafe_code)]
#![allow(clippy::inline_always)] // as the protocol

use std::cell::Cell;
use std::collections::VecDeque;
use std::ffi::CString;
use std::hash::{BuildHasher, RandomState};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering, compiler_fence};
use std::sync::{Mutex, OnceLock};

use rustix::io::Errno;
use rustix::mm::{Advice, ProtFlags};

use super::futex;
use super::pages::Pages;
use super::robust::{Node, insert, remove, robust_list};
use super::watch::Watch;
use crate::error::{Error, ErrorKind, Result};
use crate::name::Namespace;
use crate::protocol::Id;
use crate::sys::linux::call::{self, Open};
use crate::sys::linux::failure::failure;
use crate::sys::linux::holder::Lease;
use crate::sys::linux::identity::{Descriptor, Identity};
use crate::sys::linux::memory;
use crate::sys::linux::place::{Place, status};

/// The life word lies so far before the end of its page.
pub(super) const WORD_FROM_END: usize = 24;
/// Set by the kernel when the thread has ended.
const OWNER_DIED: u32 = 0x4000_0000;
const FUTEX_WAITERS: u32 = 0x8000_0000;

/// The lives of one world: our own file there, and others' pages that we watch.
#[derive(Debug)]
pub(crate) struct Lives {
    place: &'static Place,
    pub(crate) namespace: Namespace,
    /// Whose directory it is; of no meaning for global ones.
    pub(crate) user: u32,
    /// Another directory's.
    pub(crate) next: OnceLock<&'static Self>,
    own: AtomicPtr<LifeFile>,
    pub(super) watch: Watch,
}

/// This process' file. Never freed: threads that end late still use it.
#[derive(Debug)]
struct LifeFile {
    nonce: u64,
    path: CString,
    file: Descriptor,
    /// Keeps the lock. Not inherited by fork children, so that it ends with this process.
    _pin: Pages,
    /// A private page that is wiped in fork children: there, this file is the parent's.
    marker: Pages,
    next_page: AtomicU32,
    free_pages: Mutex<VecDeque<u32>>,
    /// How many have a page in it now.
    threads: AtomicU32,
}

impl Lives {
    pub(crate) fn new(place: &'static Place, namespace: Namespace, user: u32) -> Self {
        let (next, own) = (OnceLock::new(), AtomicPtr::new(std::ptr::null_mut()));
        Self { place, namespace, user, next, own, watch: Watch::new() }
    }

    /// This thread's id here, if it has one already.
    #[inline(always)]
    pub(crate) fn my_id(&self) -> Option<Id> {
        let Cached { world, id, marker } = CACHED.get();
        if !std::ptr::eq(world, self) {
            return None;
        }
        // SAFETY: what is cached belongs to this thread, and is unmapped only after the cache was emptied.
        let is_mine = unsafe { &*marker }.load(Ordering::Relaxed);
        is_mine.then_some(id)
    }

    /// This thread's id here; makes its page the first time.
    #[inline(always)]
    pub(crate) fn join(&'static self) -> Result<Id> {
        match self.my_id() {
            Some(id) => Ok(id),
            None => self.join_slowly(),
        }
    }

    #[cold]
    fn join_slowly(&'static self) -> Result<Id> {
        let known = self.my_life();
        let life = if let Some(life) = known {
            life
        } else {
            let life: &'static ThreadLife = Box::leak(Box::new(self.begin()?));
            // Where this thread's destructors have run already, the kernel alone will tell of its end.
            let _ = ALL.try_with(|all| all.add(life));
            life
        };
        CACHED.set(Cached { world: self, id: life.id, marker: life.marker });
        Ok(life.id)
    }

    fn my_life(&self) -> Option<&'static ThreadLife> {
        ALL.try_with(|all| all.find(self)).unwrap_or(None)
    }

    /// Whether `id` is this thread's, whatever other lives it used last.
    #[inline]
    pub(crate) fn is_mine(&self, id: Id) -> bool {
        self.my_id().or_else(|| self.my_life().map(|life| life.id)) == Some(id)
    }

    fn begin(&'static self) -> Result<ThreadLife> {
        loop {
            let file = self.own_file()?;
            file.threads.fetch_add(1, Ordering::SeqCst);
            // The exit of the process gives the file up before it looks whether a thread still needs it.
            if std::ptr::eq(self.own.load(Ordering::SeqCst), file) {
                return ThreadLife::begin(self, file).inspect_err(|_| file.ended());
            }
            file.ended();
        }
    }

    /// This process' life file; makes it the first time, and anew in a fork child.
    fn own_file(&self) -> Result<&'static LifeFile> {
        loop {
            let current = self.own.load(Ordering::Acquire);
            // SAFETY: what was stored is a leaked `LifeFile`, never freed.
            if let Some(file) = unsafe { current.as_ref() } {
                if file.is_ours() {
                    return Ok(file);
                }
            }
            let fresh = Box::into_raw(Box::new(LifeFile::make(self)?));
            // No lock: a fork child would inherit one that another thread of its parent had.
            if self.own.compare_exchange(current, fresh, Ordering::AcqRel, Ordering::Acquire).is_err() {
                // SAFETY: ours alone, as it was not stored.
                let unused = unsafe { Box::from_raw(fresh) };
                let _ = call::unlink(&unused.path);
            }
        }
    }

    /// The path of the life file with that nonce.
    pub(super) fn path(&self, nonce: u64) -> Result<CString> {
        let directory = self.place.directory_of(self.namespace, self.user)?;
        let name = format!("/{}{}{nonce:012x}", Place::prefix(self.namespace), crate::sys::linux::filename::LIFE);
        CString::new([directory.to_bytes(), name.as_bytes()].concat()).map_err(|_| Error::new(ErrorKind::UnusableRoot))
    }
}

impl LifeFile {
    fn make(lives: &Lives) -> Result<Self> {
        lives.place.prepare(lives.namespace, lives.user)?;
        let mode = if lives.namespace == Namespace::Global { 0o644 } else { 0o600 };
        loop {
            let nonce = (RandomState::new().hash_one(std::process::id()) >> 16).max(1);
            let path = lives.path(nonce)?;
            let file = match call::open_exclusive(&path, mode) {
                Ok(file) => file,
                Err(Errno::EXIST) => continue,
                Err(errno) => return Err(failure(errno, "its life file cannot be made")),
            };
            if let Some(made) = Self::fill(nonce, path, file, mode)? {
                watch_exit();
                return Ok(made);
            }
        }
    }

    /// None: a sweep took it for a leftover before it was locked.
    fn fill(nonce: u64, path: CString, file: OwnedFd, mode: u32) -> Result<Option<Self>> {
        let failed = |errno| failure(errno, "its life file cannot be made");
        let status = status(file.as_fd())?;
        if status.st_mode & 0o777 != mode {
            // The umask took bits away, without which other users cannot see whether the owner of a mutex lives.
            call::set_mode(file.as_fd(), mode).map_err(failed)?;
        }
        let identity = Identity::of(&status);
        let locked = match call::open(&path, Open::ReadWrite) {
            Ok(locked) => locked,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(failed(errno)),
        };
        let Ok(lease) = Lease::take(locked).map_err(failed)? else { return Ok(None) };
        let pin = Pages::shared(lease.fd(), 0, ProtFlags::READ).map_err(failed)?;
        pin.advise(Advice::LinuxDontFork).map_err(failed)?;
        if call::status_at(&path).map(|found| Identity::of(&found)) != Ok(identity) {
            return Ok(None);
        }
        call::close(lease.into_fd());
        let marker = Pages::private(1).map_err(failed)?;
        marker.advise(Advice::LinuxWipeOnFork).map_err(failed)?;
        marker.flag(0).store(true, Ordering::Relaxed);
        let file = Descriptor::new(file, identity);
        let free_pages = Mutex::new(VecDeque::new());
        let (next_page, threads) = (AtomicU32::new(0), AtomicU32::new(0));
        Ok(Some(Self { nonce, path, file, _pin: pin, marker, next_page, free_pages, threads }))
    }

    /// A thread that had a page in it has ended.
    fn ended(&self) {
        self.threads.fetch_sub(1, Ordering::SeqCst);
    }

    /// Not the parent's of a fork child.
    fn is_ours(&self) -> bool {
        self.marker.flag(0).load(Ordering::Relaxed)
    }

    fn open_again(&self) -> Result<OwnedFd> {
        let fd = call::open(&self.path, Open::ReadWrite).map_err(|errno| failure(errno, "its life file is gone"))?;
        if Identity::of(&status(fd.as_fd())?) != self.file.identity() {
            return Err(Error::new(ErrorKind::InvalidHandle).detail("its life file is another one now"));
        }
        Ok(fd)
    }

    /// A page that no thread has. Fresh ones first, then the one that has been free longest: somebody may still be about
    /// to act on having seen its last owner end, and would take the next one for that one.
    fn take_page(&self, fd: BorrowedFd<'_>) -> Result<u32> {
        match self.take_fresh_page(fd) {
            Ok(page) => Ok(page),
            // A lock that a fork froze is no reason to wait.
            Err(error) => match self.free_pages.try_lock().ok().and_then(|mut free| free.pop_front()) {
                Some(page) => promise(fd, page).map(|()| page),
                None => Err(error),
            },
        }
    }

    fn take_fresh_page(&self, fd: BorrowedFd<'_>) -> Result<u32> {
        let page = self.next_page.fetch_add(1, Ordering::Relaxed);
        if page < Id::PAGES {
            return promise(fd, page).map(|()| page);
        }
        self.next_page.fetch_sub(1, Ordering::Relaxed);
        Err(Error::new(ErrorKind::TooManyFiles)
            .detail("16,384 threads of this process own or owned mutexes at their end")
            .cure("release mutexes before a thread ends"))
    }
}

/// Memory for a page.
fn promise(fd: BorrowedFd<'_>, page: u32) -> Result<()> {
    let size = rustix::param::page_size() as u64;
    memory::promise(fd, u64::from(page) * size, size)
}

/// One thread in one world.
#[derive(Debug)]
struct ThreadLife {
    world: *const Lives,
    file: &'static LifeFile,
    page: u32,
    id: Id,
    /// The life page, then the private page.
    pages: Pages,
    /// In the private page: gone in fork children.
    marker: *const AtomicBool,
    linked: bool,
}

impl ThreadLife {
    fn begin(world: &'static Lives, file: &'static LifeFile) -> Result<Self> {
        let failed = |errno| failure(errno, "its life page cannot be made");
        let again;
        let fd = if let Ok((fd, _)) = file.file.get() {
            fd
        } else {
            // Foreign code closed it.
            again = file.open_again()?;
            again.as_fd()
        };
        let page = file.take_page(fd)?;
        let size = rustix::param::page_size();
        let offset = u64::from(page) * size as u64;
        let pages = Pages::private(2).map_err(failed)?;
        pages.overlay(fd, offset).map_err(failed)?;
        let id = Id::new(file.nonce, page);
        let marker: *const AtomicBool = pages.flag(size + 16);
        pages.flag(size + 16).store(true, Ordering::Relaxed);
        let mut life = Self { world, file, page, id, pages, marker, linked: false };
        life.link();
        Ok(life)
    }

    /// Not inherited through a fork.
    #[inline]
    fn is_mine(&self) -> bool {
        // SAFETY: a byte of our own private page, which stays mapped as long as `self` lives.
        unsafe { &*self.marker }.load(Ordering::Relaxed)
    }

    #[allow(clippy::cast_ptr_alignment)] // the word lies at a multiple of 4 in its page
    fn word(&self) -> &AtomicU32 {
        let offset = self.pages.length / 2 - WORD_FROM_END;
        // SAFETY: inside the life page, aligned; only atomics touch it.
        unsafe { &*self.pages.at(offset).cast::<AtomicU32>() }
    }

    fn node(&self) -> *mut Node {
        self.pages.at(self.pages.length / 2 + 8).cast()
    }

    /// Puts the word into this thread's robust list.
    fn link(&mut self) {
        let alive = rustix::thread::gettid().as_raw_nonzero().get().unsigned_abs() | FUTEX_WAITERS;
        let Some(head) = robust_list() else {
            self.word().store(alive, Ordering::SeqCst);
            return;
        };
        let node = self.node();
        // SAFETY: the head is this thread's, and lives as long as the thread; nobody else changes it.
        let head = unsafe { &mut *head };
        head.pending = node;
        compiler_fence(Ordering::SeqCst);
        self.word().store(alive, Ordering::SeqCst);
        insert(head, node);
        compiler_fence(Ordering::SeqCst);
        head.pending = std::ptr::null_mut();
        self.linked = true;
    }

    /// The thread ends: whatever it owns is abandoned. Says it before the kernel would, and wakes all who watch.
    fn end(&self) {
        self.word().fetch_or(OWNER_DIED, Ordering::SeqCst);
        if self.linked {
            remove(self.node());
        }
        futex::wake(self.word().as_ptr(), u32::MAX >> 1);
        self.pages.give_memory_back();
        self.file.ended();
    }
}

/// The lives of this thread; ended by its destructor.
struct Mine(Cell<Vec<&'static ThreadLife>>);

impl Mine {
    fn find(&self, world: &Lives) -> Option<&'static ThreadLife> {
        let lives = self.0.take();
        let found = lives.iter().copied().find(|life| std::ptr::eq(life.world, world) && life.is_mine());
        self.0.set(lives);
        found
    }

    fn add(&self, life: &'static ThreadLife) {
        let mut lives = self.0.take();
        lives.push(life);
        self.0.set(lives);
    }
}

impl Drop for Mine {
    fn drop(&mut self) {
        CACHED.set(Cached::NOTHING);
        for life in self.0.take() {
            if !life.is_mine() {
                // The parent's, seen in a fork child. Where its page lay is a hole here, or something else by now.
                continue;
            }
            life.end();
            let life: *const ThreadLife = life;
            // SAFETY: leaked by this thread's `join_slowly`, known to this thread alone, and no longer cached.
            drop(unsafe { Box::from_raw(life.cast_mut()) });
        }
    }
}

thread_local! {
    static ALL: Mine = const { Mine(Cell::new(Vec::new())) };
    /// Of the world used last. Without a destructor, so that it is there to the end.
    static CACHED: Cell<Cached> = const { Cell::new(Cached::NOTHING) };
}

/// What most operations need of this thread's life in a world.
#[derive(Clone, Copy)]
struct Cached {
    world: *const Lives,
    id: Id,
    /// As in [`ThreadLife`].
    marker: *const AtomicBool,
}

impl Cached {
    const NOTHING: Self = Self { world: std::ptr::null(), id: Id::NOBODY, marker: std::ptr::null() };
}

/// The life files of this process, to be unlinked when it ends normally. Killed, a sweep does it.
static EXIT: AtomicU64 = AtomicU64::new(0);

fn watch_exit() {
    if EXIT.fetch_add(1, Ordering::Relaxed) == 0 {
        // SAFETY: the handler lives as long as the process.
        let _ = unsafe { libc::atexit(at_exit) };
    }
}

extern "C" fn at_exit() {
    unlink_at_exit();
}

/// Takes the names of this process' life files away, if no thread may own something any more. Threads run on until
/// the process is really gone; were the file missing, others would take what they own meanwhile.
fn unlink_at_exit() {
    Place::each(|place| {
        place.each_lives(|lives| {
            // SAFETY: a leaked `LifeFile`, never freed.
            if let Some(file) = unsafe { lives.own.swap(std::ptr::null_mut(), Ordering::SeqCst).as_ref() } {
                if file.is_ours() && file.threads.load(Ordering::SeqCst) == 0 {
                    let _ = call::unlink(&file.path);
                }
            }
        });
    });
}

//! Whether another thread, of any process, still lives.
//!
//! Two signs of death, each final: the life word is marked; or the process is gone, which is so if nobody has the life
//! file locked, or there is none, and nobody keeps vigil for it (see `vigil`: a file that is absent was swept after its
//! process' death, or removed by a stranger). The word is looked at each time, the file every tenth of a second. What a peer's file holds is only ever read by the kernel on
//! our behalf: its owner may truncate it, and a plain read would be a SIGBUS.
//!
//! # Safety
//! A watched page is mapped to be slept on; its bytes are never touched from here.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use rustix::mm::{self, MapFlags, ProtFlags};

use super::futex::{self, Place as Sleeping};
use super::life::Lives;
use super::lifefile::word_offset;
use super::pages::WORD_FROM_END;
use super::thread::OWNER_DIED;
use super::vigil;
use crate::protocol::Id;
use crate::sys::Owner;
use crate::sys::linux::call::{self, Open};
use crate::sys::linux::fault::hit;
use crate::sys::linux::lock;

/// How long the file's own state is believed, in nanoseconds.
const BELIEVED: u64 = 100_000_000;
/// How long a life word that was not marked is believed not to be, in nanoseconds, by who only watches. A wait looks
/// half a dozen times, and each look is a system call.
const BRIEFLY: u64 = 20_000;
/// Threads that are remembered; beyond that, all on whose lives nobody sleeps just now are forgotten.
const REMEMBERED: usize = 256;
/// The thread's number in a life word.
const THREAD: u32 = OWNER_DIED - 1;

/// The threads of one world whose ends interest this process.
#[derive(Debug)]
pub(crate) struct Watch {
    threads: RwLock<BTreeMap<Id, Arc<Watched>>>,
}

/// A thread that is watched.
#[derive(Debug)]
pub(super) struct Watched {
    page: *mut c_void,
    length: usize,
    /// The life word while the thread lives.
    alive: AtomicU32,
    /// Its process has ended.
    gone: AtomicBool,
    /// When the file was looked at.
    looked: AtomicU64,
    /// When the word was last seen unmarked; 0: a sleep on it has ended since.
    unmarked: AtomicU64,
}

// SAFETY: the page's address is used to sleep on and to unmap, once.
unsafe impl Send for Watched {}
// SAFETY: as above; the rest are atomics.
unsafe impl Sync for Watched {}

/// What the file says.
enum Seen {
    Alive(u32),
    /// Marked; the process may go on.
    Ended,
    /// The process is gone.
    Gone,
    /// It cannot be told now.
    Unknown,
}

impl Watch {
    pub(super) const fn new() -> Self {
        Self { threads: RwLock::new(BTreeMap::new()) }
    }

    /// Whether the thread that `id` names has ended.
    pub(super) fn is_dead(&self, lives: &Lives, id: Id, now: u64) -> bool {
        let _ = hit("look_at_life");
        let dead = self.ended(lives, id, now);
        let _ = hit("looked_at_life");
        dead
    }

    fn ended(&self, lives: &Lives, id: Id, now: u64) -> bool {
        let Some(thread) = self.find(lives, id, now) else {
            return matches!(look(lives, id), Seen::Ended | Seen::Gone);
        };
        if thread.gone.load(Ordering::Relaxed) {
            return true;
        }
        let unmarked = futex::still_is(thread.sleeping());
        thread.unmarked.store(if unmarked { now } else { 0 }, Ordering::Relaxed);
        if unmarked && now.saturating_sub(thread.looked.load(Ordering::Relaxed)) < BELIEVED {
            return false;
        }
        // Not unmarked: it ended, or the page cannot be looked at. A life word never comes back to life.
        match look(lives, id) {
            Seen::Alive(word) => {
                thread.alive.store(word, Ordering::Relaxed);
                thread.looked.store(now, Ordering::Relaxed);
                false
            }
            Seen::Ended => true,
            Seen::Gone => {
                thread.gone.store(true, Ordering::Relaxed);
                true
            }
            Seen::Unknown => !unmarked,
        }
    }

    /// Whether the thread was seen to live just now, and no sleep on its life has ended since. For those who will sleep on
    /// it, which shows an end in between.
    pub(super) fn lived_just_now(&self, lives: &Lives, id: Id, now: u64) -> bool {
        let unmarked = |thread: Arc<Watched>| thread.unmarked.load(Ordering::Relaxed);
        self.find(lives, id, now).is_some_and(|thread| now.saturating_sub(unmarked(thread)) < BRIEFLY)
    }

    /// Whether who waits for that thread's end hears of the process' end. Not if it has ended and its process runs on.
    pub(super) fn tells(&self, lives: &Lives, id: Id, now: u64) -> bool {
        if self.is_dead(lives, id, now) {
            process_runs(lives, id) == Some(false)
        } else {
            self.watched(lives, id, now).is_some()
        }
    }

    /// Where to sleep to hear of the thread's end.
    pub(super) fn watched(&self, lives: &Lives, id: Id, now: u64) -> Option<Arc<Watched>> {
        self.find(lives, id, now)
    }

    // No waiting for locks: a fork child would inherit one that another thread of its parent had. Who does not get
    // one goes without memory.
    fn find(&self, lives: &Lives, id: Id, now: u64) -> Option<Arc<Watched>> {
        let known = self.threads.try_read().ok().and_then(|threads| threads.get(&id).cloned());
        if known.is_some() {
            return known;
        }
        let fresh = Arc::new(Watched::map(lives, id, now)?);
        if let Ok(mut threads) = self.threads.try_write() {
            if threads.len() >= REMEMBERED {
                // Who released its last mutex and ended is never asked about again, so no sign of its end would do.
                threads.retain(|_, thread| Arc::strong_count(thread) > 1);
            }
            threads.insert(id, Arc::clone(&fresh));
        }
        Some(fresh)
    }
}

/// Asks the file.
fn look(lives: &Lives, id: Id) -> Seen {
    let Ok(path) = lives.path(id.nonce()) else { return Seen::Unknown };
    let fd = match call::open(&path, Open::ReadOnly) {
        Ok(fd) => fd,
        Err(rustix::io::Errno::NOENT) => return unless_vigil(lives, id),
        Err(_) => return Seen::Unknown,
    };
    let mut word = [0; 4];
    let read = call::read_at(fd.as_fd(), &mut word, word_offset(id.page()));
    let word = u32::from_ne_bytes(word);
    if word & OWNER_DIED != 0 {
        return Seen::Ended; // whoever has the file, and be it a copy
    }
    match is_locked(fd.as_fd()) {
        Some(false) => return unless_vigil(lives, id),
        Some(true) => {}
        None => return Seen::Unknown,
    }
    match (read, word) {
        (Ok(4), 0) => Seen::Ended,
        (Ok(4), word) => Seen::Alive(word),
        (Ok(_), _) => Seen::Gone, // truncated: by its owner, who else
        (Err(_), _) => Seen::Unknown,
    }
}

/// Whether the process that has, or had, a thread of that id still runs, whatever its threads' marks say. None: it
/// cannot be told now.
pub(super) fn process_runs(lives: &Lives, id: Id) -> Option<bool> {
    let path = lives.path(id.nonce()).ok()?;
    let locked = match call::open(&path, Open::ReadOnly) {
        Ok(fd) => is_locked(fd.as_fd())?,
        Err(rustix::io::Errno::NOENT) => false,
        Err(_) => return None,
    };
    if locked { Some(true) } else { vigil::is_kept(lives.place, id.nonce()) }
}

/// Whether a process has the life file locked: its own, which runs.
fn is_locked(file: BorrowedFd<'_>) -> Option<bool> {
    lock::conflict(file).ok().map(|lock| lock.is_some())
}

/// There is no life file that its process has locked.
fn unless_vigil(lives: &Lives, id: Id) -> Seen {
    match vigil::is_kept(lives.place, id.nonce()) {
        Some(false) => Seen::Gone,
        // A stranger removed the file; or the process is just ending, or just putting it back.
        Some(true) | None => Seen::Unknown,
    }
}

/// Which thread it is, if it lives. For people: no decision rests on it.
pub(super) fn owner(lives: &Lives, id: Id) -> Option<Owner> {
    let Seen::Alive(word) = look(lives, id) else { return None };
    let path = lives.path(id.nonce()).ok()?;
    let fd = call::open(&path, Open::ReadOnly).ok()?;
    let pid = *lock::holders(fd.as_fd(), 1).ok()?.first()?;
    Some(Owner { pid, thread: word & THREAD })
}

impl Watched {
    fn map(lives: &Lives, id: Id, now: u64) -> Option<Self> {
        let Seen::Alive(alive) = look(lives, id) else { return None };
        let path = lives.path(id.nonce()).ok()?;
        let fd = call::open(&path, Open::ReadOnly).ok()?;
        let length = rustix::param::page_size();
        let offset = u64::from(id.page()) * length as u64;
        let (protection, flags) = (ProtFlags::READ, MapFlags::SHARED);
        // SAFETY: a fresh mapping at an address that the kernel chooses touches nothing that exists.
        let page = unsafe { mm::mmap(std::ptr::null_mut(), length, protection, flags, fd.as_fd(), offset) }.ok()?;
        Some(Self {
            page,
            length,
            alive: AtomicU32::new(alive),
            gone: AtomicBool::new(false),
            looked: AtomicU64::new(now),
            unmarked: AtomicU64::new(0),
        })
    }

    /// A sleep on the life word has ended: perhaps because the word was marked.
    pub(super) fn doubt(&self) {
        self.unmarked.store(0, Ordering::Relaxed);
    }

    #[allow(clippy::cast_ptr_alignment)] // the word lies at a multiple of 4 in its page
    pub(super) fn sleeping(&self) -> Sleeping {
        let word = self.page.cast::<u8>().wrapping_add(self.length - WORD_FROM_END).cast::<u32>().cast_const();
        Sleeping { word, expected: self.alive.load(Ordering::Relaxed) }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // SAFETY: exactly what `map` mapped, and nobody sleeps on it: who does has a share of this.
        let _ = unsafe { mm::munmap(self.page, self.length) };
    }
}

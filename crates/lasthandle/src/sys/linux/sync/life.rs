//! The lives of a world: which of its threads own something, by their ids, and whether they have ended.
//!
//! A world is a root's `Local\` or `Global\` part. What this process has there is in `own`; the life of each of its
//! threads, in `thread`; others' lives are looked at in `watch`.
//!
//! # Safety
//! A thread's lives are leaked, belong to it alone, and are freed by its own destructor, after it forgot them.
#![allow(unsafe_code)]
#![allow(clippy::inline_always)] // as the protocol

use std::cell::Cell;
use std::ffi::CString;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use super::own::Own;
use super::thread::ThreadLife;
use super::watch::Watch;
use crate::error::{Error, ErrorKind, Result};
use crate::name::Namespace;
use crate::protocol::Id;
use crate::sys::linux::filename::{LIFE, TEMPORARY};
use crate::sys::linux::place::Place;

/// The lives of one world: our own files there, and others' pages that we watch.
pub(crate) struct Lives {
    pub(super) place: &'static Place,
    pub(crate) namespace: Namespace,
    /// Whose directory it is; of no meaning for global ones.
    pub(crate) user: u32,
    /// Another directory's.
    pub(crate) next: OnceLock<&'static Self>,
    own: AtomicPtr<Own>,
    pub(super) watch: Watch,
}

/// Without its place, which in turn has its lives.
impl fmt::Debug for Lives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, user, .. } = self;
        f.debug_struct("Lives").field("namespace", namespace).field("user", user).finish_non_exhaustive()
    }
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
        ThreadLife::begin(self, self.own()?)
    }

    /// What this process has here; made the first time, and anew in a fork child.
    fn own(&'static self) -> Result<&'static Own> {
        loop {
            let current = self.own.load(Ordering::Acquire);
            if let Some(own) = self.ours() {
                return Ok(own);
            }
            let fresh = Box::into_raw(Box::new(Own::new(self)?));
            // No lock: a fork child would inherit one that another thread of its parent had.
            if self.own.compare_exchange(current, fresh, Ordering::AcqRel, Ordering::Acquire).is_err() {
                // SAFETY: ours alone, as it was not stored.
                drop(unsafe { Box::from_raw(fresh) });
            }
        }
    }

    /// What this process has here, if it has something, or what its parent had.
    pub(super) fn latest(&self) -> Option<&'static Own> {
        // SAFETY: what was stored is a leaked `Own`, never freed.
        unsafe { self.own.load(Ordering::Acquire).as_ref() }
    }

    /// This thread's id here, as a sign by which others know the process, too: whether that one runs can be asked of it
    /// as long as it does, whatever becomes of the thread.
    pub(super) fn join_for_process(&'static self) -> Result<Id> {
        let id = self.join()?;
        self.ours().into_iter().for_each(|own| own.stay(id));
        Ok(id)
    }

    /// Whether it is an id of this process.
    pub(super) fn is_ours(&self, id: Id) -> bool {
        self.ours().is_some_and(|own| own.has(id))
    }

    fn ours(&self) -> Option<&'static Own> {
        self.latest().filter(|own| own.is_ours())
    }

    /// Makes sure that others find the lives of this process, if it has any here.
    pub(super) fn put_back(&self) {
        if let Some(own) = self.ours() {
            own.put_back();
        }
    }

    /// The path of the life file with that nonce.
    pub(super) fn path(&self, nonce: u64) -> Result<CString> {
        self.file(&format!("{LIFE}{nonce:012x}"))
    }

    /// A path for a file on its way to becoming a life file.
    pub(super) fn temporary(&self) -> Result<CString> {
        self.file(&format!("{TEMPORARY}{:016x}", RandomState::new().hash_one(std::process::id())))
    }

    fn file(&self, name: &str) -> Result<CString> {
        let directory = self.place.directory_of(self.namespace, self.user)?;
        let prefix = Place::prefix(self.namespace);
        CString::new([directory.to_bytes(), b"/", prefix.as_bytes(), name.as_bytes()].concat())
            .map_err(|_| Error::new(ErrorKind::UnusableRoot))
    }

    /// Makes sure that the directory is there.
    pub(super) fn prepare(&self) -> Result<()> {
        self.place.prepare(self.namespace, self.user)
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

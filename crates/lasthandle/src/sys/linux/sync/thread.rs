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
//! Only the owner process writes its life files; no decision and no pointer depends on memory that a peer can write.
//!
//! # Safety
//! A `ThreadLife` owns its two pages, with the file that it has them from. The robust list is this thread's own; it is
//! changed by this thread alone, in the order that the kernel's documentation asks for: pending, word, link, no longer
//! pending.
#![allow(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, compiler_fence};

use super::futex;
use super::life::Lives;
use super::own::Own;
use super::pages::Pages;
use super::robust::{Node, insert, remove, robust_list};
use crate::error::Result;
use crate::protocol::Id;

/// Set by the kernel when the thread has ended.
pub(super) const OWNER_DIED: u32 = 0x4000_0000;
const FUTEX_WAITERS: u32 = 0x8000_0000;

/// One thread in one world.
#[derive(Debug)]
pub(super) struct ThreadLife {
    pub(super) world: &'static Lives,
    own: &'static Own,
    pub(super) id: Id,
    /// The life page, then the private page.
    pages: Arc<Pages>,
    /// In the private page: gone in fork children.
    pub(super) marker: *const AtomicBool,
    linked: bool,
}

impl ThreadLife {
    pub(super) fn begin(world: &'static Lives, own: &'static Own) -> Result<Self> {
        let mut linked = false;
        let (id, pages) = own.seat(|pages| {
            marker(pages).store(true, Ordering::Relaxed);
            linked = link(pages);
        })?;
        let marker: *const AtomicBool = marker(&pages);
        Ok(Self { world, own, id, pages, marker, linked })
    }

    /// Not inherited through a fork.
    #[inline]
    pub(super) fn is_mine(&self) -> bool {
        // SAFETY: a byte of our own private page, which stays mapped as long as `self` lives.
        unsafe { &*self.marker }.load(Ordering::Relaxed)
    }

    /// The thread ends: whatever it owns is abandoned. Says it before the kernel would, and wakes all who watch.
    pub(super) fn end(&self) {
        self.own.leave(self.id, || {
            let word = self.pages.life_word();
            word.fetch_or(OWNER_DIED, Ordering::SeqCst);
            if self.linked {
                remove(node(&self.pages));
            }
            futex::wake(word.as_ptr(), u32::MAX >> 1);
            self.pages.give_memory_back();
        });
    }
}

fn marker(pages: &Pages) -> &AtomicBool {
    pages.flag(pages.length / 2 + 16)
}

fn node(pages: &Pages) -> *mut Node {
    pages.at(pages.length / 2 + 8).cast()
}

/// Puts the word into this thread's robust list. `false`: there is none; then only the process' end will be seen, and
/// what the thread says by itself.
fn link(pages: &Pages) -> bool {
    let alive = rustix::thread::gettid().as_raw_nonzero().get().unsigned_abs() | FUTEX_WAITERS;
    let Some(head) = robust_list() else {
        pages.life_word().store(alive, Ordering::SeqCst);
        return false;
    };
    let node = node(pages);
    // SAFETY: the head is this thread's, and lives as long as the thread; nobody else changes it.
    let head = unsafe { &mut *head };
    head.pending = node;
    compiler_fence(Ordering::SeqCst);
    pages.life_word().store(alive, Ordering::SeqCst);
    insert(head, node);
    compiler_fence(Ordering::SeqCst);
    head.pending = std::ptr::null_mut();
    true
}

//! What `fork` must not break: a child has one thread, the copy of the one that forked, and whatever lock another thread
//! had at that instant would stay taken in it for ever.
//!
//! # Safety
//! `pthread_atfork` is given functions that live as long as the program.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::Once;

use super::background;
use super::critical;
use super::file::doomed;
use super::memory::regions;
use super::process::world;
use super::{passing, table, threads};

/// In the order in which they are taken where several are.
type Locks = (passing::Lock, world::Lock, table::Lock, regions::Lock, doomed::Lock, threads::Lock);

thread_local! {
    // Without anything to drop, it is there to the thread's very end: destructors and exit handlers may fork, too.
    static HELD: Cell<Option<ManuallyDrop<Locks>>> = const { Cell::new(None) };
}

extern "C" fn before() {
    let locks = (passing::lock(), world::lock(), table::lock(), regions::lock(), doomed::lock(), threads::lock());
    HELD.set(Some(ManuallyDrop::new(locks)));
}

fn held() -> Option<Locks> {
    HELD.take().map(ManuallyDrop::into_inner)
}

extern "C" fn in_parent() {
    drop(held());
}

extern "C" fn in_child() {
    critical::forget_number();
    background::after_fork();
    table::forget_other_threads();
    if let Some((mut passing, mut world, .., mut threads)) = held() {
        passing::after_fork(&mut passing);
        world::after_fork(&mut world);
        threads::forget_others(&mut threads);
    }
}

/// Takes the locks while the process forks, from now on. Called before there is anything under them.
pub(crate) fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: see the top. Without memory for the entry, a forked child may find a lock taken, as the child of any
        // program with threads may.
        let _ = unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
    });
}

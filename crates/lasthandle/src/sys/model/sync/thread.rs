//! Who a thread is, and that it has ended.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use super::dispatcher::Dispatcher;

/// A thread; no other one ever has the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ThreadId(u64);

/// The dispatchers that must hear of this thread's end.
struct Ending(RefCell<Vec<Weak<Dispatcher>>>);

thread_local! {
    /// 0: not given yet. Without a destructor, so that it is there to the end.
    static ID: Cell<u64> = const { Cell::new(0) };
    static ENDING: Ending = const { Ending(RefCell::new(Vec::new())) };
}

/// This thread.
pub(super) fn current() -> ThreadId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    if ID.get() == 0 {
        ID.set(NEXT.fetch_add(1, Ordering::Relaxed));
    }
    ThreadId(ID.get())
}

/// This thread, which may own mutexes of that dispatcher from now on.
pub(super) fn owner(dispatcher: &Arc<Dispatcher>) -> ThreadId {
    ENDING.with(|ending| {
        let mut known = ending.0.borrow_mut();
        known.retain(|one| one.strong_count() > 0);
        if !known.iter().any(|one| std::ptr::eq(one.as_ptr(), Arc::as_ptr(dispatcher))) {
            known.push(Arc::downgrade(dispatcher));
        }
    });
    current()
}

impl Drop for Ending {
    fn drop(&mut self) {
        for dispatcher in self.0.take().iter().filter_map(Weak::upgrade) {
            dispatcher.thread_ended(current());
        }
    }
}

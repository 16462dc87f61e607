//! Who a thread is, and that it has ended.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use super::dispatcher::Dispatcher;

/// A thread; no other one ever has the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ThreadId(u64);

/// The dispatchers that must hear of this thread's end. It keeps the thread's number itself: where the system has no
/// thread-locals of its own (Windows' GNU targets), those without a destructor end with the others, in any order.
struct Ending {
    thread: Cell<ThreadId>,
    dispatchers: RefCell<Vec<Weak<Dispatcher>>>,
}

thread_local! {
    /// 0: not given yet.
    static ID: Cell<u64> = const { Cell::new(0) };
    static ENDING: Ending = const { Ending { thread: Cell::new(ThreadId(0)), dispatchers: RefCell::new(Vec::new()) } };
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
        let mut known = ending.dispatchers.borrow_mut();
        known.retain(|one| one.strong_count() > 0);
        if !known.iter().any(|one| std::ptr::eq(one.as_ptr(), Arc::as_ptr(dispatcher))) {
            known.push(Arc::downgrade(dispatcher));
        }
        ending.thread.set(current());
        ending.thread.get()
    })
}

impl Drop for Ending {
    fn drop(&mut self) {
        for dispatcher in self.dispatchers.take().iter().filter_map(Weak::upgrade) {
            dispatcher.thread_ended(self.thread.get());
        }
    }
}

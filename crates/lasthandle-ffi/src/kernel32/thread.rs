//! What the calls keep for each thread, in one place, which is found quickly.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr::{null, null_mut};

use super::code::Code;
use super::near::Near;
use super::table::Record;

/// Nothing in it needs to be dropped, so that it is there for destructors that run when all else is gone.
pub(crate) struct Thread {
    /// The last error.
    pub(crate) last: Cell<Code>,
    /// Where errno is; null before the first call.
    pub(crate) errno: Cell<*mut c_int>,
    /// The cells by which it keeps objects alive; none before the first look-up.
    pub(crate) record: Cell<Option<&'static Record>>,
    /// How many of them are in use.
    pub(crate) used: Cell<usize>,
    /// Its object, see `threads/registry.rs`; null before anybody asks for it.
    pub(crate) object: Cell<*const c_void>,
}

pub(crate) static THREAD: Near = Near;

impl Thread {
    /// A new thread's: all zero bytes, which `near.rs` relies on.
    #[allow(dead_code)] // where a new thread's memory is zero already
    pub(crate) const fn new() -> Self {
        Self {
            last: Cell::new(Code::SUCCESS),
            errno: Cell::new(null_mut()),
            record: Cell::new(None),
            used: Cell::new(0),
            object: Cell::new(null()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> usize {
        THREAD.with(|thread| std::ptr::from_ref(thread).addr())
    }

    #[test]
    fn a_new_thread_is_new_and_has_its_own() {
        let mine = address();
        assert_eq!(mine % align_of::<Thread>(), 0);
        // One after the other: a thread may get the memory of one that has ended.
        for _ in 0..3 {
            let other = std::thread::spawn(|| {
                THREAD.with(|Thread { last, errno, record, used, object }| {
                    assert_eq!((last.get(), errno.get(), used.get()), (Code::SUCCESS, null_mut(), 0));
                    assert!(record.get().is_none() && object.get().is_null());
                    last.set(Code::INVALID_HANDLE);
                    used.set(1);
                });
                address()
            });
            assert_ne!(other.join().unwrap(), mine);
        }
        assert_eq!(address(), mine);
    }

    #[test]
    fn what_is_new_is_zero() {
        let Thread { last, errno, record, used, object } = Thread::new();
        assert_eq!((last.get().0, errno.get().addr(), used.get(), object.get().addr()), (0, 0, 0, 0));
        assert!(record.get().is_none());
        assert_eq!(size_of_val(&record), size_of::<usize>(), "none is the null pointer");
    }
}

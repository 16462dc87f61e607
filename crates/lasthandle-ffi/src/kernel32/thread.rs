//! What the calls keep for each thread, in one place: to find it takes a call of its own in a shared library.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr::{null, null_mut};

use super::code::Code;
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

thread_local! {
    pub(crate) static THREAD: Thread = const {
        Thread {
            last: Cell::new(Code::SUCCESS),
            errno: Cell::new(null_mut()),
            record: Cell::new(None),
            used: Cell::new(0),
            object: Cell::new(null()),
        }
    };
}

//! Keys of pthreads, by which a thread's end is told: made when first needed, without a lock, so that neither a signal
//! handler nor a forked child can find one taken.
//!
//! # Safety
//! A key that was made is never deleted, and its destructor is there as long as the library, which is never unloaded.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};

type Destructor = unsafe extern "C" fn(*mut c_void);

pub(crate) struct Key {
    /// The key, and 1; 0 before it was made.
    made: AtomicU32,
    destructor: Destructor,
}

impl Key {
    pub(crate) const fn new(destructor: Destructor) -> Self {
        Self { made: AtomicU32::new(0), destructor }
    }

    /// Stores this thread's value, for which the destructor is called when the thread ends. `false`: the program has all
    /// the keys that there are.
    pub(crate) fn set(&self, value: *const c_void) -> bool {
        // SAFETY: a key that was made; see the top.
        self.get().is_some_and(|key| unsafe { libc::pthread_setspecific(key, value) } == 0)
    }

    /// Makes it, if need be and if there is one left.
    pub(crate) fn get(&self) -> Option<libc::pthread_key_t> {
        let known = || self.made.load(Ordering::Acquire).checked_sub(1);
        known().or_else(|| {
            let mut fresh = 0;
            // SAFETY: a place for the key; the destructor: see the top.
            let made = unsafe { libc::pthread_key_create(&raw mut fresh, Some(self.destructor)) } == 0;
            // Of two who make one at once, one is too late.
            if made && self.made.compare_exchange(0, fresh + 1, Ordering::AcqRel, Ordering::Acquire).is_err() {
                // SAFETY: made above, and used by nobody.
                let _ = unsafe { libc::pthread_key_delete(fresh) };
            }
            known()
        })
    }
}

//! The C library's objects in shared memory.
//!
//! # Safety
//! An object lies on its own line of a [`Page`], which is mapped while the object is borrowed from it; it is made by
//! `new` before others look at it with `at`.

use std::ffi::{CStr, c_int, c_uint};
use std::marker::PhantomData;
use std::mem::MaybeUninit;

use crate::page::Page;

/// A robust mutex for several processes: the C library's nearest to ours.
pub struct RobustMutex<'a> {
    raw: *mut libc::pthread_mutex_t,
    page: PhantomData<&'a Page>,
}

impl<'a> RobustMutex<'a> {
    pub fn new(page: &'a Page, line: usize) -> Self {
        let mutex = Self::at(page, line);
        let mut attributes = MaybeUninit::<libc::pthread_mutexattr_t>::uninit();
        let attributes = attributes.as_mut_ptr();
        // SAFETY: memory for attributes, not used before.
        succeeded(unsafe { libc::pthread_mutexattr_init(attributes) });
        // SAFETY: made by the call above.
        succeeded(unsafe { libc::pthread_mutexattr_setpshared(attributes, libc::PTHREAD_PROCESS_SHARED) });
        // SAFETY: as above.
        succeeded(unsafe { libc::pthread_mutexattr_setrobust(attributes, libc::PTHREAD_MUTEX_ROBUST) });
        // SAFETY: a line has room for a mutex, and nobody uses this one yet.
        succeeded(unsafe { libc::pthread_mutex_init(mutex.raw, attributes) });
        mutex
    }

    pub fn at(page: &'a Page, line: usize) -> Self {
        Self { raw: page.raw(line).cast(), page: PhantomData }
    }

    /// Whether its owner before had died.
    #[inline]
    pub fn lock(&self) -> bool {
        // SAFETY: as the module says.
        match unsafe { libc::pthread_mutex_lock(self.raw) } {
            libc::EOWNERDEAD => {
                // SAFETY: this thread owns it, as the lock says.
                succeeded(unsafe { libc::pthread_mutex_consistent(self.raw) });
                true
            }
            code => {
                succeeded(code);
                false
            }
        }
    }

    #[inline]
    pub fn unlock(&self) {
        // SAFETY: as the module says.
        succeeded(unsafe { libc::pthread_mutex_unlock(self.raw) });
    }
}

/// A semaphore for several processes, at 0.
pub struct Semaphore<'a> {
    raw: *mut libc::sem_t,
    page: PhantomData<&'a Page>,
}

impl<'a> Semaphore<'a> {
    pub fn new(page: &'a Page, line: usize) -> Self {
        let raw = page.raw(line).cast();
        // SAFETY: a line has room for a semaphore, and nobody uses this one yet.
        succeeded(unsafe { libc::sem_init(raw, 1, 0) });
        Self { raw, page: PhantomData }
    }

    #[inline]
    pub fn post(&self) {
        // SAFETY: as the module says.
        succeeded(unsafe { libc::sem_post(self.raw) });
    }

    #[inline]
    pub fn wait(&self) {
        // SAFETY: as the module says.
        succeeded(unsafe { libc::sem_wait(self.raw) });
    }
}

/// Opens a named semaphore and closes it; creates it with `O_CREAT`.
pub fn open_close(name: &CStr, flags: c_int) {
    let (mode, value): (c_uint, c_uint) = (0o600, 0);
    // SAFETY: a string that ends in NUL, and the arguments after it as the manual has them.
    let semaphore = unsafe { libc::sem_open(name.as_ptr(), flags, mode, value) };
    assert_ne!(semaphore, libc::SEM_FAILED);
    // SAFETY: opened above.
    succeeded(unsafe { libc::sem_close(semaphore) });
}

pub fn unlink_named(name: &CStr) {
    // SAFETY: a string that ends in NUL.
    succeeded(unsafe { libc::sem_unlink(name.as_ptr()) });
}

#[inline]
fn succeeded(code: i32) {
    assert_eq!(code, 0);
}

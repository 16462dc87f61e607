//! Thread-local values by number: the C library's keys, with Windows' numbers and rules.
//!
//! # Safety
//! A key that is in the table was made by the C library and not given back.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};

use super::registry;
use crate::kernel32::call::{call, export, set_last_error, succeeds};
use crate::kernel32::code::Code;
use crate::kernel32::types::BOOL;

/// As many as the C library has keys, and fewer than Windows' 1088.
const MOST: usize = 1024;
const OUT_OF_INDEXES: u32 = u32::MAX;

/// 0: free; 1: about to be used; else a key, and 2.
static KEYS: [AtomicU32; MOST] = [const { AtomicU32::new(0) }; MOST];

export! {
    /// A number under which each thread has a value, null at first.
    fn TlsAlloc() -> u32 {
        call(OUT_OF_INDEXES, allocate)
    }

    /// This thread's value. It leaves 0 as the last error, since a value may be null.
    fn TlsGetValue(index: u32) -> *mut c_void {
        call(null_mut(), || {
            let key = find(index)?;
            set_last_error(Code::SUCCESS);
            // SAFETY: a key of the table.
            Ok(unsafe { libc::pthread_getspecific(key) })
        })
    }

    /// Sets it.
    fn TlsSetValue(index: u32, value: *mut c_void) -> BOOL {
        succeeds(|| {
            let key = find(index)?;
            // SAFETY: a key of the table.
            let failed = unsafe { libc::pthread_setspecific(key, value) };
            if failed == 0 { Ok(()) } else { Err(Code::NOT_ENOUGH_MEMORY) }
        })
    }

    /// Gives the number back.
    fn TlsFree(index: u32) -> BOOL {
        succeeds(|| {
            let place = KEYS.get(index as usize).ok_or(Code::INVALID_PARAMETER)?;
            let taken = place.fetch_update(Ordering::AcqRel, Ordering::Acquire, |key| (key > 1).then_some(0));
            let key = taken.map_err(|_| Code::INVALID_PARAMETER)? - 2;
            // SAFETY: it was in the table, and is no more: nobody else gives it back.
            unsafe { libc::pthread_key_delete(key) };
            Ok(())
        })
    }
}

fn allocate() -> Result<u32, Code> {
    // Before the program has them all.
    registry::ends_are_told();
    let is_mine = |place: &&AtomicU32| place.compare_exchange(0, 1, Ordering::AcqRel, Ordering::Relaxed).is_ok();
    let index = KEYS.iter().position(|place| is_mine(&place)).ok_or(Code::NOT_ENOUGH_MEMORY)?;
    let mut key = 0;
    // SAFETY: a place for a key; no destructor.
    let failed = unsafe { libc::pthread_key_create(&raw mut key, None) };
    KEYS[index].store(if failed == 0 { key + 2 } else { 0 }, Ordering::Release);
    if failed != 0 {
        return Err(Code::NOT_ENOUGH_MEMORY);
    }
    u32::try_from(index).map_err(|_| Code::NOT_ENOUGH_MEMORY)
}

fn find(index: u32) -> Result<libc::pthread_key_t, Code> {
    let key = KEYS.get(index as usize).map_or(0, |place| place.load(Ordering::Acquire));
    key.checked_sub(2).ok_or(Code::INVALID_PARAMETER)
}

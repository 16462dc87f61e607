//! Copies between private memory and memory that other processes write at the same time.
//!
//! A Rust reference or a plain `ptr::copy` would promise the compiler that nobody else writes; here somebody may.
//! So the bytes are moved by C's `memcpy`, called through an address that the compiler cannot see through: to the
//! abstract machine the callee is an unknown function, and one that copies byte by byte with relaxed atomics would
//! be a valid one. What arrives may be torn between two writers' bytes; it is never anything else than bytes that
//! somebody wrote. The speed is `memcpy`'s.
//!
//! # Safety
//! The functions take raw pointers; each states what must hold of them.
#![allow(unsafe_code)]

use std::ffi::c_void;

type Memcpy = unsafe extern "C" fn(*mut c_void, *const c_void, usize) -> *mut c_void;

/// Which end of a copy lies in shared memory.
#[derive(Clone, Copy)]
enum Shared {
    Source,
    Target,
}

#[cfg(not(miri))]
fn opaque_memcpy(_: Shared) -> Memcpy {
    unsafe extern "C" {
        fn memcpy(to: *mut c_void, from: *const c_void, bytes: usize) -> *mut c_void;
    }
    let mut function: Memcpy = memcpy;
    // SAFETY: the assembly is empty, so it keeps every register, the stack and memory as they are, and `function` is
    // still the address of a function with this signature; it only makes the compiler forget which one.
    unsafe {
        std::arch::asm!("/* {0} */", inout(reg) function, options(nostack, preserves_flags));
    }
    function
}

/// Miri runs no C: the byte-wise relaxed copies that the opaque call stands for.
#[cfg(miri)]
fn opaque_memcpy(shared: Shared) -> Memcpy {
    use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
    unsafe extern "C" fn from_shared(to: *mut c_void, from: *const c_void, bytes: usize) -> *mut c_void {
        for i in 0..bytes {
            // SAFETY: the caller vouches for `bytes` readable bytes of shared memory at `from`; a u8 has no alignment.
            let byte = unsafe { AtomicU8::from_ptr(from.cast_mut().cast::<u8>().wrapping_add(i)) }.load(Relaxed);
            // SAFETY: the caller vouches for `bytes` bytes at `to` that are its own to write.
            unsafe { to.cast::<u8>().wrapping_add(i).write(byte) };
        }
        to
    }
    unsafe extern "C" fn to_shared(to: *mut c_void, from: *const c_void, bytes: usize) -> *mut c_void {
        for i in 0..bytes {
            // SAFETY: the caller vouches for `bytes` bytes at `from` that nobody writes.
            let byte = unsafe { from.cast::<u8>().wrapping_add(i).read() };
            // SAFETY: the caller vouches for `bytes` writable bytes of shared memory at `to`; a u8 has no alignment.
            unsafe { AtomicU8::from_ptr(to.cast::<u8>().wrapping_add(i)) }.store(byte, Relaxed);
        }
        to
    }
    match shared {
        Shared::Source => from_shared,
        Shared::Target => to_shared,
    }
}

/// Copies out of shared memory.
///
/// # Safety
/// `from` must be valid for reads of `into.len()` bytes for the whole call. Others may write there meanwhile.
#[inline]
pub(crate) unsafe fn from_shared(from: *const u8, into: &mut [u8]) {
    let to = into.as_mut_ptr().cast();
    // SAFETY: `from` by this function's contract, `into` because it is a unique reference; they do not overlap,
    // as shared memory is never handed out as a `&mut [u8]` (but by an `unsafe` call whose contract excludes it).
    unsafe { opaque_memcpy(Shared::Source)(to, from.cast(), into.len()) };
}

/// Copies into shared memory.
///
/// # Safety
/// `to` must be valid for writes of `from.len()` bytes for the whole call. Others may read and write there meanwhile.
#[inline]
pub(crate) unsafe fn to_shared(to: *mut u8, from: &[u8]) {
    // SAFETY: `to` by this function's contract, `from` because it is a reference; they do not overlap, as above.
    unsafe { opaque_memcpy(Shared::Target)(to.cast(), from.as_ptr().cast(), from.len()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_exactly_the_bytes_asked_for() {
        let mut shared: [u8; 300] = std::array::from_fn(|i| u8::try_from(i % 251).unwrap());
        for len in [0, 1, 7, 8, 63, 64, 65, 256, 300] {
            let mut out = [0xEE_u8; 302];
            // SAFETY: `shared` has at least `len` bytes and nobody writes to it.
            unsafe { from_shared(shared.as_mut_ptr(), &mut out[1..=len]) };
            assert_eq!(out[1..=len], shared[..len]);
            assert!(out[0] == 0xEE && out[len + 1] == 0xEE, "wrote outside");
            let mut back = [0xDD_u8; 302];
            // SAFETY: `back` has `len` bytes from index 1.
            unsafe { to_shared(back.as_mut_ptr().wrapping_add(1), &out[1..=len]) };
            assert_eq!(back[1..=len], shared[..len]);
            assert!(back[0] == 0xDD && back[len + 1] == 0xDD, "wrote outside");
        }
    }
}

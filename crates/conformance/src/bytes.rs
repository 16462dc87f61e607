//! Reading and writing the memory of a view through its bare pointer, as the public types do.
//!
//! # Safety
//! A view's memory lies at `as_ptr()` for `length()` bytes while the view lives, and others may write it at any
//! time; so each byte is touched as an atomic, which makes concurrent access defined. Whether the memory may be
//! touched at all is asserted first, from what the view says of itself.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU8, Ordering};

use lasthandle::sys::KernelView;

/// What an output holds before a call fills it.
const GARBAGE: u8 = 0xA5;

/// The bytes of a range of the view.
#[track_caller]
pub fn load(view: &impl KernelView, offset: usize, length: usize) -> Vec<u8> {
    let mut bytes = vec![GARBAGE; length];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = cell(view, offset + at).load(Ordering::SeqCst);
    }
    bytes
}

/// Writes bytes into the view.
#[track_caller]
pub fn store(view: &impl KernelView, offset: usize, bytes: &[u8]) {
    assert!(view.access().is_writable(), "the row writes through a view that may not: {:?}", view.access());
    for (at, byte) in bytes.iter().enumerate() {
        cell(view, offset + at).store(*byte, Ordering::SeqCst);
    }
}

#[track_caller]
fn cell(view: &impl KernelView, offset: usize) -> &AtomicU8 {
    assert!(offset < view.length(), "byte {offset} of a view of {} bytes", view.length());
    assert!(view.is_committed(offset, 1), "byte {offset} is not committed");
    let address = view.as_ptr().wrapping_add(offset);
    // SAFETY: the byte lies inside the view's memory and is committed (asserted above), and stays mapped while
    // `view` is borrowed, which the result's lifetime repeats. `AtomicU8` has alignment 1. All of the suite's
    // accesses are atomic; a store happens only after `is_writable` was asserted, so the memory is never written
    // where it is read-only.
    unsafe { AtomicU8::from_ptr(address) }
}

//! Bytes of a view, reached as every user of the contract must: through its pointer, within its length.
//!
//! # Safety
//! Each access lies in the view, as asserted, and the tests map what they touch for it.
#![allow(unsafe_code)]

use super::{KernelView, View};

pub(super) fn write(view: &View, offset: usize, byte: u8) {
    assert!(offset < view.length());
    let place = view.as_ptr().wrapping_add(offset);
    // SAFETY: in the view, which the caller mapped for writing.
    unsafe { place.write_volatile(byte) }
}

pub(super) fn read(view: &View, offset: usize) -> u8 {
    assert!(offset < view.length());
    let place = view.as_ptr().wrapping_add(offset);
    // SAFETY: in the view; every view can be read.
    unsafe { place.read_volatile() }
}

//! What one word of shared memory costs: the least that a lock or a signal could do.

use std::sync::atomic::{AtomicU64, Ordering};

/// A compare-and-swap and a swap: the least for taking something and giving it back.
#[inline]
pub fn cas_swap(word: &AtomicU64) {
    let taken = word.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed);
    assert!(taken.is_ok());
    word.swap(0, Ordering::Release);
}

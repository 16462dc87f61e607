//! What one word of shared memory costs: the least that a lock or a signal could do.

use std::sync::atomic::{AtomicU64, Ordering};

/// A compare-and-swap and a swap: the least for taking something and giving it back.
#[inline]
pub fn cas_swap(word: &AtomicU64) {
    let taken = word.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed);
    assert!(taken.is_ok());
    word.swap(0, Ordering::Release);
}

/// Longer than the holder needs, so that the word's cache line stays with it for a while.
const BACK_OFF: u32 = 30;

/// A lock that only spins, and backs off: about the most acquisitions that two processors can make of one word. Useless
/// where its holder may lose the processor.
#[inline]
pub fn spin_lock(word: &AtomicU64) {
    while word.compare_exchange_weak(0, 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
        for _ in 0..BACK_OFF {
            std::hint::spin_loop();
        }
    }
}

#[inline]
pub fn spin_unlock(word: &AtomicU64) {
    word.store(0, Ordering::Release);
}

//! The atomics and fences of [`hazard`](super::hazard), as they are outside of the model checker.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, compiler_fence, fence};
use std::thread;
use std::time::Duration;

use rustix::thread::{MembarrierCommand, membarrier};

pub(super) use std::sync::atomic::{AtomicPtr, Ordering};

/// Whether closers make the fence of all readers, who then need none. Looking up happens thousands of times for each
/// close, so the close pays: it interrupts the processors that run this process' other threads.
static CLOSERS_PAY: AtomicBool = AtomicBool::new(false);

/// Must be called before anything is put into a slot, so that whoever finds it there knows who pays.
pub(super) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let allowed = membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok();
        CLOSERS_PAY.store(allowed, Ordering::Relaxed);
    });
}

#[inline]
pub(super) fn reader_fence() {
    if CLOSERS_PAY.load(Ordering::Relaxed) {
        // The processor may still delay the store: `membarrier` makes it visible.
        compiler_fence(Ordering::SeqCst);
    } else {
        fence(Ordering::SeqCst);
    }
}

pub(super) fn closer_fence() {
    fence(Ordering::SeqCst);
    if CLOSERS_PAY.load(Ordering::Relaxed) && membarrier(MembarrierCommand::PrivateExpedited).is_err() {
        // A filter that was installed since forbids it. Readers make their own fence from now on; those that passed
        // theirs already have their stores out after a fraction of this time.
        CLOSERS_PAY.store(false, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(10));
    }
}

/// A user of the object is in the middle of a short call, or its thread is not running.
pub(super) fn pause(round: u32) {
    if round < 64 {
        thread::yield_now();
    } else {
        thread::sleep(Duration::from_micros(100));
    }
}

//! A fence of which one side costs nothing: `membarrier`.
//!
//! Of *store, light, load* in one thread and *store, heavy, load* in another, of any process, at least one load sees the
//! other's store. The heavy side makes the kernel run a fence on every processor that runs a thread of a process which
//! asked for that ([`join`]); so the light side needs none of its own, but must keep the compiler from reordering.
//!
//! Where the kernel knows no such call (before 4.16), or a sandbox forbids it, the light side is a real fence. The heavy
//! side cannot know which the others have: if the call fails *here*, it says so.

use std::sync::atomic::{AtomicU8, Ordering, compiler_fence, fence};

use rustix::thread::{MembarrierCommand, membarrier};

use super::fault::hit;

/// This process' side of the fence.
#[derive(Debug, Clone, Copy)]
pub struct Side {
    /// The kernel runs fences for this process.
    registered: bool,
}

const UNKNOWN: u8 = 0;
const REGISTERED: u8 = 1;
const REFUSED: u8 = 2;

/// Registers this process, if it is not yet. A child of `fork` has what its parent had: the kernel copies it with the
/// memory. After `exec` all begins anew.
pub fn join() -> Side {
    static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);
    if STATE.load(Ordering::Acquire) == UNKNOWN {
        let done = hit("membarrier").and_then(|()| membarrier(MembarrierCommand::RegisterGlobalExpedited));
        // Of two threads at once, both may ask: the kernel minds that as little.
        STATE.store(if done.is_ok() { REGISTERED } else { REFUSED }, Ordering::Release);
    }
    Side { registered: STATE.load(Ordering::Acquire) == REGISTERED }
}

impl Side {
    /// The fast side.
    #[inline]
    pub fn light(self) {
        if self.registered {
            compiler_fence(Ordering::SeqCst);
        } else {
            fence(Ordering::SeqCst);
        }
    }

    /// The slow side, some microseconds. `false`: others may have run no fence; do not rely on being woken, but look
    /// again soon.
    pub fn heavy(self) -> bool {
        fence(Ordering::SeqCst);
        hit("membarrier").and_then(|()| membarrier(MembarrierCommand::GlobalExpedited)).is_ok()
    }
}

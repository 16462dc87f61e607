//! The fence between who goes to sleep and who would wake it: of *store, light, load* in one thread and *store, heavy,
//! load* in another, of any process, at least one load sees the other's store.
//!
//! Windows makes other processors run a fence for the threads of the caller's own process only, so both sides are real
//! ones.

use std::sync::atomic::{Ordering, fence};

/// This process' side of the fence.
#[derive(Debug, Clone, Copy)]
pub struct Side(());

/// There is nothing to prepare.
pub fn join() -> Side {
    Side(())
}

impl Side {
    /// The fast side.
    #[inline]
    pub fn light(self) {
        fence(Ordering::SeqCst);
    }

    /// The slow side. Always `true`: whoever runs `light` has run it.
    pub fn heavy(self) -> bool {
        fence(Ordering::SeqCst);
        true
    }
}

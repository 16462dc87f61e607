//! How long to look before sleeping.
//!
//! A wake-up across processors costs some tens of microseconds, a look some nanoseconds; so looking for about as long
//! as a wake-up costs at most doubles the cost of the worst case, and saves all of it in the best. Each thread learns:
//! where looking did not help it looks less the next time. One processor: never, for whoever would signal needs it.

use std::cell::Cell;
use std::sync::OnceLock;

/// Looks, at most; some tens of nanoseconds each.
const MOST: u32 = 1000;
/// Looks, at least, so that a thread notices when looking would help again.
const LEAST: u32 = 16;

thread_local! {
    static PATIENCE: Cell<u32> = const { Cell::new(MOST / 4) };
}

/// Calls `ready` until it is true, or until patience ends.
pub(super) fn until(mut ready: impl FnMut() -> bool) -> bool {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    let processors = *PROCESSORS.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from));
    if processors < 2 {
        return false;
    }
    PATIENCE.with(|patience| {
        let limit = patience.get();
        for _ in 0..limit {
            // Some pauses between looks leave the cache line to who is about to write it.
            for _ in 0..4 {
                std::hint::spin_loop();
            }
            if ready() {
                patience.set((limit * 2).min(MOST));
                return true;
            }
        }
        patience.set((limit / 2).max(LEAST));
        false
    })
}

//! This process and thread, and the clock.

use rustix::time::{ClockId, clock_gettime};

use super::call::export;
use super::types::{CURRENT_PROCESS, CURRENT_THREAD, HANDLE};

export! {
    /// The number of this process.
    fn GetCurrentProcessId() -> u32 {
        std::process::id()
    }

    /// The number of this thread.
    fn GetCurrentThreadId() -> u32 {
        rustix::thread::gettid().as_raw_nonzero().get().unsigned_abs()
    }

    /// The handle that means this process to whoever uses it. Needs not be closed.
    fn GetCurrentProcess() -> HANDLE {
        CURRENT_PROCESS
    }

    /// The same for the thread.
    fn GetCurrentThread() -> HANDLE {
        CURRENT_THREAD
    }

    /// Milliseconds since the machine was started, time asleep included; begins anew after 49.7 days.
    #[allow(clippy::cast_possible_truncation)] // as said
    fn GetTickCount() -> u32 {
        GetTickCount64() as u32
    }

    /// The same, without an end.
    fn GetTickCount64() -> u64 {
        let now = clock_gettime(ClockId::Boottime);
        now.tv_sec.unsigned_abs() * 1000 + now.tv_nsec.unsigned_abs() / 1_000_000
    }
}

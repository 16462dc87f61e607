//! An alert: a word of this process' own, on which whoever can be alerted sleeps beside its objects.

use std::sync::atomic::{AtomicU32, Ordering};

use rustix::time::ClockId;

use super::futex::{self, Place};
use super::machine::now;
use super::object::nanoseconds;
use crate::sys::{KernelAlert, Timeout};

const LOWERED: u32 = 0;
const RAISED: u32 = 1;

/// The Linux engine's alert. All that is done to it may be done in a signal handler.
#[derive(Debug, Default)]
pub struct Alert(AtomicU32);

impl Alert {
    /// Where to sleep as long as it is not raised.
    pub(super) fn place(&self) -> Place {
        Place { word: self.0.as_ptr().cast_const(), expected: LOWERED }
    }
}

impl KernelAlert for Alert {
    fn raise(&self) {
        // Who sleeps on it has seen it lowered, and the kernel sees that again: so the word goes first.
        if self.0.swap(RAISED, Ordering::SeqCst) == LOWERED {
            futex::wake(self.0.as_ptr(), u32::MAX >> 1);
        }
    }

    fn lower(&self) {
        self.0.store(LOWERED, Ordering::SeqCst);
    }

    fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst) == RAISED
    }

    fn sleep(&self, timeout: Timeout) -> bool {
        let end = match timeout {
            Timeout::Now => Some(0),
            Timeout::After(duration) => Some(now(ClockId::Monotonic).saturating_add(nanoseconds(duration))),
            Timeout::Never => None,
        };
        loop {
            if self.is_raised() {
                return true;
            }
            let now = now(ClockId::Monotonic);
            if end.is_some_and(|end| now >= end) {
                return false;
            }
            futex::sleep(&[self.place()], now, end);
        }
    }
}

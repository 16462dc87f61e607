//! Clocks, but for those that count milliseconds.

use std::time::{SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

use super::call::{call, export, succeeds};
use super::pointer::Out;
use super::types::BOOL;

/// Steps of the performance counter in a second, as on every Windows from 10 on.
const FREQUENCY: i64 = 10_000_000;
/// From 1601, where Windows' calendar begins, to 1970, in 100 ns.
const EPOCH: u64 = 116_444_736_000_000_000;

/// `FILETIME`: 100 ns since the beginning of 1601, in two halves.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct FileTime {
    low: u32,
    high: u32,
}

export! {
    /// 100 ns steps since the machine was started, time asleep included.
    fn QueryPerformanceCounter(count: Out<i64>) -> BOOL {
        succeeds(|| {
            let now = clock_gettime(ClockId::Boottime);
            count.required()?.write(now.tv_sec * FREQUENCY + now.tv_nsec / 100);
            Ok(())
        })
    }

    /// How many of them make a second.
    fn QueryPerformanceFrequency(frequency: Out<i64>) -> BOOL {
        succeeds(|| {
            frequency.required()?.write(FREQUENCY);
            Ok(())
        })
    }

    /// The time of day, in UTC.
    fn GetSystemTimeAsFileTime(time: Out<FileTime>) {
        call((), || {
            time.write(now());
            Ok(())
        });
    }

    /// The same: it is as exact as the clock.
    fn GetSystemTimePreciseAsFileTime(time: Out<FileTime>) {
        GetSystemTimeAsFileTime(time);
    }
}

#[allow(clippy::cast_possible_truncation)] // halves
fn now() -> FileTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let time = since.as_secs() * 10_000_000 + u64::from(since.subsec_nanos() / 100) + EPOCH;
    FileTime { low: time as u32, high: (time >> 32) as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_january_of_2000_is_where_windows_has_it() {
        let FileTime { low, high } = now();
        let seconds = ((u64::from(high) << 32) + u64::from(low)) / 10_000_000;
        // 125,911,584,000,000,000 is 2000-01-01 in Windows' count, 946,684,800 in Unix'.
        let expected = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - 946_684_800 + 12_591_158_400;
        assert!(expected - seconds <= 1);
    }
}

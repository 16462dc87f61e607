//! Clocks.

use std::time::{SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

use super::call::{call, export, succeeds};
use super::pointer::Out;
use super::types::BOOL;

/// Steps of the performance counter in a second, as on every Windows from 10 on.
const FREQUENCY: i64 = 10_000_000;
/// Windows counts time in units of 100 ns, and days from 1601 on.
pub(crate) const UNITS_PER_SECOND: u64 = 10_000_000;
pub(crate) const SECONDS_1601_TO_1970: u64 = 11_644_473_600;

/// `FILETIME`: 100 ns since the beginning of 1601, in two halves.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct FileTime {
    low: u32,
    high: u32,
}

export! {
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
    let time = file_time(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX));
    FileTime { low: time as u32, high: (time >> 32) as u32 }
}

/// Nanoseconds since 1970 as Windows counts time.
pub(crate) fn file_time(nanoseconds: u64) -> u64 {
    SECONDS_1601_TO_1970 * UNITS_PER_SECOND + nanoseconds / 100
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

//! Waitable timers. A completion routine goes to the thread that set it: `threads/queue.rs`.

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lasthandle::{Due, Timer};

use super::access;
use super::call::{call, export, export_named, succeeds};
use super::clock::{SECONDS_1601_TO_1970, UNITS_PER_SECOND};
use super::code::Code;
use super::named::{create, only, open};
use super::pointer::{Given, In};
use super::table;
use super::threads::{self, Argument, Routine, TimerRoutine};
use super::types::{BOOL, HANDLE, SecurityAttributes};

const MANUAL_RESET: u32 = 1;
/// All timers are as fine as the clock.
const HIGH_RESOLUTION: u32 = 2;
const ALL_ACCESS: u32 = 0x1F_0003;

export_named! {
    /// Creates a timer, or opens the one of that name (last error 183).
    fn CreateWaitableTimerA, CreateWaitableTimerW(attributes: In<SecurityAttributes>, manual: BOOL; name;) -> HANDLE {
        create_timer(attributes, if manual == 0 { 0 } else { MANUAL_RESET }, ALL_ACCESS, name)
    }

    /// The same, with the rights of the handle.
    fn CreateWaitableTimerExA, CreateWaitableTimerExW(attributes: In<SecurityAttributes>; name;
        flags: u32, access: u32) -> HANDLE {
        create_timer(attributes, flags, access, name)
    }

    /// Opens the timer of that name.
    fn OpenWaitableTimerA, OpenWaitableTimerW(access: u32, inherit: BOOL; name;) -> HANDLE {
        call(null_mut(), || open!(Timer::options(), access::sync(access), name, inherit))
    }
}

fn create_timer(attributes: In<SecurityAttributes>, flags: u32, access: u32, name: Result<Given, Code>) -> HANDLE {
    call(null_mut(), || {
        only(flags, MANUAL_RESET | HIGH_RESOLUTION)?;
        let options = Timer::options().manual_reset(flags & MANUAL_RESET != 0);
        create!(options, access::sync(access), name, attributes)
    })
}

export! {
    /// Arms a timer. `resume` is accepted and means nothing: nothing wakes a sleeping machine.
    fn SetWaitableTimer(
        timer: HANDLE,
        due: In<i64>,
        period: i32,
        routine: Option<TimerRoutine>,
        argument: *mut c_void,
        _resume: BOOL,
    ) -> BOOL {
        succeeds(|| arm(timer, due, period, routine, argument))
    }

    /// The same; the delay that would be tolerable is not used.
    fn SetWaitableTimerEx(
        timer: HANDLE,
        due: In<i64>,
        period: i32,
        routine: Option<TimerRoutine>,
        argument: *mut c_void,
        _wake_context: *mut c_void,
        _tolerable_delay: u32,
    ) -> BOOL {
        succeeds(|| arm(timer, due, period, routine, argument))
    }

    /// Stops a timer; its state stays.
    fn CancelWaitableTimer(timer: HANDLE) -> BOOL {
        succeeds(|| table::with(timer, |entry| Ok(entry.object.timer()?.cancel()?)))
    }
}

fn arm(
    timer: HANDLE,
    due: In<i64>,
    period: i32,
    routine: Option<TimerRoutine>,
    argument: *mut c_void,
) -> Result<(), Code> {
    let period = u64::try_from(period).map_err(|_| Code::INVALID_PARAMETER)?;
    let due = due.get().ok_or(Code::NOACCESS)?;
    let (due, period) = (when(due), Duration::from_millis(period));
    let Some(routine) = routine else {
        return table::with(timer, |entry| Ok(entry.object.timer()?.arm(due, period)?));
    };
    let entry = table::get(timer)?;
    let arming = entry.object.timer()?.arm_counted(due, period)?;
    let timer = Arc::downgrade(&entry);
    threads::arm(Routine::new(timer, arming, due, period, routine, Argument::of(argument)));
    Ok(())
}

/// Negative: so many units from now; else at that time of the wall clock.
fn when(due: i64) -> Due {
    let units = Duration::from_secs(due.unsigned_abs() / UNITS_PER_SECOND)
        + Duration::from_nanos(due.unsigned_abs() % UNITS_PER_SECOND * 100);
    if due < 0 {
        return Due::After(units);
    }
    let since_1970 = units.checked_sub(Duration::from_secs(SECONDS_1601_TO_1970));
    // What was due before 1970 was due.
    Due::At(SystemTime::UNIX_EPOCH + since_1970.unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_times_are_units_of_100_ns_from_now_or_from_1601() {
        assert_eq!(when(-1), Due::After(Duration::from_nanos(100)));
        assert_eq!(when(-15_000_000), Due::After(Duration::from_millis(1500)));
        assert_eq!(when(0), Due::At(SystemTime::UNIX_EPOCH));
        let a_day_in_2020 = 132_223_104_000_000_000;
        assert_eq!(when(a_day_in_2020), Due::At(SystemTime::UNIX_EPOCH + Duration::from_secs(1_577_836_800)));
        when(i64::MIN);
        when(i64::MAX);
    }
}

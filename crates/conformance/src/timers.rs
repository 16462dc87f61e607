//! Waitable timers: due in the past and to come, once and again, armed anew and stopped (semantics §7).
//!
//! A timer may come as late as it likes; how early, down to a tick of a coarse clock, is asserted.

use std::time::{Duration, Instant, SystemTime};

use lasthandle::Access;
use lasthandle::sys::{Disposition, Due, Kernel, State, Timeout, Waited};

use crate::case::{Case, Handle, ok, refused};
use crate::fixture::Fixture;
use crate::sync::{PATIENCE, QUIET, auto_event, manual_event, timer};

const HOUR: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_millis(60);
const ONCE: Duration = Duration::ZERO;
/// What a coarse clock may be early.
const TICK: Duration = Duration::from_millis(16);

const KINDS: [bool; 2] = [false, true];

const fn unarmed(manual: bool) -> State {
    State::Timer { manual: Some(manual), signaled: false, due: None }
}

const fn armed(manual: bool) -> State {
    State::Timer { manual: Some(manual), signaled: false, due: Some(HOUR) }
}

const fn due(manual: bool) -> State {
    State::Timer { manual: Some(manual), signaled: true, due: Some(Duration::ZERO) }
}

fn ago(time: Duration) -> Due {
    Due::At(SystemTime::now() - time)
}

fn arm<F: Fixture>(case: &Case<F>, timer: &Handle<F>, due: Due, period: Duration) {
    ok(case.kernel().arm(timer, due, period), "arm");
}

/// Waits for it and asserts that this took at least so long since `start`.
#[track_caller]
fn comes<F: Fixture>(case: &Case<F>, timer: &Handle<F>, start: Instant, least: Duration) {
    assert_eq!(ok(case.kernel().wait(&[timer], false, PATIENCE), "wait"), Waited::Signaled(0));
    let passed = start.elapsed();
    assert!(passed + TICK >= least, "it came after {passed:?}, before {least:?}");
}

/// A timer is not armed from the start, and signaled never.
pub fn a_timer_starts_unarmed<F: Fixture>(case: &Case<F>) {
    for manual in KINDS {
        let handle = case.nameless(&timer(manual));
        case.is(&handle, unarmed(manual));
        let waited = ok(case.kernel().wait(&[&handle], false, Timeout::After(QUIET)), "wait");
        assert_eq!(waited, Waited::TimedOut);
        ok(case.kernel().cancel(&handle), "cancel what is not armed");
        case.is(&handle, unarmed(manual));
    }
}

/// A create that meets a timer changes neither how it resets nor when it is due.
pub fn the_existing_timer_wins_entirely<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let first = case.sync(&name, &timer(true));
    arm(case, &first, ago(HOUR), ONCE);
    let (second, disposition) = ok(case.try_sync(Some(&name), &timer(false)), "create again");
    assert_eq!(disposition, Disposition::Opened);
    case.is(&second, due(true));
    arm(case, &second, Due::After(HOUR), ONCE);
    case.is(&first, armed(true));
}

/// Due now or in the past is signaled at once: a manual one stays so, an auto one until it is taken.
pub fn due_in_the_past_signals_at_once<F: Fixture>(case: &Case<F>) {
    for when in [Due::After(Duration::ZERO), ago(Duration::ZERO), ago(HOUR), Due::At(SystemTime::UNIX_EPOCH)] {
        let manual = case.nameless(&timer(true));
        arm(case, &manual, when, ONCE);
        for _ in 0..2 {
            case.is(&manual, due(true));
            case.takes(&manual);
        }
        let auto = case.nameless(&timer(false));
        arm(case, &auto, when, ONCE);
        case.is(&auto, due(false));
        case.takes(&auto);
        case.is(&auto, unarmed(false));
        case.takes_nothing(&auto);
    }
}

/// A relative timer comes not before its time.
pub fn a_relative_timer_comes_in_time<F: Fixture>(case: &Case<F>) {
    for manual in KINDS {
        let handle = case.nameless(&timer(manual));
        let start = Instant::now();
        arm(case, &handle, Due::After(SOON), ONCE);
        comes(case, &handle, start, SOON);
        case.is(&handle, if manual { due(true) } else { unarmed(false) });
    }
}

/// So does one with a time of the wall clock.
pub fn an_absolute_timer_comes_in_time<F: Fixture>(case: &Case<F>) {
    for manual in KINDS {
        let handle = case.nameless(&timer(manual));
        let start = Instant::now();
        arm(case, &handle, Due::At(SystemTime::now() + SOON), ONCE);
        comes(case, &handle, start, SOON);
        case.is(&handle, if manual { due(true) } else { unarmed(false) });
        arm(case, &handle, Due::At(SystemTime::now() + HOUR), ONCE);
        case.is(&handle, armed(manual));
    }
}

/// A periodic auto timer comes again and again; a wait takes one coming.
pub fn a_periodic_auto_timer_comes_again<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&timer(false));
    let start = Instant::now();
    arm(case, &handle, Due::After(SOON), SOON);
    for times in 1..=4 {
        comes(case, &handle, start, SOON * times);
    }
    ok(case.kernel().cancel(&handle), "cancel");
}

/// Periods that nobody waited for are one signal together; the next comes in its own time.
pub fn missed_periods_are_one_signal<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&timer(false));
    arm(case, &handle, ago(HOUR * 10), HOUR * 4);
    case.is(&handle, due(false));
    case.takes(&handle);
    case.is(&handle, armed(false));
    case.takes_nothing(&handle);
}

/// A periodic manual timer stays signaled from its first time on.
pub fn a_periodic_manual_timer_stays_set<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&timer(true));
    let start = Instant::now();
    arm(case, &handle, Due::After(SOON), HOUR);
    comes(case, &handle, start, SOON);
    for _ in 0..3 {
        case.is(&handle, due(true));
        case.takes(&handle);
    }
}

/// Arming anew makes it unsignaled until it is due, whatever it was.
pub fn arming_again_resets<F: Fixture>(case: &Case<F>) {
    for manual in KINDS {
        let handle = case.nameless(&timer(manual));
        for _ in 0..2 {
            arm(case, &handle, ago(HOUR), ONCE);
            case.is(&handle, due(manual));
            arm(case, &handle, Due::After(HOUR), ONCE);
            case.is(&handle, armed(manual));
            case.takes_nothing(&handle);
        }
        // The earlier time counts no more.
        arm(case, &handle, Due::After(SOON), SOON);
        arm(case, &handle, Due::After(HOUR), ONCE);
        let waited = ok(case.kernel().wait(&[&handle], false, Timeout::After(SOON * 2)), "wait");
        assert_eq!(waited, Waited::TimedOut);
        case.is(&handle, armed(manual));
    }
}

/// Stopping keeps the state: signaled stays so, and what is not due never comes.
pub fn a_cancel_keeps_the_state<F: Fixture>(case: &Case<F>) {
    for manual in KINDS {
        for period in [ONCE, SOON] {
            let handle = case.nameless(&timer(manual));
            arm(case, &handle, ago(HOUR), period);
            for _ in 0..2 {
                ok(case.kernel().cancel(&handle), "cancel");
                case.is(&handle, due(manual));
            }
            case.takes(&handle);
            case.is(&handle, if manual { due(true) } else { unarmed(false) });
            arm(case, &handle, Due::After(SOON), period);
            ok(case.kernel().cancel(&handle), "cancel");
            case.is(&handle, unarmed(manual));
            let waited = ok(case.kernel().wait(&[&handle], false, Timeout::After(SOON * 2)), "wait");
            assert_eq!(waited, Waited::TimedOut);
            case.is(&handle, unarmed(manual));
        }
    }
}

/// Who sleeps until a far time goes when the timer is armed for a near one.
pub fn arming_again_wakes_who_waits<F: Fixture>(case: &Case<F>) {
    for near in [Due::After(Duration::ZERO), Due::After(SOON), ago(HOUR)] {
        let handle = case.nameless(&timer(false));
        arm(case, &handle, Due::After(HOUR), ONCE);
        case.crew(|crew| {
            crew.waits(&[&handle], false);
            crew.stays();
            arm(case, &handle, near, ONCE);
            assert_eq!(crew.comes_back().1, Waited::Signaled(0));
        });
        case.is(&handle, unarmed(false));
    }
}

/// Who waits for a timer that nobody has armed goes when somebody does.
pub fn arming_wakes_who_waits<F: Fixture>(case: &Case<F>) {
    let (handle, event) = (case.nameless(&timer(false)), case.nameless(&auto_event()));
    case.crew(|crew| {
        crew.waits(&[&event, &handle], false);
        crew.stays();
        arm(case, &handle, Due::After(SOON), ONCE);
        assert_eq!(crew.comes_back().1, Waited::Signaled(1));
    });
}

/// An auto timer lets one go at a time, a manual one all.
pub fn how_many_a_timer_lets_go<F: Fixture>(case: &Case<F>) {
    let auto = case.nameless(&timer(false));
    case.crew(|crew| {
        for _ in 0..3 {
            crew.waits(&[&auto], false);
        }
        for _ in 0..3 {
            crew.stays();
            arm(case, &auto, Due::After(SOON), ONCE);
            crew.comes_back();
        }
    });
    let manual = case.nameless(&timer(true));
    case.crew(|crew| {
        for _ in 0..3 {
            crew.waits(&[&manual], false);
        }
        crew.stays();
        arm(case, &manual, Due::After(SOON), ONCE);
        for _ in 0..3 {
            crew.comes_back();
        }
    });
    case.is(&manual, due(true));
}

/// A timer is one of any, and one of all.
pub fn a_timer_among_others<F: Fixture>(case: &Case<F>) {
    let (handle, event) = (case.nameless(&timer(false)), case.nameless(&manual_event()));
    let start = Instant::now();
    arm(case, &handle, Due::After(SOON), ONCE);
    let any = ok(case.kernel().wait(&[&event, &handle], false, PATIENCE), "wait for any");
    assert_eq!(any, Waited::Signaled(1));
    assert!(start.elapsed() + TICK >= SOON);
    arm(case, &handle, Due::After(SOON), ONCE);
    case.crew(|crew| {
        crew.waits(&[&handle, &event], true);
        std::thread::sleep(SOON * 2);
        crew.stays();
        case.is(&handle, due(false));
        ok(case.kernel().set(&event), "set");
        assert_eq!(crew.comes_back().1, Waited::Signaled(0));
    });
    case.is(&handle, unarmed(false));
    let start = Instant::now();
    arm(case, &handle, Due::After(SOON), ONCE);
    assert_eq!(ok(case.kernel().wait(&[&event, &handle], true, PATIENCE), "wait for all"), Waited::Signaled(0));
    assert!(start.elapsed() + TICK >= SOON);
    case.is(&handle, unarmed(false));
}

/// A time beyond all time is never.
pub fn a_far_time_never_comes<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&timer(false));
    for far in [Duration::from_millis(u64::MAX), Duration::MAX, Duration::from_secs(1 << 40)] {
        arm(case, &handle, Due::After(far), ONCE);
        case.is(&handle, armed(false));
        case.takes_nothing(&handle);
    }
}

/// Arming and stopping need the right to modify.
pub fn a_timer_without_the_right_stays<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&timer(true));
    for access in [Access::NONE, Access::SYNCHRONIZE, Access::QUERY | Access::SYNCHRONIZE] {
        let weak = case.with_rights(&handle, access);
        refused(5, "arm", case.kernel().arm(&weak, Due::After(Duration::ZERO), ONCE));
        case.is(&handle, unarmed(true));
    }
    let strong = case.with_rights(&handle, Access::MODIFY);
    arm(case, &strong, Due::After(HOUR), ONCE);
    case.is(&handle, armed(true));
    let weak = case.with_rights(&handle, Access::SYNCHRONIZE);
    refused(5, "cancel", case.kernel().cancel(&weak));
    case.is(&handle, armed(true));
    ok(case.kernel().cancel(&strong), "cancel");
    case.is(&handle, unarmed(true));
}

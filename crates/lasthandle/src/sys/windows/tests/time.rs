//! Timeouts and timers.

use std::time::{Duration, Instant, SystemTime};

use super::*;
use crate::sys::{Due, Inventory};

const SOON: Duration = Duration::from_millis(60);
const LONG: Duration = Duration::from_secs(3600);

/// A tick of Windows' clock: a timer may be due that much early by the finer clock that tests measure with.
const TICK: Duration = Duration::from_millis(16);

fn arm(timer: &Handle, due: Due) {
    Windows.arm(timer, due, Duration::ZERO).unwrap();
}

#[track_caller]
fn assert_timer(timer: &Handle, signaled: bool, armed: bool) {
    let Some(State::Timer { signaled: found, due, .. }) = state(timer) else { panic!("our own timer") };
    assert_eq!((found, due.is_some()), (signaled, armed), "{due:?}");
}

#[test]
fn a_wait_is_never_too_short() {
    let event = sync(None, &EVENT);
    let other = sync(None, &EVENT);
    for micros in [1, 999, 1001, 15_600, 40_001] {
        let timeout = Timeout::After(Duration::from_micros(micros));
        let least = |wait: &dyn Fn() -> Result<Waited>| {
            let start = Instant::now();
            assert_eq!(wait().unwrap(), Waited::TimedOut);
            assert!(start.elapsed() >= Duration::from_micros(micros), "{:?}", start.elapsed());
        };
        least(&|| Windows.wait(&[&event], false, timeout));
        least(&|| Windows.wait(&[&event, &other], true, timeout));
        least(&|| Windows.signal_and_wait(&other, &event, timeout));
        Windows.reset(&other).unwrap();
    }
}

#[test]
fn a_wait_may_be_longer_than_windows_can_count() {
    let event = sync(None, &EVENT);
    for timeout in [Duration::from_millis(u64::from(u32::MAX)), Duration::from_millis(u64::MAX), Duration::MAX] {
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| Windows.wait(&[&event], false, Timeout::After(timeout)).unwrap());
            std::thread::sleep(Duration::from_millis(30));
            assert!(!waiter.is_finished(), "{timeout:?}");
            Windows.set(&event).unwrap();
            assert_eq!(waiter.join().unwrap(), Waited::Signaled(0));
        });
    }
}

#[test]
fn a_timer_is_due_after_a_while_or_at_a_time() {
    for due in [|| Due::After(SOON), || Due::At(SystemTime::now() + SOON)] {
        let timer = sync(None, &TIMER);
        let start = Instant::now();
        arm(&timer, due());
        assert_timer(&timer, false, true);
        let far = Timeout::After(LONG);
        assert_eq!(Windows.wait(&[&timer], false, far).unwrap(), Waited::Signaled(0));
        assert!(start.elapsed() + TICK >= SOON, "{:?}", start.elapsed());
        assert_timer(&timer, false, false);
    }
}

#[test]
fn a_due_time_that_has_passed_signals_at_once() {
    let timer = sync(None, &TIMER);
    let times = [SystemTime::now(), SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH - LONG];
    for due in times.map(Due::At).into_iter().chain([Due::After(Duration::ZERO)]) {
        arm(&timer, due);
        assert_timer(&timer, true, false);
        assert_eq!(try_wait(&timer), Waited::Signaled(0), "{due:?}");
        assert_eq!(try_wait(&timer), Waited::TimedOut);
    }
}

#[test]
fn a_manual_timer_stays_signaled_until_it_is_armed_anew() {
    let timer = sync(None, &Spec::Timer { manual: true });
    assert_timer(&timer, false, false);
    arm(&timer, Due::After(Duration::ZERO));
    assert_eq!(try_wait(&timer), Waited::Signaled(0));
    Windows.cancel(&timer).unwrap();
    assert_timer(&timer, true, false);
    arm(&timer, Due::After(LONG));
    assert_timer(&timer, false, true);
    let Some(State::Timer { manual: Some(true), due: Some(due), .. }) = state(&timer) else { panic!("armed") };
    assert!(due <= LONG && due + Duration::from_secs(600) > LONG, "{due:?}");
}

#[test]
fn a_cancelled_timer_is_never_due() {
    let timer = sync(None, &TIMER);
    arm(&timer, Due::After(SOON));
    Windows.cancel(&timer).unwrap();
    let late = Windows.wait(&[&timer], false, Timeout::After(2 * SOON)).unwrap();
    assert_eq!(late, Waited::TimedOut);
    assert_timer(&timer, false, false);
}

#[test]
fn a_period_is_counted_in_whole_milliseconds() {
    let timer = sync(None, &TIMER);
    let after = Due::After(Duration::ZERO);
    Windows.arm(&timer, after, Duration::from_nanos(1)).unwrap();
    for _ in 0..3 {
        assert_eq!(Windows.wait(&[&timer], false, Timeout::After(LONG)).unwrap(), Waited::Signaled(0));
    }
    arm(&timer, Due::After(LONG));
    let most = Duration::from_millis(i32::MAX.unsigned_abs().into());
    Windows.arm(&timer, after, most).unwrap();
    let too_long = Windows.arm(&timer, Due::After(LONG), most + Duration::from_nanos(1));
    assert_fails(too_long, ErrorKind::InvalidParameter, 87);
    assert_eq!(try_wait(&timer), Waited::Signaled(0), "what was refused has not reset it");
}

#[test]
fn times_past_the_end_of_counting_are_far_away() {
    let timer = sync(None, &TIMER);
    arm(&timer, Due::After(Duration::MAX));
    assert_eq!(try_wait(&timer), Waited::TimedOut);
    assert_timer(&timer, false, true);
}

#[test]
fn only_the_creator_knows_whether_a_timer_resets_itself() {
    let name = name("manual");
    let timer = sync(Some(&name), &TIMER);
    let copy = Windows.duplicate(&timer, None, false).unwrap();
    assert!(matches!(state(&copy), Some(State::Timer { manual: Some(false), .. })));
    let opened = Windows.open(Kind::Timer, &name, Access::SYNC_ALL, false).unwrap();
    assert_eq!(state(&opened), Some(State::Timer { manual: None, signaled: false, due: None }));
    assert_eq!(Windows.inspect(&name).unwrap().info.unwrap().state, state(&opened));
}

//! Alerts, and the program's own queued calls.
//!
//! # Safety
//! Queued functions use what belongs to their own thread; handles of threads are of threads that run.
#![allow(unsafe_code)]
#![allow(clippy::missing_const_for_thread_local, reason = "they are const: a false alarm on Windows' GNU targets")]

use std::cell::Cell;
use std::time::{Duration, Instant};

use windows_sys::Win32::System::Threading::{GetCurrentThread, QueueUserAPC, SleepEx};

use super::*;
use crate::sys::KernelAlert;
use crate::sys::windows::Alert;

fn auto_event() -> Handle {
    sync(None, &Spec::Event { manual: false, signaled: false })
}

/// Whether a call is queued to this thread. It runs.
fn something_is_queued() -> bool {
    // SAFETY: has no preconditions.
    unsafe { SleepEx(0, 1) != 0 }
}

#[test]
fn no_call_stays_queued_when_signal_and_alert_come_together() {
    let event = auto_event();
    for _ in 0..200 {
        let alert = Alert::default();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                Windows.set(&event).unwrap();
                alert.raise();
            });
            let waited = Windows.wait_alertable(&[&event], false, Timeout::Never, &alert).unwrap();
            assert_eq!(waited, Some(Waited::Signaled(0)));
        });
        assert!(!something_is_queued(), "the program's next alertable wait would end for nothing");
    }
}

thread_local! {
    static RAN: Cell<usize> = const { Cell::new(0) };
}

unsafe extern "system" fn count(argument: usize) {
    RAN.set(RAN.get() + argument);
}

#[test]
fn a_call_of_the_programs_own_runs_and_the_wait_goes_on() {
    let (event, alert) = (auto_event(), Alert::default());
    // SAFETY: has no preconditions.
    let this = unsafe { GetCurrentThread() };
    for argument in [3, 4] {
        // SAFETY: this thread, and a function that may run in it.
        assert_ne!(unsafe { QueueUserAPC(Some(count), this, argument) }, 0);
    }
    let begun = Instant::now();
    let time = Duration::from_millis(40);
    let waited = Windows.wait_alertable(&[&event], false, Timeout::After(time), &alert).unwrap();
    assert_eq!((waited, RAN.get()), (Some(Waited::TimedOut), 7));
    assert!(begun.elapsed() >= time);
}

//! How soon a signal wakes who sleeps: long before it would look by itself.
//!
//! A kernel that loses a wake-up may still come to the right end, late: on Linux a sleeper looks again after half a
//! second. So here time has an upper bound, a quarter of a second, for the median of some trials: a machine that is busy
//! may be late once, and what is lost is late every time.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use lasthandle::sys::{Due, Kernel, Spec, Timeout, Waited};

use crate::case::{Case, File, Handle, ok};
use crate::fixture::Fixture;
use crate::sync::{PATIENCE, auto_event, manual_event, semaphore, timer};

const SOON: Duration = Duration::from_millis(250);
const TRIALS: usize = 5;

/// How long the waiter is given to fall asleep.
const NAP: Duration = Duration::from_millis(20);

/// Everything that lets a waiter go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    SetAuto,
    SetManual,
    PulseAuto,
    PulseManual,
    SetAndReset,
    ReleaseSemaphore,
    ReleaseMutex,
    /// The thread that owns the mutex ends.
    Abandon,
    /// To a time that is past.
    ArmAuto,
    /// To a time that comes, earlier than the one that it slept until.
    ArmManual,
}

const SIGNALS: [Signal; 10] = [
    Signal::SetAuto,
    Signal::SetManual,
    Signal::PulseAuto,
    Signal::PulseManual,
    Signal::SetAndReset,
    Signal::ReleaseSemaphore,
    Signal::ReleaseMutex,
    Signal::Abandon,
    Signal::ArmAuto,
    Signal::ArmManual,
];

impl Signal {
    /// An object that it raises, and that is unsignaled until then.
    fn spec<'a, T>(self) -> Spec<'a, T> {
        match self {
            Self::SetAuto | Self::PulseAuto => auto_event(),
            Self::SetManual | Self::PulseManual | Self::SetAndReset => manual_event(),
            Self::ReleaseSemaphore => semaphore(0, 1),
            Self::ReleaseMutex => Spec::Mutex { owned: true },
            Self::Abandon => Spec::Mutex { owned: false },
            Self::ArmAuto => timer(false),
            Self::ArmManual => timer(true),
        }
    }

    /// It is over so soon that a wait for all may miss it.
    fn is_fleeting(self) -> bool {
        matches!(self, Self::PulseAuto | Self::PulseManual | Self::SetAndReset)
    }

    #[track_caller]
    fn send<F: Fixture>(self, case: &Case<F>, object: &Handle<F>) {
        let kernel = case.kernel();
        let arm = |after| ok(kernel.arm(object, Due::After(after), Duration::ZERO), "arm");
        match self {
            Self::SetAuto | Self::SetManual => ok(kernel.set(object), "set"),
            Self::PulseAuto | Self::PulseManual => ok(kernel.pulse(object), "pulse"),
            Self::SetAndReset => {
                ok(kernel.set(object), "set");
                ok(kernel.reset(object), "reset");
            }
            Self::ReleaseSemaphore => assert_eq!(ok(kernel.release_semaphore(object, 1), "release"), 0),
            Self::ReleaseMutex => ok(kernel.release_mutex(object), "release"),
            Self::Abandon => unreachable!("its owner does that"),
            Self::ArmAuto => arm(Duration::ZERO),
            Self::ArmManual => arm(Duration::from_millis(1)),
        }
    }

    /// Makes the object, has `wait` sleep on it, and tells how long after the signal that was over.
    fn wakes<F: Fixture>(self, case: &Case<F>, wait: impl FnOnce(&Handle<F>) -> Waited + Send) -> Duration {
        let object = case.nameless(&self.spec::<File<F>>());
        if self == Self::ArmManual {
            ok(case.kernel().arm(&object, Due::After(Duration::from_secs(3600)), Duration::ZERO), "arm");
        }
        let (ready, is_ready) = channel();
        let (end, ends) = channel::<()>();
        std::thread::scope(|scope| {
            let owner = (self == Self::Abandon).then(|| {
                let object = &object;
                scope.spawn(move || {
                    case.takes(object);
                    ready.send(()).expect("somebody listens");
                    let _ = ends.recv();
                })
            });
            if owner.is_some() {
                is_ready.recv().expect("it owns the mutex");
            }
            let (tell, told) = channel();
            let object = &object;
            scope.spawn(move || tell.send((wait(object), Instant::now())));
            std::thread::sleep(NAP);
            let begun = Instant::now();
            match owner {
                Some(_) => drop(end),
                None => self.send(case, object),
            }
            let (waited, woken) = loop {
                match told.recv_timeout(SOON) {
                    Ok(told) => break told,
                    // Who had not fallen asleep yet has missed it: late, but not lost.
                    Err(RecvTimeoutError::Timeout) if self.is_fleeting() => self.send(case, object),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => panic!("{self:?}: the wait failed"),
                }
            };
            assert_ne!(waited, Waited::TimedOut, "{self:?}: nobody was woken");
            woken.saturating_duration_since(begun)
        })
    }
}

/// Each signal, several times; `wait` sleeps on the object of each.
fn each_is_prompt<F: Fixture>(
    case: &Case<F>,
    signals: impl Iterator<Item = Signal>,
    wait: impl Fn(&Handle<F>) -> Waited + Sync,
) {
    for signal in signals {
        let mut times: Vec<Duration> = (0..TRIALS).map(|_| signal.wakes(case, &wait)).collect();
        times.sort_unstable();
        assert!(times[TRIALS / 2] < SOON, "{signal:?} wakes late: {times:?}");
    }
}

fn wait<F: Fixture>(case: &Case<F>, objects: &[&Handle<F>], all: bool) -> Waited {
    ok(case.kernel().wait(objects, all, PATIENCE), "wait")
}

/// Asleep on one object.
pub fn one_wakes_soon<F: Fixture>(case: &Case<F>) {
    each_is_prompt(case, SIGNALS.into_iter(), |object| wait(case, &[object], false));
}

/// Asleep on one object, without end.
pub fn one_without_end_wakes_soon<F: Fixture>(case: &Case<F>) {
    let signals = SIGNALS.into_iter().filter(|signal| !signal.is_fleeting());
    each_is_prompt(case, signals, |object| ok(case.kernel().wait(&[object], false, Timeout::Never), "wait"));
}

/// Asleep on three, of which the one in the middle is signaled.
pub fn any_of_three_wakes_soon<F: Fixture>(case: &Case<F>) {
    let (first, last) = (case.nameless(&auto_event()), case.nameless(&semaphore(0, 1)));
    each_is_prompt(case, SIGNALS.into_iter(), |object| wait(case, &[&first, object, &last], false));
}

/// Asleep on two, of which the other one is signaled already.
pub fn all_of_two_wakes_soon<F: Fixture>(case: &Case<F>) {
    let other = case.nameless(&crate::sync::event(true, true));
    for first in [true, false] {
        let signals = SIGNALS.into_iter().filter(|signal| !signal.is_fleeting());
        each_is_prompt(case, signals, |object| {
            wait(case, &if first { [object, &other] } else { [&other, object] }, true)
        });
    }
}

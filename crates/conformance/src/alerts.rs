//! Waits that another thread ends: before, during and after; what is signaled goes first.

use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use lasthandle::Access;
use lasthandle::sys::{Due, Kernel, KernelAlert, State, Timeout, Waited};

use crate::case::{Case, Handle, SIZE, memory, ok, refused};
use crate::fixture::Fixture;
use crate::sync::{FREE, PATIENCE, QUIET, auto_event, event, free_mutex, semaphore, timer};

type Alert<F> = <<F as Fixture>::Kernel as Kernel>::Alert;

const SET: State = State::Event { manual: false, signaled: true };
const UNSET: State = State::Event { manual: false, signaled: false };
const MINE: State = State::Mutex { count: 1, abandoned: false, mine: true };

/// Long before a wait looks by itself.
const SOON: Duration = Duration::from_millis(250);
const TRIALS: usize = 5;

const TIMEOUTS: [Timeout; 4] = [Timeout::Now, Timeout::After(Duration::ZERO), PATIENCE, Timeout::Never];

/// The kinds of waits.
#[derive(Debug, Clone, Copy)]
enum Form {
    One,
    Any,
    All,
    Handover,
}

const FORMS: [Form; 4] = [Form::One, Form::Any, Form::All, Form::Handover];

/// What waits of every form need besides the object that they are about.
struct Scene<F: Fixture> {
    /// Signaled, and stays so.
    set: Handle<F>,
    /// Never signaled.
    unset: Handle<F>,
    /// What is signaled by the way.
    signal: Handle<F>,
    alert: Alert<F>,
}

impl<F: Fixture> Scene<F> {
    fn new(case: &Case<F>) -> Self {
        let set = case.nameless(&event(true, true));
        let (unset, signal) = (case.nameless(&auto_event()), case.nameless(&event(true, false)));
        Self { set, unset, signal, alert: Alert::<F>::default() }
    }

    /// Waits for the object, alertably.
    fn wait(&self, case: &Case<F>, form: Form, object: &Handle<F>, timeout: Timeout) -> Option<Waited> {
        let (kernel, alert) = (case.kernel(), &self.alert);
        let waited = match form {
            Form::One => kernel.wait_alertable(&[object], false, timeout, alert),
            Form::Any => kernel.wait_alertable(&[&self.unset, object], false, timeout, alert),
            Form::All => kernel.wait_alertable(&[object, &self.set], true, timeout, alert),
            Form::Handover => kernel.signal_and_wait_alertable(&self.signal, object, timeout, alert),
        };
        ok(waited, "an alertable wait")
    }

    /// How such a wait says that it was this object.
    fn index(form: Form) -> usize {
        usize::from(matches!(form, Form::Any))
    }
}

/// Once raised an alert ends every wait at once, of whatever length, and takes nothing; until it is lowered.
pub fn a_raised_alert_ends_every_wait<F: Fixture>(case: &Case<F>) {
    let (scene, object) = (Scene::new(case), case.nameless(&auto_event()));
    assert!(!scene.alert.is_raised());
    for form in FORMS {
        for timeout in TIMEOUTS {
            scene.alert.raise();
            scene.alert.raise();
            assert!(scene.alert.is_raised());
            assert_eq!(scene.wait(case, form, &object, timeout), None, "{form:?} {timeout:?}");
            assert_eq!(scene.wait(case, form, &object, timeout), None, "it stays raised");
            scene.alert.lower();
            assert_eq!(scene.wait(case, form, &object, Timeout::Now), Some(Waited::TimedOut));
        }
    }
    case.is(&scene.set, State::Event { manual: true, signaled: true });
    case.is(&object, UNSET);
    for timeout in TIMEOUTS {
        scene.alert.raise();
        assert!(scene.alert.sleep(timeout));
        scene.alert.lower();
    }
    assert!(!scene.alert.sleep(Timeout::Now));
}

/// What is signaled is taken, raised alert or not.
pub fn what_is_signaled_goes_before_an_alert<F: Fixture>(case: &Case<F>) {
    let scene = Scene::new(case);
    scene.alert.raise();
    for form in FORMS {
        for timeout in TIMEOUTS {
            let took = Some(Waited::Signaled(Scene::<F>::index(form)));
            let object = case.nameless(&event(false, true));
            assert_eq!(scene.wait(case, form, &object, timeout), took, "{form:?} {timeout:?}");
            case.is(&object, UNSET);
            let counted = case.nameless(&semaphore(1, 1));
            assert_eq!(scene.wait(case, form, &counted, timeout), took);
            let mutex = case.nameless(&free_mutex());
            assert_eq!(scene.wait(case, form, &mutex, timeout), took);
            case.is(&mutex, MINE);
            assert_eq!(scene.wait(case, form, &mutex, timeout), took, "one's own");
            let due = case.nameless(&timer(false));
            ok(case.kernel().arm(&due, Due::After(Duration::ZERO), Duration::ZERO), "arm");
            assert_eq!(scene.wait(case, form, &due, timeout), took);
        }
        let left = case.nameless(&free_mutex());
        case.elsewhere(|| case.takes(&left));
        let index = if matches!(form, Form::All) { 0 } else { Scene::<F>::index(form) };
        assert_eq!(scene.wait(case, form, &left, Timeout::Now), Some(Waited::Abandoned(index)));
    }
}

/// Something that waits in a thread of its own; how that ended, and when.
fn beside<R: Send>(wait: impl FnOnce() -> R + Send, meanwhile: impl FnOnce(&Receiver<(R, Instant)>)) -> (R, Instant) {
    thread::scope(|scope| {
        let (tell, told) = channel();
        scope.spawn(move || {
            let waited = wait();
            let _ = tell.send((waited, Instant::now()));
        });
        meanwhile(&told);
        told.recv_timeout(Duration::from_secs(30)).expect("it has ended")
    })
}

/// An alert that is raised while a wait sleeps ends it, soon.
pub fn an_alert_wakes_soon<F: Fixture>(case: &Case<F>) {
    for form in FORMS {
        for timeout in [PATIENCE, Timeout::Never] {
            for object in [case.nameless(&auto_event()), case.nameless(&timer(true)), case.nameless(&semaphore(0, 1))] {
                let mut times: Vec<Duration> =
                    (0..TRIALS).map(|_| alerted_after(case, form, &object, timeout)).collect();
                times.sort_unstable();
                assert!(times[TRIALS / 2] < SOON, "{form:?} {timeout:?} wakes late: {times:?}");
            }
        }
    }
    let alert = Alert::<F>::default();
    for timeout in [PATIENCE, Timeout::Never] {
        let mut begun = Instant::now();
        let raise = |_: &_| {
            thread::sleep(Duration::from_millis(20));
            begun = Instant::now();
            alert.raise();
        };
        let (raised, ended) = beside(|| alert.sleep(timeout), raise);
        assert!(raised && ended.saturating_duration_since(begun) < Duration::from_secs(5));
        alert.lower();
    }
}

fn alerted_after<F: Fixture>(case: &Case<F>, form: Form, object: &Handle<F>, timeout: Timeout) -> Duration {
    let scene = Scene::new(case);
    let mut begun = Instant::now();
    let raise = |_: &_| {
        thread::sleep(Duration::from_millis(10));
        begun = Instant::now();
        scene.alert.raise();
    };
    let (waited, ended) = beside(|| scene.wait(case, form, object, timeout), raise);
    assert_eq!(waited, None);
    ended.saturating_duration_since(begun)
}

/// One alert ends the waits of all threads that it was given to, and no others.
pub fn an_alert_is_for_all_who_have_it<F: Fixture>(case: &Case<F>) {
    let (scene, mutex) = (Scene::new(case), case.nameless(&free_mutex()));
    case.takes(&mutex);
    let (bystander, objects) =
        (case.nameless(&auto_event()), [case.nameless(&auto_event()), case.nameless(&timer(true))]);
    case.crew(|crew| {
        crew.waits(&[&bystander], false);
        thread::scope(|scope| {
            let waiting: Vec<_> = FORMS
                .into_iter()
                .flat_map(|form| objects.iter().chain([&mutex]).map(move |object| (form, object)))
                .map(|(form, object)| {
                    scope.spawn({
                        let scene = &scene;
                        move || scene.wait(case, form, object, PATIENCE)
                    })
                })
                .collect();
            thread::sleep(QUIET);
            assert!(waiting.iter().all(|thread| !thread.is_finished()), "nobody has raised it");
            scene.alert.raise();
            for thread in waiting {
                assert_eq!(thread.join().expect("no panic"), None);
            }
        });
        crew.stays();
        ok(case.kernel().set(&bystander), "set");
        assert_eq!(crew.comes_back().1, Waited::Signaled(0));
    });
    ok(case.kernel().release_mutex(&mutex), "release");
    case.is(&mutex, FREE);
}

/// A signal, and then the alert: whoever sleeps is let go by the signal.
pub fn a_signal_before_the_alert_wins<F: Fixture>(case: &Case<F>) {
    for form in FORMS {
        for round in 0..40 {
            let (scene, object) = (Scene::new(case), case.nameless(&auto_event()));
            let signal = |_: &_| {
                if round % 2 == 0 {
                    thread::sleep(Duration::from_millis(2));
                }
                ok(case.kernel().set(&object), "set");
                scene.alert.raise();
            };
            let (waited, _) = beside(|| scene.wait(case, form, &object, PATIENCE), signal);
            assert_eq!(waited, Some(Waited::Signaled(Scene::<F>::index(form))), "{form:?}");
            case.is(&object, UNSET);
        }
    }
}

/// A signal that meets one who is alerted lets another one go: none is lost.
pub fn an_alerted_wait_keeps_no_signal<F: Fixture>(case: &Case<F>) {
    for form in FORMS {
        for _ in 0..40 {
            let (scene, object) = (Scene::new(case), case.nameless(&auto_event()));
            case.crew(|crew| {
                let alerted = |_: &_| {
                    crew.waits(&[&object], false);
                    thread::sleep(Duration::from_millis(1));
                    thread::scope(|threads| {
                        threads.spawn(|| scene.alert.raise());
                        ok(case.kernel().set(&object), "set");
                    });
                };
                let (waited, _) = beside(|| scene.wait(case, form, &object, PATIENCE), alerted);
                if waited.is_some() {
                    ok(case.kernel().set(&object), "set again");
                }
                assert_eq!(crew.comes_back().1, Waited::Signaled(0), "after {waited:?} by {form:?}");
            });
            case.is(&object, UNSET);
        }
    }
}

/// Until it is alerted such a wait is a wait like any other: its time, what it takes, what it refuses.
pub fn an_alertable_wait_is_a_wait<F: Fixture>(case: &Case<F>) {
    let (scene, object) = (Scene::new(case), case.nameless(&auto_event()));
    for form in FORMS {
        for length in [Duration::ZERO, Duration::from_micros(50), Duration::from_millis(30)] {
            let start = Instant::now();
            assert_eq!(scene.wait(case, form, &object, Timeout::After(length)), Some(Waited::TimedOut));
            // A clock that ticks in 15.6 ms may be that much early.
            assert!(start.elapsed() + Duration::from_millis(16) >= length, "{form:?} {length:?}");
        }
        let set = |_: &_| {
            thread::sleep(Duration::from_millis(5));
            ok(case.kernel().set(&object), "set");
        };
        let (waited, _) = beside(|| scene.wait(case, form, &object, PATIENCE), set);
        assert_eq!(waited, Some(Waited::Signaled(Scene::<F>::index(form))));
    }
    let start = Instant::now();
    assert!(!scene.alert.sleep(Timeout::After(Duration::from_millis(30))));
    assert!(start.elapsed() >= Duration::from_millis(30));
    let (kernel, section) = (case.kernel(), case.unnamed(memory(SIZE)));
    let weak = case.with_rights(&object, Access::MODIFY);
    for raised in [false, true] {
        if raised {
            scene.alert.raise();
        }
        let wait = |list: &[&Handle<F>], all| kernel.wait_alertable(list, all, Timeout::Now, &scene.alert);
        refused(87, "nothing", wait(&[], false));
        refused(87, "too much", wait(&[&object; 65], false));
        refused(87, "all of one twice", wait(&[&object, &object], true));
        refused(5, "a section", wait(&[&section], false));
        refused(5, "without the right", wait(&[&weak], false));
        let full = case.nameless(&semaphore(1, 1));
        let handover = |signal, other| kernel.signal_and_wait_alertable(signal, other, Timeout::Now, &scene.alert);
        refused(298, "a full semaphore", handover(&full, &object));
        refused(5, "a section", handover(&object, &section));
        case.is(&object, UNSET);
    }
    assert_eq!(ok(kernel.signal_and_wait_alertable(&object, &scene.unset, PATIENCE, &scene.alert), "hand over"), None);
    case.is(&object, SET);
}

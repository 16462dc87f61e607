//! Signal-and-wait: what is signaled, what is waited for, and what happens if one of both cannot be (semantics §5).

use lasthandle::Access;
use lasthandle::sys::{Kernel, State, Timeout, Waited};

use crate::case::{Case, Handle, SIZE, memory, ok, refused};
use crate::fixture::Fixture;
use crate::sync::{FREE, PATIENCE, QUIET, auto_event, event, free_mutex, semaphore, timer};

const SET: State = State::Event { manual: false, signaled: true };
const UNSET: State = State::Event { manual: false, signaled: false };
const MINE: State = State::Mutex { count: 1, abandoned: false, mine: true };

/// Signal-and-wait signals the first, whatever it is, and waits for the second; if that times out, the first stays
/// signaled.
pub fn a_signal_stays_though_the_wait_times_out<F: Fixture>(case: &Case<F>) {
    let (kernel, unset) = (case.kernel(), case.nameless(&auto_event()));
    let and_wait = |signal| ok(kernel.signal_and_wait(signal, &unset, Timeout::Now), "signal and wait");
    let event = case.nameless(&auto_event());
    assert_eq!(and_wait(&event), Waited::TimedOut);
    case.is(&event, SET);
    let counted = case.nameless(&semaphore(0, 2));
    for count in 1..=2 {
        assert_eq!(and_wait(&counted), Waited::TimedOut);
        case.is(&counted, State::Semaphore { count, maximum: 2 });
    }
    let mutex = case.nameless(&free_mutex());
    case.takes(&mutex);
    case.takes(&mutex);
    assert_eq!(and_wait(&mutex), Waited::TimedOut);
    case.is(&mutex, MINE);
    assert_eq!(and_wait(&mutex), Waited::TimedOut);
    case.is(&mutex, FREE);
    let waited = ok(kernel.signal_and_wait(&event, &unset, Timeout::After(QUIET)), "signal and wait a while");
    assert_eq!(waited, Waited::TimedOut);
    case.is(&unset, UNSET);
}

/// If the signal fails nothing is waited for.
pub fn nothing_is_waited_for_after_a_failed_signal<F: Fixture>(case: &Case<F>) {
    let (kernel, set) = (case.kernel(), case.nameless(&event(false, true)));
    let fails = |code, what: &str, signal: &Handle<F>| {
        refused(code, what, kernel.signal_and_wait(signal, &set, Timeout::Never));
        case.is(&set, SET);
    };
    let (full, mutex) = (case.nameless(&semaphore(2, 2)), case.nameless(&free_mutex()));
    fails(298, "a full semaphore", &full);
    case.is(&full, State::Semaphore { count: 2, maximum: 2 });
    fails(288, "a mutex of nobody", &mutex);
    case.is(&mutex, FREE);
    fails(6, "a timer", &case.nameless(&timer(true)));
    fails(6, "a section", &case.unnamed(memory(SIZE)));
    let unset = case.nameless(&auto_event());
    fails(5, "an event without the right", &case.with_rights(&unset, Access::SYNCHRONIZE));
    case.is(&unset, UNSET);
    let empty = case.nameless(&semaphore(0, 2));
    fails(5, "a semaphore without the right", &case.with_rights(&empty, Access::SYNCHRONIZE));
    case.is(&empty, State::Semaphore { count: 0, maximum: 2 });
}

/// If the second cannot be waited for the first is not signaled.
pub fn nothing_is_signaled_for_a_wait_that_cannot_be<F: Fixture>(case: &Case<F>) {
    let (kernel, signal) = (case.kernel(), case.nameless(&auto_event()));
    let (section, other) = (case.unnamed(memory(SIZE)), case.nameless(&event(true, true)));
    let weak = case.with_rights(&other, Access::MODIFY);
    for second in [&section, &weak] {
        refused(5, "signal and wait", kernel.signal_and_wait(&signal, second, Timeout::Now));
        case.is(&signal, UNSET);
    }
}

/// One may signal and wait for the same object; an abandoned mutex is told of.
pub fn what_signal_and_wait_takes<F: Fixture>(case: &Case<F>) {
    let kernel = case.kernel();
    let and_wait = |signal, wait| ok(kernel.signal_and_wait(signal, wait, Timeout::Now), "signal and wait");
    let event = case.nameless(&auto_event());
    assert_eq!(and_wait(&event, &event), Waited::Signaled(0));
    case.is(&event, UNSET);
    let mutex = case.nameless(&free_mutex());
    case.takes(&mutex);
    assert_eq!(and_wait(&mutex, &mutex), Waited::Signaled(0));
    case.is(&mutex, MINE);
    let left = case.nameless(&free_mutex());
    case.elsewhere(|| case.takes(&left));
    assert_eq!(and_wait(&event, &left), Waited::Abandoned(0));
    case.is(&event, SET);
    case.is(&left, MINE);
}

/// Two threads hand over to each other by signal-and-wait alone.
pub fn signal_and_wait_hands_over<F: Fixture>(case: &Case<F>) {
    const TIMES: usize = 300;
    let (there, back) = (case.nameless(&auto_event()), case.nameless(&auto_event()));
    case.crew(|crew| {
        crew.runs(|| {
            assert_eq!(ok(case.kernel().wait(&[&there], false, PATIENCE), "wait"), Waited::Signaled(0));
            for _ in 1..TIMES {
                let waited = ok(case.kernel().signal_and_wait(&back, &there, PATIENCE), "signal and wait");
                assert_eq!(waited, Waited::Signaled(0));
            }
            ok(case.kernel().set(&back), "set");
            Waited::Signaled(0)
        });
        for _ in 0..TIMES {
            let waited = ok(case.kernel().signal_and_wait(&there, &back, PATIENCE), "signal and wait");
            assert_eq!(waited, Waited::Signaled(0));
        }
        crew.comes_back();
    });
    case.is(&there, UNSET);
    case.is(&back, UNSET);
}

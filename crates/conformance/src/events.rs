//! Events: set, reset, pulse, and who is let go by them (semantics §1, §4).

use lasthandle::sys::{Disposition, Kernel, State, Timeout, Waited};
use lasthandle::{Access, Kind};

use crate::case::{Case, Handle, ok, refused};
use crate::fixture::Fixture;
use crate::sync::{Crew, PATIENCE, QUIET, auto_event, event, manual_event};

const fn auto(signaled: bool) -> State {
    State::Event { manual: false, signaled }
}

const fn manual(signaled: bool) -> State {
    State::Event { manual: true, signaled }
}

/// An event is from the start what was asked for.
pub fn an_event_starts_as_asked<F: Fixture>(case: &Case<F>) {
    for is_manual in [false, true] {
        for signaled in [false, true] {
            let handle = case.nameless(&event(is_manual, signaled));
            case.is(&handle, State::Event { manual: is_manual, signaled });
        }
    }
}

/// A create that meets an event changes neither its state nor how it resets.
pub fn the_existing_event_wins_entirely<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let first = case.sync(&name, &event(true, true));
    let (second, disposition) = ok(case.try_sync(Some(&name), &auto_event()), "create again");
    assert_eq!(disposition, Disposition::Opened);
    case.is(&second, manual(true));
    ok(case.kernel().reset(&second), "reset");
    case.is(&first, manual(false));
    let (third, _) = ok(case.try_sync(Some(&name), &event(false, true)), "create again");
    case.is(&third, manual(false));
}

/// A manual-reset event stays set until it is reset; a set of a set one, and a reset of a reset one, are nothing.
pub fn a_manual_event_stays_set<F: Fixture>(case: &Case<F>) {
    let (kernel, handle) = (case.kernel(), case.nameless(&manual_event()));
    case.takes_nothing(&handle);
    for _ in 0..2 {
        ok(kernel.set(&handle), "set");
        case.is(&handle, manual(true));
        case.takes(&handle);
        case.is(&handle, manual(true));
    }
    for _ in 0..2 {
        ok(kernel.reset(&handle), "reset");
        case.is(&handle, manual(false));
        case.takes_nothing(&handle);
    }
}

/// One wait takes an auto-reset event's signal, however often it was set.
pub fn an_auto_event_is_taken_once<F: Fixture>(case: &Case<F>) {
    let (kernel, handle) = (case.kernel(), case.nameless(&auto_event()));
    for _ in 0..2 {
        for _ in 0..3 {
            ok(kernel.set(&handle), "set");
            case.is(&handle, auto(true));
        }
        case.takes(&handle);
        case.is(&handle, auto(false));
        case.takes_nothing(&handle);
        ok(kernel.set(&handle), "set");
        ok(kernel.reset(&handle), "reset");
        case.is(&handle, auto(false));
        ok(kernel.reset(&handle), "reset again");
        case.is(&handle, auto(false));
    }
}

/// Each set of an auto-reset event lets one waiter go, and is consumed by that.
pub fn a_set_lets_one_waiter_of_an_auto_event_go<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&auto_event());
    case.crew(|crew| {
        for _ in 0..3 {
            crew.waits(&[&handle], false);
        }
        crew.stays();
        for _ in 0..3 {
            ok(case.kernel().set(&handle), "set");
            assert_eq!(crew.comes_back().1, Waited::Signaled(0));
            crew.stays();
        }
    });
    case.is(&handle, auto(false));
}

/// A set of a manual-reset event lets all go, and it stays set.
pub fn a_set_lets_all_waiters_of_a_manual_event_go<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&manual_event());
    case.crew(|crew| {
        for _ in 0..4 {
            crew.waits(&[&handle], false);
        }
        crew.stays();
        ok(case.kernel().set(&handle), "set");
        for _ in 0..4 {
            assert_eq!(crew.comes_back().1, Waited::Signaled(0));
        }
    });
    case.is(&handle, manual(true));
}

/// Who waits for what lasts no time.
const WAITERS: usize = 6;
/// A waiter may come too late for it, on a busy machine, but not again and again.
const LATE: usize = 4;

/// Does `what` until it lets somebody go, and tells how many it let go then; `late`: how often it may be in vain.
fn until_let_go<F: Fixture>(crew: &mut Crew<'_, '_, F>, late: &mut usize, what: impl Fn()) -> usize {
    loop {
        std::thread::sleep(QUIET);
        what();
        let gone: Vec<_> = std::iter::from_fn(|| crew.soon()).collect();
        assert!(gone.iter().all(|(_, waited)| *waited == Waited::Signaled(0)), "{gone:?}");
        if !gone.is_empty() {
            return gone.len();
        }
        *late = late.checked_sub(1).expect("it does not let go who waits");
    }
}

fn lets_all_go<F: Fixture>(case: &Case<F>, what: impl Fn(&Handle<F>)) {
    let handle = case.nameless(&manual_event());
    case.crew(|crew| {
        for _ in 0..WAITERS {
            crew.waits(&[&handle], false);
        }
        let (mut gone, mut late) = (0, LATE);
        while gone < WAITERS {
            gone += until_let_go(crew, &mut late, || what(&handle));
        }
    });
    case.is(&handle, manual(false));
}

fn lets_one_go<F: Fixture>(case: &Case<F>, what: impl Fn(&Handle<F>)) {
    let handle = case.nameless(&auto_event());
    case.crew(|crew| {
        let mut late = LATE;
        for _ in 0..WAITERS {
            crew.waits(&[&handle], false);
        }
        for _ in 0..WAITERS {
            assert_eq!(until_let_go(crew, &mut late, || what(&handle)), 1);
        }
    });
    case.is(&handle, auto(false));
}

/// Whoever waits for a manual-reset event goes when it is set, even if it is reset at once.
pub fn a_set_that_is_reset_at_once_lets_all_go<F: Fixture>(case: &Case<F>) {
    lets_all_go(case, |event| {
        ok(case.kernel().set(event), "set");
        ok(case.kernel().reset(event), "reset");
    });
}

/// One of those who wait for an auto-reset event goes when it is set, even if it is reset at once.
pub fn a_set_that_is_reset_at_once_lets_one_go<F: Fixture>(case: &Case<F>) {
    lets_one_go(case, |event| {
        ok(case.kernel().set(event), "set");
        ok(case.kernel().reset(event), "reset");
    });
}

/// A pulse lets all go who wait for a manual-reset event, and leaves it unset.
pub fn a_pulse_lets_all_waiters_of_a_manual_event_go<F: Fixture>(case: &Case<F>) {
    lets_all_go(case, |event| ok(case.kernel().pulse(event), "pulse"));
}

/// A pulse lets one go who waits for an auto-reset event, and leaves it unset.
pub fn a_pulse_lets_one_waiter_of_an_auto_event_go<F: Fixture>(case: &Case<F>) {
    lets_one_go(case, |event| ok(case.kernel().pulse(event), "pulse"));
}

/// A pulse for nobody is lost: it leaves the event unset, set or not before, and who comes later waits.
pub fn a_pulse_for_nobody_is_lost<F: Fixture>(case: &Case<F>) {
    for is_manual in [false, true] {
        for signaled in [false, true] {
            let handle = case.nameless(&event(is_manual, signaled));
            let unset = State::Event { manual: is_manual, signaled: false };
            for _ in 0..2 {
                ok(case.kernel().pulse(&handle), "pulse");
                case.is(&handle, unset);
            }
            let waited = ok(case.kernel().wait(&[&handle], false, Timeout::After(QUIET)), "wait");
            assert_eq!(waited, Waited::TimedOut);
            case.is(&handle, unset);
        }
    }
}

/// Who waits for all is let go by a pulse only if all the others are signaled at that moment.
pub fn a_pulse_is_no_part_of_all_unless_the_others_are_signaled<F: Fixture>(case: &Case<F>) {
    let (pulsed, other) = (case.nameless(&manual_event()), case.nameless(&auto_event()));
    case.crew(|crew| {
        crew.waits(&[&pulsed, &other], true);
        for _ in 0..3 {
            crew.stays();
            ok(case.kernel().pulse(&pulsed), "pulse");
        }
        ok(case.kernel().set(&other), "set");
        crew.stays();
        ok(case.kernel().set(&pulsed), "set");
        assert_eq!(crew.comes_back(), (0, Waited::Signaled(0)));
    });
    case.is(&pulsed, manual(true));
    case.is(&other, auto(false));
}

/// Set, reset and pulse need the right to modify; without it nothing changes.
pub fn an_event_without_the_right_stays<F: Fixture>(case: &Case<F>) {
    let kernel = case.kernel();
    for signaled in [false, true] {
        let handle = case.nameless(&event(true, signaled));
        for access in [Access::NONE, Access::SYNCHRONIZE, Access::QUERY | Access::SYNCHRONIZE] {
            let weak = case.with_rights(&handle, access);
            refused(5, "set", kernel.set(&weak));
            case.is(&handle, manual(signaled));
            refused(5, "reset", kernel.reset(&weak));
            case.is(&handle, manual(signaled));
            refused(5, "pulse", kernel.pulse(&weak));
            case.is(&handle, manual(signaled));
        }
        let strong = case.with_rights(&handle, Access::MODIFY);
        ok(kernel.set(&strong), "set");
        case.is(&handle, manual(true));
        ok(kernel.pulse(&strong), "pulse");
        case.is(&handle, manual(false));
        ok(kernel.reset(&strong), "reset");
        case.is(&handle, manual(false));
    }
}

/// A handle opened by name for one right has that right and no other.
pub fn an_event_opens_for_one_right<F: Fixture>(case: &Case<F>) {
    let (kernel, name) = (case.kernel(), case.name("x"));
    let handle = case.sync(&name, &auto_event());
    let setter = ok(kernel.open(Kind::Event, &name, Access::MODIFY, false), "open to modify");
    let waiter = ok(kernel.open(Kind::Event, &name, Access::SYNCHRONIZE, false), "open to wait");
    ok(kernel.set(&setter), "set");
    case.is(&handle, auto(true));
    refused(5, "wait", kernel.wait(&[&setter], false, Timeout::Now));
    refused(5, "reset", kernel.reset(&waiter));
    case.is(&handle, auto(true));
    case.takes(&waiter);
    case.is(&handle, auto(false));
}

/// Two threads hand one token back and forth through two auto-reset events; no signal is lost or invented.
pub fn events_hand_over<F: Fixture>(case: &Case<F>) {
    const TIMES: usize = 500;
    let (there, back) = (case.nameless(&auto_event()), case.nameless(&auto_event()));
    let play = |wait, set| {
        for _ in 0..TIMES {
            assert_eq!(ok(case.kernel().wait(&[wait], false, PATIENCE), "wait"), Waited::Signaled(0));
            ok(case.kernel().set(set), "set");
        }
        Waited::Signaled(0)
    };
    case.crew(|crew| {
        crew.runs(|| play(&there, &back));
        crew.runs(|| play(&back, &there));
        ok(case.kernel().set(&there), "set");
        crew.comes_back();
        crew.comes_back();
    });
    case.is(&there, auto(true));
    case.is(&back, auto(false));
}

//! Waiting: what is refused, for how long, for any and for all (semantics §1, §5, §6).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lasthandle::sys::{Due, Kernel, State, Timeout, Waited};
use lasthandle::{Access, Kind};

use crate::case::{Case, Handle, SIZE, memory, ok, refused};
use crate::fixture::Fixture;
use crate::sync::{
    FREE, PATIENCE, QUIET, SYNC_KINDS, auto_event, event, free_mutex, manual_event, plain, semaphore, timer,
};

const SET: State = State::Event { manual: false, signaled: true };
const UNSET: State = State::Event { manual: false, signaled: false };
const MINE: State = State::Mutex { count: 1, abandoned: false, mine: true };

/// What signals an object.
type Step<'a> = &'a dyn Fn();

/// One of each kind, signaled, each of which a wait changes.
fn one_of_each<F: Fixture>(case: &Case<F>) -> [Handle<F>; 4] {
    let due = case.nameless(&timer(false));
    ok(case.kernel().arm(&due, Due::After(Duration::ZERO), Duration::ZERO), "arm");
    [case.nameless(&event(false, true)), case.nameless(&free_mutex()), case.nameless(&semaphore(2, 3)), due]
}

/// None of them is taken.
#[track_caller]
fn untouched<F: Fixture>(case: &Case<F>, each: &[Handle<F>; 4]) {
    case.is(&each[0], SET);
    case.is(&each[1], FREE);
    case.is(&each[2], State::Semaphore { count: 2, maximum: 3 });
    case.is(&each[3], State::Timer { manual: Some(false), signaled: true, due: Some(Duration::ZERO) });
}

/// All of them are taken, once, by this thread.
#[track_caller]
fn all_taken<F: Fixture>(case: &Case<F>, each: &[Handle<F>; 4]) {
    case.is(&each[0], UNSET);
    case.is(&each[1], MINE);
    case.is(&each[2], State::Semaphore { count: 1, maximum: 3 });
    case.is(&each[3], State::Timer { manual: Some(false), signaled: false, due: None });
}

/// A wait for nothing, or for more than 64, is refused; for 64 it is fine.
pub fn a_wait_takes_1_to_64_objects<F: Fixture>(case: &Case<F>) {
    let handles: Vec<_> = (0..65).map(|_| case.nameless(&event(false, true))).collect();
    let all: Vec<&Handle<F>> = handles.iter().collect();
    for wait_all in [false, true] {
        for timeout in [Timeout::Now, PATIENCE, Timeout::Never] {
            refused(87, "wait for nothing", case.kernel().wait(&[], wait_all, timeout));
            refused(87, "wait for 65", case.kernel().wait(&all, wait_all, timeout));
        }
    }
    for handle in [&handles[0], &handles[64]] {
        case.is(handle, SET);
    }
    assert_eq!(case.try_wait(&all[1..], true), Waited::Signaled(0));
    assert_eq!(case.try_wait(&all[..64], false), Waited::Signaled(0));
    assert_eq!(case.try_wait(&all[..64], false), Waited::TimedOut);
    ok(case.kernel().set(&handles[63]), "set the last");
    assert_eq!(case.try_wait(&all[..64], false), Waited::Signaled(63));
}

/// A wait for any takes the lowest that is signaled, and leaves the others alone.
pub fn any_takes_the_lowest<F: Fixture>(case: &Case<F>) {
    let handles: Vec<_> = (0..4).map(|_| case.nameless(&auto_event())).collect();
    let all: Vec<&Handle<F>> = handles.iter().collect();
    for set in 0..1 << handles.len() {
        let is_set = |index: usize| set & 1 << index != 0;
        for (index, handle) in handles.iter().enumerate().rev().filter(|(index, _)| is_set(*index)) {
            ok(case.kernel().set(handle), &format!("set {index}"));
        }
        let lowest = (0..handles.len()).find(|index| is_set(*index));
        assert_eq!(case.try_wait(&all, false), lowest.map_or(Waited::TimedOut, Waited::Signaled));
        for (index, handle) in handles.iter().enumerate() {
            case.is(handle, if is_set(index) && Some(index) != lowest { SET } else { UNSET });
            ok(case.kernel().reset(handle), "reset");
        }
    }
}

/// Of mixed kinds any takes one, too.
pub fn any_of_mixed_kinds_takes_one<F: Fixture>(case: &Case<F>) {
    let each = one_of_each(case);
    let order = [3, 2, 1, 0];
    let reversed: Vec<&Handle<F>> = order.iter().map(|index| &each[*index]).collect();
    assert_eq!(case.try_wait(&reversed, false), Waited::Signaled(0));
    case.is(&each[3], State::Timer { manual: Some(false), signaled: false, due: None });
    assert_eq!(case.try_wait(&reversed, false), Waited::Signaled(1));
    assert_eq!(case.try_wait(&reversed, false), Waited::Signaled(1));
    case.is(&each[2], State::Semaphore { count: 0, maximum: 3 });
    assert_eq!(case.try_wait(&reversed, false), Waited::Signaled(2));
    assert_eq!(case.try_wait(&reversed, false), Waited::Signaled(2), "one's own mutex, again");
    case.is(&each[1], State::Mutex { count: 2, abandoned: false, mine: true });
    case.is(&each[0], SET);
}

/// Any may be asked for one object twice: it is taken once, by its first index. All may not, through no handle.
pub fn an_object_twice<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let first = case.sync(&name, &semaphore(1, 5));
    let second = ok(case.kernel().open(Kind::Semaphore, &name, Access::SYNC_ALL, false), "open");
    let third = ok(case.kernel().duplicate(&first, None, false), "duplicate");
    let unset = case.nameless(&auto_event());
    for twin in [&first, &second, &third] {
        for list in [vec![&first, twin], vec![&unset, &first, twin], vec![&first, &unset, twin]] {
            refused(87, "all of one object twice", case.kernel().wait(&list, true, Timeout::Now));
            case.is(&first, State::Semaphore { count: 1, maximum: 5 });
            let index = list.iter().position(|handle| !std::ptr::eq(*handle, &raw const unset));
            assert_eq!(Some(case.try_wait(&list, false)), index.map(Waited::Signaled));
            case.is(&first, State::Semaphore { count: 0, maximum: 5 });
            assert_eq!(case.try_wait(&list, false), Waited::TimedOut);
            ok(case.kernel().release_semaphore(&first, 1), "release");
        }
    }
    case.takes(&first);
    case.crew(|crew| {
        crew.waits(&[&unset, &first, &unset, &second, &first], false);
        crew.stays();
        ok(case.kernel().release_semaphore(&second, 2), "release");
        assert_eq!(crew.comes_back().1, Waited::Signaled(1));
    });
    case.is(&first, State::Semaphore { count: 1, maximum: 5 });
}

/// All takes nothing as long as one is missing, whichever; then everything.
pub fn all_takes_all_or_nothing<F: Fixture>(case: &Case<F>) {
    for missing in 0..=4 {
        let (each, unset) = (one_of_each(case), case.nameless(&auto_event()));
        let mut list: Vec<&Handle<F>> = each.iter().collect();
        list.insert(missing, &unset);
        assert_eq!(case.try_wait(&list, true), Waited::TimedOut);
        let waited = ok(case.kernel().wait(&list, true, Timeout::After(QUIET)), "wait for all");
        assert_eq!(waited, Waited::TimedOut);
        untouched(case, &each);
        case.is(&unset, UNSET);
        ok(case.kernel().set(&unset), "set");
        assert_eq!(case.try_wait(&list, true), Waited::Signaled(0));
        all_taken(case, &each);
        case.is(&unset, UNSET);
    }
}

/// Who sleeps for all goes with the last one to be signaled, in whatever order; until then nothing is taken.
pub fn all_goes_with_the_last<F: Fixture>(case: &Case<F>) {
    let [first, second, third] = [auto_event(), semaphore(0, 3), free_mutex()].map(|spec| case.nameless(&spec));
    let set: Step<'_> = &|| ok(case.kernel().set(&first), "set");
    let release: Step<'_> = &|| assert_eq!(ok(case.kernel().release_semaphore(&second, 1), "release"), 0);
    let unlock: Step<'_> = &|| ok(case.kernel().release_mutex(&third), "release");
    for order in [[set, release, unlock], [unlock, release, set], [release, unlock, set], [set, unlock, release]] {
        case.takes(&third);
        case.crew(|crew| {
            crew.runs(|| {
                let waited = ok(case.kernel().wait(&[&first, &second, &third], true, PATIENCE), "wait for all");
                case.is(&third, MINE);
                ok(case.kernel().release_mutex(&third), "release");
                waited
            });
            for step in &order[..2] {
                crew.stays();
                step();
            }
            crew.stays();
            let state = |handle| ok(case.kernel().query(handle), "query").state;
            let signaled = [Some(SET), Some(State::Semaphore { count: 1, maximum: 3 }), Some(FREE)];
            let seen = [state(&first), state(&second), state(&third)];
            let there = seen.iter().zip(&signaled).filter(|(seen, signaled)| seen.is_none() || seen == signaled);
            assert!(there.count() >= 2, "one of two is taken already: {seen:?}");
            order[2]();
            assert_eq!(crew.comes_back().1, Waited::Signaled(0));
        });
        case.is(&first, UNSET);
        case.is(&second, State::Semaphore { count: 0, maximum: 3 });
        case.is(&third, FREE);
    }
}

/// A wait for all that cannot be had keeps no object from anybody, not for a moment.
///
/// Whoever has the second of two that others want together can have the first: who got both gives the first back
/// before the second, and who was about to take both cannot.
pub fn nobody_sees_one_taken_and_given_back<F: Fixture>(case: &Case<F>) {
    const TIMES: usize = 20_000;
    let (kernel, first, second) = (case.kernel(), case.nameless(&semaphore(1, 1)), case.nameless(&semaphore(1, 1)));
    let done = AtomicBool::new(false);
    let give = |one| assert_eq!(ok(kernel.release_semaphore(one, 1), "release"), 0);
    let want_both = |timeout| {
        while !done.load(Ordering::Relaxed) {
            if ok(kernel.wait(&[&first, &second], true, timeout), "wait for all") != Waited::TimedOut {
                give(&first);
                give(&second);
            }
        }
        Waited::Signaled(0)
    };
    case.crew(|crew| {
        crew.runs(|| want_both(Timeout::Now));
        crew.runs(|| want_both(Timeout::After(Duration::from_millis(1))));
        let mut hidden = 0;
        for _ in 0..TIMES {
            if case.try_wait(&[&second], false) == Waited::TimedOut {
                continue;
            }
            match case.try_wait(&[&first], false) {
                Waited::TimedOut => hidden += 1,
                _ => give(&first),
            }
            give(&second);
        }
        done.store(true, Ordering::Relaxed);
        crew.comes_back();
        crew.comes_back();
        assert_eq!(hidden, 0, "so often the first was hidden from who had the second");
    });
    case.is(&first, State::Semaphore { count: 1, maximum: 1 });
    case.is(&second, State::Semaphore { count: 1, maximum: 1 });
}

/// Philosophers: each needs two neighbouring ones of a ring at once. All dine, and no fork is in two hands.
pub fn all_in_a_ring_go_on<F: Fixture>(case: &Case<F>) {
    const SEATS: usize = 4;
    let forks: Vec<_> = (0..SEATS).map(|_| case.nameless(&free_mutex())).collect();
    let used: Vec<_> = (0..SEATS).map(|_| AtomicBool::new(false)).collect();
    case.crew(|crew| {
        for seat in 0..SEATS {
            let pair = [seat, (seat + 1) % SEATS];
            let (forks, used) = (&forks, &used);
            crew.runs(move || {
                for _ in 0..100 {
                    let waited = case.kernel().wait(&pair.map(|fork| &forks[fork]), true, PATIENCE);
                    assert_eq!(ok(waited, "wait for all"), Waited::Signaled(0));
                    assert!(pair.iter().all(|fork| !used[*fork].swap(true, Ordering::SeqCst)), "a fork in two hands");
                    std::thread::yield_now();
                    for fork in pair {
                        used[fork].store(false, Ordering::SeqCst);
                        ok(case.kernel().release_mutex(&forks[fork]), "release");
                    }
                }
                Waited::Signaled(0)
            });
        }
        for _ in 0..SEATS {
            crew.comes_back();
        }
    });
    for fork in &forks {
        case.is(fork, FREE);
    }
}

/// A wait for any that sleeps goes with whichever comes first, and tells which.
pub fn any_asleep_goes_with_the_first<F: Fixture>(case: &Case<F>) {
    let [first, second, third] = [auto_event(), semaphore(0, 3), free_mutex()].map(|spec| case.nameless(&spec));
    case.takes(&third);
    let steps: [Step<'_>; 3] = [
        &|| ok(case.kernel().set(&first), "set"),
        &|| assert_eq!(ok(case.kernel().release_semaphore(&second, 1), "release"), 0),
        &|| ok(case.kernel().release_mutex(&third), "release"),
    ];
    for (index, step) in steps.into_iter().enumerate() {
        case.crew(|crew| {
            crew.runs(|| {
                let waited = ok(case.kernel().wait(&[&first, &second, &third], false, PATIENCE), "wait for any");
                if waited == Waited::Signaled(2) {
                    ok(case.kernel().release_mutex(&third), "release");
                }
                waited
            });
            crew.stays();
            step();
            assert_eq!(crew.comes_back().1, Waited::Signaled(index));
        });
        case.is(&first, UNSET);
        case.is(&second, State::Semaphore { count: 0, maximum: 3 });
    }
    case.is(&third, FREE);
}

/// Two signals for two waiters let both go, though one of them could have had either.
pub fn a_wake_up_that_is_not_used_is_passed_on<F: Fixture>(case: &Case<F>) {
    let (first, second) = (case.nameless(&auto_event()), case.nameless(&auto_event()));
    for round in 0..40 {
        case.crew(|crew| {
            crew.waits(&[&first, &second], false);
            crew.waits(&[&second], false);
            if round % 2 == 0 {
                std::thread::sleep(Duration::from_millis(2));
            }
            ok(case.kernel().set(&first), "set");
            ok(case.kernel().set(&second), "set");
            let start = Instant::now();
            let mut back = [crew.comes_back(), crew.comes_back()];
            back.sort_by_key(|(id, _)| *id);
            let took = back.map(|(_, waited)| waited);
            // Who could have had either may have met the second first, and gone back for the other: never beside it.
            assert_eq!(took, [Waited::Signaled(0), Waited::Signaled(0)], "after {:?}", start.elapsed());
        });
        case.is(&first, UNSET);
        case.is(&second, UNSET);
    }
}

/// No time-out, however long, ends before its time or overflows; a signal ends each.
pub fn time_outs_of_all_lengths<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&auto_event());
    let unset = case.nameless(&manual_event());
    case.takes_nothing(&handle);
    for length in [Duration::ZERO, Duration::from_nanos(1), Duration::from_micros(50), Duration::from_millis(30)] {
        for list in [vec![&handle], vec![&unset, &handle]] {
            for all in [false, true] {
                let start = Instant::now();
                let waited = ok(case.kernel().wait(&list, all, Timeout::After(length)), "wait");
                assert_eq!(waited, Waited::TimedOut);
                // A clock that ticks in 15.6 ms may be that much early.
                assert!(start.elapsed() + Duration::from_millis(16) >= length, "{length:?}");
            }
        }
    }
    let far = [Duration::from_millis(u64::MAX), Duration::MAX, Duration::from_secs(u64::from(u32::MAX)), DECADES];
    for timeout in far.map(Timeout::After).into_iter().chain([Timeout::Never]) {
        for list in [vec![&handle], vec![&unset, &handle]] {
            case.crew(|crew| {
                let expected = list.len() - 1;
                crew.runs(|| ok(case.kernel().wait(&list, false, timeout), "wait"));
                crew.stays();
                ok(case.kernel().set(&handle), "set");
                assert_eq!(crew.comes_back().1, Waited::Signaled(expected), "{timeout:?}");
            });
        }
    }
    case.is(&handle, UNSET);
}

const DECADES: Duration = Duration::from_secs(50 * 365 * 86_400);

/// What is signaled is taken whatever the time-out, none at all included.
pub fn a_signaled_object_needs_no_time<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&auto_event());
    for timeout in [Timeout::Now, Timeout::After(Duration::ZERO), Timeout::After(Duration::MAX), Timeout::Never] {
        for all in [false, true] {
            ok(case.kernel().set(&handle), "set");
            assert_eq!(ok(case.kernel().wait(&[&handle], all, timeout), "wait"), Waited::Signaled(0));
            case.is(&handle, UNSET);
        }
    }
}

/// A section cannot be waited for, alone or among others.
pub fn a_section_cannot_be_waited_for<F: Fixture>(case: &Case<F>) {
    let (section, each) = (case.unnamed(memory(SIZE)), one_of_each(case));
    refused(5, "wait for a section", case.kernel().wait(&[&section], false, Timeout::Now));
    for all in [false, true] {
        let mut list: Vec<&Handle<F>> = each.iter().collect();
        list.push(&section);
        refused(5, "wait for a section, too", case.kernel().wait(&list, all, Timeout::Now));
        list.rotate_right(1);
        refused(5, "wait for a section first", case.kernel().wait(&list, all, Timeout::Now));
    }
    untouched(case, &each);
}

/// A wait needs its right on each object; where one has it not, nothing is taken.
pub fn a_wait_needs_its_right<F: Fixture>(case: &Case<F>) {
    let each = one_of_each(case);
    for weak_one in &each {
        for access in [Access::NONE, Access::MODIFY, Access::MODIFY | Access::QUERY] {
            let weak = case.with_rights(weak_one, access);
            refused(5, "wait", case.kernel().wait(&[&weak], false, Timeout::Now));
            for all in [false, true] {
                let others = each.iter().filter(|handle| !std::ptr::eq(*handle, weak_one));
                let list: Vec<_> = others.chain([&weak]).collect();
                refused(5, "wait among others", case.kernel().wait(&list, all, Timeout::Now));
            }
        }
    }
    untouched(case, &each);
    for handle in &each {
        let enough = case.with_rights(handle, Access::SYNCHRONIZE);
        case.takes(&enough);
    }
    all_taken(case, &each);
}

/// Verbs of one kind are refused for all others; nothing changes.
pub fn a_verb_of_another_kind_is_refused<F: Fixture>(case: &Case<F>) {
    let (kernel, each, section) = (case.kernel(), one_of_each(case), case.unnamed(memory(SIZE)));
    let tell = |kind: Kind, handle: &Handle<F>| {
        if kind != Kind::Event {
            refused(6, "set", kernel.set(handle));
            refused(6, "reset", kernel.reset(handle));
            refused(6, "pulse", kernel.pulse(handle));
        }
        if kind != Kind::Mutex {
            refused(6, "release as a mutex", kernel.release_mutex(handle));
        }
        if kind != Kind::Semaphore {
            refused(6, "release as a semaphore", kernel.release_semaphore(handle, 1));
        }
        if kind != Kind::Timer {
            refused(6, "arm", kernel.arm(handle, Due::After(Duration::ZERO), Duration::ZERO));
            refused(6, "cancel", kernel.cancel(handle));
        }
    };
    for (kind, handle) in SYNC_KINDS.into_iter().zip(&each) {
        tell(kind, handle);
        let view = |handle| kernel.map(handle, &lasthandle::sys::MapRequest::default());
        refused(6, "map", view(handle));
        let options = lasthandle::sys::CreateOptions { inheritable: true, ..crate::case::options(Access::SYNC_ALL) };
        let (heirloom, _) = ok(kernel.create(None, &plain(kind), &options), "create an inheritable one");
        refused(6, "map", view(&heirloom));
    }
    tell(Kind::Mapping, &section);
    case.queries(&section, F::reported_size(SIZE));
    untouched(case, &each);
}

/// Sync objects of all kinds hold their names against each other and against mappings.
pub fn sync_kinds_share_one_name_space<F: Fixture>(case: &Case<F>) {
    for kind in SYNC_KINDS {
        let name = case.name(kind.as_str());
        let held = case.sync(&name, &plain(kind));
        let before = ok(case.kernel().query(&held), "query").state;
        for other in SYNC_KINDS.into_iter().filter(|other| *other != kind) {
            case.refuses(6, &format!("create a {other}"), || case.try_sync(Some(&name), &plain(other)));
            case.refuses(6, &format!("open as {other}"), || case.kernel().open(other, &name, Access::SYNC_ALL, false));
        }
        assert_eq!(ok(case.kernel().query(&held), "query").state, before);
        case.refuses(5, "open for nothing", || case.kernel().open(kind, &name, Access::NONE, false));
        let again = ok(case.kernel().open(kind, &name, Access::SYNC_ALL, false), "open");
        drop(held);
        case.refuses(6, "create a mapping", || case.try_create(Some(&name), memory(SIZE)));
        drop(again);
        case.absent(&name);
        case.refuses(2, "open", || case.kernel().open(kind, &name, Access::SYNC_ALL, false));
    }
}

/// Create-new refuses an object of the same kind; the object stays.
pub fn create_new_refuses_an_existing_sync_object<F: Fixture>(case: &Case<F>) {
    for kind in SYNC_KINDS {
        let name = case.name(kind.as_str());
        let exclusive = lasthandle::sys::CreateOptions { exclusive: true, ..crate::case::options(Access::SYNC_ALL) };
        let (held, _) = ok(case.kernel().create(Some(&name), &plain(kind), &exclusive), "create new");
        case.refuses(183, "create new again", || case.kernel().create(Some(&name), &plain(kind), &exclusive));
        assert_eq!(ok(case.kernel().query(&held), "query").kind, kind);
    }
}

/// The state ends with the last handle: the next create of the name starts afresh. A duplicate is a handle.
pub fn a_sync_object_lives_until_its_last_handle<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let first = case.sync(&name, &manual_event());
    ok(case.kernel().set(&first), "set");
    let second = case.with_rights(&first, Access::NONE);
    drop(first);
    let third = ok(case.kernel().open(Kind::Event, &name, Access::SYNC_ALL, false), "it lives by its duplicate");
    case.is(&third, State::Event { manual: true, signaled: true });
    drop((second, third));
    case.absent(&name);
    let fresh = case.sync(&name, &auto_event());
    case.is(&fresh, UNSET);
}

/// Unnamed objects never meet.
pub fn unnamed_sync_objects_never_meet<F: Fixture>(case: &Case<F>) {
    let (one, other) = (case.nameless(&auto_event()), case.nameless(&auto_event()));
    ok(case.kernel().set(&one), "set");
    case.is(&other, UNSET);
    case.is(&one, SET);
}

//! Mutexes: owners, recursion, and owners that end (semantics §1, §4, §5).

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;

use lasthandle::sys::{Disposition, Kernel, Spec, State, Timeout, Waited};
use lasthandle::{Access, Kind};

use crate::case::{Case, Handle, ok, refused};
use crate::fixture::Fixture;
use crate::sync::{FREE, PATIENCE, auto_event, event, free_mutex, manual_event, semaphore};

const ABANDONED: State = State::Mutex { count: 0, abandoned: true, mine: false };

const fn mine(count: u32) -> State {
    State::Mutex { count, abandoned: false, mine: true }
}

const fn anothers(count: u32) -> State {
    State::Mutex { count, abandoned: false, mine: false }
}

const fn owned<'a, T>() -> Spec<'a, T> {
    Spec::Mutex { owned: true }
}

/// A thread takes these and ends without releasing them.
fn abandon<F: Fixture>(case: &Case<F>, mutexes: &[&Handle<F>]) {
    case.elsewhere(|| {
        for mutex in mutexes {
            case.takes(mutex);
        }
    });
}

/// A mutex is free from the start, or this thread's own, once.
pub fn a_mutex_starts_as_asked<F: Fixture>(case: &Case<F>) {
    let free = case.nameless(&free_mutex());
    case.is(&free, FREE);
    refused(288, "release a free one", case.kernel().release_mutex(&free));
    case.is(&free, FREE);
    let own = case.nameless(&owned());
    case.is(&own, mine(1));
    ok(case.kernel().release_mutex(&own), "release");
    case.is(&own, FREE);
    refused(288, "release once more", case.kernel().release_mutex(&own));
    case.is(&own, FREE);
}

/// A create that meets a mutex does not take it, though it asks to own it.
pub fn the_existing_mutex_is_not_taken<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let first = case.sync(&name, &free_mutex());
    let (second, disposition) = ok(case.try_sync(Some(&name), &owned()), "create again, to own it");
    assert_eq!(disposition, Disposition::Opened);
    case.is(&second, FREE);
    refused(288, "release", case.kernel().release_mutex(&second));
    case.is(&first, FREE);
    case.takes(&first);
    let (_third, _) = ok(case.try_sync(Some(&name), &owned()), "create again, to own it");
    case.is(&second, mine(1));
    ok(case.kernel().release_mutex(&second), "release through another handle");
    case.is(&first, FREE);
}

/// N waits need N releases; one more is refused.
pub fn as_many_releases_as_waits<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&free_mutex());
    for count in 1..=5 {
        case.takes(&handle);
        case.is(&handle, mine(count));
    }
    for count in (1..5).rev() {
        ok(case.kernel().release_mutex(&handle), "release");
        case.is(&handle, mine(count));
    }
    ok(case.kernel().release_mutex(&handle), "release");
    case.is(&handle, FREE);
    refused(288, "one release more", case.kernel().release_mutex(&handle));
    case.is(&handle, FREE);
}

/// Another thread can neither release nor take it, and changes nothing by trying.
pub fn only_the_owner_releases<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&owned());
    case.takes(&handle);
    case.elsewhere(|| {
        refused(288, "release by another thread", case.kernel().release_mutex(&handle));
        case.takes_nothing(&handle);
        case.is(&handle, anothers(2));
    });
    case.is(&handle, mine(2));
}

/// A release needs no right at all; a wait needs its own.
pub fn releasing_needs_no_right<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&owned());
    let weak = case.with_rights(&handle, Access::NONE);
    refused(5, "wait", case.kernel().wait(&[&weak], false, Timeout::Now));
    case.is(&handle, mine(1));
    case.elsewhere(|| refused(288, "release by another thread", case.kernel().release_mutex(&weak)));
    case.is(&handle, mine(1));
    ok(case.kernel().release_mutex(&weak), "release without a right");
    case.is(&handle, FREE);
}

/// Two handles of one mutex are one mutex.
pub fn two_handles_are_one_mutex<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let first = case.sync(&name, &free_mutex());
    let second = ok(case.kernel().open(Kind::Mutex, &name, Access::SYNC_ALL, false), "open");
    case.takes(&first);
    case.takes(&second);
    case.is(&first, mine(2));
    case.elsewhere(|| case.takes_nothing(&second));
    ok(case.kernel().release_mutex(&first), "release");
    ok(case.kernel().release_mutex(&first), "release what was taken through the other");
    case.is(&second, FREE);
}

/// An owner that ends abandons it: the next wait takes it, once, and is told; the one after is not.
pub fn abandoned_is_told_once<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&free_mutex());
    for _ in 0..3 {
        case.elsewhere(|| {
            for _ in 0..3 {
                case.takes(&handle);
            }
        });
        assert_eq!(state(case, &handle), ABANDONED);
        refused(288, "release by who has it not", case.kernel().release_mutex(&handle));
        assert_eq!(state(case, &handle), ABANDONED);
        assert_eq!(case.try_wait(&[&handle], false), Waited::Abandoned(0));
        case.is(&handle, mine(1));
        case.takes(&handle);
        case.is(&handle, mine(2));
        ok(case.kernel().release_mutex(&handle), "release");
        ok(case.kernel().release_mutex(&handle), "release");
        case.is(&handle, FREE);
        case.takes(&handle);
        ok(case.kernel().release_mutex(&handle), "release");
    }
}

/// What the mutex says, where the system tells; taking it to find out would spoil what is to be seen.
fn state<F: Fixture>(case: &Case<F>, mutex: &Handle<F>) -> State {
    ok(case.kernel().query(mutex), "query").state.unwrap_or(ABANDONED)
}

/// Abandoned by the one who was told: told again.
pub fn abandoned_again_is_told_again<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&free_mutex());
    abandon(case, &[&handle]);
    for _ in 0..3 {
        case.elsewhere(|| assert_eq!(case.try_wait(&[&handle], false), Waited::Abandoned(0)));
    }
    assert_eq!(case.try_wait(&[&handle], false), Waited::Abandoned(0));
    case.is(&handle, mine(1));
}

/// A create that meets an abandoned mutex leaves it so.
pub fn a_create_leaves_it_abandoned<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let first = case.sync(&name, &free_mutex());
    abandon(case, &[&first]);
    let (second, disposition) = ok(case.try_sync(Some(&name), &owned()), "create again, to own it");
    assert_eq!(disposition, Disposition::Opened);
    assert_eq!(state(case, &second), ABANDONED);
    assert_eq!(case.try_wait(&[&second], false), Waited::Abandoned(0));
    case.is(&first, mine(1));
}

/// A thread that created it as its own abandons it like any owner.
pub fn a_creator_abandons_too<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let handle = case.elsewhere(|| case.sync(&name, &owned()));
    assert_eq!(case.try_wait(&[&handle], false), Waited::Abandoned(0));
    case.is(&handle, mine(1));
}

/// In a wait for any, the index says which; the others stay.
pub fn abandoned_in_a_wait_for_any<F: Fixture>(case: &Case<F>) {
    let (unset, set) = (case.nameless(&auto_event()), case.nameless(&event(false, true)));
    let mutex = case.nameless(&free_mutex());
    abandon(case, &[&mutex]);
    assert_eq!(case.try_wait(&[&unset, &set, &mutex], false), Waited::Signaled(1));
    assert_eq!(state(case, &mutex), ABANDONED);
    ok(case.kernel().set(&set), "set");
    assert_eq!(case.try_wait(&[&unset, &mutex, &set], false), Waited::Abandoned(1));
    case.is(&mutex, mine(1));
    case.is(&set, State::Event { manual: false, signaled: true });
    case.is(&unset, State::Event { manual: false, signaled: false });
}

/// In a wait for all, all others are taken, too.
pub fn abandoned_in_a_wait_for_all<F: Fixture>(case: &Case<F>) {
    let (set, counted) = (case.nameless(&event(false, true)), case.nameless(&semaphore(2, 2)));
    let (left, free) = (case.nameless(&free_mutex()), case.nameless(&free_mutex()));
    abandon(case, &[&left]);
    let unset = case.nameless(&auto_event());
    assert_eq!(case.try_wait(&[&set, &left, &unset], true), Waited::TimedOut);
    assert_eq!(state(case, &left), ABANDONED);
    let waited = case.try_wait(&[&set, &counted, &free, &left], true);
    assert!(matches!(waited, Waited::Abandoned(_)), "{waited:?}");
    case.is(&set, State::Event { manual: false, signaled: false });
    case.is(&counted, State::Semaphore { count: 1, maximum: 2 });
    case.is(&free, mine(1));
    case.is(&left, mine(1));
}

/// Who sleeps on a mutex whose owner ends gets it and is told: one of them, the others when it is released.
pub fn a_sleeper_is_told_that_the_owner_ended<F: Fixture>(case: &Case<F>) {
    let mutex = case.nameless(&free_mutex());
    let (end, ended) = channel::<()>();
    let (took, taken) = channel();
    case.crew(|crew| {
        let owned = &mutex;
        crew.runs(move || {
            case.takes(owned);
            took.send(()).expect("the row listens");
            ended.recv().expect("the row says when");
            Waited::Signaled(0)
        });
        taken.recv().expect("it is taken");
        for _ in 0..3 {
            crew.runs(|| {
                let waited = ok(case.kernel().wait(&[&mutex], false, PATIENCE), "wait");
                ok(case.kernel().release_mutex(&mutex), "release");
                waited
            });
        }
        crew.stays();
        end.send(()).expect("it waits for that");
        assert_eq!(crew.comes_back().0, 0);
        let mut waited: Vec<_> = (0..3).map(|_| crew.comes_back().1).collect();
        waited.sort_by_key(|waited| *waited == Waited::Signaled(0));
        assert_eq!(waited, [Waited::Abandoned(0), Waited::Signaled(0), Waited::Signaled(0)]);
    });
    case.is(&mutex, FREE);
}

/// Closing the owner's handle releases nothing: it is owned until the thread ends, and abandoned then.
pub fn closing_does_not_release<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let watcher = case.sync(&name, &free_mutex());
    case.elsewhere(|| {
        let owner = ok(case.kernel().open(Kind::Mutex, &name, Access::SYNC_ALL, false), "open");
        case.takes(&owner);
        drop(owner);
        case.is(&watcher, mine(1));
    });
    assert_eq!(case.try_wait(&[&watcher], false), Waited::Abandoned(0));
    case.is(&watcher, mine(1));
}

/// A mutex whose last handle its owner closed is gone with its name, and a new one of that name is free.
pub fn an_owned_mutex_ends_with_its_last_handle<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    drop(case.sync(&name, &owned()));
    case.absent(&name);
    let fresh = case.sync(&name, &free_mutex());
    case.is(&fresh, FREE);
}

/// A mutex that one owns counts as signaled: alone, among any, among all; each time it is taken once more.
pub fn ones_own_mutex_counts_as_signaled<F: Fixture>(case: &Case<F>) {
    let (own, unset) = (case.nameless(&owned()), case.nameless(&manual_event()));
    case.takes(&own);
    case.is(&own, mine(2));
    assert_eq!(case.try_wait(&[&unset, &own], false), Waited::Signaled(1));
    case.is(&own, mine(3));
    assert_eq!(case.try_wait(&[&own, &unset], true), Waited::TimedOut);
    case.is(&own, mine(3));
    ok(case.kernel().set(&unset), "set");
    assert_eq!(case.try_wait(&[&own, &unset], true), Waited::Signaled(0));
    case.is(&own, mine(4));
    let second = case.nameless(&owned());
    assert_eq!(case.try_wait(&[&second, &own], true), Waited::Signaled(0));
    case.is(&own, mine(5));
    case.is(&second, mine(2));
    let others = case.elsewhere(|| case.try_wait(&[&own, &unset], true));
    assert_eq!(others, Waited::TimedOut);
}

/// A sleeper in a wait for all, who owns one of the mutexes, is let go by the rest.
pub fn ones_own_mutex_among_all_asleep<F: Fixture>(case: &Case<F>) {
    let (own, signal) = (case.nameless(&free_mutex()), case.nameless(&auto_event()));
    case.crew(|crew| {
        crew.runs(|| {
            case.takes(&own);
            let waited = ok(case.kernel().wait(&[&own, &signal], true, PATIENCE), "wait for all");
            case.is(&own, mine(2));
            waited
        });
        crew.stays();
        ok(case.kernel().set(&signal), "set");
        assert_eq!(crew.comes_back().1, Waited::Signaled(0));
    });
    assert_eq!(case.try_wait(&[&own], false), Waited::Abandoned(0));
}

/// Threads that read and write under the mutex lose nothing.
pub fn a_mutex_excludes<F: Fixture>(case: &Case<F>) {
    const TIMES: u32 = 300;
    let mutex = case.nameless(&free_mutex());
    let sum = AtomicU32::new(0);
    case.crew(|crew| {
        for _ in 0..4 {
            crew.runs(|| {
                for _ in 0..TIMES {
                    assert_eq!(ok(case.kernel().wait(&[&mutex], false, PATIENCE), "wait"), Waited::Signaled(0));
                    // Two steps on purpose: only the mutex keeps others from coming between.
                    let before = sum.load(Ordering::Relaxed);
                    std::thread::yield_now();
                    sum.store(before + 1, Ordering::Relaxed);
                    ok(case.kernel().release_mutex(&mutex), "release");
                }
                Waited::Signaled(0)
            });
        }
        for _ in 0..4 {
            crew.comes_back();
        }
    });
    assert_eq!(sum.into_inner(), 4 * TIMES);
    case.is(&mutex, FREE);
}

/// One thread may own very many; all are abandoned with its end.
pub fn many_mutexes_of_one_thread<F: Fixture>(case: &Case<F>) {
    let mutexes: Vec<_> = (0..200).map(|_| case.nameless(&free_mutex())).collect();
    abandon(case, &mutexes.iter().collect::<Vec<_>>());
    for mutex in &mutexes {
        assert_eq!(case.try_wait(&[mutex], false), Waited::Abandoned(0));
        ok(case.kernel().release_mutex(mutex), "release");
        case.is(mutex, FREE);
    }
}

//! Semaphores: counts, the maximum, and how many a release lets go (semantics §1, §4).

use std::sync::atomic::{AtomicI32, Ordering};

use lasthandle::Access;
use lasthandle::sys::{Disposition, Kernel, State, Waited};

use crate::case::{Case, ok, refused};
use crate::fixture::Fixture;
use crate::sync::{PATIENCE, semaphore};

const fn of(count: u32, maximum: u32) -> State {
    State::Semaphore { count, maximum }
}

/// A semaphore starts with the count asked for.
pub fn a_semaphore_starts_as_asked<F: Fixture>(case: &Case<F>) {
    for (initial, maximum) in [(0, 1), (1, 1), (2, 5), (0, i32::MAX)] {
        let handle = case.nameless(&semaphore(initial, maximum));
        case.is(&handle, of(initial.unsigned_abs(), maximum.unsigned_abs()));
    }
    let full = case.nameless(&semaphore(i32::MAX, i32::MAX));
    refused(298, "release a full one", case.kernel().release_semaphore(&full, 1));
    case.takes(&full);
    assert_eq!(ok(case.kernel().release_semaphore(&full, 1), "release"), i32::MAX.unsigned_abs() - 1);
}

/// A maximum below 1 and an initial count below 0 or past the maximum are refused, before the name is looked at.
pub fn senseless_counts_are_refused<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let refused = || {
        for (initial, maximum) in [(0, 0), (0, -1), (1, 0), (-1, 1), (2, 1), (i32::MIN, i32::MAX), (0, i32::MIN)] {
            case.refuses(87, &format!("{initial} of {maximum}"), || {
                case.try_sync(Some(&name), &semaphore(initial, maximum))
            });
            case.refuses(87, &format!("{initial} of {maximum}"), || case.try_sync(None, &semaphore(initial, maximum)));
        }
    };
    refused();
    case.absent(&name);
    let held = case.sync(&name, &semaphore(1, 3));
    refused();
    case.is(&held, of(1, 3));
}

/// A create that meets a semaphore changes neither its count nor its maximum.
pub fn the_existing_semaphore_wins_entirely<F: Fixture>(case: &Case<F>) {
    let name = case.name("x");
    let first = case.sync(&name, &semaphore(1, 3));
    let (second, disposition) = ok(case.try_sync(Some(&name), &semaphore(5, 9)), "create again");
    assert_eq!(disposition, Disposition::Opened);
    case.is(&second, of(1, 3));
    refused(298, "release past the first maximum", case.kernel().release_semaphore(&second, 3));
    case.is(&first, of(1, 3));
}

/// Each wait takes one; with none left a wait is in vain.
pub fn each_wait_takes_one<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&semaphore(3, 3));
    for left in (0..3).rev() {
        case.takes(&handle);
        case.is(&handle, of(left, 3));
    }
    case.takes_nothing(&handle);
    case.is(&handle, of(0, 3));
}

/// A release returns the count before it.
pub fn a_release_returns_the_count_before<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&semaphore(0, 10));
    let mut count = 0;
    for more in [1, 2, 3, 4] {
        let before = ok(case.kernel().release_semaphore(&handle, more), "release");
        assert_eq!(before, count);
        count += more.unsigned_abs();
        case.is(&handle, of(count, 10));
    }
}

/// A release past the maximum is refused, and one of nothing or less; the count stays.
pub fn a_release_that_cannot_be_changes_nothing<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&semaphore(1, 3));
    for more in [3, 4, i32::MAX] {
        refused(298, &format!("release {more}"), case.kernel().release_semaphore(&handle, more));
        case.is(&handle, of(1, 3));
    }
    for more in [0, -1, i32::MIN] {
        refused(87, &format!("release {more}"), case.kernel().release_semaphore(&handle, more));
        case.is(&handle, of(1, 3));
    }
    assert_eq!(ok(case.kernel().release_semaphore(&handle, 2), "up to the maximum"), 1);
    case.is(&handle, of(3, 3));
    refused(298, "release a full one", case.kernel().release_semaphore(&handle, 1));
    case.is(&handle, of(3, 3));
}

/// A release of n lets n waiters go.
pub fn a_release_of_n_lets_n_waiters_go<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&semaphore(0, 10));
    case.crew(|crew| {
        for _ in 0..5 {
            crew.waits(&[&handle], false);
        }
        crew.stays();
        for n in [3, 2] {
            assert_eq!(ok(case.kernel().release_semaphore(&handle, n), "release"), 0);
            for _ in 0..n {
                assert_eq!(crew.comes_back().1, Waited::Signaled(0));
            }
            crew.stays();
            case.is(&handle, of(0, 10));
        }
    });
    // More than there are waiters: the rest stays.
    case.crew(|crew| {
        crew.waits(&[&handle], false);
        crew.stays();
        assert_eq!(ok(case.kernel().release_semaphore(&handle, 4), "release"), 0);
        crew.comes_back();
    });
    case.is(&handle, of(3, 10));
}

/// A release needs the right to modify.
pub fn a_semaphore_without_the_right_stays<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&semaphore(1, 3));
    for access in [Access::NONE, Access::SYNCHRONIZE, Access::QUERY | Access::SYNCHRONIZE] {
        let weak = case.with_rights(&handle, access);
        refused(5, "release", case.kernel().release_semaphore(&weak, 1));
        case.is(&handle, of(1, 3));
    }
    let strong = case.with_rights(&handle, Access::MODIFY);
    assert_eq!(ok(case.kernel().release_semaphore(&strong, 1), "release"), 1);
    case.is(&handle, of(2, 3));
}

/// Threads that take and give back never have more at a time than there are, and in the end all are there.
pub fn no_count_is_lost_or_invented<F: Fixture>(case: &Case<F>) {
    let handle = case.nameless(&semaphore(3, 3));
    let out = AtomicI32::new(0);
    case.crew(|crew| {
        for _ in 0..6 {
            crew.runs(|| {
                for _ in 0..200 {
                    assert_eq!(ok(case.kernel().wait(&[&handle], false, PATIENCE), "wait"), Waited::Signaled(0));
                    assert!(out.fetch_add(1, Ordering::SeqCst) < 3, "more taken than there are");
                    std::thread::yield_now();
                    out.fetch_sub(1, Ordering::SeqCst);
                    ok(case.kernel().release_semaphore(&handle, 1), "release");
                }
                Waited::Signaled(0)
            });
        }
        for _ in 0..6 {
            crew.comes_back();
        }
    });
    case.is(&handle, of(3, 3));
}

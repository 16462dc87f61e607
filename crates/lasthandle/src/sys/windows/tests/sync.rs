//! Sync objects: rights, kinds and states, as the kernel sees them.

use std::os::windows::io::{AsHandle, OwnedHandle};
use std::time::Duration;

use super::*;
use crate::event::Event;
use crate::mutex::Mutex;
use crate::sys::windows::nt;
use crate::sys::{Due, Inventory};

fn granted(handle: &Handle) -> u32 {
    nt::object(handle.as_handle()).unwrap().GrantedAccess
}

fn narrow(handle: &Handle, access: Access) -> Handle {
    Windows.duplicate(handle, Some(access), false).unwrap()
}

/// A mutex has one bit for asking and changing.
fn native(kind: Kind, access: Access) -> u32 {
    let mutex = kind == Kind::Mutex && access.contains(Access::MODIFY);
    if mutex { access.without(Access::MODIFY).bits() | 1 } else { access.bits() }
}

#[test]
fn handles_have_exactly_the_rights_asked_for() {
    for spec in SYNC {
        let (kind, name) = (spec.kind(), name(&format!("exact {}", spec.kind())));
        let all = sync(Some(&name), &spec);
        for access in [Access::MODIFY, Access::QUERY, Access::SYNCHRONIZE, Access::SYNC_ALL] {
            let options = CreateOptions { access, ..options() };
            let (met, disposition) = Windows.create(Some(&name), &spec, &options).unwrap();
            assert_eq!(disposition, Disposition::Opened);
            let (fresh, _) = Windows.create(None, &spec, &options).unwrap();
            let opened = Windows.open(kind, &name, access, false).unwrap();
            for handle in [met, fresh, opened, narrow(&all, access)] {
                assert_eq!((granted(&handle), Windows.access(&handle)), (native(kind, access), access), "{kind}");
            }
        }
        assert_fails(Windows.open(kind, &name, Access::NONE, false), ErrorKind::AccessDenied, 5);
        let none = narrow(&all, Access::NONE);
        assert_eq!(granted(&none), 0);
        assert_fails(Windows.duplicate(&none, Some(Access::QUERY), false), ErrorKind::AccessDenied, 5);
    }
}

#[test]
fn a_missing_right_is_denied_by_the_kernel() {
    let all = Access::SYNC_ALL;
    let [event, mutex, semaphore, timer] = SYNC.map(|spec| sync(None, &spec));
    let event_waits = narrow(&event, all.without(Access::MODIFY));
    assert_fails(Windows.set(&event_waits), ErrorKind::AccessDenied, 5);
    assert_fails(Windows.reset(&event_waits), ErrorKind::AccessDenied, 5);
    assert_fails(Windows.pulse(&event_waits), ErrorKind::AccessDenied, 5);
    let semaphore_waits = narrow(&semaphore, all.without(Access::MODIFY));
    assert_fails(Windows.release_semaphore(&semaphore_waits, 1), ErrorKind::AccessDenied, 5);
    let timer_waits = narrow(&timer, all.without(Access::MODIFY));
    assert_fails(Windows.arm(&timer_waits, Due::After(Duration::ZERO), Duration::ZERO), ErrorKind::AccessDenied, 5);
    assert_fails(Windows.cancel(&timer_waits), ErrorKind::AccessDenied, 5);
    for handle in [&event, &mutex, &semaphore, &timer] {
        let deaf = narrow(handle, all.without(Access::SYNCHRONIZE));
        assert_fails(Windows.wait(&[&deaf], false, Timeout::Now), ErrorKind::AccessDenied, 5);
        assert_fails(Windows.wait(&[&event, &deaf], false, Timeout::Now), ErrorKind::AccessDenied, 5);
        assert_fails(Windows.signal_and_wait(&event, &deaf, Timeout::Now), ErrorKind::AccessDenied, 5);
        assert_eq!(try_wait(&event), Waited::TimedOut, "nothing was signaled");
        assert_eq!(state(&narrow(handle, all.without(Access::QUERY))), None);
    }
    assert_eq!(try_wait(&mutex), Waited::Signaled(0));
    Windows.release_mutex(&narrow(&mutex, Access::NONE)).unwrap();
}

#[test]
fn a_verb_of_another_kind_is_refused() {
    let section = create_with(None, MEMORY, &options()).unwrap().0;
    let handles = [section, sync(None, &EVENT), sync(None, &MUTEX), sync(None, &SEMAPHORE), sync(None, &TIMER)];
    let due = Due::After(Duration::ZERO);
    for handle in &handles {
        let kind = handle.kind();
        let refused = |verb: Kind, result: Result<()>| {
            if verb != kind {
                assert_fails(result, ErrorKind::InvalidHandle, 6);
            }
        };
        refused(Kind::Event, Windows.set(handle));
        refused(Kind::Event, Windows.reset(handle));
        refused(Kind::Event, Windows.pulse(handle));
        refused(Kind::Mutex, Windows.release_mutex(handle));
        refused(Kind::Semaphore, Windows.release_semaphore(handle, 1).map(drop));
        refused(Kind::Timer, Windows.arm(handle, due, Duration::ZERO));
        refused(Kind::Timer, Windows.cancel(handle));
        refused(Kind::Mapping, map(handle, ViewAccess::ReadOnly).map(drop));
    }
    let [section, event, _, _, timer] = &handles;
    for wait in [&[section][..], &[event, section]] {
        assert_fails(Windows.wait(wait, false, Timeout::Now), ErrorKind::AccessDenied, 5);
    }
    Windows.reset(event).unwrap();
    assert_fails(Windows.signal_and_wait(event, section, Timeout::Now), ErrorKind::AccessDenied, 5);
    assert_fails(Windows.signal_and_wait(timer, event, Timeout::Now), ErrorKind::InvalidHandle, 6);
    assert_eq!(try_wait(event), Waited::TimedOut, "nothing was signaled");
}

#[test]
fn the_kernel_tells_each_state() {
    let event = sync(None, &Spec::Event { manual: true, signaled: true });
    assert_eq!(state(&event), Some(State::Event { manual: true, signaled: true }));
    Windows.reset(&event).unwrap();
    assert_eq!(state(&event), Some(State::Event { manual: true, signaled: false }));
    assert_eq!(state(&sync(None, &EVENT)), Some(State::Event { manual: false, signaled: false }));
    let semaphore = sync(None, &Spec::Semaphore { initial: 1, maximum: i32::MAX });
    assert_eq!(Windows.release_semaphore(&semaphore, 2).unwrap(), 1);
    assert_eq!(state(&semaphore), Some(State::Semaphore { count: 3, maximum: i32::MAX.unsigned_abs() }));
    let mutex = sync(None, &Spec::Mutex { owned: true });
    assert_eq!(try_wait(&mutex), Waited::Signaled(0));
    assert_eq!(state(&mutex), Some(State::Mutex { count: 2, abandoned: false, mine: true }));
    assert_eq!(elsewhere(|| state(&mutex)), Some(State::Mutex { count: 2, abandoned: false, mine: false }));
    for _ in 0..2 {
        Windows.release_mutex(&mutex).unwrap();
    }
    assert_fails(Windows.release_mutex(&mutex), ErrorKind::NotOwner, 288);
    assert_eq!(state(&mutex), Some(State::Mutex { count: 0, abandoned: false, mine: false }));
}

#[test]
fn an_ended_owner_shows_until_the_next_takes_the_mutex() {
    let mutexes = [sync(None, &MUTEX), sync(None, &MUTEX)];
    let [first, second] = &mutexes;
    let taken = elsewhere(|| Windows.wait(&[first, second], true, Timeout::Now)).unwrap();
    assert_eq!(taken, Waited::Signaled(0));
    assert_eq!(state(first), Some(State::Mutex { count: 0, abandoned: true, mine: false }));
    let event = sync(None, &EVENT);
    assert_eq!(Windows.wait(&[&event, first], false, Timeout::Now).unwrap(), Waited::Abandoned(1));
    Windows.set(&event).unwrap();
    assert_eq!(Windows.wait(&[&event, first, second], true, Timeout::Now).unwrap(), Waited::Abandoned(0));
    assert_eq!(state(first), Some(State::Mutex { count: 2, abandoned: false, mine: true }));
    assert_eq!(state(second), Some(State::Mutex { count: 1, abandoned: false, mine: true }));
}

#[test]
fn one_object_may_be_there_twice_for_any() {
    let semaphore = sync(None, &SEMAPHORE);
    let again = Windows.duplicate(&semaphore, None, false).unwrap();
    Windows.release_semaphore(&semaphore, 2).unwrap();
    for other in [&semaphore, &again] {
        assert_eq!(Windows.wait(&[&semaphore, other], false, Timeout::Now).unwrap(), Waited::Signaled(0));
    }
    assert_eq!(try_wait(&semaphore), Waited::TimedOut);
}

#[test]
fn one_object_must_not_be_there_twice_for_all() {
    let semaphore = sync(None, &SEMAPHORE);
    let again = Windows.duplicate(&semaphore, None, false).unwrap();
    for other in [&semaphore, &again] {
        let twice = Windows.wait(&[&semaphore, other], true, Timeout::Now);
        assert_fails(twice, ErrorKind::InvalidParameter, 87);
    }
}

#[test]
fn a_wait_takes_1_to_64_objects() {
    let event = sync(None, &Spec::Event { manual: true, signaled: true });
    let unset = sync(None, &EVENT);
    let mut many = vec![&unset; 63];
    many.push(&event);
    assert_eq!(Windows.wait(&many, false, Timeout::Now).unwrap(), Waited::Signaled(63));
    many.push(&event);
    assert_fails(Windows.wait(&many, false, Timeout::Now), ErrorKind::InvalidParameter, 87);
    assert_fails(Windows.wait(&[], true, Timeout::Now), ErrorKind::InvalidParameter, 87);
}

#[test]
fn a_listing_tells_the_state() {
    let name = name("listed");
    let event = sync(Some(&name), &EVENT);
    Windows.set(&event).unwrap();
    let entry = Windows.inspect(&name).unwrap();
    assert_eq!(entry.info.unwrap().state, Some(State::Event { manual: false, signaled: true }));
    assert_eq!(try_wait(&event), Waited::Signaled(0), "to look is not to take");
}

#[test]
fn a_sync_object_is_a_windows_handle_and_back() {
    let mutex = Mutex::options().initially_owned(true).create_unnamed().unwrap();
    let narrow = mutex.duplicate(Some(Access::SYNCHRONIZE), false).unwrap();
    let owned = OwnedHandle::from(narrow);
    let error = Event::try_from(owned.try_clone().unwrap()).unwrap_err();
    assert_eq!((error.kind(), error.windows_code()), (ErrorKind::InvalidHandle, 6));
    let back = Mutex::try_from(owned).unwrap();
    assert_eq!(back.0.handle().access(), Access::SYNCHRONIZE);
    back.release().unwrap();
    assert_eq!(back.release().unwrap_err().kind(), ErrorKind::NotOwner);
    let all = Mutex::try_from(mutex.as_handle().try_clone_to_owned().unwrap()).unwrap();
    assert_eq!(all.0.handle().access(), Access::SYNC_ALL);
    let thread = std::thread::spawn(|| {});
    let foreign = std::os::windows::io::AsHandle::as_handle(&thread).try_clone_to_owned().unwrap();
    assert_eq!(Event::try_from(foreign).unwrap_err().kind(), ErrorKind::InvalidHandle);
    thread.join().unwrap();
}

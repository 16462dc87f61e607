//! Sync objects that a child process inherits: what it does with them its parent sees, on every system.
//!
//! # Safety
//! Each child takes each value over once, and its parent made it for this child.
#![allow(unsafe_code)]

mod common;

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex as Lock, MutexGuard as LockGuard, PoisonError};
use std::thread;
use std::time::Duration;

use lasthandle::{
    Acquired, Due, ErrorKind, Event, Mapping, Mutex, Result, Semaphore, Timeout, Timer, Waitable, Waited,
};

/// Tells a child what to do, and the values of what it inherits.
const TASK: &str = "LASTHANDLE_TEST_TASK";

/// A bound for what is certain to happen, so that a test that fails does not hang.
const PATIENCE: Timeout = Timeout::After(Duration::from_secs(60));

/// A child gets every inheritable handle that its parent has at that moment, other tests' too.
static ONE_AT_A_TIME: Lock<()> = Lock::new(());

fn alone() -> LockGuard<'static, ()> {
    common::root();
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This very program, as a child that does one thing.
fn child(task: &str, values: &[Option<u64>]) -> Child {
    let values: Vec<String> = values.iter().map(|value| value.expect("it is inheritable").to_string()).collect();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", "child_of_the_others"]).env(TASK, format!("{task} {}", values.join(" ")));
    #[cfg(target_os = "linux")]
    command.env("LASTHANDLE_ROOT", common::path());
    command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
}

/// In a child: does what its parent wants. In an ordinary run of the tests: nothing.
#[test]
fn child_of_the_others() {
    let Ok(task) = std::env::var(TASK) else { return };
    let mut words = task.split_whitespace();
    let task = words.next().unwrap();
    let values: Vec<u64> = words.map(|value| value.parse().unwrap()).collect();
    match (task, &values[..]) {
        ("use", &[ask, answer, mutex, semaphore, timer]) => use_all(ask, answer, mutex, semaphore, timer),
        ("own", &[owns, mutex]) => own_for_ever(owns, mutex),
        ("mistake", values) => mistake(values),
        other => panic!("{other:?}"),
    }
}

fn event(value: u64) -> Event {
    // SAFETY: by this module's promise.
    unsafe { Event::from_inherited(value) }.unwrap()
}

fn mutex(value: u64) -> Mutex {
    // SAFETY: by this module's promise.
    unsafe { Mutex::from_inherited(value) }.unwrap()
}

/// Ends as the owner of the mutex.
fn use_all(ask: u64, answer: u64, mutex_value: u64, semaphore: u64, timer: u64) {
    let (ask, answer, mutex) = (event(ask), event(answer), mutex(mutex_value));
    // SAFETY: by this module's promise.
    let semaphore = unsafe { Semaphore::from_inherited(semaphore) }.unwrap();
    // SAFETY: by this module's promise.
    let timer = unsafe { Timer::from_inherited(timer) }.unwrap();
    assert!(ask.opened_existing() && ask.label().is_none() && ask.inherit_value().is_none());
    assert_eq!(ask.wait(PATIENCE).unwrap(), Waited::Signaled(0));
    assert_eq!(ask.wait(Timeout::Now).unwrap(), Waited::TimedOut, "an auto-reset one here too");
    assert!(mutex.try_lock().unwrap().is_none(), "its parent owns it");
    assert_eq!(semaphore.release(3).unwrap(), 1);
    assert_eq!(semaphore.release(2).unwrap_err().kind(), ErrorKind::TooManyPosts, "the maximum came along");
    timer.arm(Due::After(Duration::ZERO), Duration::ZERO).unwrap();
    answer.set().unwrap();
    std::mem::forget(mutex.lock().unwrap());
}

/// Owns the mutex until it is killed, or its parent closes its input.
fn own_for_ever(owns: u64, value: u64) {
    let (owns, mutex) = (event(owns), mutex(value));
    let _guard = mutex.lock().unwrap();
    owns.set().unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// Takes each for something else.
fn mistake(values: &[u64]) {
    #[track_caller]
    fn refused<T>(result: Result<T>) {
        let Err(error) = result else { panic!("taken for something else") };
        assert_eq!((error.kind(), error.windows_code()), (ErrorKind::InvalidHandle, 6), "{error}");
    }
    let &[event, mutex, semaphore, timer, mapping] = values else { panic!("{values:?}") };
    // SAFETY: by this module's promise; this one, as those below.
    refused(unsafe { Mutex::from_inherited(event) });
    // SAFETY: as above.
    refused(unsafe { Event::from_inherited(mutex) });
    // SAFETY: as above.
    refused(unsafe { Timer::from_inherited(semaphore) });
    // SAFETY: as above.
    refused(unsafe { Mapping::from_inherited(timer) });
    // SAFETY: as above.
    refused(unsafe { Semaphore::from_inherited(mapping) });
    // SAFETY: no handle and no descriptor, and it stays none.
    refused(unsafe { Event::from_inherited(u64::MAX) });
    // SAFETY: as above.
    refused(unsafe { Event::from_inherited(0x7FFF_FFF0) });
}

#[track_caller]
fn abandoned_once(mutex: &Mutex) {
    let Some(Acquired::Abandoned(guard)) = mutex.lock_within(PATIENCE).unwrap() else {
        panic!("abandoned, and told so")
    };
    drop(guard);
    let told_again = thread::scope(|scope| scope.spawn(|| mutex.lock().unwrap().is_abandoned()).join()).unwrap();
    assert!(!told_again);
}

fn parent_and_child(name: Option<&str>) {
    let named = |part: &str| name.map(|name| format!("{}-{part}", common::name(name)));
    macro_rules! make {
        ($options:expr, $part:literal) => {
            match named($part) {
                Some(name) => $options.inheritable(true).create_new(name),
                None => $options.inheritable(true).create_unnamed(),
            }
            .unwrap()
        };
    }
    let (ask, answer) = (make!(Event::options(), "ask"), make!(Event::options(), "answer"));
    let mutex = make!(Mutex::options(), "mutex");
    let semaphore = make!(Semaphore::options().initial(1).maximum(5), "semaphore");
    let timer = make!(Timer::options().manual_reset(true), "timer");
    let values = [
        ask.inherit_value(),
        answer.inherit_value(),
        mutex.inherit_value(),
        semaphore.inherit_value(),
        timer.inherit_value(),
    ];
    let guard = mutex.lock().unwrap().guard();
    let mut child = child("use", &values);
    ask.set().unwrap();
    assert_eq!(answer.wait(PATIENCE).unwrap(), Waited::Signaled(0));
    for _ in 0..4 {
        assert_eq!(semaphore.wait(Timeout::Now).unwrap(), Waited::Signaled(0));
    }
    assert_eq!(semaphore.wait(Timeout::Now).unwrap(), Waited::TimedOut, "one of its own, three of the child's");
    assert_eq!(timer.wait(PATIENCE).unwrap(), Waited::Signaled(0));
    drop(guard);
    assert!(child.wait().unwrap().success());
    abandoned_once(&mutex);
}

#[test]
fn named_ones() {
    let _alone = alone();
    parent_and_child(Some("family"));
}

#[test]
fn unnamed_ones() {
    let _alone = alone();
    parent_and_child(None);
}

fn killed_owner(mutex: &Mutex) {
    let owns = Event::options().inheritable(true).create_unnamed().unwrap();
    let mut child = child("own", &[owns.inherit_value(), mutex.inherit_value()]);
    assert_eq!(owns.wait(PATIENCE).unwrap(), Waited::Signaled(0));
    assert!(mutex.try_lock().unwrap().is_none(), "the child owns it");
    child.kill().unwrap();
    abandoned_once(mutex);
    child.wait().unwrap();
}

#[test]
fn a_killed_child_abandons_what_it_inherited() {
    let _alone = alone();
    killed_owner(&Mutex::options().inheritable(true).create(common::name("killed-owner")).unwrap());
    killed_owner(&Mutex::options().inheritable(true).create_unnamed().unwrap());
}

#[test]
fn a_child_keeps_the_name_as_long_as_it_lives() {
    let _alone = alone();
    let name = common::name("kept-by-a-child");
    let owns = Event::options().inheritable(true).create(&name).unwrap();
    let mutex = Mutex::options().inheritable(true).create_unnamed().unwrap();
    let mut child = child("own", &[owns.inherit_value(), mutex.inherit_value()]);
    assert_eq!(owns.wait(PATIENCE).unwrap(), Waited::Signaled(0));
    drop(owns);
    Event::open(&name).expect("the child holds it").set().unwrap();
    assert_eq!(Event::open(&name).unwrap().wait(Timeout::Now).unwrap(), Waited::Signaled(0), "the same one still");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(Event::open(&name).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn what_is_of_another_kind_is_refused() {
    let _alone = alone();
    let event = Event::options().inheritable(true).create_unnamed().unwrap();
    let mutex = Mutex::options().inheritable(true).create(common::name("mistaken-mutex")).unwrap();
    let semaphore = Semaphore::options().maximum(1).inheritable(true).create_unnamed().unwrap();
    let timer = Timer::options().inheritable(true).create(common::name("mistaken-timer")).unwrap();
    let mapping = Mapping::options().size(1).inheritable(true).create(common::name("mistaken-mapping")).unwrap();
    let values = [
        event.inherit_value(),
        mutex.inherit_value(),
        semaphore.inherit_value(),
        timer.inherit_value(),
        mapping.inherit_value(),
    ];
    assert!(child("mistake", &values).wait().unwrap().success());
}

#[test]
fn only_who_is_asked_to_be_is_inheritable() {
    let _alone = alone();
    let named = Event::create(common::name("not-for-children")).unwrap();
    for event in [named, Event::options().create_unnamed().unwrap()] {
        assert_eq!(event.inherit_value(), None);
        let heirloom = event.duplicate(None, true).unwrap();
        assert!(heirloom.inherit_value().is_some());
        assert_eq!(heirloom.try_clone().unwrap().inherit_value(), None);
        let mutex = Mutex::options().inheritable(true).create_unnamed().unwrap();
        let mut child = child("own", &[heirloom.inherit_value(), mutex.inherit_value()]);
        assert_eq!(event.wait(PATIENCE).unwrap(), Waited::Signaled(0), "it is the same event");
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success());
        assert!(!mutex.lock().unwrap().is_abandoned());
    }
}

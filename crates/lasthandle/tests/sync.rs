//! What sync objects promise their user, on every system: the verbs, waiting, threads, names across kinds.

mod common;

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use lasthandle::{
    Access, Acquired, Due, ErrorKind, Event, Kind, Mapping, Mutex, Result, Semaphore, State, Timeout, Timer, Waitable,
    Waited, inspect, signal_and_wait, wait_all, wait_any,
};

/// Long enough that a thread which ought to wait is seen to.
const MOMENT: Duration = Duration::from_millis(50);

/// A bound for what is certain to happen, so that a test that fails does not hang.
const PATIENCE: Timeout = Timeout::After(Duration::from_secs(60));

/// A tick of Windows' clock: a timer may be due that much early by the finer clock that the tests measure with.
const TICK: Duration = Duration::from_millis(16);

#[track_caller]
fn refused<T>(result: Result<T>) -> (ErrorKind, u32) {
    let Err(error) = result else { panic!("it must fail") };
    (error.kind(), error.windows_code())
}

/// Runs something in a thread of its own, which has ended when this returns.
fn elsewhere<R: Send>(what: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| scope.spawn(what).join()).unwrap()
}

fn event() -> Event {
    Event::options().create_unnamed().unwrap()
}

fn mutex() -> Mutex {
    Mutex::options().create_unnamed().unwrap()
}

#[test]
fn an_auto_event_lets_one_go_and_a_manual_one_all() {
    let auto = event();
    assert_eq!(auto.wait(Timeout::Now).unwrap(), Waited::TimedOut);
    auto.set().unwrap();
    auto.set().unwrap();
    assert_eq!(auto.wait(Timeout::Now).unwrap(), Waited::Signaled(0));
    assert_eq!(auto.wait(Timeout::Now).unwrap(), Waited::TimedOut, "set twice is set once");
    let manual = Event::options().manual_reset(true).signaled(true).create_unnamed().unwrap();
    for _ in 0..2 {
        assert_eq!(elsewhere(|| manual.wait(Timeout::Now)).unwrap(), Waited::Signaled(0));
    }
    manual.reset().unwrap();
    assert_eq!(manual.wait(Timeout::Now).unwrap(), Waited::TimedOut);
    assert_eq!(manual.info().unwrap().state, Some(State::Event { manual: true, signaled: false }));
}

#[test]
fn a_pulse_reaches_who_waits_and_nobody_later() {
    let event = Event::options().manual_reset(true).create_unnamed().unwrap();
    thread::scope(|scope| {
        let waiters = [0; 3].map(|_| scope.spawn(|| event.wait(PATIENCE).unwrap()));
        // Nothing tells that a thread has begun to wait: one that had not been there yet is reached by the next pulse.
        while !waiters.iter().all(thread::ScopedJoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(10));
            event.pulse().unwrap();
        }
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), Waited::Signaled(0));
        }
    });
    assert_eq!(event.wait(Timeout::Now).unwrap(), Waited::TimedOut);
}

#[test]
fn what_was_written_before_a_set_is_seen_after_the_wait() {
    let _root = common::root();
    let name = common::name("hand-over");
    let (full, empty) = (Event::create(format!("{name}-full")).unwrap(), event());
    let mapping = Mapping::create(&name, 8).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let (full, view) = (Event::open(format!("{name}-full")).unwrap(), mapping.view().unwrap());
            for number in 0..500_u64 {
                view.write(0, &number).unwrap();
                signal_and_wait(&full, &empty, PATIENCE).unwrap();
            }
        });
        let view = mapping.view().unwrap();
        for number in 0..500_u64 {
            assert_eq!(full.wait(PATIENCE).unwrap(), Waited::Signaled(0));
            assert_eq!(view.read::<u64>(0).unwrap(), number);
            empty.set().unwrap();
        }
    });
}

#[test]
fn a_mutex_is_taken_again_by_its_owner_and_by_nobody_else() {
    let mutex = mutex();
    let first = mutex.lock().unwrap();
    assert!(!first.is_abandoned());
    let second = mutex.try_lock().unwrap().expect("its own");
    assert!(elsewhere(|| mutex.try_lock().unwrap().is_none()));
    assert_eq!(refused(elsewhere(|| mutex.release())), (ErrorKind::NotOwner, 288));
    drop(first);
    assert!(elsewhere(|| mutex.try_lock().unwrap().is_none()), "taken twice, released once");
    drop(second);
    assert!(elsewhere(|| mutex.try_lock().unwrap().is_some()));
    assert_eq!(refused(mutex.release()), (ErrorKind::NotOwner, 288));
}

#[test]
fn a_mutex_excludes() {
    let _root = common::root();
    let name = common::name("excludes");
    let mapping = Mapping::create(&name, 8).unwrap();
    let _mutex = Mutex::create(format!("{name}-lock")).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let (mutex, view) = (Mutex::open(format!("{name}-lock")).unwrap(), mapping.view().unwrap());
                for _ in 0..500 {
                    let _guard = mutex.lock().unwrap().guard();
                    let count = view.read::<u64>(0).unwrap();
                    view.write(0, &(count + 1)).unwrap();
                }
            });
        }
    });
    assert_eq!(mapping.view().unwrap().read::<u64>(0).unwrap(), 2000);
}

#[test]
fn an_ended_owner_is_told_once() {
    let mutex = Mutex::options().create_unnamed().unwrap();
    elsewhere(|| std::mem::forget(mutex.lock().unwrap()));
    let acquired = mutex.lock().unwrap();
    assert!(acquired.is_abandoned());
    drop(acquired);
    assert!(matches!(mutex.lock().unwrap(), Acquired::Owned(_)));
    assert_eq!(mutex.info().unwrap().state, Some(State::Mutex { count: 0, abandoned: false, mine: false }));
}

#[test]
fn a_sleeper_is_told_that_the_owner_has_ended() {
    let mutex = mutex();
    let owned = event();
    thread::scope(|scope| {
        scope.spawn(|| {
            std::mem::forget(mutex.lock().unwrap());
            owned.set().unwrap();
            thread::sleep(MOMENT);
        });
        owned.wait(PATIENCE).unwrap();
        let acquired = mutex.lock_within(PATIENCE).unwrap().expect("there is time enough");
        assert!(acquired.is_abandoned());
    });
}

#[test]
fn the_creator_may_own_a_fresh_mutex_but_no_existing_one() {
    let _root = common::root();
    let name = common::name("owned");
    let mutex = Mutex::options().initially_owned(true).create(&name).unwrap();
    assert!(elsewhere(|| {
        let same = Mutex::options().initially_owned(true).create(&name).unwrap();
        same.opened_existing() && same.try_lock().unwrap().is_none()
    }));
    mutex.release().unwrap();
    assert_eq!(refused(mutex.release()), (ErrorKind::NotOwner, 288));
}

#[test]
fn a_semaphore_counts_up_to_its_maximum() {
    let semaphore = Semaphore::options().initial(1).maximum(3).create_unnamed().unwrap();
    assert_eq!(semaphore.release(2).unwrap(), 1);
    assert_eq!(refused(semaphore.release(1)), (ErrorKind::TooManyPosts, 298));
    for count in [0, -1, i32::MIN] {
        assert_eq!(refused(semaphore.release(count)), (ErrorKind::InvalidParameter, 87));
    }
    for _ in 0..3 {
        assert_eq!(semaphore.wait(Timeout::Now).unwrap(), Waited::Signaled(0));
    }
    assert_eq!(semaphore.wait(Timeout::Now).unwrap(), Waited::TimedOut);
    assert_eq!(refused(semaphore.release(i32::MAX)), (ErrorKind::TooManyPosts, 298));
    assert_eq!(semaphore.info().unwrap().state, Some(State::Semaphore { count: 0, maximum: 3 }));
    for (initial, maximum) in [(0, 0), (-1, 1), (2, 1), (0, -1)] {
        let senseless = Semaphore::options().initial(initial).maximum(maximum).create_unnamed();
        assert_eq!(refused(senseless), (ErrorKind::InvalidParameter, 87));
    }
}

#[test]
fn a_timer_is_due_after_a_while_and_at_a_time() {
    let timer = Timer::options().create_unnamed().unwrap();
    for due in [|| Due::After(MOMENT), || Due::At(SystemTime::now() + MOMENT)] {
        let start = Instant::now();
        timer.arm(due(), Duration::ZERO).unwrap();
        assert_eq!(timer.wait(Timeout::Now).unwrap(), Waited::TimedOut);
        assert_eq!(timer.wait(PATIENCE).unwrap(), Waited::Signaled(0));
        assert!(start.elapsed() + TICK >= MOMENT, "{:?}", start.elapsed());
        assert_eq!(timer.wait(Timeout::Now).unwrap(), Waited::TimedOut, "due once, one go");
    }
    timer.arm(Due::At(SystemTime::UNIX_EPOCH), Duration::ZERO).unwrap();
    assert_eq!(timer.wait(Timeout::Now).unwrap(), Waited::Signaled(0), "past is due");
}

#[test]
fn a_manual_timer_stays_due_and_a_cancelled_one_never_is() {
    let timer = Timer::options().manual_reset(true).create_unnamed().unwrap();
    timer.arm(Due::After(Duration::ZERO), Duration::ZERO).unwrap();
    for _ in 0..2 {
        assert_eq!(timer.wait(PATIENCE).unwrap(), Waited::Signaled(0));
    }
    timer.cancel().unwrap();
    assert_eq!(timer.wait(Timeout::Now).unwrap(), Waited::Signaled(0), "its state stays");
    timer.arm(Due::After(MOMENT), Duration::ZERO).unwrap();
    timer.cancel().unwrap();
    assert_eq!(timer.wait(Timeout::After(2 * MOMENT)).unwrap(), Waited::TimedOut);
}

#[test]
fn a_periodic_timer_is_due_again_and_again() {
    let timer = Timer::options().create_unnamed().unwrap();
    let start = Instant::now();
    let period = Duration::from_millis(20);
    timer.arm(Due::After(period), period).unwrap();
    for _ in 0..4 {
        assert_eq!(timer.wait(PATIENCE).unwrap(), Waited::Signaled(0));
    }
    assert!(start.elapsed() + TICK >= 4 * period, "{:?}", start.elapsed());
}

#[test]
fn any_takes_the_first_and_leaves_the_others() {
    let (event, semaphore, mutex) = (event(), Semaphore::options().initial(1).create_unnamed().unwrap(), mutex());
    let all: [&dyn Waitable; 3] = [&event, &semaphore, &mutex];
    assert_eq!(wait_any(&all, Timeout::Now).unwrap(), Waited::Signaled(1));
    assert_eq!(wait_any(&all, Timeout::Now).unwrap(), Waited::Signaled(2), "one's own counts as signaled");
    event.set().unwrap();
    assert_eq!(wait_any(&all, Timeout::Now).unwrap(), Waited::Signaled(0));
    mutex.release().unwrap();
    elsewhere(|| std::mem::forget(mutex.lock().unwrap()));
    assert_eq!(wait_any(&all, Timeout::Now).unwrap(), Waited::Abandoned(2));
    mutex.release().unwrap();
    assert_eq!(wait_any(&[&event, &event], Timeout::Now).unwrap(), Waited::TimedOut, "twice is no error");
}

#[test]
fn all_takes_everything_at_once_or_nothing() {
    let (event, semaphore, mutex) = (event(), Semaphore::options().create_unnamed().unwrap(), mutex());
    let all: [&dyn Waitable; 3] = [&event, &semaphore, &mutex];
    event.set().unwrap();
    assert_eq!(wait_all(&all, MOMENT).unwrap(), Waited::TimedOut);
    assert_eq!(refused(mutex.release()), (ErrorKind::NotOwner, 288));
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let waited = wait_all(&all, PATIENCE).unwrap();
            mutex.release().unwrap();
            waited
        });
        thread::sleep(MOMENT);
        assert!(!waiter.is_finished());
        assert!(mutex.try_lock().unwrap().is_some(), "nothing is taken meanwhile");
        semaphore.release(1).unwrap();
        assert_eq!(waiter.join().unwrap(), Waited::Signaled(0));
    });
    for object in [&event as &dyn Waitable, &semaphore] {
        assert_eq!(object.wait(Timeout::Now).unwrap(), Waited::TimedOut);
    }
}

#[test]
fn a_wait_takes_1_to_64_objects() {
    let event = Event::options().manual_reset(true).signaled(true).create_unnamed().unwrap();
    let many = |count| vec![&event as &dyn Waitable; count];
    assert_eq!(wait_any(&many(64), Timeout::Now).unwrap(), Waited::Signaled(0));
    for count in [0, 65] {
        assert_eq!(refused(wait_any(&many(count), Timeout::Now)), (ErrorKind::InvalidParameter, 87));
        assert_eq!(refused(wait_all(&many(count), Timeout::Now)), (ErrorKind::InvalidParameter, 87));
    }
}

#[test]
fn a_timeout_is_never_too_short_and_never_overflows() {
    let event = event();
    for timeout in [Duration::from_nanos(1), Duration::from_micros(1500), MOMENT] {
        let start = Instant::now();
        assert_eq!(event.wait(timeout.into()).unwrap(), Waited::TimedOut);
        assert_eq!(wait_any(&[&event], Instant::now() + timeout).unwrap(), Waited::TimedOut, "a deadline");
        assert!(start.elapsed() >= 2 * timeout);
    }
    for timeout in [Duration::from_millis(u64::MAX), Duration::MAX] {
        event.set().unwrap();
        assert_eq!(event.wait(timeout.into()).unwrap(), Waited::Signaled(0));
    }
}

#[test]
fn signal_and_wait_keeps_the_signal_and_waits_for_nothing_after_a_failed_one() {
    let (first, second) = (event(), event());
    assert_eq!(signal_and_wait(&first, &second, Timeout::Now).unwrap(), Waited::TimedOut);
    assert_eq!(first.wait(Timeout::Now).unwrap(), Waited::Signaled(0));
    let (mutex, full) = (mutex(), Semaphore::options().initial(1).maximum(1).create_unnamed().unwrap());
    second.set().unwrap();
    assert_eq!(refused(signal_and_wait(&mutex, &second, Timeout::Now)), (ErrorKind::NotOwner, 288));
    assert_eq!(refused(signal_and_wait(&full, &second, Timeout::Now)), (ErrorKind::TooManyPosts, 298));
    let timer = Timer::options().create_unnamed().unwrap();
    assert_eq!(refused(signal_and_wait(&timer, &second, Timeout::Now)), (ErrorKind::InvalidHandle, 6));
    std::mem::forget(mutex.lock().unwrap());
    assert_eq!(signal_and_wait(&mutex, &second, Timeout::Now).unwrap(), Waited::Signaled(0), "it was never taken");
    assert!(elsewhere(|| mutex.try_lock().unwrap().is_some()));
}

#[test]
fn each_verb_needs_its_right() {
    let (event, mutex) = (event(), mutex());
    let deaf = event.duplicate(Some(Access::MODIFY), false).unwrap();
    deaf.set().unwrap();
    assert_eq!(refused(deaf.wait(Timeout::Now)), (ErrorKind::AccessDenied, 5));
    let waits = event.duplicate(Some(Access::SYNCHRONIZE), false).unwrap();
    assert_eq!(refused(waits.set()), (ErrorKind::AccessDenied, 5));
    assert_eq!(waits.wait(Timeout::Now).unwrap(), Waited::Signaled(0));
    assert_eq!(refused(waits.duplicate(Some(Access::SYNC_ALL), false)), (ErrorKind::AccessDenied, 5));
    std::mem::forget(mutex.lock().unwrap());
    mutex.duplicate(Some(Access::NONE), false).unwrap().release().unwrap();
}

#[test]
fn a_name_of_one_kind_is_no_name_of_another() {
    let _root = common::root();
    let name = common::name("kinds");
    let wrong = (ErrorKind::WrongKind, 6);
    let event = Event::create(&name).unwrap();
    assert_eq!(refused(Mutex::create(&name)), wrong);
    assert_eq!(refused(Semaphore::open(&name)), wrong);
    assert_eq!(refused(Timer::options().create_new(&name)), wrong);
    assert_eq!(refused(Mapping::open(&name)), wrong);
    assert_eq!(inspect(&name).unwrap().info.unwrap().kind, Kind::Event);
    drop(event);
    assert_eq!(refused(Event::open(&name)), (ErrorKind::NotFound, 2));
    let mapping = Mapping::create(&name, 1).unwrap();
    assert_eq!(refused(Event::create(&name)), wrong);
    assert_eq!(refused(Mutex::open(&name)), wrong);
    drop(mapping);
    let _mutex = Mutex::create(&name).unwrap();
    assert_eq!(refused(Event::open(&name)), wrong);
}

#[test]
fn an_object_lives_as_long_as_its_last_handle() {
    let _root = common::root();
    let name = common::name("lives");
    let first = Semaphore::create(&name, 1, 2).unwrap();
    let second = Semaphore::create(&name, 0, 9).unwrap();
    assert!(!first.opened_existing() && second.opened_existing());
    assert_eq!(refused(Semaphore::options().create_new(&name)), (ErrorKind::AlreadyExists, 183));
    let third = second.try_clone().unwrap();
    drop((first, second));
    assert_eq!(third.release(1).unwrap(), 1, "the existing object wins entirely");
    drop(third);
    assert_eq!(refused(Semaphore::open(&name)), (ErrorKind::NotFound, 2));
    assert_eq!(Semaphore::create(&name, 0, 9).unwrap().release(9).unwrap(), 0, "a fresh one");
}

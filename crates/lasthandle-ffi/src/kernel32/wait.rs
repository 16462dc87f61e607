//! Waiting. An alertable wait also ends when something is queued to the thread, which runs then: `threads/apc.rs`.

use std::sync::Arc;
use std::time::Duration;

use arrayvec::ArrayVec;
use lasthandle::{
    Alert, MAXIMUM_WAIT_OBJECTS, Timeout, Waitable, Waited, signal_and_wait, signal_and_wait_alertable, wait_all,
    wait_all_alertable, wait_any, wait_any_alertable,
};
use rustix::thread::{NanosleepRelativeResult, nanosleep};
use rustix::time::Timespec;

use super::call::{call, export, export_unwinding};
use super::code::Code;
use super::object::Object;
use super::pointer::In;
use super::table::{self, Entry};
use super::threads::{self, Ready, alertable};
use super::types::{
    BOOL, CURRENT_PROCESS, CURRENT_THREAD, HANDLE, INFINITE, WAIT_ABANDONED_0, WAIT_FAILED, WAIT_OBJECT_0, WAIT_TIMEOUT,
};

export! {
    /// Waits for one object.
    fn WaitForSingleObject(object: HANDLE, milliseconds: u32) -> u32 {
        call(WAIT_FAILED, || wait_for_one(object, milliseconds))
    }

    /// Waits for any of several objects, or for all at one instant.
    fn WaitForMultipleObjects(count: u32, objects: In<HANDLE>, all: BOOL, milliseconds: u32) -> u32 {
        call(WAIT_FAILED, || wait_for_several(count, objects, all != 0, milliseconds))
    }

    /// Sleeps.
    fn Sleep(milliseconds: u32) {
        call((), || {
            sleep(milliseconds);
            Ok(())
        });
    }
}

export_unwinding! {
    /// As `WaitForSingleObject`. Alertable: it also ends with what is queued to this thread, which has run then.
    fn WaitForSingleObjectEx(object: HANDLE, milliseconds: u32, alertable: BOOL) -> u32 {
        if alertable == 0 {
            return WaitForSingleObject(object, milliseconds);
        }
        let (ended, first) = call(FAILED, || alertable_for_one(object, milliseconds));
        threads::run(first);
        ended
    }

    /// As `WaitForMultipleObjects`, and alertable as above.
    fn WaitForMultipleObjectsEx(
        count: u32,
        objects: In<HANDLE>,
        all: BOOL,
        milliseconds: u32,
        alertable: BOOL,
    ) -> u32 {
        if alertable == 0 {
            return WaitForMultipleObjects(count, objects, all, milliseconds);
        }
        let (ended, first) = call(FAILED, || alertable_for_several(count, objects, all != 0, milliseconds));
        threads::run(first);
        ended
    }

    /// Signals one object and waits for another, alertable as above.
    fn SignalObjectAndWait(signal: HANDLE, object: HANDLE, milliseconds: u32, alertable: BOOL) -> u32 {
        let (ended, first) = call(FAILED, || signal_and_wait_for(signal, object, milliseconds, alertable != 0));
        threads::run(first);
        ended
    }

    /// Sleeps, alertable as above; 0: the time was up.
    fn SleepEx(milliseconds: u32, alertable: BOOL) -> u32 {
        if alertable == 0 {
            Sleep(milliseconds);
            return 0;
        }
        let (ended, first) = call((0, None), || alertable_sleep(milliseconds));
        threads::run(first);
        if ended == WAIT_TIMEOUT { 0 } else { ended }
    }
}

/// What an alertable wait returns, and the first of what is to run.
type Ended = (u32, Option<Ready>);

const FAILED: Ended = (WAIT_FAILED, None);

fn alertable_for_one(object: HANDLE, milliseconds: u32) -> Result<Ended, Code> {
    match table::get(object) {
        Ok(entry) => {
            let waitable = entry.object.waitable()?;
            alertable(milliseconds, outcome, |timeout, alert| Ok(waitable.wait_alertable(timeout, alert)?))
        }
        Err(Code::INVALID_HANDLE) if object == CURRENT_PROCESS || object == CURRENT_THREAD => {
            alertable_sleep(milliseconds)
        }
        Err(code) => Err(code),
    }
}

fn alertable_for_several(count: u32, objects: In<HANDLE>, all: bool, milliseconds: u32) -> Result<Ended, Code> {
    let entries = entries(count, objects)?;
    let waitables = waitables(&entries)?;
    let wait = if all { wait_all_alertable } else { wait_any_alertable };
    alertable(milliseconds, outcome, |timeout, alert| Ok(wait(&waitables, timeout, alert)?))
}

fn signal_and_wait_for(signal: HANDLE, object: HANDLE, milliseconds: u32, is_alertable: bool) -> Result<Ended, Code> {
    let (signal, object) = (table::get(signal)?, table::get(object)?);
    // Only these can be signalled by others. What else can be waited for signals itself.
    let Object::Sync(signal) = &signal.object else { return Err(Code::INVALID_HANDLE) };
    let signal = signal.waitable();
    let object = object.object.waitable()?;
    if !is_alertable {
        return Ok((outcome(signal_and_wait(signal, object, timeout(milliseconds))?), None));
    }
    let mut signal = Some(signal);
    alertable(milliseconds, outcome, |timeout, alert| {
        Ok(match signal.take() {
            Some(signal) => signal_and_wait_alertable(signal, object, timeout, alert)?,
            None => object.wait_alertable(timeout, alert)?,
        })
    })
}

fn alertable_sleep(milliseconds: u32) -> Result<Ended, Code> {
    let sleep = |timeout, alert: &Alert| Ok((!alert.sleep(timeout)).then_some(Waited::TimedOut));
    alertable(milliseconds, outcome, sleep)
}

#[inline]
fn wait_for_one(object: HANDLE, milliseconds: u32) -> Result<u32, Code> {
    // Most waits find the object signaled: those need no count of their own on it.
    let ended = table::with(object, |entry| {
        let waited = entry.object.wait(Timeout::Now)?;
        Ok(if waited == Waited::TimedOut && milliseconds != 0 { Err(entry.keep()) } else { Ok(waited) })
    });
    match ended {
        Ok(Ok(waited)) => Ok(outcome(waited)),
        Ok(Err(entry)) => Ok(outcome(entry.object.wait(timeout(milliseconds))?)),
        // This process, or this thread: neither has ended.
        Err(Code::INVALID_HANDLE) if object == CURRENT_PROCESS || object == CURRENT_THREAD => {
            sleep(milliseconds);
            Ok(WAIT_TIMEOUT)
        }
        Err(code) => Err(code),
    }
}

fn wait_for_several(count: u32, objects: In<HANDLE>, all: bool, milliseconds: u32) -> Result<u32, Code> {
    let entries = entries(count, objects)?;
    let wait = if all { wait_all } else { wait_any };
    Ok(outcome(wait(&waitables(&entries)?, timeout(milliseconds))?))
}

fn entries(count: u32, objects: In<HANDLE>) -> Result<Entries, Code> {
    let count = count as usize;
    if count == 0 || count > MAXIMUM_WAIT_OBJECTS {
        return Err(Code::INVALID_PARAMETER);
    }
    objects.array(count)?.map(table::get).collect()
}

fn waitables(entries: &Entries) -> Result<Waitables<'_>, Code> {
    entries.iter().map(|entry| entry.object.waitable()).collect()
}

type Entries = ArrayVec<Arc<Entry>, MAXIMUM_WAIT_OBJECTS>;
type Waitables<'a> = ArrayVec<&'a dyn Waitable, MAXIMUM_WAIT_OBJECTS>;

fn timeout(milliseconds: u32) -> Timeout {
    match milliseconds {
        0 => Timeout::Now,
        INFINITE => Timeout::Never,
        some => Timeout::After(Duration::from_millis(some.into())),
    }
}

/// By the bare system call: the C library's is a place where a thread may be cancelled, in the middle of this library.
fn sleep(milliseconds: u32) {
    let mut left =
        Timespec { tv_sec: i64::from(milliseconds / 1000), tv_nsec: i64::from(milliseconds % 1000) * 1_000_000 };
    if milliseconds == 0 {
        return std::thread::yield_now();
    }
    loop {
        match nanosleep(&left) {
            NanosleepRelativeResult::Interrupted(remaining) => left = remaining,
            NanosleepRelativeResult::Ok if milliseconds == INFINITE => {}
            _ => return,
        }
    }
}

fn outcome(waited: Waited) -> u32 {
    // At most 63, as there are at most 64 objects.
    let number = |index: usize| u32::try_from(index).unwrap_or(0);
    match waited {
        Waited::Signaled(index) => WAIT_OBJECT_0 + number(index),
        Waited::Abandoned(index) => WAIT_ABANDONED_0 + number(index),
        Waited::TimedOut => WAIT_TIMEOUT,
    }
}

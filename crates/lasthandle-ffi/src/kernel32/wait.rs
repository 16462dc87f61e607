//! Waiting. Nothing can be queued to a thread yet (`QueueUserAPC`), so an alertable wait is a wait like any other.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use arrayvec::ArrayVec;
use lasthandle::{MAXIMUM_WAIT_OBJECTS, Timeout, Waitable, Waited, signal_and_wait, wait_all, wait_any};

use super::call::{call, export};
use super::code::Code;
use super::pointer::In;
use super::table::{self, Entry};
use super::types::{
    BOOL, CURRENT_PROCESS, CURRENT_THREAD, HANDLE, INFINITE, WAIT_ABANDONED_0, WAIT_FAILED, WAIT_OBJECT_0, WAIT_TIMEOUT,
};

export! {
    /// Waits for one object.
    fn WaitForSingleObject(object: HANDLE, milliseconds: u32) -> u32 {
        call(WAIT_FAILED, || wait_for_one(object, milliseconds))
    }

    /// The same.
    fn WaitForSingleObjectEx(object: HANDLE, milliseconds: u32, _alertable: BOOL) -> u32 {
        WaitForSingleObject(object, milliseconds)
    }

    /// Waits for any of several objects, or for all at one instant.
    fn WaitForMultipleObjects(count: u32, objects: In<HANDLE>, all: BOOL, milliseconds: u32) -> u32 {
        call(WAIT_FAILED, || wait_for_several(count, objects, all != 0, milliseconds))
    }

    /// The same.
    fn WaitForMultipleObjectsEx(
        count: u32,
        objects: In<HANDLE>,
        all: BOOL,
        milliseconds: u32,
        _alertable: BOOL,
    ) -> u32 {
        WaitForMultipleObjects(count, objects, all, milliseconds)
    }

    /// Signals one object and waits for another.
    fn SignalObjectAndWait(signal: HANDLE, object: HANDLE, milliseconds: u32, _alertable: BOOL) -> u32 {
        call(WAIT_FAILED, || {
            let (signal, object) = (table::get(signal)?, table::get(object)?);
            // A section cannot be signalled at all: that is the wrong handle. Waiting for one is denied.
            let signal = signal.object.waitable().map_err(|_| Code::INVALID_HANDLE)?;
            Ok(outcome(signal_and_wait(signal, object.object.waitable()?, timeout(milliseconds))?))
        })
    }

    /// Sleeps.
    fn Sleep(milliseconds: u32) {
        call((), || {
            sleep(milliseconds);
            Ok(())
        });
    }

    /// The same; 0: the time was up.
    fn SleepEx(milliseconds: u32, _alertable: BOOL) -> u32 {
        Sleep(milliseconds);
        0
    }
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
    let count = count as usize;
    if count == 0 || count > MAXIMUM_WAIT_OBJECTS {
        return Err(Code::INVALID_PARAMETER);
    }
    let entries: Entries = objects.array(count)?.map(table::get).collect::<Result<_, _>>()?;
    let waitables: Waitables<'_> = entries.iter().map(|entry| entry.object.waitable()).collect::<Result<_, _>>()?;
    let wait = if all { wait_all } else { wait_any };
    Ok(outcome(wait(&waitables, timeout(milliseconds))?))
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

fn sleep(milliseconds: u32) {
    match milliseconds {
        0 => thread::yield_now(),
        INFINITE => loop {
            thread::sleep(Duration::from_secs(u64::from(u32::MAX)));
        },
        some => thread::sleep(Duration::from_millis(some.into())),
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

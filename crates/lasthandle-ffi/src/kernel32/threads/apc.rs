//! Calls that are queued to a thread, and run when it waits alertably.
//!
//! A routine may end its thread, and C++ lets it throw: the stack below it is then taken down. So routines are called
//! from functions that have nothing to drop, through the interface that may unwind.

use std::time::{Duration, Instant};

use lasthandle::{Alert, Timeout, Waited};

use super::queue::{Argument, Routine, TimerRoutine, cancel};
use super::registry;
use crate::kernel32::call::{export, succeeds};
use crate::kernel32::code::Code;
use crate::kernel32::object::Object;
use crate::kernel32::process::Role;
use crate::kernel32::table;
use crate::kernel32::types::{CURRENT_THREAD, HANDLE, INFINITE, WAIT_IO_COMPLETION, WAIT_TIMEOUT};

/// `PAPCFUNC`.
pub(crate) type UserRoutine = extern "C-unwind" fn(usize);

/// `THREAD_SET_CONTEXT`
const SET_CONTEXT: u32 = 0x10;

export! {
    /// Queues a call to a thread of this process. It runs when that thread waits alertably, or before it begins.
    fn QueueUserAPC(routine: Option<UserRoutine>, thread: HANDLE, argument: usize) -> u32 {
        succeeds(|| {
            let routine = routine.ok_or(Code::INVALID_PARAMETER)?;
            if thread == CURRENT_THREAD {
                return queue(&registry::current(), routine, argument);
            }
            let entry = table::get(thread)?;
            match &entry.object {
                Object::Thread(thread) => queue(thread.allows(SET_CONTEXT)?, routine, argument),
                // The first thread of a child: nobody can queue to another process.
                Object::Process(process) if process.role() == Role::MainThread => Err(Code::NOT_SUPPORTED),
                _ => Err(Code::INVALID_HANDLE),
            }
        }).unsigned_abs()
    }
}

fn queue(body: &super::object::Body, routine: UserRoutine, argument: usize) -> Result<(), Code> {
    if body.has_ended() {
        return Err(Code::GEN_FAILURE);
    }
    let mut state = body.lock();
    if state.has_ended {
        return Err(Code::GEN_FAILURE);
    }
    state.queue.push(routine, argument);
    drop(state);
    body.alert.raise();
    Ok(())
}

/// A timer's routine goes to the calling thread, which has just armed it.
pub(crate) fn arm(routine: Routine) {
    registry::current().lock().queue.arm(routine);
    let _ = CANCELS.try_with(|_| ()); // in a thread that is ending, its last step cancels
}

/// Cancels a thread's timers when it ends, while it can still change objects as what it was: later it would have to
/// become known to others once more. Such values go in the opposite order to that in which they were first used, and to
/// arm a timer is to use the library's first.
struct Cancels;

impl Drop for Cancels {
    fn drop(&mut self) {
        let body = registry::current();
        let routines = body.lock().queue.take_routines();
        cancel(&routines);
    }
}

thread_local! {
    static CANCELS: Cancels = const { Cancels };
}

/// What a thread has to run.
#[derive(Clone, Copy)]
pub(crate) enum Ready {
    Call(UserRoutine, usize),
    /// With the time at which it was due.
    Timer(TimerRoutine, Argument, u64),
}

impl Ready {
    fn run(self) {
        match self {
            Self::Call(routine, argument) => routine(argument),
            #[allow(clippy::cast_possible_truncation)] // its two halves
            Self::Timer(routine, argument, time) => routine(argument.pointer(), time as u32, (time >> 32) as u32),
        }
    }
}

/// Runs `first` and all that is queued, also by what runs.
pub(crate) fn run(first: Option<Ready>) {
    let mut next = first;
    while let Some(ready) = next {
        ready.run();
        next = pop();
    }
}

#[inline(never)]
pub(super) fn pop() -> Option<Ready> {
    registry::current().lock().queue.pop()
}

/// An alertable wait: what it returns, and if that is `WAIT_IO_COMPLETION`, what is to run then. `wait` waits once, so
/// long; none: it was alerted.
pub(crate) fn alertable(
    milliseconds: u32,
    outcome: impl Fn(Waited) -> u32,
    mut wait: impl FnMut(Timeout, &Alert) -> Result<Option<Waited>, Code>,
) -> Result<(u32, Option<Ready>), Code> {
    let this = registry::current();
    let deadline = Instant::now() + Duration::from_millis(milliseconds.into());
    loop {
        // Lowered before the look: what is queued after it raises it again.
        this.alert.lower();
        let (is_queued, next) = this.lock().queue.look();
        if is_queued {
            // The objects go first: the wait looks at them, and then at this.
            this.alert.raise();
        }
        let left = match milliseconds {
            0 => Timeout::Now,
            INFINITE => Timeout::Never,
            _ => Timeout::from(deadline),
        };
        // No longer than until the next timer is due that has a routine here.
        let earlier = next.filter(|next| match left {
            Timeout::Now => false,
            Timeout::After(left) => *next < left,
            Timeout::Never => true,
        });
        match wait(earlier.map_or(left, Timeout::After), &this.alert)? {
            None => {
                let first = this.lock().queue.pop();
                if first.is_some() {
                    return Ok((WAIT_IO_COMPLETION, first));
                }
            }
            Some(Waited::TimedOut) if earlier.is_none() => return Ok((WAIT_TIMEOUT, None)),
            Some(Waited::TimedOut) => {}
            Some(waited) => return Ok((outcome(waited), None)),
        }
    }
}

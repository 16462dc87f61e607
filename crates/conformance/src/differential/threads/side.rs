//! One kernel with its objects, and the threads that are told step by step what to do.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, SystemTime};

use lasthandle::sys::{Due, Kernel, State, Waited};
use lasthandle::{Access, Result};

use super::op::{Made, THREADS, What};
use crate::case::{ok, options};
use crate::sync::{PATIENCE, without_due};

const HOUR: Duration = Duration::from_secs(3600);

/// What is compared after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// It is done, and there is nothing to see.
    Done,
    /// It failed with this Windows code.
    Refused(u32),
    /// A semaphore's count before a release.
    Count(u32),
    /// How a wait ended.
    Waited(Waited),
    /// That thread still sleeps, or wakes up too late to be believed.
    Sleeps,
    /// What all objects say of themselves, where the system tells.
    States(Vec<Option<State>>),
}

enum Told {
    Do(What),
    Look,
}

/// Makes the objects.
pub(super) fn make<K: Kernel>(kernel: &K, objects: &[Made]) -> Vec<K::Handle> {
    let create = |made: &Made| ok(kernel.create(None, &made.spec(), &options(Access::SYNC_ALL)), "create").0;
    objects.iter().map(create).collect()
}

/// One side of the comparison.
pub(super) struct Side<'scope, 'env, K: Kernel> {
    scope: &'scope Scope<'scope, 'env>,
    kernel: &'scope K,
    objects: &'scope [K::Handle],
    workers: Vec<Worker<'scope>>,
}

struct Worker<'scope> {
    orders: Sender<Told>,
    answers: Receiver<Shown>,
    thread: ScopedJoinHandle<'scope, ()>,
}

impl<'scope, 'env, K: Kernel + Sync> Side<'scope, 'env, K> {
    pub(super) fn new(scope: &'scope Scope<'scope, 'env>, kernel: &'scope K, objects: &'scope [K::Handle]) -> Self {
        let workers = (0..THREADS).map(|_| Worker::start(scope, kernel, objects)).collect();
        Self { scope, kernel, objects, workers }
    }

    /// Tells a thread to do a step.
    pub(super) fn tell(&mut self, thread: usize, what: What) {
        if matches!(what, What::End) {
            let fresh = Worker::start(self.scope, self.kernel, self.objects);
            let Worker { orders, answers, thread: old } = std::mem::replace(&mut self.workers[thread], fresh);
            drop((orders, answers));
            old.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        } else {
            self.workers[thread].orders.send(Told::Do(what)).expect("it listens");
        }
    }

    /// The thread's answer, if it comes in time.
    pub(super) fn answer(&self, thread: usize, patience: Duration) -> Shown {
        match self.workers[thread].answers.recv_timeout(patience) {
            Ok(shown) => shown,
            Err(RecvTimeoutError::Timeout) => Shown::Sleeps,
            Err(RecvTimeoutError::Disconnected) => panic!("thread {thread} panicked"),
        }
    }

    /// The states as that thread sees them: it must not sleep.
    pub(super) fn states(&self, thread: usize) -> Vec<Option<State>> {
        self.workers[thread].orders.send(Told::Look).expect("it listens");
        match self.answer(thread, Duration::from_secs(30)) {
            Shown::States(states) => states,
            other => panic!("thread {thread} was asked for states and says {other:?}"),
        }
    }

    /// The states as nobody in particular sees them.
    pub(super) fn states_from_outside(&self) -> Vec<Option<State>> {
        states(self.kernel, self.objects)
    }

    /// Signals an object that anybody can signal.
    pub(super) fn signal(&self, object: usize) {
        let object = &self.objects[object];
        // It knows one of these at most.
        let _ = self.kernel.set(object);
        let _ = self.kernel.release_semaphore(object, 1);
        let _ = self.kernel.arm(object, Due::At(SystemTime::UNIX_EPOCH), Duration::ZERO);
    }
}

impl<'scope> Worker<'scope> {
    fn start<K: Kernel + Sync>(
        scope: &'scope Scope<'scope, '_>,
        kernel: &'scope K,
        objects: &'scope [K::Handle],
    ) -> Self {
        let (orders, told) = channel();
        let (tell, answers) = channel();
        let thread = scope.spawn(move || {
            for order in told {
                let shown = match order {
                    Told::Look => Shown::States(states(kernel, objects)),
                    Told::Do(what) => {
                        perform(kernel, objects, &what).unwrap_or_else(|error| Shown::Refused(error.windows_code()))
                    }
                };
                // Where a difference was found nobody listens any more.
                let _ = tell.send(shown);
            }
        });
        Self { orders, answers, thread }
    }
}

fn states<K: Kernel>(kernel: &K, objects: &[K::Handle]) -> Vec<Option<State>> {
    let state = |object| ok(kernel.query(object), "query").state.map(without_due);
    objects.iter().map(state).collect()
}

fn perform<K: Kernel>(kernel: &K, objects: &[K::Handle], what: &What) -> Result<Shown> {
    let all_of = |list: &[usize]| list.iter().map(|at| &objects[*at]).collect::<Vec<_>>();
    match what {
        What::Set(at) => kernel.set(&objects[*at])?,
        What::Reset(at) => kernel.reset(&objects[*at])?,
        What::Pulse(at) => kernel.pulse(&objects[*at])?,
        What::ReleaseMutex(at) => kernel.release_mutex(&objects[*at])?,
        What::ReleaseSemaphore(at, count) => {
            return kernel.release_semaphore(&objects[*at], *count).map(Shown::Count);
        }
        What::Arm { object, past, again } => {
            let due = if *past { Due::At(SystemTime::now() - HOUR) } else { Due::After(HOUR) };
            kernel.arm(&objects[*object], due, if *again { HOUR * 4 } else { Duration::ZERO })?;
        }
        What::Cancel(at) => kernel.cancel(&objects[*at])?,
        What::Wait { objects: list, all, timeout } => {
            return kernel.wait(&all_of(list), *all, *timeout).map(Shown::Waited);
        }
        What::Block { objects: list, all } => return kernel.wait(&all_of(list), *all, PATIENCE).map(Shown::Waited),
        What::SignalAndWait { signal, wait } => {
            let timeout = lasthandle::sys::Timeout::Now;
            return kernel.signal_and_wait(&objects[*signal], &objects[*wait], timeout).map(Shown::Waited);
        }
        What::End => unreachable!("the side does that"),
    }
    Ok(Shown::Done)
}

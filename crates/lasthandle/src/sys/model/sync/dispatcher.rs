//! The one lock of all sync objects of a model, who waits, and who may go.
//!
//! Whoever changes an object, or looks at the clock, lets go at once all who may go now, in the order in which they
//! began to wait, and takes for them what they waited for. So nobody who waits could go; and a signal that is taken
//! back at once has let go exactly who waited at that moment.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::object::Object;
use super::thread::ThreadId;
use super::timer::Now;
use crate::sys::alert::{Alert, Sleeper};
use crate::sys::{KernelAlert, State, Timeout, Waited};

/// Names an object under the lock.
pub(super) type Key = u64;

/// The lock, and what to sleep on.
#[derive(Debug)]
pub struct Dispatcher {
    scene: Mutex<Scene>,
    changed: Condvar,
    start: Instant,
}

/// An alert of a model: whoever waits on that dispatcher looks at it.
pub type ModelAlert = Alert<Arc<Dispatcher>>;

impl Sleeper for Arc<Dispatcher> {
    fn wake(&self) {
        // Under the lock: who has not seen it raised sleeps by now.
        let _held = self.scene.lock().unwrap_or_else(PoisonError::into_inner);
        self.changed.notify_all();
    }
}

/// Everything under the lock.
#[derive(Debug, Default)]
pub(super) struct Scene {
    objects: BTreeMap<Key, Object>,
    /// In the order in which they came.
    waiters: BTreeMap<u64, Waiter>,
    last: u64,
}

#[derive(Debug)]
struct Waiter {
    thread: ThreadId,
    objects: Vec<Key>,
    all: bool,
    /// It may go, and has what it waited for.
    done: Option<Waited>,
}

/// The lock is held.
pub(super) struct Held<'a> {
    dispatcher: &'a Dispatcher,
    scene: MutexGuard<'a, Scene>,
}

impl Dispatcher {
    pub(in crate::sys::model) fn new() -> Arc<Self> {
        Arc::new(Self { scene: Mutex::default(), changed: Condvar::new(), start: Instant::now() })
    }

    pub(super) fn now(&self) -> Now {
        Now::since(self.start)
    }

    /// Takes the lock, and lets time have its effect.
    pub(super) fn hold(&self) -> Held<'_> {
        let scene = self.scene.lock().unwrap_or_else(PoisonError::into_inner);
        let mut held = Held { dispatcher: self, scene };
        held.tick();
        held
    }

    pub(super) fn add(&self, object: Object) -> Key {
        let mut held = self.hold();
        let key = held.scene.fresh();
        held.scene.objects.insert(key, object);
        key
    }

    pub(super) fn remove(&self, key: Key) {
        self.hold().scene.objects.remove(&key);
    }

    pub(in crate::sys::model) fn sleepers(&self) -> usize {
        self.hold().scene.waiters.values().filter(|waiter| waiter.done.is_none()).count()
    }

    pub(super) fn thread_ended(&self, thread: ThreadId) {
        let mut held = self.hold();
        held.scene.objects.values_mut().for_each(|object| object.thread_ended(thread));
        held.let_go();
    }
}

impl Held<'_> {
    /// Changes an object, and lets go who may go then. The others look at the clock anew: it may be a timer.
    pub(super) fn change<R>(&mut self, key: Key, change: impl FnOnce(&mut Object) -> R) -> R {
        let said = change(self.scene.object(key));
        self.let_go();
        self.dispatcher.changed.notify_all();
        said
    }

    pub(super) fn state(&mut self, key: Key, thread: ThreadId) -> State {
        let now = self.dispatcher.now();
        self.scene.object(key).state(thread, now)
    }

    /// Waits. The lock is given up while it sleeps, and at the end. None: the alert was raised.
    pub(super) fn wait(
        mut self,
        thread: ThreadId,
        objects: Vec<Key>,
        all: bool,
        timeout: Timeout,
        alert: Option<&ModelAlert>,
    ) -> Option<Waited> {
        let end = match timeout {
            Timeout::Now => Some(Duration::ZERO),
            Timeout::After(duration) => Some(self.dispatcher.now().monotonic.saturating_add(duration)),
            Timeout::Never => None,
        };
        let ticket = self.scene.fresh();
        self.scene.waiters.insert(ticket, Waiter { thread, objects, all, done: None });
        loop {
            self.tick();
            let now = self.dispatcher.now();
            let is_over = end.is_some_and(|end| now.monotonic >= end);
            let is_alerted = alert.is_some_and(KernelAlert::is_raised);
            if is_over || is_alerted || self.scene.waiters[&ticket].done.is_some() {
                let waiter = self.scene.waiters.remove(&ticket).expect("its own");
                return waiter.done.or((!is_alerted).then_some(Waited::TimedOut));
            }
            let left = end.map(|end| end.saturating_sub(now.monotonic));
            let look = self.scene.next_look(ticket, now);
            self = self.sleep(left.into_iter().chain(look).min());
        }
    }

    fn sleep(self, longest: Option<Duration>) -> Self {
        let Self { dispatcher, scene } = self;
        let scene = match longest {
            None => dispatcher.changed.wait(scene).unwrap_or_else(PoisonError::into_inner),
            Some(longest) => dispatcher.changed.wait_timeout(scene, longest).unwrap_or_else(PoisonError::into_inner).0,
        };
        Self { dispatcher, scene }
    }

    fn tick(&mut self) {
        let now = self.dispatcher.now();
        self.scene.objects.values_mut().for_each(|object| object.tick(now));
        self.let_go();
    }

    fn let_go(&mut self) {
        let Scene { objects, waiters, .. } = &mut *self.scene;
        for waiter in waiters.values_mut().filter(|waiter| waiter.done.is_none()) {
            waiter.done = waiter.attempt(objects);
            if waiter.done.is_some() {
                self.dispatcher.changed.notify_all();
            }
        }
    }
}

impl Scene {
    fn fresh(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn object(&mut self, key: Key) -> &mut Object {
        self.objects.get_mut(&key).expect("a handle keeps it")
    }

    fn next_look(&self, ticket: u64, now: Now) -> Option<Duration> {
        let objects = self.waiters[&ticket].objects.iter();
        objects.filter_map(|key| self.objects[key].next_look(now)).min()
    }
}

impl Waiter {
    /// Takes what it waits for, if that can be had.
    fn attempt(&self, objects: &mut BTreeMap<Key, Object>) -> Option<Waited> {
        let mut signaled = self.objects.iter().map(|key| objects[key].is_signaled(self.thread));
        let (index, taken) = if self.all {
            signaled.all(|is| is).then_some((0, &self.objects[..]))?
        } else {
            let index = signaled.position(|is| is)?;
            (index, &self.objects[index..=index])
        };
        let mut abandoned = false;
        for key in taken {
            abandoned |= objects.get_mut(key).expect("a handle keeps it").take(self.thread);
        }
        Some(if abandoned { Waited::Abandoned(index) } else { Waited::Signaled(index) })
    }
}

//! A thread of this process: its number, its end, and what is queued to it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use lasthandle::{Access, Alert, Event, Timeout, Waitable, Waited};

use super::queue::{self, Queue};
use super::registry::{self, Foreign};
use crate::kernel32::code::Code;

/// A thread, as long as somebody has a handle or it runs.
pub(crate) struct Body {
    /// 0 until it runs.
    id: AtomicU32,
    /// In which process of a line of forks it was made: to the others it is a thread that has ended.
    process: u32,
    /// Where its end must be looked for, as it has not called us yet.
    pub(super) foreign: Option<Foreign>,
    /// Ends its alertable waits.
    pub(super) alert: Alert,
    state: Mutex<State>,
    changed: Condvar,
    /// Set when it has ended. Made when it is waited for: most threads' never is.
    ended: OnceLock<Event>,
}

/// Under the lock.
pub(super) struct State {
    pub(super) has_ended: bool,
    pub(super) code: u32,
    /// It does not begin as long as this is not 0.
    pub(super) suspended: u32,
    pub(super) has_begun: bool,
    pub(super) queue: Queue,
}

impl Body {
    pub(super) fn new(id: u32, suspended: bool, foreign: Option<Foreign>) -> Arc<Self> {
        let (code, suspended) = (0, u32::from(suspended));
        let state = State { has_ended: false, code, suspended, has_begun: id != 0, queue: Queue::default() };
        Arc::new(Self {
            id: AtomicU32::new(id),
            process: registry::process(),
            foreign,
            alert: Alert::new(),
            state: Mutex::new(state),
            changed: Condvar::new(),
            ended: OnceLock::new(),
        })
    }

    pub(super) fn id(&self) -> u32 {
        self.id.load(Ordering::Acquire)
    }

    /// Whether it is a thread of this very process, not of the one that this was forked from.
    pub(super) fn is_here(&self) -> bool {
        self.process == registry::process()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread itself: it runs, has this number, and goes on once it is not suspended any more.
    pub(super) fn begin(&self, id: u32) {
        let mut state = self.lock();
        self.id.store(id, Ordering::Release);
        self.changed.notify_all();
        while state.suspended > 0 {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.has_begun = true;
    }

    /// Waits until it has a number.
    pub(super) fn wait_for_id(&self) -> u32 {
        let mut state = self.lock();
        while self.id() == 0 {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        self.id()
    }

    /// Takes one suspension away; how many there were.
    pub(super) fn resume(&self) -> u32 {
        let mut state = self.lock();
        let before = state.suspended;
        state.suspended = before.saturating_sub(1);
        self.changed.notify_all();
        before
    }

    /// It has ended; what was queued to it is lost.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.has_ended = true;
        let mut queue = std::mem::take(&mut state.queue);
        drop(state);
        queue::cancel(&queue.take_routines());
        if let Some(event) = self.ended.get() {
            // It can only fail for want of a right.
            let _ = event.set();
        }
    }

    /// Looks whether it has ended, also where nobody tells.
    pub(super) fn has_ended(&self) -> bool {
        if !self.is_here() || self.lock().has_ended {
            return true;
        }
        let has_ended = self.foreign.as_ref().is_some_and(Foreign::has_ended);
        if has_ended {
            registry::remove(self);
            self.end();
        }
        has_ended
    }

    fn event(&self) -> Result<&Event, Code> {
        let has_ended = self.has_ended();
        if !self.is_here() {
            return ended_for_ever();
        }
        // Under the lock: an end that is not seen here sees the event there.
        let state = self.lock();
        if self.ended.get().is_none() {
            let options = Event::options().manual_reset(true).signaled(has_ended || state.has_ended);
            let _ = self.ended.set(options.create_unnamed()?);
        }
        self.ended.get().ok_or(Code::NO_SYSTEM_RESOURCES)
    }
}

/// The event of a thread in another process is that process' own: a forked child must not touch it.
fn ended_for_ever() -> Result<&'static Event, Code> {
    static EVENT: OnceLock<Event> = OnceLock::new();
    if EVENT.get().is_none() {
        let _ = EVENT.set(Event::options().manual_reset(true).signaled(true).create_unnamed()?);
    }
    EVENT.get().ok_or(Code::NO_SYSTEM_RESOURCES)
}

/// What a handle of a thread leads to.
#[derive(Clone)]
pub(crate) struct Thread {
    pub(super) body: Arc<Body>,
    access: Access,
}

impl Thread {
    pub(super) fn new(body: Arc<Body>, access: Access) -> Self {
        Self { body, access }
    }

    /// The calling thread.
    pub(crate) fn current(access: Access) -> Self {
        Self::new(registry::current(), access)
    }

    /// The same with other rights: a thread is its process' own, which may have all.
    pub(crate) fn with(&self, access: Access) -> Self {
        Self::new(Arc::clone(&self.body), access)
    }

    /// The thread, if the handle has one of these rights.
    pub(super) fn allows(&self, rights: u32) -> Result<&Body, Code> {
        if self.access.bits() & rights == 0 { Err(Code::ACCESS_DENIED) } else { Ok(&self.body) }
    }

    pub(crate) fn wait(&self, timeout: Timeout) -> Result<Waited, Code> {
        let body = self.allows(Access::SYNCHRONIZE.bits())?;
        if body.has_ended() {
            return Ok(Waited::Signaled(0));
        }
        if timeout == Timeout::Now { Ok(Waited::TimedOut) } else { Ok(body.event()?.wait(timeout)?) }
    }

    pub(crate) fn waitable(&self) -> Result<&dyn Waitable, Code> {
        Ok(self.allows(Access::SYNCHRONIZE.bits())?.event()?)
    }
}

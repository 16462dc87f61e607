//! The verbs of sync objects: kinds, rights and arguments; the rest is the dispatcher's.

use std::sync::Arc;
use std::time::Duration;

use super::dispatcher::{Dispatcher, Key, ModelAlert};
use super::object::{Mutex, Object};
use super::thread;
use super::timer::Timer;
use crate::access::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::sys::model::{ModelFile, ModelHandle, Object as AnyObject};
use crate::sys::{Due, Info, MAXIMUM_WAIT_OBJECTS, Spec, State, Timeout, Waited};

/// A sync object, as long as somebody has a handle.
#[derive(Debug)]
pub(in crate::sys::model) struct Waitable {
    dispatcher: Arc<Dispatcher>,
    key: Key,
    kind: Kind,
}

impl Drop for Waitable {
    fn drop(&mut self) {
        self.dispatcher.remove(self.key);
    }
}

/// Whether the arguments make sense. Looks at no name, changes nothing.
pub(in crate::sys::model) fn validate(spec: &Spec<'_, ModelFile>) -> Result<()> {
    match *spec {
        Spec::Semaphore { initial, maximum } if maximum < 1 || !(0..=maximum).contains(&initial) => {
            Err(Error::new(ErrorKind::InvalidParameter).detail("a semaphore's count lies between 0 and its maximum"))
        }
        _ => Ok(()),
    }
}

impl Waitable {
    /// A fresh object as `spec`, which is valid and no mapping, describes it.
    pub(in crate::sys::model) fn new(dispatcher: &Arc<Dispatcher>, spec: &Spec<'_, ModelFile>) -> Self {
        let object = match *spec {
            Spec::Mapping(_) => unreachable!("a section is no sync object"),
            Spec::Event { manual, signaled } => Object::Event { manual, signaled },
            Spec::Mutex { owned } => {
                let owner = owned.then(|| thread::owner(dispatcher));
                Object::Mutex(Mutex { owner, count: u32::from(owned), abandoned: false })
            }
            Spec::Semaphore { initial, maximum } => {
                Object::Semaphore { count: initial.unsigned_abs(), maximum: maximum.unsigned_abs() }
            }
            Spec::Timer { manual } => Object::Timer(Timer::new(manual)),
        };
        Self { dispatcher: Arc::clone(dispatcher), key: dispatcher.add(object), kind: spec.kind() }
    }

    pub(in crate::sys::model) fn info(&self) -> Info {
        Info {
            kind: self.kind,
            size: 0,
            protection: None,
            reserved: false,
            file: None,
            created: None,
            creator: Some(std::process::id()),
            state: Some(self.state()),
        }
    }

    fn state(&self) -> State {
        self.dispatcher.hold().state(self.key, thread::current())
    }

    fn change<R>(&self, change: impl FnOnce(&mut Object) -> R) -> R {
        self.dispatcher.hold().change(self.key, change)
    }
}

/// The object for a verb of `kind` that needs `access`.
fn target(handle: &ModelHandle, kind: Kind, access: Access) -> Result<&Waitable> {
    match &*handle.object {
        AnyObject::Sync(object) if object.kind == kind => {
            has(handle, access)?;
            Ok(object)
        }
        _ => Err(Error::new(ErrorKind::InvalidHandle).detail(format!("it is no handle of kind {kind}"))),
    }
}

fn waitable(handle: &ModelHandle) -> Result<&Waitable> {
    has(handle, Access::SYNCHRONIZE)?;
    match &*handle.object {
        AnyObject::Sync(object) => Ok(object),
        AnyObject::Mapping(_) => Err(Error::new(ErrorKind::AccessDenied).detail("a mapping cannot be waited for")),
    }
}

fn has(handle: &ModelHandle, access: Access) -> Result<()> {
    let lacks = || Error::new(ErrorKind::AccessDenied).detail("the handle does not have the right");
    handle.access.contains(access).then_some(()).ok_or_else(lacks)
}

pub(in crate::sys::model) fn set(event: &ModelHandle, to: bool) -> Result<()> {
    target(event, Kind::Event, Access::MODIFY)?.change(|event| set_to(event, to));
    Ok(())
}

fn set_to(event: &mut Object, to: bool) {
    if let Object::Event { signaled, .. } = event {
        *signaled = to;
    }
}

/// All who wait go while it is signaled, under one lock.
pub(in crate::sys::model) fn pulse(event: &ModelHandle) -> Result<()> {
    let event = target(event, Kind::Event, Access::MODIFY)?;
    let mut held = event.dispatcher.hold();
    held.change(event.key, |event| set_to(event, true));
    held.change(event.key, |event| set_to(event, false));
    Ok(())
}

pub(in crate::sys::model) fn release_mutex(mutex: &ModelHandle) -> Result<()> {
    target(mutex, Kind::Mutex, Access::NONE)?.change(release_once)
}

fn release_once(object: &mut Object) -> Result<()> {
    match object {
        Object::Mutex(mutex) if mutex.owner == Some(thread::current()) => {
            mutex.count -= 1;
            if mutex.count == 0 {
                mutex.owner = None;
            }
            Ok(())
        }
        _ => Err(Error::new(ErrorKind::NotOwner)),
    }
}

pub(in crate::sys::model) fn release_semaphore(semaphore: &ModelHandle, more: i32) -> Result<u32> {
    let semaphore = target(semaphore, Kind::Semaphore, Access::MODIFY)?;
    let more = u32::try_from(more).ok().filter(|&more| more > 0);
    let more = more.ok_or_else(|| Error::new(ErrorKind::InvalidParameter).detail("the count must be at least 1"))?;
    semaphore.change(|semaphore| add(semaphore, more))
}

fn add(object: &mut Object, more: u32) -> Result<u32> {
    let Object::Semaphore { count, maximum } = object else { unreachable!("its kind was looked at") };
    let before = *count;
    *count =
        before.checked_add(more).filter(|sum| sum <= maximum).ok_or_else(|| Error::new(ErrorKind::TooManyPosts))?;
    Ok(before)
}

pub(in crate::sys::model) fn arm(timer: &ModelHandle, due: Due, period: Duration) -> Result<()> {
    let timer = target(timer, Kind::Timer, Access::MODIFY)?;
    let now = timer.dispatcher.now();
    timer.change(|object| as_timer(object).arm(due, period, now));
    Ok(())
}

pub(in crate::sys::model) fn cancel(timer: &ModelHandle) -> Result<()> {
    target(timer, Kind::Timer, Access::MODIFY)?.change(|object| as_timer(object).cancel());
    Ok(())
}

fn as_timer(object: &mut Object) -> &mut Timer {
    match object {
        Object::Timer(timer) => timer,
        _ => unreachable!("its kind was looked at"),
    }
}

pub(in crate::sys::model) fn wait(
    handles: &[&ModelHandle],
    all: bool,
    timeout: Timeout,
    alert: Option<&ModelAlert>,
) -> Result<Option<Waited>> {
    let invalid = |why| Err(Error::new(ErrorKind::InvalidParameter).detail(why));
    if handles.is_empty() || handles.len() > MAXIMUM_WAIT_OBJECTS {
        return invalid("a wait takes 1 to 64 objects");
    }
    let objects = handles.iter().map(|handle| waitable(handle)).collect::<Result<Vec<_>>>()?;
    let keys: Vec<Key> = objects.iter().map(|object| object.key).collect();
    if all && (1..keys.len()).any(|at| keys[..at].contains(&keys[at])) {
        return invalid("a wait for all takes no object twice");
    }
    let dispatcher = &objects[0].dispatcher;
    let _entered = alert.map(|alert| alert.enter(Arc::clone(dispatcher)));
    Ok(dispatcher.hold().wait(thread::owner(dispatcher), keys, all, timeout, alert))
}

/// Signal and wait under one lock: nobody comes between.
pub(in crate::sys::model) fn signal_and_wait(
    signal: &ModelHandle,
    other: &ModelHandle,
    timeout: Timeout,
    alert: Option<&ModelAlert>,
) -> Result<Option<Waited>> {
    let object = waitable(other)?;
    let (signal, how): (_, fn(&mut Object) -> Result<()>) = match signal.object.info().kind {
        Kind::Mutex => (target(signal, Kind::Mutex, Access::NONE)?, release_once),
        Kind::Semaphore => (target(signal, Kind::Semaphore, Access::MODIFY)?, |object| add(object, 1).map(drop)),
        _ => (target(signal, Kind::Event, Access::MODIFY)?, |object| {
            set_to(object, true);
            Ok(())
        }),
    };
    let dispatcher = &object.dispatcher;
    let _entered = alert.map(|alert| alert.enter(Arc::clone(dispatcher)));
    let mut held = dispatcher.hold();
    held.change(signal.key, how)?;
    Ok(held.wait(thread::owner(dispatcher), vec![object.key], false, timeout, alert))
}

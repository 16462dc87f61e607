//! The processes that this one has handles of: each once, so that all handles of it know the same; and the thread that
//! tells when one has ended, for waits on several objects.
//!
//! The thread is started by the first such wait, sleeps in one `epoll` for all processes, and is there until this process
//! ends. A forked child has no copy of it, and starts its own.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use lasthandle::Timeout;
use rustix::event::epoll;
use rustix::io::Errno;
use rustix::process::Pid;

use super::ended::is_readable;
use super::object::Target;
use crate::kernel32::background;
use crate::kernel32::code::Code;
use crate::kernel32::passing::Outbox;

#[derive(Default)]
pub(crate) struct World {
    /// By their numbers.
    known: BTreeMap<u32, Weak<Target>>,
    /// Children of ours that nobody has a handle of any more: to be reaped.
    orphans: Vec<OwnedFd>,
    watcher: Option<Watcher>,
}

struct Watcher {
    epoll: Arc<OwnedFd>,
    /// By the descriptors of the processes.
    watched: BTreeMap<RawFd, Weak<Target>>,
}

// A `Target` that is dropped takes this lock: none may be dropped while it is had.
static WORLD: Mutex<World> = Mutex::new(World { known: BTreeMap::new(), orphans: Vec::new(), watcher: None });

/// Keeps all this as it is while it is there.
pub(crate) type Lock = MutexGuard<'static, World>;

pub(crate) fn lock() -> Lock {
    WORLD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// In a forked child: nobody watches here, and its parent's children are not its own.
pub(crate) fn after_fork(world: &mut World) {
    world.watcher = None;
    world.orphans.clear();
}

/// The process that the pidfd leads to; the one that is known already, if it is.
pub(crate) fn known_or(pid: Pid, fd: OwnedFd) -> Arc<Target> {
    // As long as a process has not ended its number is its own.
    if let Some(known) = find(pid).filter(|known| !known.has_ended()) {
        return known;
    }
    enter(Target::new(pid, fd, false, None))
}

/// A process that has no number here; nobody can be found by the one that stands for it.
pub(crate) fn nameless(fd: OwnedFd) -> Arc<Target> {
    Arc::new(Target::new(Pid::from_raw(i32::MAX).expect("not 0"), fd, false, None))
}

/// A child that this process has started.
pub(crate) fn child(pid: Pid, fd: OwnedFd, outbox: Outbox) -> Arc<Target> {
    enter(Target::new(pid, fd, true, Some(outbox)))
}

fn find(pid: Pid) -> Option<Arc<Target>> {
    lock().known.get(&pid.as_raw_nonzero().get().unsigned_abs()).and_then(Weak::upgrade)
}

fn enter(target: Target) -> Arc<Target> {
    let target = Arc::new(target);
    let mut world = lock();
    world.known.insert(target.number(), Arc::downgrade(&target));
    target
}

/// The last handle of a process is closed.
pub(super) fn forget(target: &Target) {
    target.reap();
    let mut world = lock();
    if world.known.get(&target.number()).is_some_and(|known| known.strong_count() == 0) {
        world.known.remove(&target.number());
    }
    if let Some(watcher) = &mut world.watcher {
        if watcher.watched.remove(&target.as_fd().as_raw_fd()).is_some() {
            let _ = epoll::delete(&watcher.epoll, target.as_fd());
        }
    }
    if target.is_ours() && target.code.get().is_none() {
        // (Without a descriptor for it, its remains stay until this process ends.)
        if let Ok(fd) = target.as_fd().try_clone_to_owned() {
            world.orphans.push(fd);
        }
    }
}

/// Reaps children that ended after their last handle was closed. Done before each start of another.
pub(super) fn reap_orphans() {
    let mut world = lock();
    world.orphans.retain(|fd| {
        let ended = is_readable(fd.as_fd(), Timeout::Now).unwrap_or(false);
        if ended {
            use rustix::process::{WaitId, WaitIdOptions, waitid};
            let _ = waitid(WaitId::PidFd(fd.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
        }
        !ended
    });
}

/// From now on, the process' event is set when it ends.
pub(super) fn watch(target: &Arc<Target>) -> Result<(), Code> {
    let mut world = lock();
    let watcher = match &mut world.watcher {
        Some(watcher) => watcher,
        none => none.insert(Watcher::start()?),
    };
    let key = target.as_fd().as_raw_fd();
    if watcher.watched.insert(key, Arc::downgrade(target)).is_some() {
        return Ok(());
    }
    let data = epoll::EventData::new_u64(key.unsigned_abs().into());
    // Once: a forked child may have a copy of the descriptor, which tells on after ours was closed.
    let flags = epoll::EventFlags::IN | epoll::EventFlags::ONESHOT;
    epoll::add(&watcher.epoll, target.as_fd(), data, flags).map_err(|_| Code::NO_SYSTEM_RESOURCES)
}

impl Watcher {
    fn start() -> Result<Self, Code> {
        let failed = |_| Code::NO_SYSTEM_RESOURCES;
        let epoll = Arc::new(epoll::create(epoll::CreateFlags::CLOEXEC).map_err(failed)?);
        let mine = Arc::clone(&epoll);
        background::start("processes", move || tell(&mine)).map_err(|_| Code::NO_SYSTEM_RESOURCES)?;
        Ok(Self { epoll, watched: BTreeMap::new() })
    }
}

/// The thread.
fn tell(epoll: &OwnedFd) {
    let mut events = Vec::with_capacity(16);
    loop {
        match epoll::wait(epoll, rustix::buffer::spare_capacity(&mut events), None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return,
        }
        for event in events.drain(..) {
            let ended = ended(event.data.u64());
            // The number may be another process' by now.
            if let Some(target) = ended.filter(|target| target.has_ended()) {
                target.tell_end();
            }
        }
    }
}

fn ended(key: u64) -> Option<Arc<Target>> {
    let key = RawFd::try_from(key).ok()?;
    lock().watcher.as_ref()?.watched.get(&key)?.upgrade()
}

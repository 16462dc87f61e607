//! What the handle of a process leads to, and that of a child's first thread, which ends with it.
//!
//! A process is known by a pidfd: its number may be another's after its end. All handles of one process lead to the same
//! [`Target`], which remembers what the system does not: who shall reap it, with which code it was terminated.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, OnceLock};

use lasthandle::{Event, Timeout, Waitable, Waited};
use rustix::process::{Pid, Signal, pidfd_send_signal};

use super::ended::{self, is_readable};
use super::world;
use crate::kernel32::code::Code;
use crate::kernel32::passing::Outbox;

pub(crate) const TERMINATE: u32 = 1;
pub(crate) const DUP_HANDLE: u32 = 0x40;
pub(crate) const QUERY_INFORMATION: u32 = 0x400;
pub(crate) const QUERY_LIMITED_INFORMATION: u32 = 0x1000;
pub(crate) const SYNCHRONIZE: u32 = 0x10_0000;
pub(crate) const ALL_ACCESS: u32 = 0x1F_FFFF;

/// What a handle stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Process,
    /// Its first thread, as `CreateProcess` gives it.
    MainThread,
}

/// A handle's process, and what it may do with it.
#[derive(Clone)]
pub(crate) struct Process {
    target: Arc<Target>,
    access: u32,
    role: Role,
}

impl Process {
    pub(crate) fn new(target: Arc<Target>, access: u32, role: Role) -> Self {
        Self { target, access, role }
    }

    /// With all rights.
    pub(crate) fn all(target: Arc<Target>, role: Role) -> Self {
        Self::new(target, ALL_ACCESS, role)
    }

    /// The same with other rights: no more than this has.
    pub(crate) fn duplicate(&self, access: u32) -> Result<Self, Code> {
        if access & !self.access != 0 {
            return Err(Code::ACCESS_DENIED);
        }
        Ok(Self { access, ..self.clone() })
    }

    pub(crate) fn role(&self) -> Role {
        self.role
    }

    /// The process, if the handle has one of these rights.
    pub(crate) fn allowed(&self, rights: u32) -> Result<&Arc<Target>, Code> {
        if self.access & rights == 0 { Err(Code::ACCESS_DENIED) } else { Ok(&self.target) }
    }

    /// The process, whatever the handle may do.
    pub(crate) fn target(&self) -> &Arc<Target> {
        &self.target
    }

    pub(crate) fn wait(&self, timeout: Timeout) -> Result<Waited, Code> {
        let target = self.allowed(SYNCHRONIZE)?;
        let ended = is_readable(target.as_fd(), timeout).map_err(|_| Code::NO_SYSTEM_RESOURCES)?;
        Ok(if ended { Waited::Signaled(0) } else { Waited::TimedOut })
    }

    /// Its end, to wait for beside others.
    pub(crate) fn waitable(&self) -> Result<&dyn Waitable, Code> {
        let target = self.allowed(SYNCHRONIZE)?;
        let end = target.end(self.role)?;
        if target.has_ended() {
            end.set()?;
        } else {
            world::watch(target)?;
        }
        Ok(end)
    }
}

/// A process.
pub(crate) struct Target {
    pid: Pid,
    fd: OwnedFd,
    /// Whether this process started it by `CreateProcess`, and so has to reap it.
    ours: bool,
    /// Set when it has ended; made when somebody wants to wait for it, or for its thread, beside other objects.
    ends: [OnceLock<Event>; 2],
    /// The code that it ended with, when that is known for good.
    pub(super) code: OnceLock<u32>,
    /// The code that this process terminated it with, while it is not known whether that was its end.
    pub(super) terminated: OnceLock<u32>,
    /// By which it gets handles that it did not ask for.
    pub(crate) outbox: Option<Outbox>,
}

impl Target {
    pub(super) fn new(pid: Pid, fd: OwnedFd, ours: bool, outbox: Option<Outbox>) -> Self {
        let ends = [OnceLock::new(), OnceLock::new()];
        Self { pid, fd, ours, ends, code: OnceLock::new(), terminated: OnceLock::new(), outbox }
    }

    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    pub(crate) fn number(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    pub(super) fn is_ours(&self) -> bool {
        self.ours
    }

    pub(crate) fn is_this_process(&self) -> bool {
        self.pid == rustix::process::getpid()
    }

    pub(crate) fn has_ended(&self) -> bool {
        is_readable(self.fd.as_fd(), Timeout::Now).unwrap_or(false)
    }

    /// Whether this process may send it signals.
    pub(super) fn is_ruled(&self) -> bool {
        // No signal: only the check.
        !matches!(ended::probe(self.fd.as_fd()), Err(rustix::io::Errno::PERM))
    }

    /// Ends it at once, with that code for those who ask here.
    pub(super) fn terminate(&self, code: u32) -> Result<(), Code> {
        if self.has_ended() {
            return Err(Code::ACCESS_DENIED);
        }
        let _ = self.terminated.set(code); // the first one counts
        pidfd_send_signal(self.fd.as_fd(), Signal::KILL).map_err(|_| Code::ACCESS_DENIED)
    }

    fn end(&self, role: Role) -> Result<&Event, Code> {
        let end = &self.ends[role as usize];
        if end.get().is_none() {
            let event = Event::options().manual_reset(true).create_unnamed()?;
            let _ = end.set(event); // another thread's is as good
        }
        end.get().ok_or(Code::NO_SYSTEM_RESOURCES)
    }

    /// Lets go who waits for its end beside other objects.
    pub(super) fn tell_end(&self) {
        for end in self.ends.iter().filter_map(OnceLock::get) {
            let _ = end.set();
        }
    }
}

impl AsFd for Target {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        world::forget(self);
    }
}

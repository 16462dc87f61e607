//! Windows: each verb is one call of the real kernel. Its objects under their real names, nothing in front of the
//! user's bytes, so that any other Windows program meets ours.
//!
//! What this layer adds is what the contract says and Windows leaves open: the order of the checks, one code where
//! Windows has two, exact rights on a created handle.

mod alert;
pub mod barrier;
mod directory;
mod end;
mod error;
mod event;
mod handle;
mod holders;
mod inventory;
mod mutex;
mod named;
mod nt;
mod passing;
mod process;
pub(crate) mod processors;
mod section;
mod security;
mod semaphore;
mod state;
#[cfg(test)]
mod tests;
mod timer;
mod view;
mod wait;

use std::fs::File;
use std::time::Duration;

pub use alert::Alert;
use directory::Directory;
pub use handle::Handle;
use handle::Object;
pub use nt::runs_under_wine;
pub use view::View;

use super::{CreateOptions, Disposition, Due, Info, Kernel, MapRequest, Spec, Timeout, Waited};
use crate::access::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Name;

/// The Windows kernel of the contract.
#[derive(Debug, Clone, Copy, Default)]
pub struct Windows;

impl Kernel for Windows {
    type Handle = Handle;
    type View = View;
    type File = File;
    type Alert = Alert;

    fn create(
        &self,
        name: Option<&Name>,
        spec: &Spec<'_, File>,
        options: &CreateOptions,
    ) -> Result<(Handle, Disposition)> {
        match spec {
            Spec::Mapping(spec) => section::create(name, spec, options),
            Spec::Event { manual, signaled } => event::create(name, *manual, *signaled, options),
            Spec::Mutex { owned } => mutex::create(name, *owned, options),
            Spec::Semaphore { initial, maximum } => semaphore::create(name, *initial, *maximum, options),
            Spec::Timer { manual } => timer::create(name, *manual, options),
        }
    }

    fn open(&self, kind: Kind, name: &Name, access: Access, inheritable: bool) -> Result<Handle> {
        match kind {
            Kind::Mapping => section::open(name, access, inheritable),
            Kind::Event => event::open(name, access, inheritable),
            Kind::Mutex => mutex::open(name, access, inheritable),
            Kind::Semaphore => semaphore::open(name, access, inheritable),
            Kind::Timer => timer::open(name, access, inheritable),
            // No handle of ours can hold it, but the name may be free or another kind's.
            Kind::Job => Directory::of(name.namespace())?
                .open_to_query(kind, name.units())
                .and(named::expect_some_right(access))
                .and(Err(Error::new(ErrorKind::Unsupported).detail("jobs cannot be opened"))),
        }
    }

    fn duplicate(&self, handle: &Handle, access: Option<Access>, inheritable: bool) -> Result<Handle> {
        handle.duplicate(access, inheritable)
    }

    fn access(&self, handle: &Handle) -> Access {
        handle.access()
    }

    fn query(&self, handle: &Handle) -> Result<Info> {
        match handle.object() {
            Object::Mapping(section) => Ok(section::info(section.facts, section.protection)),
            _ => state::query(handle),
        }
    }

    fn map(&self, handle: &Handle, request: &MapRequest) -> Result<View> {
        view::map(handle, request)
    }

    fn set(&self, event: &Handle) -> Result<()> {
        event::set(event)
    }

    fn reset(&self, event: &Handle) -> Result<()> {
        event::reset(event)
    }

    fn pulse(&self, event: &Handle) -> Result<()> {
        event::pulse(event)
    }

    fn release_mutex(&self, mutex: &Handle) -> Result<()> {
        mutex::release(mutex)
    }

    fn release_semaphore(&self, semaphore: &Handle, count: i32) -> Result<u32> {
        semaphore::release(semaphore, count)
    }

    fn arm(&self, timer: &Handle, due: Due, period: Duration) -> Result<()> {
        timer::arm(timer, due, period)
    }

    fn cancel(&self, timer: &Handle) -> Result<()> {
        timer::cancel(timer)
    }

    fn wait(&self, objects: &[&Handle], all: bool, timeout: Timeout) -> Result<Waited> {
        wait::wait(objects, all, timeout)
    }

    fn signal_and_wait(&self, signal: &Handle, wait: &Handle, timeout: Timeout) -> Result<Waited> {
        wait::signal_and_wait(signal, wait, timeout)
    }

    fn wait_alertable(
        &self,
        objects: &[&Handle],
        all: bool,
        timeout: Timeout,
        alert: &Alert,
    ) -> Result<Option<Waited>> {
        wait::wait_alertable(objects, all, timeout, alert)
    }

    fn signal_and_wait_alertable(
        &self,
        signal: &Handle,
        wait: &Handle,
        timeout: Timeout,
        alert: &Alert,
    ) -> Result<Option<Waited>> {
        wait::signal_and_wait_alertable(signal, wait, timeout, alert)
    }
}

//! The Linux engine: objects are files, holders are locks that the kernel drops, and nobody has to clean up.
//!
//! | file | what it is about |
//! |---|---|
//! | `place` `filename` | where names live |
//! | `lock` `holder` | who is alive |
//! | `publish` `attach` `reap` | making, finding and removing a name: the three protocols |
//! | `sweep` `inventory` `holders` | what exists and what was left |
//! | `section` `backing` `memory` `room` | file mappings and their memory |
//! | `handle` `view` | what the caller holds |
//! | `barrier` | a fence that costs one side nothing |
//! | `passing` `received` | handles to and from other processes |
//! | `call` `fault` `failure` `identity` `backoff` | the ground: system calls, injected faults, errors |
//!
//! Why it is so: `docs/design/`.

mod attach;
mod backing;
mod backoff;
pub mod barrier;
mod call;
mod failure;
pub mod fault;
pub mod filename;
mod handle;
mod holder;
mod holders;
mod identity;
mod inventory;
mod lock;
mod memory;
mod page;
mod passing;
mod place;
pub(crate) mod processors;
mod publish;
mod reap;
mod received;
mod room;
mod section;
mod spot;
mod sweep;
mod sync;
mod view;

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use crate::access::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::protocol::Form;
use crate::sys::{
    CreateOptions, Disposition, Due, Entry, Holder, Info, Inventory, Kernel, Leftover, MapRequest, Spec, Timeout,
    Waited,
};
use place::Place;
use sync::object::{self, Beginning};

pub use handle::Handle;
pub use sync::Alert;
pub use view::View;

/// The Linux kernel of the contract: a root directory, and what lives under it.
#[derive(Debug, Clone, Copy)]
pub struct Linux {
    /// None: the default. It is looked up when a name is, so that verbs of handles do not pay for it.
    place: Option<&'static Place>,
}

impl Default for Linux {
    /// The root that `LASTHANDLE_ROOT` names, else `/dev/shm`.
    #[inline]
    fn default() -> Self {
        Self { place: None }
    }
}

impl Linux {
    /// Makes `root` what the default stands for, if it has not been used yet: for tests of the public types, which
    /// must not meet anybody else's names.
    pub fn set_default_root(root: &Path) -> bool {
        Place::set_default(root)
    }

    /// With a root of one's own, for tests. It is remembered as long as the process lives.
    pub fn at(root: &Path) -> Self {
        Self { place: Some(Place::at(root)) }
    }

    fn place(self) -> &'static Place {
        self.place.unwrap_or_else(Place::from_environment)
    }
}

impl Kernel for Linux {
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
        let beginning = match spec {
            Spec::Mapping(section) => {
                let spot = name.map(|name| self.place().spot(name)).transpose()?;
                return section::create(spot.as_ref().zip(name), section, options);
            }
            Spec::Event { manual, signaled } => {
                Beginning { kind: Kind::Event, form: Form::Event { manual: *manual }, initial: u64::from(*signaled) }
            }
            Spec::Mutex { owned } => Beginning { kind: Kind::Mutex, form: Form::Mutex, initial: u64::from(*owned) },
            Spec::Semaphore { initial, maximum } => semaphore(*initial, *maximum)?,
            Spec::Timer { manual } => {
                Beginning { kind: Kind::Timer, form: Form::Timer { manual: *manual }, initial: 0 }
            }
        };
        let spot = name.map(|name| self.place().spot(name)).transpose()?;
        object::create(self.place(), spot.as_ref().zip(name), beginning, options)
    }

    fn open(&self, kind: Kind, name: &Name, access: Access, inheritable: bool) -> Result<Handle> {
        match kind {
            Kind::Mapping => section::open(&self.place().spot(name)?, name, access, inheritable),
            _ => object::open(kind, &self.place().spot(name)?, name, access, inheritable),
        }
    }

    fn duplicate(&self, handle: &Handle, access: Option<Access>, inheritable: bool) -> Result<Handle> {
        let access = access.unwrap_or(handle.access());
        if !handle.access().contains(access) {
            return Err(Error::new(ErrorKind::AccessDenied).detail("the handle has not all the rights asked for"));
        }
        handle.duplicate(access, inheritable)
    }

    fn access(&self, handle: &Handle) -> Access {
        handle.access()
    }

    fn query(&self, handle: &Handle) -> Result<Info> {
        let object = handle.object();
        let mut info = section::query(&object.description, object.path.as_deref());
        info.state = object::state(handle);
        Ok(info)
    }

    fn map(&self, handle: &Handle, request: &MapRequest) -> Result<View> {
        View::map(handle, request)
    }

    #[inline]
    fn set(&self, event: &Handle) -> Result<()> {
        object::set(event)
    }

    #[inline]
    fn reset(&self, event: &Handle) -> Result<()> {
        object::reset(event)
    }

    fn pulse(&self, event: &Handle) -> Result<()> {
        object::pulse(event)
    }

    #[inline]
    fn release_mutex(&self, mutex: &Handle) -> Result<()> {
        object::release_mutex(mutex)
    }

    #[inline]
    fn release_semaphore(&self, semaphore: &Handle, count: i32) -> Result<u32> {
        object::release_semaphore(semaphore, count)
    }

    fn arm(&self, timer: &Handle, due: Due, period: Duration) -> Result<()> {
        object::arm(timer, due, period).map(drop)
    }

    fn arm_counted(&self, timer: &Handle, due: Due, period: Duration) -> Result<u32> {
        object::arm(timer, due, period)
    }

    fn armings(&self, timer: &Handle) -> Result<u32> {
        object::armings(timer)
    }

    fn cancel(&self, timer: &Handle) -> Result<()> {
        object::cancel(timer)
    }

    #[inline]
    fn wait(&self, objects: &[&Handle], all: bool, timeout: Timeout) -> Result<Waited> {
        object::wait(objects, all, timeout)
    }

    fn signal_and_wait(&self, signal: &Handle, wait: &Handle, timeout: Timeout) -> Result<Waited> {
        object::signal_and_wait(signal, wait, timeout)
    }

    fn wait_alertable(
        &self,
        objects: &[&Handle],
        all: bool,
        timeout: Timeout,
        alert: &Alert,
    ) -> Result<Option<Waited>> {
        object::wait_alertable(objects, all, timeout, alert)
    }

    fn signal_and_wait_alertable(
        &self,
        signal: &Handle,
        wait: &Handle,
        timeout: Timeout,
        alert: &Alert,
    ) -> Result<Option<Waited>> {
        object::signal_and_wait_alertable(signal, wait, timeout, alert)
    }
}

fn semaphore(initial: i32, maximum: i32) -> Result<Beginning> {
    let maximum = u32::try_from(maximum).ok().filter(|&maximum| maximum > 0);
    let initial = u32::try_from(initial).ok();
    match (initial, maximum) {
        (Some(initial), Some(maximum)) if initial <= maximum => {
            Ok(Beginning { kind: Kind::Semaphore, form: Form::Semaphore { maximum }, initial: u64::from(initial) })
        }
        _ => Err(Error::new(ErrorKind::InvalidParameter)
            .detail("a semaphore needs a maximum of at least 1 and an initial count between 0 and that")),
    }
}

impl Inventory for Linux {
    fn list(&self) -> Result<Vec<Entry>> {
        self.place().check()?;
        Ok(inventory::list(self.place()))
    }

    fn inspect(&self, name: &Name) -> Result<Entry> {
        inventory::inspect(&self.place().spot(name)?)
    }

    fn holders(&self, name: &Name) -> Result<Vec<Holder>> {
        inventory::keepers(&self.place().spot(name)?)
    }

    fn collect(&self, dry_run: bool) -> Result<Vec<Leftover>> {
        self.place().check()?;
        Ok(inventory::collect(self.place(), dry_run))
    }
}

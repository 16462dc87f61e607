//! The Linux engine: objects are files, holders are locks that the kernel drops, and nobody has to clean up.
//!
//! | file | what it is about |
//! |---|---|
//! | `place` `filename` | where names live |
//! | `lock` `holder` | who is alive |
//! | `publish` `attach` `reap` | making, finding and removing a name: the three protocols |
//! | `sweep` `inventory` `holders` | what exists and what was left |
//! | `section` `backing` `memory` `room` | file mappings and their memory |
//! | `handle` `view` `passing` | what the caller holds |
//! | `call` `fault` `failure` `identity` `backoff` | the ground: system calls, injected faults, errors |
//!
//! Why it is so: `docs/design/`.

mod attach;
mod backing;
mod backoff;
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
mod passing;
mod place;
mod publish;
mod reap;
mod room;
mod section;
mod sweep;
mod view;

use std::fs::File;
use std::path::Path;

use crate::access::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::sys::{CreateOptions, Disposition, Entry, Holder, Info, Inventory, Kernel, Leftover, MapRequest, Spec};
use place::Place;

pub use handle::Handle;
pub use view::View;

/// The Linux kernel of the contract: a root directory, and what lives under it.
#[derive(Debug, Clone, Copy)]
pub struct Linux {
    place: &'static Place,
}

impl Default for Linux {
    /// The root that `LASTHANDLE_ROOT` names, else `/dev/shm`.
    fn default() -> Self {
        Self { place: Place::from_environment() }
    }
}

impl Linux {
    /// Makes `root` what the default stands for, if it has not been used yet: for tests of the public types, which
    /// must not meet anybody else's names.
    pub fn set_default_root(root: &Path) -> bool {
        Place::set_default(root)
    }

    /// Holds `name` with an object of another kind for as long as the result lives, for tests of names.
    pub fn occupy(&self, name: &Name, kind: Kind) -> Result<impl Send + use<>> {
        section::occupy(&self.place.spot(name)?, name, kind)
    }

    /// With a root of one's own, for tests. It is remembered as long as the process lives.
    pub fn at(root: &Path) -> Self {
        Self { place: Place::at(root) }
    }
}

impl Kernel for Linux {
    type Handle = Handle;
    type View = View;
    type File = File;

    fn create(
        &self,
        name: Option<&Name>,
        spec: &Spec<'_, File>,
        options: &CreateOptions,
    ) -> Result<(Handle, Disposition)> {
        let Spec::Mapping(spec) = spec;
        match name {
            None => section::create(None, spec, options),
            Some(name) => section::create(Some((&self.place.spot(name)?, name)), spec, options),
        }
    }

    fn open(&self, kind: Kind, name: &Name, access: Access, inheritable: bool) -> Result<Handle> {
        match kind {
            Kind::Mapping => section::open(&self.place.spot(name)?, name, access, inheritable),
            _ => section::open_other(&self.place.spot(name)?, kind),
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
        Ok(section::query(&object.description, object.path.as_deref()))
    }

    fn map(&self, handle: &Handle, request: &MapRequest) -> Result<View> {
        View::map(handle, request)
    }
}

impl Inventory for Linux {
    fn list(&self) -> Result<Vec<Entry>> {
        self.place.check()?;
        Ok(inventory::list(self.place))
    }

    fn inspect(&self, name: &Name) -> Result<Entry> {
        inventory::inspect(&self.place.spot(name)?)
    }

    fn holders(&self, name: &Name) -> Result<Vec<Holder>> {
        inventory::keepers(&self.place.spot(name)?)
    }

    fn collect(&self, dry_run: bool) -> Result<Vec<Leftover>> {
        self.place.check()?;
        Ok(inventory::collect(self.place, dry_run))
    }
}

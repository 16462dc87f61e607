//! Windows: each verb is one call of the real kernel. Its objects under their real names, nothing in front of the
//! user's bytes, so that any other Windows program meets ours.
//!
//! What this layer adds is what the contract says and Windows leaves open: the order of the checks, one code where
//! Windows has two, exact rights on a created handle.

mod directory;
mod error;
mod handle;
mod holders;
mod inventory;
mod nt;
mod passing;
mod process;
mod section;
mod security;
#[cfg(test)]
mod tests;
mod view;

use std::fs::File;

use directory::Directory;
pub use handle::Handle;
pub use nt::runs_under_wine;
pub use view::View;

use super::{CreateOptions, Disposition, Info, Kernel, MapRequest, Spec};
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

    fn create(
        &self,
        name: Option<&Name>,
        spec: &Spec<'_, File>,
        options: &CreateOptions,
    ) -> Result<(Handle, Disposition)> {
        match spec {
            Spec::Mapping(spec) => section::create(name, spec, options),
        }
    }

    fn open(&self, kind: Kind, name: &Name, access: Access, inheritable: bool) -> Result<Handle> {
        match kind {
            Kind::Mapping => section::open(name, access, inheritable),
            // No handle of ours can hold it, but the name may be free or another kind's.
            _ => Directory::of(name.namespace())?
                .open_to_query(kind, name.units())
                .and(Err(Error::new(ErrorKind::Unsupported).detail("only mappings can be opened"))),
        }
    }

    fn duplicate(&self, handle: &Handle, access: Option<Access>, inheritable: bool) -> Result<Handle> {
        handle.duplicate(access, inheritable)
    }

    fn access(&self, handle: &Handle) -> Access {
        handle.access()
    }

    fn query(&self, handle: &Handle) -> Result<Info> {
        Ok(section::query(handle))
    }

    fn map(&self, handle: &Handle, request: &MapRequest) -> Result<View> {
        view::map(handle, request)
    }
}

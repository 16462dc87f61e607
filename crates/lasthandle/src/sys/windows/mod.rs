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
mod process;
mod section;
mod security;
#[cfg(test)]
mod tests;
mod view;

use std::fs::File;

pub use handle::WindowsHandle;
pub use nt::runs_under_wine;
pub use view::WindowsView;

use super::{CreateOptions, Disposition, Info, Kernel, MapRequest, Spec};
use crate::access::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Name;

/// The Windows kernel of the contract.
#[derive(Debug, Clone, Copy, Default)]
pub struct Windows;

impl Kernel for Windows {
    type Handle = WindowsHandle;
    type View = WindowsView;
    type File = File;

    fn create(
        &self,
        name: Option<&Name>,
        spec: &Spec<'_, File>,
        options: &CreateOptions,
    ) -> Result<(WindowsHandle, Disposition)> {
        match spec {
            Spec::Mapping(spec) => section::create(name, spec, options),
        }
    }

    fn open(&self, kind: Kind, name: &Name, access: Access, inheritable: bool) -> Result<WindowsHandle> {
        match kind {
            Kind::Mapping => section::open(name, access, inheritable),
            _ => Err(Error::new(ErrorKind::Unsupported).detail("only mappings can be opened")),
        }
    }

    fn duplicate(&self, handle: &WindowsHandle, access: Option<Access>, inheritable: bool) -> Result<WindowsHandle> {
        handle.duplicate(access, inheritable)
    }

    fn access(&self, handle: &WindowsHandle) -> Access {
        handle.access()
    }

    fn query(&self, handle: &WindowsHandle) -> Result<Info> {
        Ok(section::query(handle))
    }

    fn map(&self, handle: &WindowsHandle, request: &MapRequest) -> Result<WindowsView> {
        view::map(handle, request)
    }
}

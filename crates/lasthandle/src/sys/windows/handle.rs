//! A handle of a section: what is known of it, the rights it carries, duplicates.
//!
//! # Safety
//! A handle value is turned into an owner only directly after the call that made it.
#![allow(unsafe_code)]

use std::fs::File;
use std::os::windows::io::{AsHandle, AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::sync::Arc;

use windows_sys::Win32::Foundation::{DUPLICATE_SAME_ACCESS, DuplicateHandle, HANDLE};
use windows_sys::Win32::System::Memory::{SECTION_MAP_EXECUTE, SECTION_MAP_EXECUTE_EXPLICIT, SECTION_QUERY};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

use super::{error, nt};
use crate::access::{Access, Protection};
use crate::error::{Error, ErrorKind, Result};

/// A handle of a real section. Dropping it closes it.
#[derive(Debug)]
pub struct Handle {
    owned: OwnedHandle,
    access: Access,
    section: nt::Section,
    /// Known to the creator and the copies of its handle alone: Windows does not tell others.
    protection: Option<Protection>,
    /// The creator's own copy of the file, so that a flush can wait for the disk. It goes no further than the
    /// copies of the handle and their views.
    file: Option<Arc<File>>,
}

impl Handle {
    /// Wraps a handle that was opened with at least [`to_native`]`(access)`.
    pub(super) fn new(owned: OwnedHandle, access: Access) -> Result<Self> {
        let section = nt::section(owned.as_handle())?;
        Ok(Self { owned, access, section, protection: None, file: None })
    }

    /// Adds what only a creator knows.
    pub(super) fn created_with(mut self, protection: Protection, file: Option<Arc<File>>) -> Self {
        self.protection = Some(protection);
        self.file = file;
        self
    }

    /// A second handle, with the same rights or with some of them.
    pub(super) fn duplicate(&self, access: Option<Access>, inheritable: bool) -> Result<Self> {
        let access = access.unwrap_or(self.access);
        // Windows would look at the object's descriptor and might grant more: that is what open is for.
        if !(self.access | Access::QUERY).contains(access) {
            return Err(Error::new(ErrorKind::AccessDenied).detail("the handle does not have the rights asked for"));
        }
        let owned = if access == self.access {
            duplicate_raw(&self.owned, 0, inheritable, DUPLICATE_SAME_ACCESS)?
        } else {
            duplicate_raw(&self.owned, to_native(access), inheritable, 0)?
        };
        Ok(Self { owned, access, section: self.section, protection: self.protection, file: self.file.clone() })
    }

    pub(super) fn access(&self) -> Access {
        self.access
    }

    pub(super) fn section(&self) -> nt::Section {
        self.section
    }

    pub(super) fn protection(&self) -> Option<Protection> {
        self.protection
    }

    pub(super) fn file(&self) -> Option<&Arc<File>> {
        self.file.as_ref()
    }

    pub(super) fn owned(&self) -> &OwnedHandle {
        &self.owned
    }

    pub(super) fn into_owned(self) -> OwnedHandle {
        self.owned
    }
}

/// The rights to ask the kernel for. The size may always be asked; and what `FILE_MAP_EXECUTE` names, the kernel
/// knows as `SECTION_MAP_EXECUTE`.
pub(super) fn to_native(access: Access) -> u32 {
    let native = access.without(Access::EXECUTE).bits() | SECTION_QUERY;
    if access.contains(Access::EXECUTE) { native | SECTION_MAP_EXECUTE } else { native }
}

/// The rights that the kernel granted, without those that this crate has no use for.
pub(super) fn from_native(native: u32) -> Access {
    let access = Access::from_bits(native & (Access::QUERY | Access::READ_WRITE).bits());
    let executes = native & (SECTION_MAP_EXECUTE | SECTION_MAP_EXECUTE_EXPLICIT) != 0;
    if executes { access | Access::EXECUTE } else { access }
}

fn duplicate_raw(source: &OwnedHandle, access: u32, inheritable: bool, options: u32) -> Result<OwnedHandle> {
    // SAFETY: returns a constant.
    let this = unsafe { GetCurrentProcess() };
    let mut copy: HANDLE = ptr::null_mut();
    // SAFETY: the source is open while borrowed, and `copy` is a live place for the result.
    let done = unsafe {
        DuplicateHandle(this, source.as_raw_handle(), this, &raw mut copy, access, inheritable.into(), options)
    };
    if done == 0 {
        return Err(error::last());
    }
    // SAFETY: the call succeeded, so `copy` is a new handle that nothing else owns.
    Ok(unsafe { OwnedHandle::from_raw_handle(copy) })
}

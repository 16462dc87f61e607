//! A handle: what is known of its object, the rights it carries, duplicates.
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
use windows_sys::Win32::System::Threading::{GetCurrentProcess, MUTEX_MODIFY_STATE};

use super::{error, nt};
use crate::access::{Access, Protection};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;

/// A handle of a real object. Dropping it closes it.
#[derive(Debug)]
pub struct Handle {
    owned: OwnedHandle,
    access: Access,
    object: Object,
}

/// What is known of an object without asking again, by its kind.
#[derive(Debug, Clone)]
pub(super) enum Object {
    Mapping(Section),
    Event,
    Mutex,
    Semaphore,
    Timer {
        /// Known to the creator and the copies of its handle alone: Windows does not tell others.
        manual: Option<bool>,
    },
    /// A process whose end is waited for; to the verbs, like on Linux, a mutex of somebody else's.
    Process,
}

/// What is known of a section.
#[derive(Debug, Clone)]
pub(super) struct Section {
    pub(super) facts: nt::Section,
    /// Known to the creator and the copies of its handle alone, as above.
    pub(super) protection: Option<Protection>,
    /// The creator's own copy of the file, so that a flush can wait for the disk. It goes no further than the
    /// copies of the handle and their views.
    pub(super) file: Option<Arc<File>>,
}

impl Object {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Mapping(_) => Kind::Mapping,
            Self::Event => Kind::Event,
            Self::Mutex | Self::Process => Kind::Mutex,
            Self::Semaphore => Kind::Semaphore,
            Self::Timer { .. } => Kind::Timer,
        }
    }
}

impl Handle {
    /// Wraps a handle that was made or opened with at least [`to_native`]`(access)`.
    pub(super) fn new(owned: OwnedHandle, access: Access, object: Object) -> Self {
        Self { owned, access, object }
    }

    /// As [`new`](Self::new), for an object of that kind that somebody else may have made.
    pub(super) fn opened(owned: OwnedHandle, kind: Kind, access: Access) -> Result<Self> {
        let object = match kind {
            Kind::Mapping => {
                let facts = nt::section(owned.as_handle())?;
                Object::Mapping(Section { facts, protection: None, file: None })
            }
            Kind::Event => Object::Event,
            Kind::Mutex => Object::Mutex,
            Kind::Semaphore => Object::Semaphore,
            Kind::Timer => Object::Timer { manual: None },
            Kind::Job => return Err(Error::new(ErrorKind::Unsupported)),
        };
        Ok(Self::new(owned, access, object))
    }

    /// A second handle, with the same rights or with some of them.
    pub(super) fn duplicate(&self, access: Option<Access>, inheritable: bool) -> Result<Self> {
        let access = access.unwrap_or(self.access);
        // Windows would look at the object's descriptor and might grant more: that is what open is for.
        if !self.grants().contains(access) {
            return Err(Error::new(ErrorKind::AccessDenied).detail("the handle does not have the rights asked for"));
        }
        let owned = if access == self.access {
            duplicate_raw(&self.owned, 0, inheritable, DUPLICATE_SAME_ACCESS)?
        } else {
            duplicate_raw(&self.owned, to_native(self.kind(), access), inheritable, 0)?
        };
        Ok(Self::new(owned, access, self.object.clone()))
    }

    /// The most that a duplicate may have. A section may always be asked for its size.
    fn grants(&self) -> Access {
        if self.kind() == Kind::Mapping { self.access | Access::QUERY } else { self.access }
    }

    pub(super) fn access(&self) -> Access {
        self.access
    }

    pub(super) fn kind(&self) -> Kind {
        self.object.kind()
    }

    pub(super) fn object(&self) -> &Object {
        &self.object
    }

    /// The section, for what is done with sections.
    pub(super) fn section(&self) -> Result<&Section> {
        match &self.object {
            Object::Mapping(section) => Ok(section),
            _ => Err(self.wrong(Kind::Mapping)),
        }
    }

    /// The handle for a verb of that kind. The kernel would find out by itself, but each of its calls takes its time.
    #[inline]
    pub(super) fn of_kind(&self, kind: Kind) -> Result<HANDLE> {
        if self.kind() == kind { Ok(self.owned.as_raw_handle()) } else { Err(self.wrong(kind)) }
    }

    #[cold]
    pub(super) fn wrong(&self, wanted: Kind) -> Error {
        Error::new(ErrorKind::InvalidHandle).detail(format!("it is a handle of kind {}, not {wanted}", self.kind()))
    }

    pub(super) fn owned(&self) -> &OwnedHandle {
        &self.owned
    }

    pub(super) fn into_owned(self) -> OwnedHandle {
        self.owned
    }
}

/// The rights to ask the kernel for. A section's size may always be asked, and what `FILE_MAP_EXECUTE` names, the
/// kernel knows as `SECTION_MAP_EXECUTE`. A mutex has one bit for what other kinds have two.
pub(super) fn to_native(kind: Kind, access: Access) -> u32 {
    let (from, to, always) = match kind {
        Kind::Mapping => (Access::EXECUTE, SECTION_MAP_EXECUTE, SECTION_QUERY),
        Kind::Mutex => (Access::MODIFY, MUTEX_MODIFY_STATE, 0),
        _ => return access.bits(),
    };
    let native = access.without(from).bits() | always;
    if access.contains(from) { native | to } else { native }
}

/// The rights that the kernel granted, without those that this crate has no use for.
pub(super) fn from_native(kind: Kind, native: u32) -> Access {
    let (ours, from, to) = match kind {
        Kind::Mapping => {
            let execute = SECTION_MAP_EXECUTE | SECTION_MAP_EXECUTE_EXPLICIT;
            (Access::QUERY | Access::READ_WRITE, execute, Access::EXECUTE)
        }
        Kind::Mutex => (Access::SYNC_ALL.without(Access::MODIFY), MUTEX_MODIFY_STATE, Access::MODIFY),
        _ => (Access::SYNC_ALL, 0, Access::NONE),
    };
    let access = Access::from_bits(native & ours.bits());
    if native & from != 0 { access | to } else { access }
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

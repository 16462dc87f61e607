//! Handles to and from other code and other processes, as Windows' own.
//!
//! # Safety
//! A number becomes an owned handle only by the promise of [`Handle::from_inherited`]'s caller.
#![allow(unsafe_code)]

use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{GetHandleInformation, HANDLE, HANDLE_FLAG_INHERIT, SetHandleInformation};

use super::handle::{Handle, from_native};
use super::{directory, error, nt};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::kind::Kind;
use crate::mapping::Mapping;
use crate::mutex::Mutex;
use crate::semaphore::Semaphore;
use crate::timer::Timer;

impl Handle {
    /// Takes over any handle of a section or a sync object, wherever it came from, with the rights that it has.
    ///
    /// # Errors
    /// `InvalidHandle` if it is none of those; `AccessDenied` if it is a section's, without the right to ask for its
    /// size (`SECTION_QUERY`). The handle is closed then.
    pub fn from_owned(owned: OwnedHandle) -> Result<Self> {
        let kind = kind(owned.as_handle())?;
        let access = from_native(kind, nt::object(owned.as_handle())?.GrantedAccess);
        Self::opened(owned, kind, access)
    }

    /// The number by which a child process knows this handle, the same as here; none if it is not inheritable.
    pub fn inherit_value(&self) -> Option<u64> {
        let raw = self.owned().as_raw_handle();
        let mut flags = 0;
        // SAFETY: an open handle, and a live place for the result.
        let known = unsafe { GetHandleInformation(raw, &raw mut flags) } != 0;
        (known && flags & HANDLE_FLAG_INHERIT != 0).then(|| raw.addr() as u64)
    }

    /// Takes over a handle that this process inherited, by the number that its parent knew it by. It was to be
    /// inherited by this child, not by all of that child's: from here on it is not inheritable.
    ///
    /// # Safety
    /// The number must be a handle that this process inherited and that nothing else in it owns.
    ///
    /// # Errors
    /// As [`from_owned`](Self::from_owned); a number that is no handle of such an object is left alone.
    pub unsafe fn from_inherited(value: u64) -> Result<Self> {
        let value = usize::try_from(value).map_err(|_| Error::new(ErrorKind::InvalidHandle))?;
        let raw: HANDLE = ptr::with_exposed_provenance_mut(value);
        // SAFETY: by the caller's promise it stays open while we look; if the promise is broken, the kernel says so.
        let borrowed = unsafe { BorrowedHandle::borrow_raw(raw) };
        kind(borrowed)?;
        // SAFETY: a handle, as just seen, that by the caller's promise nothing else owns.
        let owned = unsafe { OwnedHandle::from_raw_handle(raw) };
        // SAFETY: an open handle of our own.
        error::done(unsafe { SetHandleInformation(raw, HANDLE_FLAG_INHERIT, 0) })?;
        Self::from_owned(owned)
    }
}

/// What a handle stands for, if it is a section or a sync object.
fn kind(handle: BorrowedHandle<'_>) -> Result<Kind> {
    let kind = directory::kind_called(&nt::type_name(handle)?).filter(|&kind| kind != Kind::Job);
    kind.ok_or_else(|| Error::new(ErrorKind::InvalidHandle).detail("it is no handle of a section or sync object"))
}

impl AsHandle for Handle {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.owned().as_handle()
    }
}

impl From<Handle> for OwnedHandle {
    fn from(handle: Handle) -> Self {
        handle.into_owned()
    }
}

/// The section's own handle, for `DuplicateHandle` into another process or for any call of Windows that takes one.
impl AsHandle for Mapping {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle().as_handle()
    }
}

/// Takes over the handle of a section that some other code made or was sent, with the rights that it has.
///
/// # Errors
/// [`ErrorKind::InvalidHandle`] if it is none of a section; [`ErrorKind::AccessDenied`] without `SECTION_QUERY`.
impl TryFrom<OwnedHandle> for Mapping {
    type Error = Error;

    fn try_from(owned: OwnedHandle) -> Result<Self> {
        let adopted = Handle::from_owned(owned).and_then(Self::adopt);
        adopted.map_err(|error| error.during("take over a handle as mapping", None))
    }
}

/// Gives the section's handle away: what receives it keeps the name.
impl From<Mapping> for OwnedHandle {
    fn from(mapping: Mapping) -> Self {
        mapping.handle.into()
    }
}

/// The same for the sync objects.
macro_rules! passing {
    ($($type:ident $verb:literal),+) => {$(
        /// The object's own handle, for `DuplicateHandle` into another process or for any call of Windows that takes
        /// one.
        impl AsHandle for $type {
            fn as_handle(&self) -> BorrowedHandle<'_> {
                self.handle().as_handle()
            }
        }

        /// Takes over a handle that some other code made or was sent, with the rights that it has.
        ///
        /// # Errors
        /// [`ErrorKind::InvalidHandle`] if it is one of another kind of object; it is closed then.
        impl TryFrom<OwnedHandle> for $type {
            type Error = Error;

            fn try_from(owned: OwnedHandle) -> Result<Self> {
                let adopted = Handle::from_owned(owned).and_then(Self::adopt);
                adopted.map_err(|error| error.during($verb, None))
            }
        }

        /// Gives the handle away: what receives it keeps the name.
        impl From<$type> for OwnedHandle {
            fn from(object: $type) -> Self {
                object.0.handle.into()
            }
        }
    )+};
}

passing!(
    Event "take over a handle as event",
    Mutex "take over a handle as mutex",
    Semaphore "take over a handle as semaphore",
    Timer "take over a handle as timer"
);

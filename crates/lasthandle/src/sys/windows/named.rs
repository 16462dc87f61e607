//! Making and opening objects by name: what `Create…` and `Open…` have in common, whatever the kind.
//!
//! # Safety
//! A handle value becomes an owner directly after the call that made it.
#![allow(unsafe_code)]

use std::os::windows::io::{FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_ALREADY_EXISTS, GetLastError, HANDLE};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::core::{BOOL, PCWSTR};

use super::error;
use super::handle::{Handle, Object, to_native};
use super::security::Security;
use crate::access::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::sys::{CreateOptions, Disposition};

/// `OpenEventW` and its kin.
pub(super) type Open = unsafe extern "system" fn(u32, BOOL, PCWSTR) -> HANDLE;

/// What every `Create…` call takes. The pointers that it gives stay valid as long as it is borrowed.
pub(super) struct Request {
    security: Security,
    name: Option<Vec<u16>>,
    /// The rights of the handle, as the kernel numbers them.
    pub(super) access: u32,
}

impl Request {
    pub(super) fn new(name: Option<&Name>, security: Security, access: u32) -> Self {
        Self { security, name: name.map(terminated), access }
    }

    pub(super) fn security(&self) -> *const SECURITY_ATTRIBUTES {
        self.security.as_ptr()
    }

    /// Ends with a NUL; null without a name.
    pub(super) fn name(&self) -> PCWSTR {
        self.name.as_ref().map_or(ptr::null(), Vec::as_ptr)
    }
}

/// Creates a sync object with a `Create…Ex` call, which takes the rights of the handle to the bit.
pub(super) fn create(
    object: Object,
    name: Option<&Name>,
    options: &CreateOptions,
    call: impl FnOnce(&Request) -> HANDLE,
) -> Result<(Handle, Disposition)> {
    let security = Security::new(&options.permissions, options.inheritable)?;
    let request = Request::new(name, security, to_native(object.kind(), options.access));
    let (owned, disposition) = created(call(&request))?;
    match disposition {
        Disposition::Opened if options.exclusive => Err(Error::new(ErrorKind::AlreadyExists)),
        Disposition::Opened => Ok((Handle::opened(owned, object.kind(), options.access)?, disposition)),
        Disposition::Created => Ok((Handle::new(owned, options.access, object), disposition)),
    }
}

/// Opens an object of any kind.
pub(super) fn open(kind: Kind, call: Open, name: &Name, access: Access, inheritable: bool) -> Result<Handle> {
    let wide = terminated(name);
    // SAFETY: one of the `Open…` calls; the name ends with a NUL and outlives it.
    let raw = unsafe { call(to_native(kind, access), inheritable.into(), wide.as_ptr()) };
    let owned = own(raw)?;
    expect_some_right(access)?;
    Handle::opened(owned, kind, access)
}

/// Windows says so itself, after it has looked for the name, but for a section, which we always ask for more.
pub(super) fn expect_some_right(access: Access) -> Result<()> {
    if access == Access::NONE {
        return Err(Error::new(ErrorKind::AccessDenied).detail("no right was asked for"));
    }
    Ok(())
}

/// Owns what a `Create…` call returned, and tells whether it made the object. Nothing may come between the call and
/// this: it asks for the last error.
pub(super) fn created(raw: HANDLE) -> Result<(OwnedHandle, Disposition)> {
    // SAFETY: reads a number of this thread; 0 after a fresh create.
    let code = unsafe { GetLastError() };
    let owned = own(raw)?;
    let existed = code == ERROR_ALREADY_EXISTS;
    Ok((owned, if existed { Disposition::Opened } else { Disposition::Created }))
}

/// Owns what a call by name returned. Nothing may come between the call and this either.
pub(super) fn own(raw: HANDLE) -> Result<OwnedHandle> {
    if raw.is_null() {
        return Err(error::last_about_name());
    }
    // SAFETY: the call succeeded, so this is a new handle that nothing else owns.
    Ok(unsafe { OwnedHandle::from_raw_handle(raw) })
}

pub(super) fn terminated(name: &Name) -> Vec<u16> {
    let mut wide = name.to_wide();
    wide.push(0);
    wide
}

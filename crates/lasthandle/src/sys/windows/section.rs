//! Sections by name: create, open, query. One Windows call a verb.
//!
//! # Safety
//! Names end with a NUL and live through the call, as does the file's handle.
#![allow(unsafe_code)]

use std::fs::File;
use std::os::windows::io::{AsHandle, AsRawHandle, OwnedHandle};
use std::ptr;
use std::sync::Arc;

use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::Storage::FileSystem::READ_CONTROL;
use windows_sys::Win32::System::Memory::{
    CreateFileMappingW, OpenFileMappingW, SEC_COMMIT, SEC_RESERVE, SECTION_QUERY,
};

use super::handle::{Handle, Object, Section, to_native};
use super::named::{own, terminated};
use super::security::Security;
use super::{error, named, nt};
use crate::access::{Access, Protection};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::{Name, Namespace};
use crate::sys::{CreateOptions, Disposition, Info, MappingSpec};

pub(super) fn create(
    name: Option<&Name>,
    spec: &MappingSpec<'_, File>,
    options: &CreateOptions,
) -> Result<(Handle, Disposition)> {
    validate(spec, options)?;
    let all = spec.protection.full_access();
    let fewer = options.access | Access::QUERY != all;
    // The first handle may have more rights than the caller wants: children inherit the second one only.
    let security = Security::new(&options.permissions, options.inheritable && !fewer)?;
    let (owned, disposition) = match create_raw(name, spec, &security) {
        Ok(created) => created,
        Err(denied) => return open_instead(name, spec, options, denied).map_err(|error| cure(error, name)),
    };
    if disposition == Disposition::Opened && options.exclusive {
        return Err(Error::new(ErrorKind::AlreadyExists));
    }
    let facts = nt::section(owned.as_handle())?;
    let section = match disposition {
        Disposition::Created => Section { facts, protection: Some(spec.protection), file: own_file(spec)? },
        Disposition::Opened => Section { facts, protection: None, file: None },
    };
    let handle = Handle::new(owned, if fewer { all } else { options.access }, Object::Mapping(section));
    let handle = if fewer { handle.duplicate(Some(options.access), options.inheritable)? } else { handle };
    Ok((handle, disposition))
}

/// What the contract promises before the name is looked at, and Windows would say in other words or not at all.
fn validate(spec: &MappingSpec<'_, File>, options: &CreateOptions) -> Result<()> {
    if spec.file.is_none() && spec.size == 0 {
        return Err(Error::new(ErrorKind::InvalidParameter).detail("a mapping without a file needs a size"));
    }
    if spec.file.is_some() && spec.reserve {
        return Err(Error::new(ErrorKind::InvalidParameter).detail("only memory can be reserved, not a file"));
    }
    if spec.size > isize::MAX as u64 {
        return Err(Error::new(ErrorKind::TooBig).detail("the size is beyond any address space"));
    }
    if !spec.protection.full_access().contains(options.access) {
        return Err(Error::new(ErrorKind::AccessDenied).detail("the protection does not allow the access asked for"));
    }
    Ok(())
}

fn create_raw(
    name: Option<&Name>,
    spec: &MappingSpec<'_, File>,
    security: &Security,
) -> Result<(OwnedHandle, Disposition)> {
    let file = spec.file.map_or(INVALID_HANDLE_VALUE, AsRawHandle::as_raw_handle);
    let memory = if spec.reserve { SEC_RESERVE } else { SEC_COMMIT };
    let (high, low) = halves(spec.size);
    let wide = name.map(terminated);
    let name = wide.as_ref().map_or(ptr::null(), Vec::as_ptr);
    // SAFETY: the file, the attributes and the name, which ends with a NUL, outlive the call.
    named::created(unsafe {
        CreateFileMappingW(file, security.as_ptr(), spec.protection.windows_page() | memory, high, low, name)
    })
}

/// `Create…` asks an existing object for every right of the protection. Where its descriptor grants fewer, the
/// rights that the caller wants may still be among them.
fn open_instead(
    name: Option<&Name>,
    spec: &MappingSpec<'_, File>,
    options: &CreateOptions,
    denied: Error,
) -> Result<(Handle, Disposition)> {
    let Some(name) = name else { return Err(denied) };
    // With a file, the denial may be the file's: that is about the arguments and comes before the name.
    if denied.kind() != ErrorKind::AccessDenied || options.exclusive || spec.file.is_some() {
        return Err(denied);
    }
    match open(name, options.access, options.inheritable) {
        Ok(handle) => Ok((handle, Disposition::Opened)),
        Err(_) => Err(denied),
    }
}

/// Windows lets anybody open a global object, and few make one.
fn cure(error: Error, name: Option<&Name>) -> Error {
    let global = name.is_some_and(|name| name.namespace() == Namespace::Global);
    if error.kind() == ErrorKind::AccessDenied && global {
        return error.cure("to create it takes a service, an administrator, or the right to \"Create global objects\"");
    }
    error
}

/// Only who writes has something to wait for: a flush of such a view ends at the disk.
fn own_file(spec: &MappingSpec<'_, File>) -> Result<Option<Arc<File>>> {
    let file = spec.file.filter(|_| spec.protection.is_writable());
    file.map(File::try_clone).transpose().map(|file| file.map(Arc::new)).map_err(error::from_io)
}

pub(super) fn open(name: &Name, access: Access, inheritable: bool) -> Result<Handle> {
    let native = match to_native(Kind::Mapping, access) {
        // Windows takes this one bit alone for FILE_MAP_COPY and would ask for the right to read the contents.
        SECTION_QUERY => SECTION_QUERY | READ_CONTROL,
        native => native,
    };
    let wide = terminated(name);
    // SAFETY: the name ends with a NUL and outlives the call.
    let raw = unsafe { OpenFileMappingW(native, inheritable.into(), wide.as_ptr()) };
    let owned = own(raw)?;
    named::expect_some_right(access)?;
    Handle::opened(owned, Kind::Mapping, access)
}

pub(super) fn info(facts: nt::Section, protection: Option<Protection>) -> Info {
    Info {
        kind: Kind::Mapping,
        size: facts.size,
        protection,
        reserved: facts.is_reserved(),
        file: None,
        created: None,
        creator: None,
        state: None,
    }
}

/// The upper and the lower 32 bits, as Windows' calls take a 64-bit number.
pub(super) fn halves(number: u64) -> (u32, u32) {
    let [low, high]: [u32; 2] = zerocopy::transmute!(number.to_le());
    (high, low)
}

//! What creating and opening have in common, whatever the kind of object.

use lasthandle::{Access, Name, Permissions};

use super::call::set_last_error;
use super::code::Code;
use super::object::Object;
use super::pointer::In;
use super::security::{self, What};
use super::table::{self, New};
use super::types::{BOOL, HANDLE, HANDLE_FLAG_INHERIT, SecurityAttributes};

/// Whether children shall inherit the handle.
pub(crate) fn inherits(attributes: In<SecurityAttributes>) -> BOOL {
    attributes.get().map_or(0, |attributes| attributes.inherit_handle)
}

/// Who else may open the object, if it is a fresh one.
pub(crate) fn permissions(attributes: In<SecurityAttributes>, what: What) -> Result<Permissions, Code> {
    attributes.get().map_or(Ok(Permissions::Owner), |attributes| security::permissions(attributes.descriptor, what))
}

/// A handle for an object that was created, or met: the last error tells which.
pub(crate) fn created(
    object: Object,
    existed: bool,
    access: Access,
    name: Option<Name>,
    inherit: BOOL,
) -> Result<HANDLE, Code> {
    let handle = entered(object, access, name, inherit)?;
    set_last_error(if existed { Code::ALREADY_EXISTS } else { Code::SUCCESS });
    Ok(handle)
}

/// A handle for an object.
pub(crate) fn entered(object: Object, access: Access, name: Option<Name>, inherit: BOOL) -> Result<HANDLE, Code> {
    let flags = if inherit == 0 { 0 } else { HANDLE_FLAG_INHERIT };
    table::insert(New { object, access: access.bits(), name, flags })
}

/// Refuses flags that a call does not know.
pub(crate) fn only(flags: u32, known: u32) -> Result<(), Code> {
    if flags & !known == 0 { Ok(()) } else { Err(Code::INVALID_PARAMETER) }
}

/// Creates an object by its options: with a name, or without.
macro_rules! create {
    ($options:expr, $access:expr, $name:expr, $attributes:expr) => {{
        let access = $access;
        let what = $crate::kernel32::security::What::Sync;
        let options = $options.access(access).permissions($crate::kernel32::named::permissions($attributes, what)?);
        let name = $name?.optional();
        let object = match &name {
            Some(name) => options.create(name)?,
            None => options.create_unnamed()?,
        };
        let existed = object.opened_existing();
        let inherit = $crate::kernel32::named::inherits($attributes);
        $crate::kernel32::named::created(object.into(), existed, access, name, inherit)
    }};
}
pub(crate) use create;

/// Opens an object by its options.
macro_rules! open {
    ($options:expr, $access:expr, $name:expr, $inherit:expr) => {{
        let access = $access;
        let name = $name?.required()?;
        let object = $options.access(access).open(&name)?;
        $crate::kernel32::named::entered(object.into(), access, Some(name), $inherit)
    }};
}
pub(crate) use open;

//! Handles themselves: closing, duplicating, flags.

use std::sync::Arc;

use lasthandle::{Access, Event, Mapping, Mutex, Semaphore, Timer};

use super::access;
use super::call::{export, succeeds};
use super::code::Code;
use super::named::only;
use super::object::Object;
use super::passing::{self, Parcel};
use super::pointer::Out;
use super::process::{ALL_ACCESS, DUP_HANDLE, Process, Role, Target, this_process};
use super::table::{self, Entry, New};
use super::threads::Thread;
use super::types::{
    BOOL, CURRENT_PROCESS, CURRENT_THREAD, HANDLE, HANDLE_FLAG_INHERIT, HANDLE_FLAG_PROTECT_FROM_CLOSE,
};
use crate::sync::Sync;

pub(crate) const CLOSE_SOURCE: u32 = 1;
const SAME_ACCESS: u32 = 2;

export! {
    /// Closes a handle. Closing this process or thread does nothing, and succeeds.
    fn CloseHandle(handle: HANDLE) -> BOOL {
        succeeds(|| if is_pseudo(handle) { Ok(()) } else { table::close(handle) })
    }

    /// Makes a second handle for an object: here, or in another process, for one of here or of another process.
    fn DuplicateHandle(
        from: HANDLE,
        source: HANDLE,
        to: HANDLE,
        target: Out<HANDLE>,
        access: u32,
        inherit: BOOL,
        options: u32,
    ) -> BOOL {
        succeeds(|| {
            only(options, CLOSE_SOURCE | SAME_ACCESS)?;
            let from = Side::of(from)?;
            if to.is_null() && options & CLOSE_SOURCE != 0 {
                return from.close(source);
            }
            let to = Side::of(to)?;
            let target = target.required();
            let duplicate = match (&from, &to) {
                (Side::Here, Side::Here) => duplicate(source, access, inherit, options, target.is_ok()),
                _ if target.is_ok() => pass(&from, &to, source, access, inherit, options),
                _ if options & CLOSE_SOURCE != 0 => from.close(source).and(Err(Code::NOACCESS)),
                _ => Err(Code::NOACCESS),
            };
            duplicate.and_then(|duplicate| target.map(|target| target.write(duplicate)))
        })
    }

    /// The flags of a handle.
    fn GetHandleInformation(handle: HANDLE, flags: Out<u32>) -> BOOL {
        succeeds(|| {
            let found = if is_pseudo(handle) { 0 } else { table::with(handle, |entry| Ok(entry.flags()))? };
            flags.required()?.write(found);
            Ok(())
        })
    }

    /// Changes those flags of a handle that the mask names.
    fn SetHandleInformation(handle: HANDLE, mask: u32, flags: u32) -> BOOL {
        succeeds(|| {
            only(mask, HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE)?;
            table::with(handle, |entry| {
                entry.set_flags(mask, flags);
                Ok(())
            })
        })
    }
}

fn is_pseudo(handle: HANDLE) -> bool {
    handle == CURRENT_PROCESS || handle == CURRENT_THREAD
}

/// The source is closed if that was asked for, whether the rest succeeds or not; but one that is closed and made anew
/// with the same rights just stays.
fn duplicate(source: HANDLE, access: u32, inherit: BOOL, options: u32, wanted: bool) -> Result<HANDLE, Code> {
    if is_pseudo(source) {
        if !wanted {
            return Err(Code::NOACCESS);
        }
        let New { object, access, .. } = real(source, access, options)?;
        let flags = if inherit == 0 { 0 } else { HANDLE_FLAG_INHERIT };
        return table::insert(New { object, access, name: None, flags });
    }
    let entry = table::get(source)?;
    let access = if options & SAME_ACCESS == 0 { asked(&entry, access) } else { Access::from_bits(entry.access) };
    let closes = options & CLOSE_SOURCE != 0;
    let flags = if inherit == 0 { 0 } else { HANDLE_FLAG_INHERIT };
    if closes && wanted && access.bits() == entry.access {
        entry.set_flags(HANDLE_FLAG_INHERIT, flags);
        return Ok(source);
    }
    let made = if wanted { again(&entry, access) } else { Err(Code::NOACCESS) };
    if closes {
        table::close(source)?;
    }
    table::insert(New { object: made?, access: access.bits(), name: entry.name.clone(), flags })
}

/// Whose handle it is.
enum Side {
    Here,
    There(Arc<Target>),
}

impl Side {
    fn of(process: HANDLE) -> Result<Self, Code> {
        if process == CURRENT_PROCESS {
            return Ok(Self::Here);
        }
        let entry = table::get(process)?;
        let target = entry.object.process()?.allowed(DUP_HANDLE)?;
        Ok(if target.is_this_process() { Self::Here } else { Self::There(Arc::clone(target)) })
    }

    fn close(&self, handle: HANDLE) -> Result<(), Code> {
        match self {
            Self::Here => table::close(handle),
            Self::There(process) => passing::close(process, handle),
        }
    }
}

/// From or to another process, or both.
fn pass(from: &Side, to: &Side, source: HANDLE, access: u32, inherit: BOOL, options: u32) -> Result<HANDLE, Code> {
    let flags = if inherit == 0 { 0 } else { HANDLE_FLAG_INHERIT };
    let parcel = match from {
        Side::Here => packed(source, access, options, flags),
        // The handle that means its own process, wherever that is.
        Side::There(process) if source == CURRENT_PROCESS => {
            let all = Process::all(Arc::clone(process), Role::Process);
            narrowed(&all, access, options).and_then(|new| Parcel::pack(&new.object, new.access, None, flags))
        }
        Side::There(process) => passing::fetch(process, source, access, options, flags),
    };
    if matches!(from, Side::Here) && options & CLOSE_SOURCE != 0 && !is_pseudo(source) {
        table::close(source)?;
    }
    match to {
        Side::Here => table::insert(parcel?.unpack()?),
        Side::There(process) => Ok(std::ptr::without_provenance_mut(passing::deliver(process, &parcel?)? as usize)),
    }
}

fn packed(source: HANDLE, access: u32, options: u32, flags: u32) -> Result<Parcel, Code> {
    if is_pseudo(source) {
        let New { object, access, .. } = real(source, access, options)?;
        return Parcel::pack(&object, access, None, flags);
    }
    let entry = table::get(source)?;
    let (object, access) = copied(&entry, access, options)?;
    Parcel::pack(&object, access.bits(), entry.name.as_ref(), flags)
}

/// The object behind a handle that means this process or thread.
fn real(pseudo: HANDLE, access: u32, options: u32) -> Result<New, Code> {
    if pseudo == CURRENT_THREAD {
        let access = access::thread(if options & SAME_ACCESS == 0 { access } else { access::THREAD_ALL });
        return Ok(New { object: Thread::current(access).into(), access: access.bits(), name: None, flags: 0 });
    }
    narrowed(&this_process()?, access, options)
}

/// A process with all rights, or with those that are asked for.
fn narrowed(process: &Process, access: u32, options: u32) -> Result<New, Code> {
    let access = if options & SAME_ACCESS == 0 { access::process(access).bits() } else { ALL_ACCESS };
    let object = process.duplicate(access)?.into();
    Ok(New { object, access, name: None, flags: 0 })
}

/// Another handle of an entry's object, with the rights that the options tell.
pub(crate) fn copied(entry: &Entry, access: u32, options: u32) -> Result<(Object, Access), Code> {
    let access = if options & SAME_ACCESS == 0 { asked(entry, access) } else { Access::from_bits(entry.access) };
    Ok((again(entry, access)?, access))
}

fn asked(entry: &Entry, access: u32) -> Access {
    match entry.object {
        Object::Mapping(_) => access::section(access),
        Object::Sync(_) => access::sync(access),
        Object::Process(_) => access::process(access),
        Object::File(_) => access::file(access),
        Object::Thread(_) => access::thread(access),
    }
}

/// Another handle of the object. More rights than this one has are had by opening the object once more, if it has a
/// name: as the object permits.
fn again(entry: &Entry, access: Access) -> Result<Object, Code> {
    // An object that came from another process has these rights and no others, whatever was granted.
    let (section, sync) = (access::meaning(access, access::SECTION_ALL), access::meaning(access, Access::SYNC_ALL));
    macro_rules! again {
        ($kind:ident, $object:expr, $rights:expr) => {
            match (&entry.name, $object.duplicate(Some($rights), false)) {
                (_, Ok(object)) => object.into(),
                (Some(name), Err(_)) => $kind::options().access(access).open(name)?.into(),
                (None, Err(error)) => return Err(error.into()),
            }
        };
    }
    Ok(match &entry.object {
        Object::Mapping(mapping) => again!(Mapping, mapping, section),
        Object::Sync(Sync::Event(event)) => again!(Event, event, sync),
        Object::Sync(Sync::Mutex(mutex)) => again!(Mutex, mutex, sync),
        Object::Sync(Sync::Semaphore(semaphore)) => again!(Semaphore, semaphore, sync),
        Object::Sync(Sync::Timer(timer)) => again!(Timer, timer, sync),
        Object::Process(process) => process.duplicate(access.bits())?.into(),
        Object::File(file) if Access::from_bits(entry.access).contains(access) => file.clone().into(),
        Object::File(_) => return Err(Code::ACCESS_DENIED),
        Object::Thread(thread) => thread.with(access).into(),
    })
}

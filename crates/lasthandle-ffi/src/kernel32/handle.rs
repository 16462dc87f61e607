//! Handles themselves: closing, duplicating, flags.

use lasthandle::{Access, Event, Mapping, Mutex, Semaphore, Timer};

use super::access;
use super::call::{export, succeeds};
use super::code::Code;
use super::named::{entered, only};
use super::object::Object;
use super::pointer::Out;
use super::table::{self, Entry, New};
use super::threads::Thread;
use super::types::{
    BOOL, CURRENT_PROCESS, CURRENT_THREAD, HANDLE, HANDLE_FLAG_INHERIT, HANDLE_FLAG_PROTECT_FROM_CLOSE,
};
use crate::sync::Sync;

const CLOSE_SOURCE: u32 = 1;
const SAME_ACCESS: u32 = 2;

export! {
    /// Closes a handle. Closing this process or thread does nothing, and succeeds.
    fn CloseHandle(handle: HANDLE) -> BOOL {
        succeeds(|| if is_pseudo(handle) { Ok(()) } else { table::close(handle) })
    }

    /// Makes a second handle for an object, within this process.
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
            // Handles of other processes are to come here; none can be had yet.
            if from != CURRENT_PROCESS || to != CURRENT_PROCESS {
                return Err(Code::INVALID_HANDLE);
            }
            if source == CURRENT_THREAD {
                return duplicate_this_thread(target, access, inherit, options);
            }
            if is_pseudo(source) {
                return Err(Code::NOT_SUPPORTED);
            }
            let target = target.required();
            let duplicate = duplicate(source, access, inherit, options, target.is_ok());
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

/// A real handle for what every thread may call its own.
fn duplicate_this_thread(target: Out<HANDLE>, access: u32, inherit: BOOL, options: u32) -> Result<(), Code> {
    let target = target.required()?;
    let access = access::thread(if options & SAME_ACCESS == 0 { access } else { access::THREAD_ALL });
    target.write(entered(Thread::current(access).into(), access, None, inherit)?);
    Ok(())
}

fn asked(entry: &Entry, access: u32) -> Access {
    match entry.object {
        Object::Mapping(_) => access::section(access),
        Object::Sync(_) => access::sync(access),
        Object::File(_) => access::file(access),
        Object::Thread(_) => access::thread(access),
    }
}

/// Another handle of the object. More rights than this one has are had by opening the object once more, if it has a
/// name: as the object permits.
fn again(entry: &Entry, access: Access) -> Result<Object, Code> {
    macro_rules! again {
        ($kind:ident, $object:expr) => {
            match (&entry.name, $object.duplicate(Some(access), false)) {
                (_, Ok(object)) => object.into(),
                (Some(name), Err(_)) => $kind::options().access(access).open(name)?.into(),
                (None, Err(error)) => return Err(error.into()),
            }
        };
    }
    Ok(match &entry.object {
        Object::Mapping(mapping) => again!(Mapping, mapping),
        Object::Sync(Sync::Event(event)) => again!(Event, event),
        Object::Sync(Sync::Mutex(mutex)) => again!(Mutex, mutex),
        Object::Sync(Sync::Semaphore(semaphore)) => again!(Semaphore, semaphore),
        Object::Sync(Sync::Timer(timer)) => again!(Timer, timer),
        Object::File(file) if Access::from_bits(entry.access).contains(access) => file.clone().into(),
        Object::File(_) => return Err(Code::ACCESS_DENIED),
        Object::Thread(thread) => thread.with(access).into(),
    })
}

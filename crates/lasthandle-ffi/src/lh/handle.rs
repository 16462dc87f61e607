//! Handles themselves: rights, second handles, children.
//!
//! # Safety
//! As in `mod.rs`; a value that is taken over came from the parent, for this process, and is taken over once.
#![allow(unsafe_code)]

use std::ffi::c_char;

use lasthandle::{Access, Error, ErrorKind, Event, Mapping, Mutex, Result, Semaphore, Timer};

use super::list::{LH_EVENT, LH_MUTEX, LH_READABLE, LH_SEMAPHORE, LH_TIMER, LH_WRITABLE};
use super::mapping::lh_mapping;
use super::object::{Target, lh_object};
use super::{code_of, hand_out, object, place, required_name, write};
use crate::sync::Sync;

/// The right to ask what an object is.
pub const LH_MAY_QUERY: u32 = 1;
/// The right to signal: set, reset, release, arm. (A mutex is released without it.)
pub const LH_MAY_SIGNAL: u32 = 2;
/// The right to wait.
pub const LH_MAY_WAIT: u32 = 4;
/// All rights to an event, mutex, semaphore or timer.
pub const LH_MAY_ALL: u32 = 7;
/// The rights that the handle has of which a second one is made.
pub const LH_SAME: u32 = 0xFFFF_FFFF;

/// Opens the object of that kind (LH_EVENT, LH_MUTEX, LH_SEMAPHORE or LH_TIMER) that has the name, with some rights:
/// LH_MAY_WAIT, say, for who only waits. Close it with lh_object_close. 2: nothing has the name; 6: an object of
/// another kind has it; 5: not permitted, or no right was asked for; 87: no such kind or right.
///
/// Calls without the right fail with 5.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_object_open(
    name: *const c_char,
    kind: u32,
    rights: u32,
    opened: *mut *mut lh_object,
) -> u32 {
    code_of(|| {
        let (opened, access) = (place(opened)?, access(rights)?);
        // SAFETY: the contract is the same.
        let name = unsafe { required_name(name) }?;
        let object: Sync = match kind {
            LH_EVENT => Event::options().access(access).open(name)?.into(),
            LH_MUTEX => Mutex::options().access(access).open(name)?.into(),
            LH_SEMAPHORE => Semaphore::options().access(access).open(name)?.into(),
            LH_TIMER => Timer::options().access(access).open(name)?.into(),
            _ => return Err(no_such_kind()),
        };
        // SAFETY: a place.
        unsafe { write(opened, hand_out(lh_object::new(object))) };
        Ok(())
    })
}

/// LH_EVENT, LH_MUTEX, LH_SEMAPHORE or LH_TIMER; LH_READABLE or LH_WRITABLE for an end of a channel, broadcast or latest value; 0 for
/// null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_object_kind(any: *const lh_object) -> u32 {
    // SAFETY: the contract is the same.
    unsafe { object(any) }.map_or(0, |object| match object.target() {
        Target::Sync(Sync::Event(_)) => LH_EVENT,
        Target::Sync(Sync::Mutex(_)) => LH_MUTEX,
        Target::Sync(Sync::Semaphore(_)) => LH_SEMAPHORE,
        Target::Sync(Sync::Timer(_)) => LH_TIMER,
        Target::Readable(_) | Target::Subscriber(_) | Target::Reader(_) => LH_READABLE,
        Target::Writable(_) => LH_WRITABLE,
    })
}

/// Makes a second handle of the same object, with the same rights (LH_SAME) or fewer, to be closed by itself. The object
/// and its name live until the last handle is closed, however the processes that have them end. `inheritable`: whether
/// children of this process get it, see lh_object_inherit_value. 5: more rights than the handle has.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_object_duplicate(
    of: *const lh_object,
    rights: u32,
    inheritable: bool,
    duplicate: *mut *mut lh_object,
) -> u32 {
    code_of(|| {
        let duplicate = place(duplicate)?;
        let access = if rights == LH_SAME { None } else { Some(access(rights)?) };
        // SAFETY: the contract is the same.
        let second = unsafe { object(of) }?.sync()?.duplicate(access, inheritable)?;
        // SAFETY: a place.
        unsafe { write(duplicate, hand_out(lh_object::new(second))) };
        Ok(())
    })
}

/// Makes a second handle of the same mapping, to be closed by itself; `read_only`: one that maps no view that writes
/// through. Otherwise as lh_object_duplicate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_mapping_duplicate(
    of: *const lh_mapping,
    read_only: bool,
    inheritable: bool,
    duplicate: *mut *mut lh_mapping,
) -> u32 {
    code_of(|| {
        let duplicate = place(duplicate)?;
        let access = read_only.then_some(Access::READ | Access::QUERY);
        // SAFETY: the contract is the same.
        let second = unsafe { object(of) }?.mapping().duplicate(access, inheritable)?;
        // SAFETY: a place.
        unsafe { write(duplicate, hand_out(lh_mapping::new(second))) };
        Ok(())
    })
}

/// The number under which a child finds an inheritable handle: to be told to it on its command line, say. Every child that
/// is started while the handle is open gets it, and keeps the object alive until it ends or closes it. 6: it is not
/// inheritable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_object_inherit_value(of: *const lh_object, value: *mut u64) -> u32 {
    // SAFETY: the contract is the same.
    code_of(|| tell(unsafe { object(of) }?.sync()?.inherit_value(), value))
}

/// The same for a mapping.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_mapping_inherit_value(of: *const lh_mapping, value: *mut u64) -> u32 {
    // SAFETY: the contract is the same.
    code_of(|| tell(unsafe { object(of) }?.mapping().inherit_value(), value))
}

/// In a child: takes over an object of that kind that its parent made inheritable, by the number that the parent was told.
/// Each number once: the object is this handle's from here on, and is not inheritable any more. 6: no handle of an object
/// of that kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_object_from_inherited(value: u64, kind: u32, taken: *mut *mut lh_object) -> u32 {
    code_of(|| {
        let taken = place(taken)?;
        let object: Sync = match kind {
            // SAFETY: the contract is the same, for all four.
            LH_EVENT => unsafe { Event::from_inherited(value) }?.into(),
            // SAFETY: as above.
            LH_MUTEX => unsafe { Mutex::from_inherited(value) }?.into(),
            // SAFETY: as above.
            LH_SEMAPHORE => unsafe { Semaphore::from_inherited(value) }?.into(),
            // SAFETY: as above.
            LH_TIMER => unsafe { Timer::from_inherited(value) }?.into(),
            _ => return Err(no_such_kind()),
        };
        // SAFETY: a place.
        unsafe { write(taken, hand_out(lh_object::new(object))) };
        Ok(())
    })
}

/// The same for a mapping.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_mapping_from_inherited(value: u64, taken: *mut *mut lh_mapping) -> u32 {
    code_of(|| {
        let taken = place(taken)?;
        // SAFETY: the contract is the same.
        let mapping = unsafe { Mapping::from_inherited(value) }?;
        // SAFETY: a place.
        unsafe { write(taken, hand_out(lh_mapping::new(mapping))) };
        Ok(())
    })
}

fn no_such_kind() -> Error {
    Error::new(ErrorKind::InvalidParameter).detail("there is no such kind of object")
}

fn access(rights: u32) -> Result<Access> {
    if rights & !LH_MAY_ALL != 0 {
        return Err(Error::new(ErrorKind::InvalidParameter).detail("there is no such right"));
    }
    let all = [(LH_MAY_QUERY, Access::QUERY), (LH_MAY_SIGNAL, Access::MODIFY), (LH_MAY_WAIT, Access::SYNCHRONIZE)];
    let asked = all.into_iter().filter(|(right, _)| rights & right != 0);
    Ok(asked.fold(Access::NONE, |access, (_, right)| access | right))
}

fn tell(value: Option<u64>, to: *mut u64) -> Result<()> {
    let to = place(to)?;
    let none = || Error::new(ErrorKind::InvalidHandle).detail("the handle is not inheritable");
    let value = value.ok_or_else(none)?;
    // SAFETY: a place.
    unsafe { write(to, value) };
    Ok(())
}

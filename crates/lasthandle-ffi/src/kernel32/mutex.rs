//! Mutexes.

use std::ptr::null_mut;

use lasthandle::Mutex;

use super::access;
use super::call::{call, export, export_named, succeeds};
use super::code::Code;
use super::named::{create, only, open};
use super::pointer::{Given, In};
use super::table;
use super::types::{BOOL, HANDLE, SecurityAttributes};

const INITIAL_OWNER: u32 = 1;
const ALL_ACCESS: u32 = 0x1F_0001;

export_named! {
    /// Creates a mutex, or opens the one of that name (last error 183), which is not taken then.
    fn CreateMutexA, CreateMutexW(attributes: In<SecurityAttributes>, owned: BOOL; name;) -> HANDLE {
        create_mutex(attributes, if owned == 0 { 0 } else { INITIAL_OWNER }, ALL_ACCESS, name)
    }

    /// The same, with the rights of the handle.
    fn CreateMutexExA, CreateMutexExW(attributes: In<SecurityAttributes>; name; flags: u32, access: u32) -> HANDLE {
        create_mutex(attributes, flags, access, name)
    }

    /// Opens the mutex of that name.
    fn OpenMutexA, OpenMutexW(access: u32, inherit: BOOL; name;) -> HANDLE {
        call(null_mut(), || open!(Mutex::options(), access::sync(access), name, inherit))
    }
}

fn create_mutex(attributes: In<SecurityAttributes>, flags: u32, access: u32, name: Result<Given, Code>) -> HANDLE {
    call(null_mut(), || {
        only(flags, INITIAL_OWNER)?;
        let options = Mutex::options().initially_owned(flags & INITIAL_OWNER != 0);
        create!(options, access::sync(access), name, attributes)
    })
}

export! {
    /// Releases a mutex once. Needs no right.
    fn ReleaseMutex(mutex: HANDLE) -> BOOL {
        succeeds(|| table::with(mutex, |entry| Ok(entry.object.mutex()?.release()?)))
    }
}

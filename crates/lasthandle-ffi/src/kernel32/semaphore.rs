//! Semaphores.

use std::ptr::null_mut;

use lasthandle::Semaphore;

use super::access;
use super::call::{call, export, export_named, succeeds};
use super::code::Code;
use super::named::{create, only, open};
use super::pointer::{Given, In, Out};
use super::table;
use super::types::{BOOL, HANDLE, SecurityAttributes};

const ALL_ACCESS: u32 = 0x1F_0003;

export_named! {
    /// Creates a semaphore, or opens the one of that name (last error 183).
    fn CreateSemaphoreA, CreateSemaphoreW(attributes: In<SecurityAttributes>, initial: i32, maximum: i32; name;)
        -> HANDLE {
        create_semaphore(attributes, (initial, maximum), 0, ALL_ACCESS, name)
    }

    /// The same, with the rights of the handle.
    fn CreateSemaphoreExA, CreateSemaphoreExW(attributes: In<SecurityAttributes>, initial: i32, maximum: i32; name;
        flags: u32, access: u32) -> HANDLE {
        create_semaphore(attributes, (initial, maximum), flags, access, name)
    }

    /// Opens the semaphore of that name.
    fn OpenSemaphoreA, OpenSemaphoreW(access: u32, inherit: BOOL; name;) -> HANDLE {
        call(null_mut(), || open!(Semaphore::options(), access::sync(access), name, inherit))
    }
}

fn create_semaphore(
    attributes: In<SecurityAttributes>,
    (initial, maximum): (i32, i32),
    flags: u32,
    access: u32,
    name: Result<Given, Code>,
) -> HANDLE {
    call(null_mut(), || {
        only(flags, 0)?;
        // The library finds this, too, but only after the name is known to be good.
        if maximum <= 0 || initial < 0 || initial > maximum {
            return Err(Code::INVALID_PARAMETER);
        }
        let options = Semaphore::options().initial(initial).maximum(maximum);
        create!(options, access::sync(access), name, attributes)
    })
}

export! {
    /// Adds to a semaphore's count; where asked for, the count before is written only on success.
    fn ReleaseSemaphore(semaphore: HANDLE, count: i32, previous: Out<i32>) -> BOOL {
        succeeds(|| {
            // Found before the handle is looked at, as on Windows.
            if count <= 0 {
                return Err(Code::INVALID_PARAMETER);
            }
            let before = table::with(semaphore, |entry| Ok(entry.object.semaphore()?.release(count)?))?;
            previous.write(i32::try_from(before).unwrap_or(i32::MAX)); // a maximum is no more
            Ok(())
        })
    }
}

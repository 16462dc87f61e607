//! Events.

use std::ptr::null_mut;

use lasthandle::Event;

use super::access;
use super::call::{call, export, export_named, succeeds};
use super::code::Code;
use super::named::{create, only, open};
use super::pointer::{Given, In};
use super::table;
use super::types::{BOOL, HANDLE, SecurityAttributes};

const MANUAL_RESET: u32 = 1;
const INITIAL_SET: u32 = 2;
const ALL_ACCESS: u32 = 0x1F_0003;

export_named! {
    /// Creates an event, or opens the one of that name (last error 183).
    fn CreateEventA, CreateEventW(attributes: In<SecurityAttributes>, manual: BOOL, initial: BOOL; name;) -> HANDLE {
        let flags = if manual == 0 { 0 } else { MANUAL_RESET } | if initial == 0 { 0 } else { INITIAL_SET };
        create_event(attributes, flags, ALL_ACCESS, name)
    }

    /// The same, with the rights of the handle.
    fn CreateEventExA, CreateEventExW(attributes: In<SecurityAttributes>; name; flags: u32, access: u32) -> HANDLE {
        create_event(attributes, flags, access, name)
    }

    /// Opens the event of that name.
    fn OpenEventA, OpenEventW(access: u32, inherit: BOOL; name;) -> HANDLE {
        call(null_mut(), || open!(Event::options(), access::sync(access), name, inherit))
    }
}

fn create_event(attributes: In<SecurityAttributes>, flags: u32, access: u32, name: Result<Given, Code>) -> HANDLE {
    call(null_mut(), || {
        only(flags, MANUAL_RESET | INITIAL_SET)?;
        let options = Event::options().manual_reset(flags & MANUAL_RESET != 0).signaled(flags & INITIAL_SET != 0);
        create!(options, access::sync(access), name, attributes)
    })
}

export! {
    /// Sets an event.
    fn SetEvent(event: HANDLE) -> BOOL {
        succeeds(|| table::with(event, |entry| Ok(entry.object.event()?.set()?)))
    }

    /// Resets an event.
    fn ResetEvent(event: HANDLE) -> BOOL {
        succeeds(|| table::with(event, |entry| Ok(entry.object.event()?.reset()?)))
    }

    /// Lets go who waits now, and leaves the event unset.
    fn PulseEvent(event: HANDLE) -> BOOL {
        succeeds(|| table::with(event, |entry| Ok(entry.object.event()?.pulse()?)))
    }
}

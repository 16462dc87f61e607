//! What exists.
//!
//! # Safety
//! As in `mod.rs`; what visits keeps to C: it does not throw.
#![allow(unsafe_code)]

use std::ffi::{CString, c_char, c_void};

use lasthandle::{Entry, Error, ErrorKind, Kind};

use super::code_of;

/// A file mapping.
pub const LH_MAPPING: u32 = 1;
/// An event.
pub const LH_EVENT: u32 = 2;
/// A mutex.
pub const LH_MUTEX: u32 = 3;
/// A semaphore.
pub const LH_SEMAPHORE: u32 = 4;
/// A waitable timer.
pub const LH_TIMER: u32 = 5;
/// A receiving or reading end, as lh_channel_readable and its like make it. (Not in lists, where a channel is its mapping.)
pub const LH_READABLE: u32 = 6;
/// A sending end, as lh_channel_writable makes it.
pub const LH_WRITABLE: u32 = 7;
/// Anything else that has a name, or an object that could not be asked.
pub const LH_OTHER: u32 = 0;

/// One object that exists.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct lh_entry {
    /// Its name with its prefix, in UTF-8; valid during the visit.
    pub name: *const c_char,
    /// LH_MAPPING, LH_EVENT, ...
    pub kind: u32,
    /// How many hold it: processes on Linux, handles on Windows; 0 where the system does not tell.
    pub holders: u32,
    /// A mapping's bytes.
    pub size: u64,
}

/// Calls `visit` with each object that this user may see, and `context`, until it says false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lh_list(
    visit: Option<unsafe extern "C" fn(entry: *const lh_entry, context: *mut c_void) -> bool>,
    context: *mut c_void,
) -> u32 {
    code_of(|| {
        let visit = visit.ok_or_else(|| Error::new(ErrorKind::InvalidParameter).detail("there is nothing to call"))?;
        for entry in lasthandle::list()? {
            // A NUL cannot be in a name.
            let Ok(name) = CString::new(entry.label.as_str()) else { continue };
            let told = told(&entry, name.as_ptr());
            // SAFETY: the caller's function, with an entry and a name that outlive the call.
            if !unsafe { visit(&raw const told, context) } {
                break;
            }
        }
        Ok(())
    })
}

fn told(entry: &Entry, name: *const c_char) -> lh_entry {
    let holders = entry.holders.unwrap_or(0);
    let (kind, size) = entry.info.as_ref().map_or((LH_OTHER, 0), |info| (number(info.kind), info.size));
    lh_entry { name, kind, holders, size }
}

fn number(kind: Kind) -> u32 {
    match kind {
        Kind::Mapping => LH_MAPPING,
        Kind::Event => LH_EVENT,
        Kind::Mutex => LH_MUTEX,
        Kind::Semaphore => LH_SEMAPHORE,
        Kind::Timer => LH_TIMER,
        _ => LH_OTHER,
    }
}

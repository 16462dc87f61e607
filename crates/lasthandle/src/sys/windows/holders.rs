//! Who holds an object: the system's table of all handles, searched.
//!
//! # Safety
//! The table is read as plain bytes; handle values of other processes are only handed back to the kernel.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::os::windows::io::{AsHandle, AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Wdk::System::SystemInformation::{NtQuerySystemInformation, SYSTEM_INFORMATION_CLASS};
use windows_sys::Win32::Foundation::{DuplicateHandle, HANDLE, STATUS_INFO_LENGTH_MISMATCH};
use windows_sys::Win32::System::Memory::{
    SECTION_MAP_EXECUTE, SECTION_MAP_EXECUTE_EXPLICIT, SECTION_MAP_READ, SECTION_MAP_WRITE,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, PROCESS_DUP_HANDLE};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::{nt, process};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::sys::Holder;

/// Rights that let a section's handle make views.
const MAPS: u32 = SECTION_MAP_READ | SECTION_MAP_WRITE | SECTION_MAP_EXECUTE | SECTION_MAP_EXECUTE_EXPLICIT;

const SYSTEM_EXTENDED_HANDLE_INFORMATION: SYSTEM_INFORMATION_CLASS = 64;

/// One handle of one process, as the system's table has it.
#[derive(FromBytes, Immutable, KnownLayout, Clone, Copy)]
#[repr(C)]
struct Row {
    /// The object's address in the kernel; newer systems hide it from ordinary users, and Wine has none.
    object: usize,
    pid: usize,
    handle: usize,
    access: u32,
    creator_trace: u16,
    type_index: u16,
    attributes: u32,
    reserved: u32,
}

/// The processes with a handle of the object that `ours` stands for, `ours` itself left out.
///
/// A process that kept a view and closed every handle is not found: no table of Windows has it.
pub(super) fn of(kind: Kind, ours: &OwnedHandle) -> Result<Vec<Holder>> {
    let table = table()?;
    let own_row = |row: &&Row| row.pid == std::process::id() as usize && row.handle == ours.as_raw_handle().addr();
    let own = table.iter().find(own_row).ok_or_else(unsupported)?;
    let alike = table.iter().filter(|row| row.type_index == own.type_index && !own_row(row));
    let mut holders = BTreeMap::new();
    let mut same = Same::new(ours, own.object)?;
    for row in alike {
        if same.is(row) {
            *holders.entry(row.pid).or_insert(false) |= kind == Kind::Mapping && row.access & MAPS != 0;
        }
    }
    Ok(holders.into_iter().filter_map(|(pid, memory)| holder(pid, memory)).collect())
}

fn unsupported() -> Error {
    Error::new(ErrorKind::Unsupported).detail("this system does not tell which processes hold an object")
}

fn holder(pid: usize, memory: bool) -> Option<Holder> {
    let pid = u32::try_from(pid).ok()?;
    Some(Holder { pid, command: process::command(pid), handle: true, memory })
}

/// Every handle of every process.
fn table() -> Result<Vec<Row>> {
    // From half a megabyte, a dozen thousand handles, to two gigabytes.
    for doublings in 16..=28 {
        let mut words = vec![0_u64; 1 << doublings];
        let length = nt::length_of(&*words);
        let mut written = 0;
        // SAFETY: the buffer is live and of that length, and so is the number.
        let status = unsafe {
            NtQuerySystemInformation(
                SYSTEM_EXTENDED_HANDLE_INFORMATION,
                words.as_mut_ptr().cast(),
                length,
                &raw mut written,
            )
        };
        if status != STATUS_INFO_LENGTH_MISMATCH {
            return nt::success(status).map_err(|error| unsupported().os(error)).map(|()| rows(&words));
        }
    }
    Err(unsupported())
}

/// A count, a reserved word, and the rows.
fn rows(words: &[u64]) -> Vec<Row> {
    let count = words.as_bytes().first_chunk().map_or(0, |bytes| usize::from_ne_bytes(*bytes));
    let rows = &words.as_bytes()[2 * size_of::<usize>()..];
    rows.chunks_exact(size_of::<Row>()).take(count).map_while(|row| Row::read_from_bytes(row).ok()).collect()
}

/// Tells whether another handle stands for the same object.
enum Same<'a> {
    /// By the object's address.
    Address(usize),
    /// By a copy of the handle, compared by the kernel. The last process is kept open: rows come by process.
    Copy { ours: &'a OwnedHandle, compare: nt::Compare, last: Option<(usize, Option<OwnedHandle>)> },
}

impl<'a> Same<'a> {
    fn new(ours: &'a OwnedHandle, address: usize) -> Result<Self> {
        if address != 0 {
            return Ok(Self::Address(address));
        }
        let compare = nt::Compare::find().ok_or_else(unsupported)?;
        Ok(Self::Copy { ours, compare, last: None })
    }

    fn is(&mut self, row: &Row) -> bool {
        let (ours, compare, last) = match self {
            Self::Address(address) => return row.object == *address,
            Self::Copy { ours, compare, last } => (ours, compare, last),
        };
        if last.as_ref().is_none_or(|(pid, _)| *pid != row.pid) {
            let process = u32::try_from(row.pid).ok().and_then(|pid| process::open(pid, PROCESS_DUP_HANDLE));
            *last = Some((row.pid, process));
        }
        let Some((_, Some(process))) = last else { return false };
        let Some(copy) = copy(process, row.handle) else { return false };
        compare.are_same(ours.as_handle(), copy.as_handle())
    }
}

/// A copy of another process's handle without any right; none if it is closed by now.
fn copy(process: &OwnedHandle, handle: usize) -> Option<OwnedHandle> {
    // SAFETY: returns a constant.
    let this = unsafe { GetCurrentProcess() };
    let (theirs, mut copy): (HANDLE, HANDLE) = (ptr::without_provenance_mut(handle), ptr::null_mut());
    // SAFETY: the process is open, its handle is looked up by the kernel, and the place for the result is live.
    let done = unsafe { DuplicateHandle(process.as_raw_handle(), theirs, this, &raw mut copy, 0, 0, 0) };
    // SAFETY: the call succeeded, so this is a new handle that nothing else owns.
    (done != 0).then(|| unsafe { OwnedHandle::from_raw_handle(copy) })
}

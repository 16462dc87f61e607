//! Windows' types and constants, in the sizes that they have there: `DWORD` and `LONG` are 32 bits.
#![allow(clippy::upper_case_acronyms)] // Windows' own names

use std::ffi::c_void;

use super::pointer::Structure;

/// A number that leads to an object. Never dereferenced.
pub(crate) type HANDLE = *mut c_void;
pub(crate) type BOOL = i32;

/// `INVALID_HANDLE_VALUE`, and `GetCurrentProcess()`.
pub(crate) const CURRENT_PROCESS: HANDLE = std::ptr::without_provenance_mut(usize::MAX);
pub(crate) const CURRENT_THREAD: HANDLE = std::ptr::without_provenance_mut(usize::MAX - 1);

pub(crate) const HANDLE_FLAG_INHERIT: u32 = 1;
pub(crate) const HANDLE_FLAG_PROTECT_FROM_CLOSE: u32 = 2;

/// The exit code of what runs.
pub(crate) const STILL_ACTIVE: u32 = 259;

pub(crate) const INFINITE: u32 = u32::MAX;
pub(crate) const WAIT_OBJECT_0: u32 = 0;
pub(crate) const WAIT_ABANDONED_0: u32 = 0x80;
pub(crate) const WAIT_IO_COMPLETION: u32 = 0xC0;
pub(crate) const WAIT_TIMEOUT: u32 = 0x102;
pub(crate) const WAIT_FAILED: u32 = u32::MAX;

/// What `CreateX` takes first.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct SecurityAttributes {
    pub(crate) length: u32,
    pub(crate) descriptor: Structure,
    pub(crate) inherit_handle: BOOL,
}

/// What `VirtualQuery` tells.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct MemoryBasicInformation {
    pub(crate) base_address: *mut c_void,
    pub(crate) allocation_base: *mut c_void,
    pub(crate) allocation_protect: u32,
    pub(crate) partition_id: u16,
    pub(crate) region_size: usize,
    pub(crate) state: u32,
    pub(crate) protect: u32,
    pub(crate) kind: u32,
}

/// Where a transfer begins, what became of it, and the event to set then.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Overlapped {
    /// An NTSTATUS.
    pub(crate) internal: usize,
    /// Bytes transferred.
    pub(crate) internal_high: usize,
    pub(crate) offset: u32,
    pub(crate) offset_high: u32,
    pub(crate) event: HANDLE,
}

const _: () = {
    assert!(size_of::<SecurityAttributes>() == 24 && size_of::<MemoryBasicInformation>() == 48);
    assert!(size_of::<Overlapped>() == 32);
    assert!(std::mem::offset_of!(MemoryBasicInformation, region_size) == 24);
};

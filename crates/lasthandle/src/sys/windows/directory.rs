//! The kernel's directories of named objects.
//!
//! # Safety
//! Names are handed over as counted strings that point into slices which live through the call; a handle value
//! becomes an owner directly after the call that made it. What the kernel writes is read as plain bytes.
#![allow(unsafe_code)]

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Wdk::Foundation::OBJECT_ATTRIBUTES;
use windows_sys::Wdk::Storage::FileSystem::{NtOpenDirectoryObject, NtQueryDirectoryObject};
use windows_sys::Wdk::System::Memory::NtOpenSection;
use windows_sys::Wdk::System::Threading::NtOpenEvent;
use windows_sys::Win32::Foundation::{
    HANDLE, NTSTATUS, STATUS_NO_MORE_ENTRIES, STATUS_NOT_IMPLEMENTED, UNICODE_STRING,
};
use windows_sys::Win32::System::RemoteDesktop::ProcessIdToSessionId;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::{error, nt};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Namespace;

type Open = unsafe extern "system" fn(*mut HANDLE, u32, *const OBJECT_ATTRIBUTES) -> NTSTATUS;

// As `NtOpenEvent`, but not declared by `windows-sys`.
#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    fn NtOpenMutant(handle: *mut HANDLE, access: u32, attributes: *const OBJECT_ATTRIBUTES) -> NTSTATUS;
    fn NtOpenSemaphore(handle: *mut HANDLE, access: u32, attributes: *const OBJECT_ATTRIBUTES) -> NTSTATUS;
    fn NtOpenTimer(handle: *mut HANDLE, access: u32, attributes: *const OBJECT_ATTRIBUTES) -> NTSTATUS;
    fn NtOpenJobObject(handle: *mut HANDLE, access: u32, attributes: *const OBJECT_ATTRIBUTES) -> NTSTATUS;
}

/// `DIRECTORY_QUERY | DIRECTORY_TRAVERSE`: list, and open what lies in it.
const LIST_AND_OPEN: u32 = 0x3;

/// Bytes of room for what is read at a time: some thousand names. The longest has 64 KiB.
const BUFFER: usize = 1024 * 1024;

/// How the kernel calls a kind, and how it opens one to ask about it.
fn native(kind: Kind) -> (&'static str, Open, u32) {
    match kind {
        Kind::Mapping => ("Section", NtOpenSection, 1),
        Kind::Event => ("Event", NtOpenEvent, 1),
        Kind::Mutex => ("Mutant", NtOpenMutant, 1),
        Kind::Semaphore => ("Semaphore", NtOpenSemaphore, 1),
        Kind::Timer => ("Timer", NtOpenTimer, 1),
        Kind::Job => ("Job", NtOpenJobObject, 4),
    }
}

/// The kind that the kernel calls so, if it is one of ours.
pub(super) fn kind_called(type_name: &[u16]) -> Option<Kind> {
    Kind::ALL.into_iter().find(|&kind| native(kind).0.encode_utf16().eq(type_name.iter().copied()))
}

/// One directory: a part of the name space.
pub(super) struct Directory(OwnedHandle);

impl Directory {
    /// `Local\` is the session's own directory; session 0, where services live, has none but the global one.
    pub(super) fn of(namespace: Namespace) -> Result<Self> {
        match (namespace, session()?) {
            (Namespace::Global, _) | (Namespace::Local, 0) => Self::open("\\BaseNamedObjects"),
            (Namespace::Local, session) => Self::open(&format!("\\Sessions\\{session}\\BaseNamedObjects")),
        }
    }

    fn open(path: &str) -> Result<Self> {
        let path: Vec<u16> = path.encode_utf16().collect();
        open(NtOpenDirectoryObject, LIST_AND_OPEN, ptr::null_mut(), &path).map(Self)
    }

    /// Whether both parts of the name space are one directory.
    pub(super) fn is_one() -> Result<bool> {
        session().map(|session| session == 0)
    }

    /// A handle that can ask about an object and do nothing else with it. `WrongKind` if the name is another kind's.
    pub(super) fn open_to_query(&self, kind: Kind, name: &[u16]) -> Result<OwnedHandle> {
        let (_, call, access) = native(kind);
        open(call, access, self.0.as_raw_handle(), name)
    }

    /// The names of all objects of our kinds. One that comes or goes meanwhile may hide another from a directory
    /// that does not fit into one read, or on Wine, which gives one record at a time.
    pub(super) fn list(&self) -> Result<Vec<(Kind, Vec<u16>)>> {
        let mut buffer = vec![0_u64; BUFFER / size_of::<u64>()];
        let (mut found, mut position, mut one) = (Vec::new(), 0, false);
        loop {
            match self.read(&mut buffer, &mut position, one) {
                STATUS_NO_MORE_ENTRIES => return Ok(found),
                STATUS_NOT_IMPLEMENTED if !one => one = true,
                status => {
                    nt::success(status)?;
                    found.extend(records(&buffer));
                }
            }
        }
    }

    /// Reads the next record, or as many as fit, and moves the position on.
    fn read(&self, buffer: &mut [u64], position: &mut u32, one: bool) -> NTSTATUS {
        // An empty record ends the records; where one was asked for, nobody but us writes it.
        buffer[..2 * size_of::<Record>() / size_of::<u64>()].fill(0);
        let length = nt::length_of(buffer);
        let mut written = 0;
        // SAFETY: the directory is open, the buffer live and of that length, and so are the two numbers.
        unsafe {
            NtQueryDirectoryObject(
                self.0.as_raw_handle(),
                buffer.as_mut_ptr().cast(),
                length,
                one,
                *position == 0,
                position,
                &raw mut written,
            )
        }
    }
}

/// What the kernel writes for each object: two counted strings that point into the rest of the buffer.
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout, Clone, Copy)]
#[repr(C)]
struct Record {
    name: Text,
    kind: Text,
}

/// A `UNICODE_STRING`, with its pointer as a number.
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout, Clone, Copy)]
#[repr(C)]
pub(super) struct Text {
    bytes: u16,
    capacity: u16,
    #[cfg(target_pointer_width = "64")]
    padding: u32,
    address: usize,
}

/// The records of a buffer, up to the empty one that ends them, without those of other types of objects.
fn records(buffer: &[u64]) -> impl Iterator<Item = (Kind, Vec<u16>)> {
    let bytes = buffer.as_bytes();
    let all = bytes.chunks_exact(size_of::<Record>()).map_while(|chunk| Record::read_from_bytes(chunk).ok());
    all.take_while(|record| record.name.address != 0).filter_map(move |record| {
        let kind = kind_called(&record.kind.read(bytes)?)?;
        Some((kind, record.name.read(bytes)?))
    })
}

impl Text {
    /// The string that a buffer begins with.
    pub(super) fn first_in(buffer: &[u64]) -> Option<Vec<u16>> {
        let bytes = buffer.as_bytes();
        Self::read_from_prefix(bytes).ok()?.0.read(bytes)
    }

    /// The string, if it lies in the buffer.
    fn read(self, buffer: &[u8]) -> Option<Vec<u16>> {
        let start = self.address.checked_sub(buffer.as_ptr().addr())?;
        let bytes = buffer.get(start..start.checked_add(self.bytes.into())?)?;
        Some(bytes.chunks_exact(2).map(|pair| u16::from_ne_bytes([pair[0], pair[1]])).collect())
    }
}

fn open(call: Open, access: u32, root: HANDLE, name: &[u16]) -> Result<OwnedHandle> {
    let bytes = u16::try_from(size_of_val(name)).map_err(|_| Error::new(ErrorKind::InvalidName))?;
    let name = UNICODE_STRING { Length: bytes, MaximumLength: bytes, Buffer: name.as_ptr().cast_mut() };
    let mut attributes = OBJECT_ATTRIBUTES { RootDirectory: root, ObjectName: &raw const name, ..Default::default() };
    attributes.Length = nt::length_of(&attributes);
    let mut handle = ptr::null_mut();
    // SAFETY: the attributes, the counted string and its units live through the call, which only reads them; the
    // place for the result is live.
    let status = unsafe { call(&raw mut handle, access, &raw const attributes) };
    if status < 0 {
        return Err(error::status_about_name(status));
    }
    // SAFETY: the call succeeded, so this is a new handle that nothing else owns.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

fn session() -> Result<u32> {
    let mut session = 0;
    // SAFETY: the place for the result is live.
    if unsafe { ProcessIdToSessionId(std::process::id(), &raw mut session) } == 0 {
        return Err(error::last());
    }
    Ok(session)
}

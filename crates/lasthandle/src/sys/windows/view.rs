//! Mapped views.
//!
//! # Safety
//! Invariants of [`View`], which every block below leans on:
//! 1. `base .. base + length` is one view that `MapViewOfFileEx` returned, mapped until drop;
//! 2. nothing but the view's own drop unmaps it.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::fs::File;
use std::os::windows::io::AsRawHandle;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use windows_sys::Win32::Foundation::ERROR_INVALID_PARAMETER;
use windows_sys::Win32::System::Memory::{
    FILE_MAP, FILE_MAP_COPY, FILE_MAP_EXECUTE, FILE_MAP_READ, FILE_MAP_WRITE, FlushViewOfFile, MEM_COMMIT,
    MEMORY_BASIC_INFORMATION, MEMORY_MAPPED_VIEW_ADDRESS, MapViewOfFileEx, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE,
    PAGE_EXECUTE_WRITECOPY, PAGE_PROTECTION_FLAGS, PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY, UnmapViewOfFile,
    VirtualAlloc, VirtualProtect, VirtualQuery,
};
use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};

use super::handle::{Handle, Section};
use super::section::halves;
use super::{error, nt};
use crate::access::{Access, ViewAccess};
use crate::error::{Error, ErrorKind, Result};
use crate::sys::{GRANULARITY, KernelView, MapRequest};

/// The page of every machine that Windows runs on today; views start and end at one.
const PAGE: usize = 4096;

/// A view of a real section. Dropping it unmaps; the handle it came from may be closed before.
#[derive(Debug)]
pub struct View {
    base: NonNull<u8>,
    length: usize,
    access: ViewAccess,
    /// What it was mapped with: the most that `protect` may give back.
    mapped: ViewAccess,
    memory: Memory,
}

/// What lies under a view.
#[derive(Debug)]
enum Memory {
    Committed,
    /// Committed range by range; the lock is held while this view does so, see [`View::commit`].
    Reserved(Mutex<()>),
    /// A file, and the creator's own copy of it where the view came from the creator.
    File(Option<Arc<File>>),
}

// SAFETY: the view is plain memory of the process that no thread has a claim on (1), and what the methods do to
// its mapping, the kernel orders; the bytes themselves are reached through raw pointers only.
unsafe impl Send for View {}
// SAFETY: as above.
unsafe impl Sync for View {}

pub(super) fn map(handle: &Handle, request: &MapRequest) -> Result<View> {
    check_alignment(request)?;
    let section = handle.section()?;
    check_access(handle.access(), section, request.access)?;
    let (asked, mapped) = lengths(section.facts, request)?;
    let base = map_raw(handle, request, mapped)?;
    let memory = match section.facts {
        facts if facts.is_file() => Memory::File(section.file.clone()),
        facts if facts.is_reserved() => Memory::Reserved(Mutex::default()),
        _ => Memory::Committed,
    };
    let view = View { base, length: asked, access: request.access, mapped: request.access, memory };
    if request.populate && !matches!(view.memory, Memory::Reserved(_)) {
        view.touch();
    }
    Ok(view)
}

fn check_alignment(request: &MapRequest) -> Result<()> {
    let aligned = |number: u64| number % GRANULARITY == 0;
    if aligned(request.offset) && request.base.is_none_or(|base| aligned(base as u64)) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Misaligned))
}

fn check_access(rights: Access, section: &Section, access: ViewAccess) -> Result<()> {
    if !rights.contains(access.required()) {
        return Err(Error::new(ErrorKind::AccessDenied).detail("the handle does not allow such a view"));
    }
    if section.protection.is_some_and(|protection| !protection.permits(access)) {
        return Err(not_permitted());
    }
    if section.facts.is_image() {
        return Err(Error::new(ErrorKind::Unsupported).detail("the section holds a program, not plain memory"));
    }
    Ok(())
}

fn not_permitted() -> Error {
    Error::new(ErrorKind::AccessDenied).detail("the mapping's protection does not permit such a view")
}

/// The bytes that the view shall have, and how many of them to ask Windows for: a view may be asked for up to the
/// end of the last page, but Windows counts a file to the byte.
fn lengths(section: nt::Section, request: &MapRequest) -> Result<(usize, usize)> {
    let past_the_end = || Error::new(ErrorKind::AccessDenied).detail("the view reaches past the mapping's end");
    let rest = section.size.checked_sub(request.offset).filter(|&rest| rest > 0).ok_or_else(past_the_end)?;
    let asked = if request.length == 0 { rest } else { request.length };
    if asked > rest.next_multiple_of(PAGE as u64) {
        return Err(past_the_end());
    }
    let fits = |bytes: u64| usize::try_from(bytes).ok().filter(|&bytes| isize::try_from(bytes).is_ok());
    let both = fits(asked).zip(fits(asked.min(rest)));
    both.ok_or_else(|| Error::new(ErrorKind::TooBig))
}

fn map_raw(handle: &Handle, request: &MapRequest, length: usize) -> Result<NonNull<u8>> {
    if let Some(base) = request.base {
        check_base(base, length)?;
    }
    let (high, low) = halves(request.offset);
    let base = ptr::without_provenance(request.base.unwrap_or(0));
    // SAFETY: the handle is open while borrowed; at a base, Windows maps into free address space only.
    let view =
        unsafe { MapViewOfFileEx(handle.owned().as_raw_handle(), file_map(request.access), high, low, length, base) };
    NonNull::new(view.Value.cast()).ok_or_else(|| {
        let error = error::last();
        // Every argument was checked: what is left is a section that was opened and whose protection says no.
        let refused = error.windows_code() == ERROR_INVALID_PARAMETER;
        if refused { not_permitted() } else { error }
    })
}

/// A base that no view can have.
fn check_base(base: usize, length: usize) -> Result<()> {
    let mut system = SYSTEM_INFO::default();
    // SAFETY: the place for the result is live.
    unsafe { GetSystemInfo(&raw mut system) };
    let last = base.checked_add(length - 1);
    if base != 0 && last.is_some_and(|last| last <= system.lpMaximumApplicationAddress.addr()) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidAddress))
}

fn file_map(access: ViewAccess) -> FILE_MAP {
    let data = match access {
        access if access.writes_through() => FILE_MAP_WRITE,
        access if access.copies_on_write() => FILE_MAP_COPY,
        _ => FILE_MAP_READ,
    };
    if access.executes() { data | FILE_MAP_EXECUTE } else { data }
}

fn page(access: ViewAccess) -> PAGE_PROTECTION_FLAGS {
    match access {
        ViewAccess::ReadOnly => PAGE_READONLY,
        ViewAccess::ReadWrite => PAGE_READWRITE,
        ViewAccess::CopyOnWrite => PAGE_WRITECOPY,
        ViewAccess::ExecuteRead => PAGE_EXECUTE_READ,
        ViewAccess::ExecuteReadWrite => PAGE_EXECUTE_READWRITE,
        ViewAccess::ExecuteCopyOnWrite => PAGE_EXECUTE_WRITECOPY,
    }
}

impl KernelView for View {
    fn as_ptr(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    fn length(&self) -> usize {
        self.length
    }

    fn access(&self) -> ViewAccess {
        self.access
    }

    /// A view that came from an opener's handle has no file to wait for: its bytes are with the system then, which
    /// writes them, and safe from the death of any process, but not yet from that of the machine.
    fn flush(&self, offset: usize, length: usize) -> Result<()> {
        let start = self.at(offset, length)?;
        let Memory::File(file) = &self.memory else { return Ok(()) };
        if length == 0 || !self.mapped.writes_through() {
            return Ok(());
        }
        // SAFETY: the range lies in the view (1).
        if unsafe { FlushViewOfFile(start, length) } == 0 {
            return Err(error::last());
        }
        file.as_ref().map_or(Ok(()), |file| file.sync_all()).map_err(error::from_io)
    }

    fn commit(&self, offset: usize, length: usize) -> Result<()> {
        self.at(offset, length)?;
        let Memory::Reserved(lock) = &self.memory else { return Ok(()) };
        // A copy-on-write range is committed in two steps: nobody may take it for ready between them.
        let _committing = lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.regions(offset, length).filter(|region| !region.committed).try_for_each(|region| self.commit_raw(&region))
    }

    #[inline]
    fn is_committed(&self, offset: usize, length: usize) -> bool {
        if self.at(offset, length).is_err() {
            return false;
        }
        match &self.memory {
            Memory::Reserved(lock) => {
                let _committing = lock.lock().unwrap_or_else(PoisonError::into_inner);
                self.regions(offset, length).all(|region| region.committed)
            }
            _ => true,
        }
    }

    fn committed(&self, offset: usize) -> (bool, usize) {
        let rest = self.length - offset;
        let Memory::Reserved(lock) = &self.memory else { return (true, rest) };
        let _committing = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let mut regions = self.regions(offset, rest);
        let Some(first) = regions.next() else { return (true, 0) };
        let alike = regions.take_while(|region| region.committed == first.committed);
        (first.committed, first.length + alike.map(|region| region.length).sum::<usize>())
    }

    fn protect(&mut self, access: ViewAccess) -> Result<()> {
        if !self.mapped.may_become(access) {
            return Err(Error::new(ErrorKind::InvalidParameter).detail("the view was mapped with less than that"));
        }
        if !self.is_committed(0, self.length) {
            // Windows keeps the protection by page, and a page without memory has none.
            return Err(Error::new(ErrorKind::NotCommitted));
        }
        self.protect_raw(self.base.as_ptr().cast(), self.length, page(access))?;
        self.access = access;
        Ok(())
    }
}

/// A run of pages that are all committed or all not.
struct Region {
    start: *const c_void,
    length: usize,
    committed: bool,
}

impl View {
    /// The address of a range that lies in the view.
    fn at(&self, offset: usize, length: usize) -> Result<*const c_void> {
        match offset.checked_add(length) {
            Some(end) if end <= self.length => Ok(self.base.as_ptr().wrapping_add(offset).cast()),
            _ => Err(Error::new(ErrorKind::OutOfBounds)),
        }
    }

    /// The regions that a range of the view, checked by [`at`](Self::at), goes through.
    fn regions(&self, offset: usize, length: usize) -> impl Iterator<Item = Region> {
        let start = self.base.as_ptr().wrapping_add(offset);
        let mut done = 0;
        std::iter::from_fn(move || {
            (done < length).then(|| {
                let region = region(start.wrapping_add(done).cast(), length - done);
                done += region.length;
                region
            })
        })
    }

    fn commit_raw(&self, region: &Region) -> Result<()> {
        let wanted = page(self.access);
        // VirtualAlloc takes no write-copy protection; VirtualProtect does.
        let first = match self.access {
            ViewAccess::CopyOnWrite => PAGE_READONLY,
            ViewAccess::ExecuteCopyOnWrite => PAGE_EXECUTE_READ,
            _ => wanted,
        };
        // SAFETY: the region lies in the view (1), so this commits pages of its section and touches nothing else.
        if unsafe { VirtualAlloc(region.start, region.length, MEM_COMMIT, first) }.is_null() {
            return Err(error::last());
        }
        if first == wanted { Ok(()) } else { self.protect_raw(region.start, region.length, wanted) }
    }

    /// The range must lie in the view.
    fn protect_raw(&self, start: *const c_void, length: usize, page: PAGE_PROTECTION_FLAGS) -> Result<()> {
        debug_assert!(self.at(start.addr() - self.base.addr().get(), length).is_ok());
        let mut before = 0;
        // SAFETY: pages of this view only (1); references into it are the caller's business, by the contract's
        // `&mut self` and because a commit leaves committed pages alone.
        if unsafe { VirtualProtect(start, length, page, &raw mut before) } == 0 {
            return Err(error::last());
        }
        Ok(())
    }

    /// Reads a byte of each page, so that it is there when it is needed. `PrefetchVirtualMemory` would bring the
    /// bytes into memory, but not the pages into the process.
    fn touch(&self) {
        for offset in (0..self.length).step_by(PAGE) {
            let byte = self.base.as_ptr().wrapping_add(offset);
            // SAFETY: the byte lies in the view, which is readable (1); it is atomic because others may write it.
            let byte = unsafe { AtomicU8::from_ptr(byte) };
            std::hint::black_box(byte.load(Ordering::Relaxed));
        }
    }
}

/// The region that begins at `start`, at most `length` bytes of it.
fn region(start: *const c_void, length: usize) -> Region {
    let mut info = MEMORY_BASIC_INFORMATION::default();
    // SAFETY: asks about an address without touching it; the place for the answer is live and of that size.
    let written = unsafe { VirtualQuery(start, &raw mut info, size_of_val(&info)) };
    if written == 0 {
        return Region { start, length, committed: false };
    }
    let end = info.BaseAddress.addr() + info.RegionSize;
    Region { start, length: length.min(end - start.addr()), committed: info.State == MEM_COMMIT }
}

impl Drop for View {
    fn drop(&mut self) {
        let address = MEMORY_MAPPED_VIEW_ADDRESS { Value: self.base.as_ptr().cast() };
        // SAFETY: the view is mapped (1) and nobody can reach it through `self` any more.
        let done = unsafe { UnmapViewOfFile(address) };
        debug_assert_ne!(done, 0, "a view is unmapped once");
    }
}

//! Views: the kernel's mappings of a section's file.
//!
//! # Safety
//! A `View` owns the address range that `mmap` gave it, whole pages, and is the only one that unmaps it or changes its
//! protection. It is made by [`View::map`] alone.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::Arc;

use rustix::fd::BorrowedFd;
use rustix::io::Errno;
use rustix::mm::{self, MapFlags, MprotectFlags, MsyncFlags, ProtFlags};

use super::call;
use super::failure::failure;
use super::fault::hit;
use super::handle::Handle;
use super::identity::Descriptor;
use super::memory;
use super::section::page_size;
use super::spot::{self, Wanted};
use crate::access::ViewAccess;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::sys::{GRANULARITY, KernelView, MapRequest};

/// A mapped view.
#[derive(Debug)]
pub struct View {
    base: *mut c_void,
    length: usize,
    /// Whole pages.
    mapped: usize,
    /// The place was chosen here, so that another view may have it next. One that the caller chose is the caller's.
    chosen_here: bool,
    asked: ViewAccess,
    access: ViewAccess,
    /// Of a reserved section: the file to commit in, and where the view starts in it.
    reserved: Option<(Arc<Descriptor>, u64)>,
}

// SAFETY: the view owns its mapping, and a mapping belongs to the process, not to a thread.
unsafe impl Send for View {}
// SAFETY: what a shared `View` offers is safe from several threads at once: the address as a raw pointer, `msync`,
// `fallocate`. Changing the protection takes `&mut`.
unsafe impl Sync for View {}

impl View {
    pub(crate) fn map(handle: &Handle, request: &MapRequest) -> Result<Self> {
        let description = &handle.object().description;
        check_alignment(request)?;
        // Before the rights: an inheritable unnamed sync object has a file, too, but never a view.
        if handle.kind() != Kind::Mapping {
            return Err(Error::new(ErrorKind::InvalidHandle).detail("a sync object has no views"));
        }
        check_access(handle, request.access)?;
        let length = range_length(description.size, request)?;
        let data = handle.data()?;
        let (fd, now) = data.get()?;
        let end = request.offset + length;
        if u64::try_from(now.st_size).unwrap_or(0) < end.min(description.size) {
            return Err(Error::new(ErrorKind::NotAnObject)
                .detail("somebody made its file shorter than the mapping")
                .cure("close the mapping everywhere and create it anew"));
        }
        let too_long = || Error::new(ErrorKind::TooBig).detail("no address space holds that length");
        let length = usize::try_from(length).map_err(|_| too_long())?;
        let flags = flags(request, description.reserved);
        let wanted = Wanted { length, protection: protection(request.access), flags, fd, offset: request.offset };
        hit("map_view").map_err(map_failure)?;
        let base = wanted.map(request.base).map_err(map_failure)?;
        let mapped = length.next_multiple_of(rustix::param::page_size());
        let reserved = description.reserved.then(|| (Arc::clone(data), request.offset));
        let (chosen_here, access) = (request.base.is_none(), request.access);
        let view = Self { base, length, mapped, chosen_here, asked: access, access, reserved };
        // A kernel before 4.17 takes the address as a hint only.
        if request.base.is_some_and(|wanted| wanted != base as usize) {
            return Err(in_use());
        }
        Ok(view)
    }
}

impl View {
    /// Memory that is only promised is a hole of the file to whoever asks ([`KernelView::committed`]): it must have been
    /// touched. Not through the view, whose pages others may have protected meanwhile.
    fn make_present(&self, fd: BorrowedFd<'_>, from: u64, length: u64) -> Result<()> {
        let length = usize::try_from(length).unwrap_or(self.mapped).min(self.mapped);
        let flags = MapFlags::SHARED | MapFlags::POPULATE;
        hit("make_present").map_err(map_failure)?;
        // SAFETY: the kernel chooses a free range, and nobody else sees it.
        let pages = unsafe { mm::mmap(std::ptr::null_mut(), length, ProtFlags::READ, flags, fd, from) };
        let pages = pages.map_err(map_failure)?;
        // SAFETY: exactly what was just mapped.
        let _ = unsafe { mm::munmap(pages, length) };
        Ok(())
    }
}

fn check_alignment(request: &MapRequest) -> Result<()> {
    let misaligned = |what: &'static str| Err(Error::new(ErrorKind::Misaligned).detail(what));
    if request.offset % GRANULARITY != 0 {
        return misaligned("the offset is not a multiple of 64 KiB");
    }
    match request.base {
        Some(base) if base as u64 % GRANULARITY != 0 => misaligned("the address is not a multiple of 64 KiB"),
        _ => Ok(()),
    }
}

fn check_access(handle: &Handle, access: ViewAccess) -> Result<()> {
    let denied = |why: String| Err(Error::new(ErrorKind::AccessDenied).detail(why));
    if !handle.access().contains(access.required()) {
        return denied(format!("the handle has not the rights for a view that may {access:?}"));
    }
    let protection = handle.object().description.protection;
    if !protection.permits(access) {
        return denied(format!("a {} mapping has no view that may {access:?}", protection.as_str()));
    }
    Ok(())
}

/// The view's length in bytes: as asked for, inside the page-rounded section; 0: to the section's exact end.
fn range_length(size: u64, request: &MapRequest) -> Result<u64> {
    let past = || Error::new(ErrorKind::AccessDenied).detail("the range ends past the end of the section");
    let room = size.next_multiple_of(page_size()).checked_sub(request.offset).filter(|&room| room > 0);
    let room = room.ok_or_else(past)?;
    match request.length {
        0 => size.checked_sub(request.offset).filter(|&rest| rest > 0).ok_or_else(past),
        length if length <= room => Ok(length),
        _ => Err(past()),
    }
}

fn protection(access: ViewAccess) -> ProtFlags {
    let mut protection = ProtFlags::READ;
    protection.set(ProtFlags::WRITE, access.is_writable());
    protection.set(ProtFlags::EXEC, access.executes());
    protection
}

fn flags(request: &MapRequest, reserved: bool) -> MapFlags {
    let mut flags = if request.access.copies_on_write() { MapFlags::PRIVATE } else { MapFlags::SHARED };
    // Of a reserved section, presence would be commitment; of a copy-on-write view, a copy.
    flags.set(MapFlags::POPULATE, request.populate && !reserved && !request.access.copies_on_write());
    flags.set(MapFlags::NORESERVE, request.access.copies_on_write());
    flags
}

#[cold]
fn map_failure(errno: Errno) -> Error {
    match errno {
        Errno::EXIST => in_use(),
        Errno::PERM => Error::new(ErrorKind::AccessDenied)
            .detail("its file system forbids executable views")
            .os(errno)
            .cure("remount it with `exec`, or set LASTHANDLE_ROOT to a directory that permits them"),
        Errno::INVAL => Error::new(ErrorKind::InvalidAddress).detail("no view can lie at that address").os(errno),
        _ => failure(errno, "the kernel does not map it"),
    }
}

#[cold]
fn in_use() -> Error {
    Error::new(ErrorKind::InvalidAddress).detail("something lies at that address already")
}

impl KernelView for View {
    #[inline]
    fn as_ptr(&self) -> *mut u8 {
        self.base.cast()
    }

    #[inline]
    fn length(&self) -> usize {
        self.length
    }

    #[inline]
    fn access(&self) -> ViewAccess {
        self.access
    }

    fn flush(&self, offset: usize, length: usize) -> Result<()> {
        let page = rustix::param::page_size();
        let start = offset / page * page;
        let end = offset.saturating_add(length).min(self.mapped);
        if start >= end {
            return Ok(());
        }
        let address = self.base.wrapping_byte_add(start);
        // SAFETY: the range lies inside the mapping, which `self` keeps; `msync` changes no byte of it.
        unsafe { mm::msync(address, end - start, MsyncFlags::SYNC) }
            .map_err(|errno| failure(errno, "its file takes no data"))
    }

    fn commit(&self, offset: usize, length: usize) -> Result<()> {
        let Some((file, start)) = &self.reserved else { return Ok(()) };
        if !self.asked.writes_through() {
            return Err(Error::new(ErrorKind::AccessDenied).detail("a view that cannot write commits nothing"));
        }
        if length == 0 {
            return Ok(());
        }
        let page = page_size();
        let from = (start + offset as u64) / page * page;
        let end = (start + offset as u64 + length as u64).next_multiple_of(page);
        let file = file.get()?.0;
        memory::promise_in_place(file, from, end - from)?;
        self.make_present(file, from, end - from)
    }

    #[inline]
    fn is_committed(&self, _offset: usize, _length: usize) -> bool {
        true // a reserved page that nobody committed is made when it is touched
    }

    fn committed(&self, offset: usize) -> (bool, usize) {
        let rest = self.length.saturating_sub(offset);
        let Some((file, start)) = &self.reserved else { return (true, rest) };
        let Ok((fd, _)) = file.get() else { return (true, rest) };
        let (committed, until) = call::data_or_hole(fd, start + offset as u64);
        let run = until.map_or(rest, |until| until.saturating_sub(start + offset as u64).try_into().unwrap_or(rest));
        (committed, run.min(rest))
    }

    fn protect(&mut self, access: ViewAccess) -> Result<()> {
        if !self.asked.may_become(access) {
            return Err(Error::new(ErrorKind::InvalidParameter).detail("more than the view was mapped with"));
        }
        let mut flags = MprotectFlags::READ;
        flags.set(MprotectFlags::WRITE, access.is_writable());
        flags.set(MprotectFlags::EXEC, access.executes());
        // SAFETY: exactly our own mapping; nobody else can be using it through this view, as we have it mutably, and
        // raw pointers into it carry no promise.
        unsafe { mm::mprotect(self.base, self.mapped, flags) }
            .map_err(|errno| failure(errno, "the kernel does not change it"))?;
        self.access = access;
        Ok(())
    }
}

impl Drop for View {
    fn drop(&mut self) {
        let _ = hit("unmap_view");
        // SAFETY: exactly what `map` mapped; references into it cannot outlive `self`.
        let _ = unsafe { mm::munmap(self.base, self.mapped) };
        if self.chosen_here {
            spot::free(self.base.addr(), self.mapped);
        }
    }
}

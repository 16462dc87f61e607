//! Where views lie: at multiples of 64 KiB, as on Windows, so that the address of one can be asked for by another.
//!
//! The kernel chooses addresses by pages. To reserve more and cut it down takes four calls, so that is only done where
//! asking for the place below the latest view fails: a hint costs nothing.
//!
//! # Safety
//! No range is mapped over anything but a reservation that was made here in the same call. What `map` returns belongs to
//! the caller.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::without_provenance_mut;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use rustix::fd::BorrowedFd;
use rustix::io::{Errno, Result};
use rustix::mm::{self, MapFlags, ProtFlags};

use crate::sys::GRANULARITY;

/// A view this long begins at a multiple of it, so that it can have huge pages.
const HUGE: usize = 2 << 20;

/// Where the latest view begins; 0: there was none. A guess, which the kernel corrects: no ordering is needed.
static LOWEST: AtomicUsize = AtomicUsize::new(0);

/// A place between views that one has left: where it begins, and in the bits below 64 KiB how many times that it is long;
/// 0: there is none. Of several, the last is known: enough for whoever replaces an old view by a new one again and again.
static LEFT: AtomicUsize = AtomicUsize::new(0);

const GRAIN: usize = 64 * 1024;
const _: () = assert!(GRAIN as u64 == GRANULARITY);

/// What to map; where is found here.
pub(crate) struct Wanted<'a> {
    pub(crate) length: usize,
    pub(crate) protection: ProtFlags,
    pub(crate) flags: MapFlags,
    pub(crate) fd: BorrowedFd<'a>,
    pub(crate) offset: u64,
}

impl Wanted<'_> {
    /// Maps it at that address, or anywhere.
    pub(crate) fn map(&self, base: Option<usize>) -> Result<*mut c_void> {
        if let Some(base) = base {
            return self.map_near(base, MapFlags::FIXED_NOREPLACE);
        }
        let place = self.left().unwrap_or_else(|| self.below_the_latest());
        let found = self.map_near(place, MapFlags::empty())?;
        if found.addr() % self.alignment() == 0 { Ok(found) } else { self.move_from(found) }
    }

    fn alignment(&self) -> usize {
        if self.length >= HUGE { HUGE } else { GRAIN }
    }

    /// Whole pages.
    fn pages(&self) -> usize {
        self.length.next_multiple_of(rustix::param::page_size())
    }

    /// Takes the place that was left, if this fits in.
    fn left(&self) -> Option<usize> {
        let left = LEFT.load(Relaxed);
        let (base, room) = (left & !(GRAIN - 1), left % GRAIN * GRAIN);
        let fits = self.length <= room && base % self.alignment() == 0;
        (fits && LEFT.compare_exchange(left, 0, Relaxed, Relaxed).is_ok()).then_some(base)
    }

    /// Takes the place below the latest view, so that two threads never try the same; 0 if there is none.
    fn below_the_latest(&self) -> usize {
        let below = |lowest: usize| Some(lowest.checked_sub(self.length)? & !(self.alignment() - 1));
        LOWEST.fetch_update(Relaxed, Relaxed, below).ok().and_then(below).unwrap_or(0)
    }

    /// Maps it at that address if there is room; else fails if the flags say so, or lets the kernel choose.
    fn map_near(&self, address: usize, more: MapFlags) -> Result<*mut c_void> {
        let address = without_provenance_mut(address);
        // SAFETY: without MAP_FIXED no existing mapping is touched.
        unsafe { mm::mmap(address, self.length, self.protection, self.flags | more, self.fd, self.offset) }
    }

    /// Maps it anew where its address is right.
    #[cold]
    fn move_from(&self, found: *mut c_void) -> Result<*mut c_void> {
        // SAFETY: what was just mapped, and nobody has seen.
        unsafe { mm::munmap(found, self.pages()) }?;
        let room = self.pages().checked_add(self.alignment()).ok_or(Errno::NOMEM)?;
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: the kernel chooses a free range.
        let start = unsafe { mm::mmap_anonymous(std::ptr::null_mut(), room, ProtFlags::empty(), flags) }?;
        let before = start.addr().next_multiple_of(self.alignment()) - start.addr();
        let base = start.wrapping_byte_add(before);
        let fixed = self.flags | MapFlags::FIXED;
        // SAFETY: the range lies inside the reservation, which is nobody else's.
        let mapped = unsafe { mm::mmap(base, self.length, self.protection, fixed, self.fd, self.offset) };
        let keep = if mapped.is_ok() { before..before + self.pages() } else { 0..0 };
        for rest in [0..keep.start, keep.end..room] {
            if !rest.is_empty() {
                // SAFETY: a part of the reservation that the view does not lie in.
                let _ = unsafe { mm::munmap(start.wrapping_byte_add(rest.start), rest.len()) };
            }
        }
        LOWEST.store(base.addr(), Relaxed);
        mapped
    }
}

/// To be told that a view is gone: its place is the next one's.
pub(crate) fn free(base: usize, length: usize) {
    let grains = length.div_ceil(GRAIN);
    if LOWEST.compare_exchange(base, base + grains * GRAIN, Relaxed, Relaxed).is_err() && grains < GRAIN {
        LEFT.store(base | grains, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn every_place_is_aligned_whatever_lies_below() {
        let file = rustix::fs::memfd_create("spot", rustix::fs::MemfdFlags::empty()).unwrap();
        rustix::fs::ftruncate(&file, 8 << 20).unwrap();
        let mut mapped = Vec::new();
        for round in 0..200 {
            let length = if round % 7 == 0 { 3 << 20 } else { 1 + round * 4097 };
            let wanted =
                Wanted { length, protection: ProtFlags::READ, flags: MapFlags::SHARED, fd: file.as_fd(), offset: 0 };
            let base = wanted.map(None).unwrap();
            assert_eq!(base.addr() % wanted.alignment(), 0, "{length} bytes");
            mapped.push((base, wanted.pages()));
            if round % 3 == 0 {
                // Somebody else's page, which the kernel puts below whatever is there.
                let flags = MapFlags::PRIVATE;
                // SAFETY: the kernel chooses a free range.
                let page = unsafe { mm::mmap_anonymous(std::ptr::null_mut(), 4096, ProtFlags::READ, flags) };
                mapped.push((page.unwrap(), 4096));
            }
            if round % 5 == 0 {
                let (base, length) = mapped.swap_remove(mapped.len() / 2);
                // SAFETY: mapped above, and taken out of the list.
                unsafe { mm::munmap(base, length) }.unwrap();
                free(base.addr(), length);
            }
        }
        let mut ranges: Vec<_> = mapped.iter().map(|(base, length)| (base.addr(), base.addr() + length)).collect();
        ranges.sort_unstable();
        assert!(ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0), "none lies in another");
        for (base, length) in mapped {
            // SAFETY: as above.
            unsafe { mm::munmap(base, length) }.unwrap();
        }
    }
}

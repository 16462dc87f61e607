//! Pages of memory that fork children get in other ways than the rest, or not at all.
//!
//! # Safety
//! A `Pages` owns what it mapped and unmaps it once; addresses inside it are handed out as raw pointers, or as an
//! atomic for as long as it is borrowed.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicU32};

use rustix::io::Errno;
use rustix::mm::{self, Advice, MapFlags, ProtFlags};

/// The life word lies so far before the end of its page.
pub(super) const WORD_FROM_END: usize = 24;

/// Mapped pages.
#[derive(Debug)]
pub(super) struct Pages {
    start: *mut c_void,
    pub(super) length: usize,
}

// SAFETY: pages belong to the process, and what lies in them is touched by atomics, or by the one thread they are for.
unsafe impl Send for Pages {}
// SAFETY: as above.
unsafe impl Sync for Pages {}

impl Pages {
    pub(super) fn private(count: usize) -> Result<Self, Errno> {
        let length = count * rustix::param::page_size();
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a fresh mapping touches nothing that exists.
        let start = unsafe { mm::mmap_anonymous(std::ptr::null_mut(), length, protection, MapFlags::PRIVATE)? };
        Ok(Self { start, length })
    }

    pub(super) fn shared(fd: std::os::fd::BorrowedFd<'_>, offset: u64, protection: ProtFlags) -> Result<Self, Errno> {
        let length = rustix::param::page_size();
        // SAFETY: as above.
        let start = unsafe { mm::mmap(std::ptr::null_mut(), length, protection, MapFlags::SHARED, fd, offset)? };
        Ok(Self { start, length })
    }

    /// Makes the first of two pages one of the life file, whatever it was before, and tells the kernel what fork children
    /// get of each.
    pub(super) fn overlay(&self, fd: std::os::fd::BorrowedFd<'_>, offset: u64) -> Result<(), Errno> {
        let page = self.length / 2;
        let (protection, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED | MapFlags::FIXED);
        // SAFETY: exactly the first of our own two pages, of which only the life word is used, through atomics.
        unsafe { mm::mmap(self.start, page, protection, flags, fd, offset)? };
        // SAFETY: our own page; the advice changes what fork does.
        unsafe { mm::madvise(self.start, page, Advice::LinuxDontFork)? };
        // SAFETY: as above.
        unsafe { mm::madvise(self.at(page).cast(), page, Advice::LinuxWipeOnFork) }
    }

    /// Of a life page. It reads as zeros then, which is a thread that has ended.
    pub(super) fn give_memory_back(&self) {
        // SAFETY: our own page of the life file; its thread does not use it any more, and others read it only through
        // the kernel.
        let _ = unsafe { mm::madvise(self.start, self.length / 2, Advice::LinuxRemove) };
    }

    /// The life word of two such pages.
    #[allow(clippy::cast_ptr_alignment)] // the word lies at a multiple of 4 in its page
    pub(super) fn life_word(&self) -> &AtomicU32 {
        // SAFETY: inside the life page, aligned; only atomics touch it.
        unsafe { &*self.at(self.length / 2 - WORD_FROM_END).cast::<AtomicU32>() }
    }

    pub(super) fn advise(&self, advice: Advice) -> Result<(), Errno> {
        // SAFETY: our own pages; the advices used here only change what fork does.
        unsafe { mm::madvise(self.start, self.length, advice) }
    }

    pub(super) fn at(&self, offset: usize) -> *mut u8 {
        debug_assert!(offset < self.length);
        self.start.cast::<u8>().wrapping_add(offset)
    }

    /// A byte of private memory that says that this is not a fork child.
    #[inline]
    pub(super) fn flag(&self, offset: usize) -> &AtomicBool {
        // SAFETY: inside our own private pages; only ever 0 or 1 is written there, and a wipe makes it 0.
        unsafe { &*self.at(offset).cast::<AtomicBool>() }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: exactly what was mapped, by this process: those of a fork child's parent are not dropped in the child.
        let _ = unsafe { mm::munmap(self.start, self.length) };
    }
}

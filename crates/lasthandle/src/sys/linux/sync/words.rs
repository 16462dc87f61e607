//! The words of one sync object: in its record page, behind the record.
//!
//! # Safety
//! `Words` owns one mapped page of the object's file; the words lie at fixed, aligned offsets inside it. They are
//! atomics: whatever others write there is a value. (Who may write the file may also truncate it; then touching the
//! page is a SIGBUS: the exception that `SECURITY.md` states.)
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicU32, AtomicU64};

use rustix::io::Errno;
use rustix::mm::{self, MapFlags, ProtFlags};

use crate::record::RECORD_BYTES;
use crate::sys::linux::fault::hit;

/// The words, as they lie in the record page from offset 2048 on: one cache line.
#[repr(C, align(64))]
pub(crate) struct Layout {
    pub(crate) state: AtomicU64,
    pub(crate) claim: AtomicU64,
    pub(crate) sleepers: AtomicU32,
    pub(crate) count: AtomicU32,
    pub(crate) period: AtomicU64,
}

const _: () = {
    assert!(size_of::<Layout>() == 64 && RECORD_BYTES % align_of::<Layout>() == 0);
    assert!(std::mem::offset_of!(Layout, claim) == 8 && std::mem::offset_of!(Layout, sleepers) == 16);
    assert!(std::mem::offset_of!(Layout, count) == 20 && std::mem::offset_of!(Layout, period) == 24);
};

/// A mapped record page. It also keeps the holder's lock, if it was mapped through the locked description.
#[derive(Debug)]
pub(crate) struct Words {
    page: *mut c_void,
    length: usize,
}

// SAFETY: the page is used through atomics only, and unmapped once, by whoever drops it.
unsafe impl Send for Words {}
// SAFETY: as above.
unsafe impl Sync for Words {}

impl Words {
    /// Maps the record page at `offset`, to read and write.
    pub(crate) fn map(fd: BorrowedFd<'_>, offset: u64) -> Result<Self, Errno> {
        let length = rustix::param::page_size();
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        hit("map_words")?;
        // SAFETY: a fresh mapping at an address that the kernel chooses touches nothing that exists.
        let page = unsafe { mm::mmap(std::ptr::null_mut(), length, protection, MapFlags::SHARED, fd, offset)? };
        Ok(Self { page, length })
    }

    #[inline]
    pub(crate) fn get(&self) -> &Layout {
        // SAFETY: the page is mapped as long as `self` lives and at least 4096 bytes long; the offset is aligned for
        // `Layout`, which consists of atomics and padding that nobody reads.
        unsafe { &*self.page.cast::<u8>().add(RECORD_BYTES).cast::<Layout>() }
    }
}

impl Drop for Words {
    fn drop(&mut self) {
        let _ = hit("unmap_words");
        // SAFETY: exactly what `map` mapped; references from `get` cannot outlive `self`.
        let _ = unsafe { mm::munmap(self.page, self.length) };
    }
}

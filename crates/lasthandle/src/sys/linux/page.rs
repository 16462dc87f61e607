//! A mapped record page: it keeps the open file description it was mapped through, and of sync objects it holds the
//! words.
//!
//! # Safety
//! A `RecordPage` owns the one page it mapped and unmaps it once. The words lie at a fixed, aligned offset in it and
//! are atomics: whatever others write there is a value. (Who may write the file may also truncate it; then touching
//! the page is a SIGBUS: the exception that `SECURITY.md` states.) Without words, the page is never touched.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicU32, AtomicU64};

use rustix::io::Errno;
use rustix::mm::{self, MapFlags, ProtFlags};

use super::fault::hit;
use crate::record::RECORD_BYTES;

/// The words of a sync object, as they lie in the record page from offset 2048 on: one cache line. What they mean:
/// [`crate::protocol::words`].
#[repr(C, align(64))]
#[derive(Debug, Default)]
pub(crate) struct Words {
    pub(crate) state: AtomicU64,
    pub(crate) claim: AtomicU64,
    pub(crate) sleepers: AtomicU32,
    pub(crate) count: AtomicU32,
    pub(crate) period: AtomicU64,
}

const _: () = {
    assert!(size_of::<Words>() == 64 && RECORD_BYTES % align_of::<Words>() == 0);
    assert!(std::mem::offset_of!(Words, claim) == 8 && std::mem::offset_of!(Words, sleepers) == 16);
    assert!(std::mem::offset_of!(Words, count) == 20 && std::mem::offset_of!(Words, period) == 24);
};

/// A mapped record page.
#[derive(Debug)]
pub(crate) struct RecordPage {
    page: *mut c_void,
    length: usize,
    has_words: bool,
}

// SAFETY: the page is used through atomics only, and unmapped once, by whoever drops it.
unsafe impl Send for RecordPage {}
// SAFETY: as above.
unsafe impl Sync for RecordPage {}

impl RecordPage {
    /// Maps the page at `record`. With words: to be read and written; else only to keep the description.
    pub(crate) fn map(fd: BorrowedFd<'_>, record: u64, has_words: bool) -> Result<Self, Errno> {
        let length = rustix::param::page_size();
        let protection = if has_words { ProtFlags::READ | ProtFlags::WRITE } else { ProtFlags::READ };
        hit("map_record")?;
        // SAFETY: a fresh mapping at an address that the kernel chooses touches nothing that exists.
        let page = unsafe { mm::mmap(std::ptr::null_mut(), length, protection, MapFlags::SHARED, fd, record)? };
        Ok(Self { page, length, has_words })
    }

    /// The object's words, if it is a sync object.
    #[inline]
    #[allow(clippy::cast_ptr_alignment)] // a page is aligned for them, and so is their offset in it
    pub(crate) fn words(&self) -> Option<&Words> {
        let words = self.page.cast::<u8>().wrapping_add(RECORD_BYTES).cast::<Words>();
        // SAFETY: the page is mapped to be read and written as long as `self` lives, and at least 4096 bytes long; the
        // offset is aligned; the type consists of atomics, and padding that nobody reads.
        self.has_words.then(|| unsafe { &*words })
    }
}

impl Drop for RecordPage {
    fn drop(&mut self) {
        let _ = hit("unmap_record");
        // SAFETY: exactly what `map` mapped; references from `words` cannot outlive `self`.
        let _ = unsafe { mm::munmap(self.page, self.length) };
    }
}

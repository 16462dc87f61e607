//! Memory that the bare calls and peers share between processes: a file in our root, a cache line for each thing.
//!
//! # Safety
//! Lines lie inside the mapping, are aligned, and hold nothing but atomics or what C's functions guard. `Page` is
//! borrowed as long as a line is used, so the mapping lives.

use std::ffi::{CStr, c_void};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use rustix::fs::{self, Mode, OFlags};
use rustix::mm::MapFlags;

use crate::Result;
use crate::bare::Mapped;

/// Two lines of 64 bytes, as processors fetch them in pairs.
const LINE: usize = 128;
const PAGE: usize = 4096;
const BYTES: usize = 80 * PAGE;
/// Lines from one page to the next.
pub const LINES_PER_PAGE: usize = PAGE / LINE;

pub struct Page(Mapped);

// SAFETY: it gives out atomics, and addresses that only an unsafe block can use.
unsafe impl Sync for Page {}

impl Page {
    /// The page of that path, fresh and zero, or as another process made it.
    pub fn at(path: &CStr) -> Result<Self> {
        let file = fs::open(path, OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)?;
        fs::ftruncate(&file, BYTES as u64)?;
        let page = Self(Mapped::new(file.as_fd(), BYTES, MapFlags::SHARED));
        // Present from the start; a change of nothing, as another process may use it.
        for number in 0..BYTES / PAGE {
            page.line(number * LINES_PER_PAGE).fetch_add(0, Ordering::Relaxed);
        }
        Ok(page)
    }

    pub fn raw(&self, line: usize) -> *mut c_void {
        self.0.at(line * LINE)
    }

    pub fn line(&self, line: usize) -> &AtomicU64 {
        // SAFETY: as the module says.
        unsafe { AtomicU64::from_ptr(self.raw(line).cast()) }
    }

    pub fn word(&self, line: usize) -> &AtomicU32 {
        // SAFETY: as the module says; a line is used by either size, not by both.
        unsafe { AtomicU32::from_ptr(self.raw(line).cast()) }
    }
}

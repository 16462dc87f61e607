//! Real memory at a fixed address, and the budget that says how much of it may be promised.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use zerocopy::FromZeros;

use crate::error::{Error, ErrorKind, Result};
use crate::sys::GRANULARITY;

/// The model's page, in bytes.
pub(super) const PAGE: u64 = 4096;

/// Zeroed bytes whose address is a multiple of [`GRANULARITY`] and never changes.
///
/// The bytes are atomics, so that the type is `Sync` by itself and a pointer derived from a shared reference may
/// be written through. Pages that nobody touches cost nothing: the allocator gets them zeroed from the system.
#[derive(Debug)]
pub(super) struct Memory {
    bytes: Box<[AtomicU8]>,
    start: usize,
    length: usize,
}

impl Memory {
    /// At least `size` bytes, whole pages.
    pub(super) fn zeroed(size: u64) -> Result<Self> {
        let too_big = || Error::new(ErrorKind::OutOfMemory).detail("the model cannot allocate that much");
        let alignment = usize::try_from(GRANULARITY).map_err(|_| too_big())?;
        let length = usize::try_from(size.next_multiple_of(PAGE)).map_err(|_| too_big())?;
        let whole = length.checked_add(alignment).ok_or_else(too_big)?;
        let bytes = <[AtomicU8]>::new_box_zeroed_with_elems(whole).map_err(|_| too_big())?;
        let address = bytes.as_ptr().addr();
        Ok(Self { start: address.next_multiple_of(alignment) - address, bytes, length })
    }

    /// A private copy of a range, as it is now.
    pub(super) fn copy_of(&self, offset: usize, length: usize) -> Result<Self> {
        let copy = Self::zeroed(length as u64)?;
        let end = self.length.min(offset + copy.length);
        copy.write(0, self.slice(offset, end - offset).iter().map(|byte| byte.load(Ordering::Relaxed)));
        Ok(copy)
    }

    /// Stores bytes one after the other.
    pub(super) fn write(&self, offset: usize, bytes: impl ExactSizeIterator<Item = u8>) {
        for (cell, byte) in self.slice(offset, bytes.len()).iter().zip(bytes) {
            cell.store(byte, Ordering::Relaxed);
        }
    }

    /// The bytes of a range.
    pub(super) fn read(&self, offset: usize, length: usize) -> Vec<u8> {
        self.slice(offset, length).iter().map(|byte| byte.load(Ordering::Relaxed)).collect()
    }

    /// Where the byte at `offset` lies. The pointer is good for all of the memory, as long as that lives.
    pub(super) fn as_ptr(&self, offset: usize) -> *mut u8 {
        debug_assert!(offset <= self.length);
        // From the whole slice, not from one element: the pointer must be allowed to reach the neighbours.
        self.bytes.as_ptr().cast::<u8>().cast_mut().wrapping_add(self.start + offset)
    }

    fn slice(&self, offset: usize, length: usize) -> &[AtomicU8] {
        &self.bytes[self.start..self.start + self.length][offset..offset + length]
    }
}

/// How much memory a model promises in all.
#[derive(Debug)]
pub(super) struct Budget {
    limit: u64,
    promised: AtomicU64,
}

impl Budget {
    pub(super) fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self { limit, promised: AtomicU64::new(0) })
    }

    fn take(&self, bytes: u64) -> Result<()> {
        // Relaxed: the number guards nothing but itself.
        let room = |promised: u64| promised.checked_add(bytes).filter(|sum| *sum <= self.limit);
        match self.promised.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room) {
            Ok(_) => Ok(()),
            Err(_) => Err(Error::new(ErrorKind::OutOfMemory).cure("raise the model's limit")),
        }
    }
}

/// Memory that somebody may count on; goes back to the budget when dropped.
#[derive(Debug)]
pub(super) struct Promise {
    budget: Arc<Budget>,
    bytes: u64,
}

impl Promise {
    pub(super) fn new(budget: &Arc<Budget>, bytes: u64) -> Result<Self> {
        budget.take(bytes)?;
        Ok(Self { budget: Arc::clone(budget), bytes })
    }

    pub(super) fn grow(&mut self, bytes: u64) -> Result<()> {
        self.budget.take(bytes)?;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.budget.promised.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

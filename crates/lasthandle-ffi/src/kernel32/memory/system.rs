//! The kernel's part of it: address space, and what its pages may do.
//!
//! # Safety
//! A range that these functions change belongs to a region of this process' table ([`super::regions`]), whose lock the
//! caller holds: nobody unmaps it meanwhile. Programs reach it by addresses only. Nothing in this library makes references
//! into a region, nor reads or writes one, so that no protection is a wrong one.
#![allow(unsafe_code)]

use std::ptr::{null_mut, without_provenance_mut};

use lasthandle::GRANULARITY;
use rustix::io::Errno;
use rustix::mm::{self, MapFlags, ProtFlags};

use super::page::Page;
use crate::kernel32::code::Code;

const UNUSED: MapFlags = MapFlags::PRIVATE;

/// Takes address space at that address, if it is free.
pub(crate) fn reserve_at(base: usize, length: usize) -> Result<(), Code> {
    let flags = UNUSED | MapFlags::FIXED_NOREPLACE;
    // SAFETY: nothing is mapped over what is there.
    let found = unsafe { mm::mmap_anonymous(without_provenance_mut(base), length, ProtFlags::empty(), flags) };
    match found {
        Ok(found) if found.addr() == base => Ok(()),
        // A kernel before 4.17 takes the address as a hint only.
        Ok(found) => {
            release(found.addr(), length);
            Err(Code::INVALID_ADDRESS)
        }
        Err(_) => Err(Code::INVALID_ADDRESS),
    }
}

/// Takes address space wherever there is room, at a multiple of 64 KiB.
pub(crate) fn reserve(length: usize) -> Result<usize, Code> {
    let granularity = usize::try_from(GRANULARITY).unwrap_or(0x1_0000);
    let room = length.checked_add(granularity).ok_or(Code::NOT_ENOUGH_MEMORY)?;
    // SAFETY: the kernel chooses a free range.
    let start = unsafe { mm::mmap_anonymous(null_mut(), room, ProtFlags::empty(), UNUSED) };
    let start = start.map_err(|_| Code::NOT_ENOUGH_MEMORY)?.addr();
    let base = start.next_multiple_of(granularity);
    release(start, base - start);
    release(base + length, start + room - (base + length));
    Ok(base)
}

/// Makes memory of address space, or changes what its pages may do.
pub(crate) fn protect(base: usize, length: usize, page: Page) -> Result<(), Code> {
    // SAFETY: see the top.
    let changed = unsafe { mm::mprotect(without_provenance_mut(base), length, page.flags()) };
    changed.map_err(|errno| if errno == Errno::ACCESS { Code::ACCESS_DENIED } else { Code::COMMITMENT_LIMIT })
}

/// Makes address space of memory again: what was in it is gone.
pub(crate) fn decommit(base: usize, length: usize) -> Result<(), Code> {
    let flags = UNUSED | MapFlags::FIXED;
    // SAFETY: see the top; the range is private memory of this table.
    let unused = unsafe { mm::mmap_anonymous(without_provenance_mut(base), length, ProtFlags::empty(), flags) };
    unused.map(drop).map_err(|_| Code::NOT_ENOUGH_MEMORY)
}

/// Gives address space back.
pub(crate) fn release(base: usize, length: usize) {
    if length > 0 {
        // SAFETY: see the top, or `reserve` made it just now.
        let _ = unsafe { mm::munmap(without_provenance_mut(base), length) };
    }
}

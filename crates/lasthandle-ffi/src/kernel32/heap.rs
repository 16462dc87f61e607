//! Memory for programs, from the C library: what `FormatMessage` allocates is given back here.
//!
//! # Safety
//! By the interface, what is given back came from the call that belongs to it, and is given back once.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::null_mut;

use super::call::{call, export, succeeds};
use super::code::Code;
use super::types::{BOOL, HANDLE};

/// `LMEM_ZEROINIT`; movable memory is memory like any other, its handle its address.
const LOCAL_ZERO: u32 = 0x40;
const HEAP_ZERO: u32 = 8;

/// The one heap; only its address means something.
static HEAP: u8 = 0;

export! {
    /// Memory that `LocalFree` gives back.
    fn LocalAlloc(flags: u32, bytes: usize) -> *mut c_void {
        call(null_mut(), || allocate(bytes, flags & LOCAL_ZERO != 0).ok_or(Code::NOT_ENOUGH_MEMORY))
    }

    /// Gives it back, and returns null.
    fn LocalFree(memory: *mut c_void) -> *mut c_void {
        call(null_mut(), || {
            release(memory);
            Ok(null_mut())
        })
    }

    /// The heap of this process: the C library's.
    fn GetProcessHeap() -> HANDLE {
        std::ptr::from_ref(&HEAP).cast_mut().cast()
    }

    /// Memory that `HeapFree` gives back.
    fn HeapAlloc(heap: HANDLE, flags: u32, bytes: usize) -> *mut c_void {
        call(null_mut(), || {
            only_heap(heap)?;
            allocate(bytes, flags & HEAP_ZERO != 0).ok_or(Code::NOT_ENOUGH_MEMORY)
        })
    }

    /// Gives it back.
    fn HeapFree(heap: HANDLE, _flags: u32, memory: *mut c_void) -> BOOL {
        succeeds(|| {
            only_heap(heap)?;
            release(memory);
            Ok(())
        })
    }
}

fn only_heap(heap: HANDLE) -> Result<(), Code> {
    if heap == GetProcessHeap() { Ok(()) } else { Err(Code::INVALID_HANDLE) }
}

/// Memory of the C library, zeroed if need be.
pub(super) fn allocate(bytes: usize, zeroed: bool) -> Option<*mut c_void> {
    // Nothing at all is memory, too, and has an address of its own.
    let bytes = bytes.max(1);
    // SAFETY: has no preconditions, nor has the other.
    let memory = if zeroed { unsafe { libc::calloc(1, bytes) } } else { unsafe { libc::malloc(bytes) } };
    (!memory.is_null()).then_some(memory)
}

fn release(memory: *mut c_void) {
    // SAFETY: see the top; null is allowed.
    unsafe { libc::free(memory) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel32::tests::tried;

    #[test]
    fn memory_is_zeroed_where_that_was_asked_for_and_too_much_is_refused() {
        for (memory, error) in [tried(|| LocalAlloc(0x40, 64)), tried(|| HeapAlloc(GetProcessHeap(), 8, 64))] {
            assert!(!memory.is_null() && error == 12345);
            // SAFETY: it has so many bytes.
            let bytes = unsafe { std::slice::from_raw_parts(memory.cast::<u8>(), 64) };
            assert_eq!(bytes, [0; 64]);
            assert_eq!(tried(|| LocalFree(memory)), (null_mut(), 12345));
        }
        assert_eq!(tried(|| LocalAlloc(0, usize::MAX)), (null_mut(), 8));
        assert_eq!(tried(|| HeapAlloc(GetProcessHeap(), 0, usize::MAX)), (null_mut(), 8));
        let nothing = LocalAlloc(0, 0);
        assert!(!nothing.is_null());
        assert_eq!(tried(|| HeapFree(null_mut(), 0, nothing)), (0, 6));
        assert_eq!(tried(|| HeapFree(GetProcessHeap(), 0, nothing)), (1, 12345));
        assert_eq!(tried(|| HeapFree(GetProcessHeap(), 0, null_mut())), (1, 12345));
        assert_eq!(tried(|| LocalFree(null_mut())), (null_mut(), 12345));
    }
}

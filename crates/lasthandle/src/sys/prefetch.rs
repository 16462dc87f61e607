//! A hint to the processor.
//!
//! # Safety
//! It touches no memory, whatever the address.
#![allow(unsafe_code)]

/// The line at this address will be written before long: fetch it so.
#[inline(always)]
#[allow(clippy::inline_always)] // an instruction
pub(crate) fn to_be_written(address: *const u8) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: the instruction never faults and changes nothing; where a processor has none, it does nothing.
    unsafe {
        std::arch::asm!("prefetchw [{0}]", in(reg) address, options(nostack, preserves_flags, readonly));
    }
    let _ = address;
}

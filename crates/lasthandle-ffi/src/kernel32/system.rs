//! The machine.
//!
//! # Safety
//! `sysconf` and `cpuid` have no preconditions.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::without_provenance_mut;

use lasthandle::GRANULARITY;

use super::call::{call, export};
use super::memory::MAXIMUM_ADDRESS;
use super::pointer::Out;

/// `SYSTEM_INFO`, as Windows lays it out.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct SystemInfo {
    architecture: u16,
    reserved: u16,
    page_size: u32,
    minimum_address: *mut c_void,
    maximum_address: *mut c_void,
    processor_mask: usize,
    processors: u32,
    processor_type: u32,
    granularity: u32,
    processor_level: u16,
    processor_revision: u16,
}

const _: () = assert!(size_of::<SystemInfo>() == 48);

/// x64 and ARM64, in Windows' numbers; the second one is of an older numbering that ARM64 has no place in.
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: (u16, u32) = (9, 8664);
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: (u16, u32) = (12, 0);
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const ARCHITECTURE: (u16, u32) = (0xFFFF, 0);

export! {
    /// What the machine is like.
    fn GetSystemInfo(information: Out<SystemInfo>) {
        call((), || {
            information.write(system());
            Ok(())
        });
    }

    /// The same: no program runs on another machine's behalf here.
    fn GetNativeSystemInfo(information: Out<SystemInfo>) {
        GetSystemInfo(information);
    }
}

fn system() -> SystemInfo {
    // SAFETY: see the top.
    let processors = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) }.max(1).unsigned_abs();
    let (processor_level, processor_revision) = model();
    let number = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    SystemInfo {
        architecture: ARCHITECTURE.0,
        reserved: 0,
        page_size: number(rustix::param::page_size() as u64),
        minimum_address: without_provenance_mut(usize::try_from(GRANULARITY).unwrap_or(0)),
        maximum_address: without_provenance_mut(MAXIMUM_ADDRESS),
        processor_mask: 1_usize.checked_shl(number(processors)).map_or(usize::MAX, |above| above - 1),
        processors: number(processors),
        processor_type: ARCHITECTURE.1,
        granularity: number(GRANULARITY),
        processor_level,
        processor_revision,
    }
}

/// The processor's family, and its model and stepping in the two bytes of one number.
#[cfg(target_arch = "x86_64")]
fn model() -> (u16, u16) {
    #[allow(unused_unsafe)] // newer compilers call it safe
    // SAFETY: see the top: every x64 processor has it.
    let version = unsafe { std::arch::x86_64::__cpuid(1) }.eax;
    let bits = |from: u32, count: u32| u16::try_from(version >> from & ((1 << count) - 1)).unwrap_or(0);
    let (family, model, stepping) = (bits(8, 4), bits(4, 4), bits(0, 4));
    let family = if family == 15 { family + bits(20, 8) } else { family };
    let model = if family == 6 || family >= 15 { model | bits(16, 4) << 4 } else { model };
    (family, model << 8 | stepping)
}
#[cfg(not(target_arch = "x86_64"))]
fn model() -> (u16, u16) {
    (0, 0)
}

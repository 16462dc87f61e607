//! The machine.
//!
//! # Safety
//! `sysconf` has no preconditions.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::without_provenance_mut;

use lasthandle::GRANULARITY;

use super::call::{call, export};
use super::memory::maximum_address;
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
    let (architecture, processor_type) = architecture();
    let (processor_level, processor_revision) = model();
    let number = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    SystemInfo {
        architecture,
        reserved: 0,
        page_size: number(rustix::param::page_size() as u64),
        minimum_address: without_provenance_mut(usize::try_from(GRANULARITY).unwrap_or(0)),
        maximum_address: without_provenance_mut(maximum_address()),
        processor_mask: 1_usize.checked_shl(number(processors)).map_or(usize::MAX, |above| above - 1),
        processors: number(processors),
        processor_type,
        granularity: number(GRANULARITY),
        processor_level,
        processor_revision,
    }
}

/// x64 and ARM64, in Windows' numbers; the second one is of an older numbering that ARM64 has no place in.
fn architecture() -> (u16, u32) {
    match std::env::consts::ARCH {
        "x86_64" => (9, 8664),
        "aarch64" => (12, 0),
        _ => (0xFFFF, 0),
    }
}

/// The processor's family, and its model and stepping in the two bytes of one number; 0 where the kernel tells none.
fn model() -> (u16, u16) {
    let list = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let number = |what: &str| {
        let mut fields = list.lines().filter_map(|line| line.split_once(':'));
        let found = fields.find(|(name, _)| name.trim_end() == what).and_then(|(_, value)| value.trim().parse().ok());
        found.unwrap_or(0_u16)
    };
    (number("cpu family"), number("model") << 8 | number("stepping") & 0xFF)
}

//! What a process is called.
//!
//! # Safety
//! Buffers are live and of the length that is told; what the kernel writes is read within that length.
#![allow(unsafe_code)]

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};

use windows_sys::Wdk::System::Threading::{NtQueryInformationProcess, ProcessCommandLineInformation};
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_ACCESS_RIGHTS, PROCESS_NAME_WIN32, PROCESS_QUERY_LIMITED_INFORMATION,
    QueryFullProcessImageNameW,
};

use super::directory::Text;
use super::nt;

/// The command line of a process, or its program where only that is told; empty where neither may be read.
pub(super) fn command(pid: u32) -> String {
    let Some(process) = open(pid, PROCESS_QUERY_LIMITED_INFORMATION) else { return String::new() };
    command_line(&process).or_else(|| program(&process)).unwrap_or_default()
}

/// A process that may be opened so.
pub(super) fn open(pid: u32, rights: PROCESS_ACCESS_RIGHTS) -> Option<OwnedHandle> {
    // SAFETY: numbers only.
    let process = unsafe { OpenProcess(rights, 0, pid) };
    // SAFETY: not null, so a new handle that nothing else owns.
    (!process.is_null()).then(|| unsafe { OwnedHandle::from_raw_handle(process) })
}

/// Windows 8.1 and later: a counted string that points into the rest of the buffer. The longest has 32,767 units.
fn command_line(process: &OwnedHandle) -> Option<String> {
    let mut words = vec![0_u64; 9 * 1024];
    let (length, mut written) = (nt::length_of(&*words), 0);
    // SAFETY: an open process, a live buffer of that length, a live number.
    let status = unsafe {
        NtQueryInformationProcess(
            process.as_raw_handle(),
            ProcessCommandLineInformation,
            words.as_mut_ptr().cast(),
            length,
            &raw mut written,
        )
    };
    nt::success(status).ok()?;
    let line = String::from_utf16_lossy(&Text::first_in(&words)?);
    (!line.is_empty()).then_some(line)
}

fn program(process: &OwnedHandle) -> Option<String> {
    let mut units = vec![0_u16; 32 * 1024];
    let mut length = u32::try_from(units.len()).ok()?;
    let raw = process.as_raw_handle();
    // SAFETY: an open process, and a live buffer of that length.
    let done = unsafe { QueryFullProcessImageNameW(raw, PROCESS_NAME_WIN32, units.as_mut_ptr(), &raw mut length) };
    (done != 0).then(|| String::from_utf16_lossy(&units[..length as usize]))
}

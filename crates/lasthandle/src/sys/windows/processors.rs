//! How many processors the machine has.

use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};

/// Those of this thread's group, whichever of them it may use.
#[allow(unsafe_code)]
pub(crate) fn online() -> usize {
    let mut information = SYSTEM_INFO::default();
    // SAFETY: it fills the structure.
    unsafe { GetSystemInfo(&raw mut information) };
    usize::try_from(information.dwNumberOfProcessors).unwrap_or(1)
}

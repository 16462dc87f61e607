//! How many processors the machine has.

/// Those that run now, whichever of them this thread may use.
#[allow(unsafe_code)]
pub(crate) fn online() -> usize {
    // SAFETY: it reads a number.
    let online = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    usize::try_from(online).unwrap_or(1)
}

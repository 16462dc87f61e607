//! The C interface of lasthandle.
//!
//! * Everywhere: functions with the prefix `lh_`, declared in `include/lasthandle.h`.
//! * On Linux also Windows' own names, declared in `include/lasthandle/windows.h`. On Windows those are never exported:
//!   the system has them.

mod lh;
mod sync;

#[cfg(target_os = "linux")]
mod kernel32;

//! The suite on the system it is built for.

mod disk;

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod system;
#[cfg(windows)]
#[path = "windows.rs"]
mod system;

conformance::suite!(system::SystemFixture);

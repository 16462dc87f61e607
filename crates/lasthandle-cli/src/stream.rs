//! Standard input and output for bytes in bulk: without the line buffer that std puts before them. With `child` the one
//! that knows which system it is on.

use std::fs::File;
use std::io;

/// Standard input.
pub(crate) fn input() -> io::Result<File> {
    unbuffered(&io::stdin())
}

/// Standard output.
pub(crate) fn output() -> io::Result<File> {
    unbuffered(&io::stdout())
}

#[cfg(unix)]
fn unbuffered(stream: &impl std::os::fd::AsFd) -> io::Result<File> {
    Ok(stream.as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
fn unbuffered(stream: &impl std::os::windows::io::AsHandle) -> io::Result<File> {
    Ok(stream.as_handle().try_clone_to_owned()?.into())
}

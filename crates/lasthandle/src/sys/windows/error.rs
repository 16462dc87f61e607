//! Windows' codes as errors of this crate. The code stays exactly what the call left.

use std::io;

use windows_sys::Win32::Foundation as code;
use windows_sys::core::BOOL;

use super::nt;
use crate::error::{Error, ErrorKind, Result};

/// What the last call of this thread left in `GetLastError`. Call it before anything else may set that.
pub(super) fn last() -> Error {
    from_io(io::Error::last_os_error())
}

/// What a call that answers yes or no has left.
#[inline]
pub(super) fn done(answer: BOOL) -> Result<()> {
    if answer == 0 { Err(last()) } else { Ok(()) }
}

/// As [`last`], for a call that looked up a name: there 6 means an object of another kind, not a bad handle.
pub(super) fn last_about_name() -> Error {
    about_name(io::Error::last_os_error())
}

/// As [`from_status`], for a call that looked up a name.
pub(super) fn status_about_name(status: code::NTSTATUS) -> Error {
    about_name(io_from_status(status))
}

/// The error that an `Nt…` call returned.
pub(super) fn from_status(status: code::NTSTATUS) -> Error {
    from_io(io_from_status(status))
}

/// Windows' own error with the kind that its code stands for. Where they are one, the kind has said it all;
/// else the message is kept too.
pub(super) fn from_io(os: io::Error) -> Error {
    let code = code_of(&os);
    let error = Error::new(kind_of(code));
    if error.windows_code() == code { error } else { error.code(code).os(os) }
}

fn about_name(os: io::Error) -> Error {
    match code_of(&os) {
        code::ERROR_INVALID_HANDLE => Error::new(ErrorKind::WrongKind),
        _ => from_io(os),
    }
}

fn code_of(os: &io::Error) -> u32 {
    os.raw_os_error().and_then(|code| code.try_into().ok()).unwrap_or(code::ERROR_GEN_FAILURE)
}

fn kind_of(code: u32) -> ErrorKind {
    match code {
        code::ERROR_FILE_NOT_FOUND => ErrorKind::NotFound,
        code::ERROR_TOO_MANY_OPEN_FILES => ErrorKind::TooManyFiles,
        code::ERROR_ACCESS_DENIED => ErrorKind::AccessDenied,
        code::ERROR_INVALID_HANDLE => ErrorKind::InvalidHandle,
        code::ERROR_NOT_ENOUGH_MEMORY => ErrorKind::TooBig,
        code::ERROR_OUTOFMEMORY | code::ERROR_NO_SYSTEM_RESOURCES | code::ERROR_COMMITMENT_LIMIT => {
            ErrorKind::OutOfMemory
        }
        code::ERROR_NOT_SUPPORTED | code::ERROR_CALL_NOT_IMPLEMENTED => ErrorKind::Unsupported,
        code::ERROR_INVALID_PARAMETER => ErrorKind::InvalidParameter,
        code::ERROR_PATH_NOT_FOUND
        | code::ERROR_INVALID_NAME
        | code::ERROR_BAD_PATHNAME
        | code::ERROR_FILENAME_EXCED_RANGE => ErrorKind::InvalidName,
        code::ERROR_ALREADY_EXISTS => ErrorKind::AlreadyExists,
        code::ERROR_NOT_OWNER => ErrorKind::NotOwner,
        code::ERROR_TOO_MANY_POSTS => ErrorKind::TooManyPosts,
        code::ERROR_INVALID_ADDRESS => ErrorKind::InvalidAddress,
        code::ERROR_NOACCESS => ErrorKind::NotCommitted,
        code::ERROR_FILE_INVALID => ErrorKind::EmptyFile,
        code::ERROR_MAPPED_ALIGNMENT => ErrorKind::Misaligned,
        _ => ErrorKind::Os,
    }
}

fn io_from_status(status: code::NTSTATUS) -> io::Error {
    io::Error::from_raw_os_error(nt::code_of_status(status))
}

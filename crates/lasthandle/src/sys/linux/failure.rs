//! Errors of system calls, in the terms of the model and with the cure.

use std::ffi::CStr;

use rustix::fs::Stat;
use rustix::io::Errno;

use crate::error::{Error, ErrorKind};

/// The error for a failed call on something of ours; `what` says what the call was for.
#[cold]
pub(crate) fn failure(errno: Errno, what: &'static str) -> Error {
    let kind = match errno {
        Errno::NOENT => ErrorKind::NotFound,
        Errno::ACCESS | Errno::PERM | Errno::ROFS => ErrorKind::AccessDenied,
        Errno::MFILE | Errno::NFILE => ErrorKind::TooManyFiles,
        Errno::NOSPC | Errno::DQUOT => ErrorKind::OutOfMemory,
        Errno::NOMEM => ErrorKind::TooBig,
        Errno::BADF => ErrorKind::InvalidHandle,
        Errno::OPNOTSUPP | Errno::NOSYS => ErrorKind::Unsupported,
        _ => ErrorKind::Os,
    };
    let error = Error::new(kind).detail(what).os(errno);
    match errno {
        Errno::MFILE => error.cure("close some, or raise the limit (`ulimit -n`)"),
        Errno::NFILE => error.cure("raise the system's limit (`fs.file-max`)"),
        Errno::NOSPC | Errno::DQUOT => error.cure(
            "its file system has room for no further file: remove what is not needed there (`lasthandle gc`), or mount \
             it with more (`nr_inodes`, `size`)",
        ),
        Errno::NOMEM => error.cure("unmap something, or raise `vm.max_map_count` or `ulimit -v`"),
        Errno::ROFS => error.cure("mount it writable, or set LASTHANDLE_ROOT to a directory that is"),
        Errno::BADF => error.cure("something in this process closed a descriptor that it did not own"),
        _ => error,
    }
}

/// The error for a name file that may not be opened: whose it is, and what to do.
#[cold]
pub(crate) fn denied(path: &CStr, status: Option<&Stat>, why: &'static str, errno: Option<Errno>) -> Error {
    let path = path.to_string_lossy();
    let owner = status.map_or(String::new(), |status| format!(" (it belongs to user {})", status.st_uid));
    let error = Error::new(ErrorKind::AccessDenied).detail(format!("{why}: {path}{owner}")).cure(
        "ask its owner to share it with wider permissions or, if it is a leftover, to run `lasthandle gc`; \
         or choose another name",
    );
    match errno {
        Some(errno) => error.os(errno),
        None => error,
    }
}

/// The error for a file in the place of an object that is none.
#[cold]
pub(crate) fn no_object(path: &CStr, why: &str) -> Error {
    Error::new(ErrorKind::NotAnObject)
        .detail(format!("{} is no object of this library: {why}", path.to_string_lossy()))
        .cure("it was left as it is; move it away by hand, or choose another name")
}

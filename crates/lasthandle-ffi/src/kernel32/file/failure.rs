//! The system's errors as Windows' codes.

use rustix::io::Errno;

use crate::kernel32::code::Code;

pub(crate) fn code(errno: Errno) -> Code {
    match errno {
        Errno::NOENT => Code::FILE_NOT_FOUND,
        Errno::NOTDIR => Code::PATH_NOT_FOUND,
        Errno::ACCESS | Errno::PERM | Errno::ISDIR => Code::ACCESS_DENIED,
        Errno::ROFS => Code::WRITE_PROTECT,
        Errno::EXIST => Code::FILE_EXISTS,
        Errno::MFILE | Errno::NFILE => Code::TOO_MANY_OPEN_FILES,
        Errno::BADF => Code::INVALID_HANDLE,
        Errno::NOMEM => Code::NOT_ENOUGH_MEMORY,
        Errno::NOSPC | Errno::DQUOT => Code::DISK_FULL,
        Errno::FBIG => Code::FILE_TOO_LARGE,
        Errno::NAMETOOLONG => Code::FILENAME_EXCED_RANGE,
        Errno::LOOP => Code::CANT_RESOLVE_FILENAME,
        Errno::TXTBSY | Errno::BUSY => Code::SHARING_VIOLATION,
        Errno::INVAL | Errno::OVERFLOW => Code::INVALID_PARAMETER,
        Errno::SPIPE => Code::INVALID_FUNCTION,
        Errno::AGAIN => Code::NO_DATA,
        Errno::PIPE => Code::BROKEN_PIPE,
        Errno::FAULT => Code::NOACCESS,
        Errno::OPNOTSUPP => Code::NOT_SUPPORTED,
        _ => Code::GEN_FAILURE,
    }
}

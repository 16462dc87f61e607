//! Windows' error codes, as far as this layer finds errors itself; the library's errors bring their own.

/// An error code, for `GetLastError`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code(pub(crate) u32);

impl Code {
    pub(crate) const SUCCESS: Self = Self(0);
    pub(crate) const INVALID_FUNCTION: Self = Self(1);
    pub(crate) const FILE_NOT_FOUND: Self = Self(2);
    pub(crate) const PATH_NOT_FOUND: Self = Self(3);
    pub(crate) const TOO_MANY_OPEN_FILES: Self = Self(4);
    pub(crate) const ACCESS_DENIED: Self = Self(5);
    pub(crate) const INVALID_HANDLE: Self = Self(6);
    pub(crate) const NOT_ENOUGH_MEMORY: Self = Self(8);
    pub(crate) const WRITE_PROTECT: Self = Self(19);
    pub(crate) const BAD_LENGTH: Self = Self(24);
    pub(crate) const GEN_FAILURE: Self = Self(31);
    pub(crate) const SHARING_VIOLATION: Self = Self(32);
    pub(crate) const HANDLE_EOF: Self = Self(38);
    pub(crate) const NOT_SUPPORTED: Self = Self(50);
    pub(crate) const BAD_NETPATH: Self = Self(53);
    pub(crate) const FILE_EXISTS: Self = Self(80);
    pub(crate) const INVALID_PARAMETER: Self = Self(87);
    pub(crate) const BROKEN_PIPE: Self = Self(109);
    pub(crate) const BUFFER_OVERFLOW: Self = Self(111);
    pub(crate) const DISK_FULL: Self = Self(112);
    pub(crate) const INSUFFICIENT_BUFFER: Self = Self(122);
    pub(crate) const INVALID_NAME: Self = Self(123);
    pub(crate) const MOD_NOT_FOUND: Self = Self(126);
    pub(crate) const PROC_NOT_FOUND: Self = Self(127);
    pub(crate) const NEGATIVE_SEEK: Self = Self(131);
    pub(crate) const BUSY: Self = Self(170);
    pub(crate) const INVALID_ORDINAL: Self = Self(182);
    pub(crate) const ALREADY_EXISTS: Self = Self(183);
    /// The system cannot run it.
    pub(crate) const BAD_EXE_FORMAT: Self = Self(193);
    pub(crate) const FILENAME_EXCED_RANGE: Self = Self(206);
    pub(crate) const FILE_TOO_LARGE: Self = Self(223);
    pub(crate) const NO_DATA: Self = Self(232);
    pub(crate) const DIRECTORY: Self = Self(267);
    /// `ERROR_MR_MID_NOT_FOUND`.
    pub(crate) const MESSAGE_NOT_FOUND: Self = Self(317);
    pub(crate) const INVALID_ADDRESS: Self = Self(487);
    pub(crate) const NOACCESS: Self = Self(998);
    pub(crate) const MAPPED_ALIGNMENT: Self = Self(1132);
    pub(crate) const UNKNOWN_REVISION: Self = Self(1305);
    pub(crate) const REVISION_MISMATCH: Self = Self(1306);
    pub(crate) const PRIVILEGE_NOT_HELD: Self = Self(1314);
    pub(crate) const INVALID_ACL: Self = Self(1336);
    pub(crate) const INVALID_SID: Self = Self(1337);
    pub(crate) const INVALID_SECURITY_DESCR: Self = Self(1338);
    pub(crate) const ALLOTTED_SPACE_EXCEEDED: Self = Self(1344);
    pub(crate) const NO_SYSTEM_RESOURCES: Self = Self(1450);
    pub(crate) const COMMITMENT_LIMIT: Self = Self(1455);
    pub(crate) const RESOURCE_DATA_NOT_FOUND: Self = Self(1812);
    pub(crate) const CANT_RESOLVE_FILENAME: Self = Self(1921);
}

impl From<lasthandle::Error> for Code {
    #[cold]
    fn from(error: lasthandle::Error) -> Self {
        Self(error.windows_code())
    }
}

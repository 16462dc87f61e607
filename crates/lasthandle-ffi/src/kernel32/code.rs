//! Windows' error codes, as far as this layer finds errors itself; the library's errors bring their own.

/// An error code, for `GetLastError`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code(pub(crate) u32);

impl Code {
    pub(crate) const SUCCESS: Self = Self(0);
    pub(crate) const ACCESS_DENIED: Self = Self(5);
    pub(crate) const INVALID_HANDLE: Self = Self(6);
    pub(crate) const NOT_ENOUGH_MEMORY: Self = Self(8);
    pub(crate) const NOT_SUPPORTED: Self = Self(50);
    pub(crate) const INVALID_PARAMETER: Self = Self(87);
    pub(crate) const BAD_LENGTH: Self = Self(24);
    pub(crate) const INSUFFICIENT_BUFFER: Self = Self(122);
    pub(crate) const MOD_NOT_FOUND: Self = Self(126);
    pub(crate) const PROC_NOT_FOUND: Self = Self(127);
    pub(crate) const INVALID_ORDINAL: Self = Self(182);
    pub(crate) const BUSY: Self = Self(170);
    pub(crate) const ALREADY_EXISTS: Self = Self(183);
    pub(crate) const FILENAME_EXCED_RANGE: Self = Self(206);
    pub(crate) const INVALID_ADDRESS: Self = Self(487);
    /// A pointer that leads nowhere.
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
}

impl From<lasthandle::Error> for Code {
    #[cold]
    fn from(error: lasthandle::Error) -> Self {
        Self(error.windows_code())
    }
}

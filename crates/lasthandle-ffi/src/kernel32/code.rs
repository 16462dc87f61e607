//! Windows' error codes, as far as this layer finds errors itself; the library's errors bring their own.

/// An error code, for `GetLastError`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code(pub(crate) u32);

impl Code {
    pub(crate) const SUCCESS: Self = Self(0);
    pub(crate) const FILE_NOT_FOUND: Self = Self(2);
    pub(crate) const PATH_NOT_FOUND: Self = Self(3);
    pub(crate) const ACCESS_DENIED: Self = Self(5);
    pub(crate) const INVALID_HANDLE: Self = Self(6);
    pub(crate) const NOT_SUPPORTED: Self = Self(50);
    pub(crate) const INVALID_PARAMETER: Self = Self(87);
    pub(crate) const BAD_EXE_FORMAT: Self = Self(193);
    /// The name of a directory is not one.
    pub(crate) const DIRECTORY: Self = Self(267);
    pub(crate) const BAD_LENGTH: Self = Self(24);
    pub(crate) const BUSY: Self = Self(170);
    pub(crate) const ALREADY_EXISTS: Self = Self(183);
    pub(crate) const FILENAME_EXCED_RANGE: Self = Self(206);
    pub(crate) const INVALID_ADDRESS: Self = Self(487);
    /// A pointer that leads nowhere.
    pub(crate) const NOACCESS: Self = Self(998);
    pub(crate) const MAPPED_ALIGNMENT: Self = Self(1132);
    pub(crate) const PRIVILEGE_NOT_HELD: Self = Self(1314);
    pub(crate) const NO_SYSTEM_RESOURCES: Self = Self(1450);
}

impl From<lasthandle::Error> for Code {
    #[cold]
    fn from(error: lasthandle::Error) -> Self {
        Self(error.windows_code())
    }
}

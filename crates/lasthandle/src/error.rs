//! The one error type: what was tried, on which object, why it failed, and the cure where there is one.

use std::borrow::Cow;
use std::fmt;
use std::io;

/// The result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed. Each kind stands for one Windows code ([`Error::windows_code`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No object of that name exists (`ERROR_FILE_NOT_FOUND`, 2).
    NotFound,
    /// The name breaks a rule; the code says which ([`Error::windows_code`]: 3, 6, 123, 161 or 206).
    InvalidName,
    /// The object, its handle or its place does not permit this (`ERROR_ACCESS_DENIED`, 5).
    AccessDenied,
    /// The name is held by an object of another kind (`ERROR_INVALID_HANDLE`, 6).
    WrongKind,
    /// The handle is closed, or stands for something that is no such object (`ERROR_INVALID_HANDLE`, 6).
    InvalidHandle,
    /// The size cannot be had from this file or address space (`ERROR_NOT_ENOUGH_MEMORY`, 8).
    TooBig,
    /// Memory that was to be promised is not there (`ERROR_COMMITMENT_LIMIT`, 1455).
    OutOfMemory,
    /// An argument makes no sense, alone or with the others (`ERROR_INVALID_PARAMETER`, 87).
    InvalidParameter,
    /// Create-new met an existing object (`ERROR_ALREADY_EXISTS`, 183).
    AlreadyExists,
    /// The file is empty and no size was given (`ERROR_FILE_INVALID`, 1006).
    EmptyFile,
    /// An offset or base address is not a multiple of 64 KiB (`ERROR_MAPPED_ALIGNMENT`, 1132).
    Misaligned,
    /// An address is in use, or no view lies there (`ERROR_INVALID_ADDRESS`, 487).
    InvalidAddress,
    /// A mutex was released by a thread that does not own it (`ERROR_NOT_OWNER`, 288).
    NotOwner,
    /// A semaphore was released past its maximum (`ERROR_TOO_MANY_POSTS`, 298).
    TooManyPosts,
    /// A read or write went past the end of the view, or wants an alignment the offset does not have
    /// (`ERROR_INVALID_PARAMETER`, 87).
    OutOfBounds,
    /// Memory of a reserved section that nobody has committed (`ERROR_NOACCESS`, 998).
    NotCommitted,
    /// Somebody kept the name, or the object, busy for longer than such a thing takes (`ERROR_BUSY`, 170).
    Busy,
    /// The process or the system has no descriptor left (`ERROR_TOO_MANY_OPEN_FILES`, 4).
    TooManyFiles,
    /// The name is held by something that is no object of this library, or by a damaged one
    /// (`ERROR_INVALID_DATA`, 13).
    NotAnObject,
    /// The object was made by a build whose shared layout is another one (`ERROR_REVISION_MISMATCH`, 1306).
    VersionMismatch,
    /// The directory that holds the names cannot be used or trusted (`ERROR_BAD_PATHNAME`, 161).
    UnusableRoot,
    /// The other side of a channel has gone: closed, or ended with its process (`ERROR_BROKEN_PIPE`, 109).
    Disconnected,
    /// A living process has that end of the channel already (`ERROR_PIPE_BUSY`, 231).
    Occupied,
    /// The message is longer than the channel takes (`ERROR_BAD_LENGTH`, 24).
    TooLong,
    /// The channel carries another type of messages, or is of another shape (`ERROR_DATATYPE_MISMATCH`, 1629).
    WrongType,
    /// A peer wrote what no peer may write into a channel's memory (`ERROR_FILE_CORRUPT`, 1392).
    Damaged,
    /// This system cannot do that (`ERROR_NOT_SUPPORTED`, 50).
    Unsupported,
    /// Any other failure of the operating system (`ERROR_GEN_FAILURE`, 31).
    Os,
}

impl ErrorKind {
    const fn windows_code(self) -> u32 {
        match self {
            Self::NotFound => 2,
            Self::TooManyFiles => 4,
            Self::AccessDenied => 5,
            Self::WrongKind | Self::InvalidHandle => 6,
            Self::TooBig => 8,
            Self::NotAnObject => 13,
            Self::TooLong => 24,
            Self::Os => 31,
            Self::Unsupported => 50,
            Self::InvalidParameter | Self::OutOfBounds => 87,
            Self::Disconnected => 109,
            Self::InvalidName => 123,
            Self::UnusableRoot => 161,
            Self::Busy => 170,
            Self::AlreadyExists => 183,
            Self::Occupied => 231,
            Self::NotOwner => 288,
            Self::TooManyPosts => 298,
            Self::InvalidAddress => 487,
            Self::NotCommitted => 998,
            Self::EmptyFile => 1006,
            Self::Misaligned => 1132,
            Self::VersionMismatch => 1306,
            Self::Damaged => 1392,
            Self::OutOfMemory => 1455,
            Self::WrongType => 1629,
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::NotFound => "no object of that name exists",
            Self::InvalidName => "the name is not valid",
            Self::AccessDenied => "access is denied",
            Self::WrongKind => "the name is held by an object of another kind",
            Self::InvalidHandle => "the handle is not valid",
            Self::TooBig => "the size cannot be had",
            Self::OutOfMemory => "there is not enough memory to promise",
            Self::InvalidParameter => "a parameter is not valid",
            Self::AlreadyExists => "an object of that name exists already",
            Self::EmptyFile => "the file is empty and no size was given",
            Self::Misaligned => "an offset or address is not a multiple of 64 KiB",
            Self::InvalidAddress => "the address cannot be used",
            Self::NotOwner => "the calling thread does not own the mutex",
            Self::TooManyPosts => "the semaphore's count would exceed its maximum",
            Self::OutOfBounds => "the range does not lie inside the view",
            Self::NotCommitted => "the memory is reserved but not committed",
            Self::Busy => "it was kept busy",
            Self::TooManyFiles => "no file descriptor is left",
            Self::NotAnObject => "the name is held by something that is no lasthandle object",
            Self::VersionMismatch => "the object has another layout version",
            Self::UnusableRoot => "the directory for names cannot be used",
            Self::Disconnected => "the other side has gone",
            Self::Occupied => "that end of the channel is taken",
            Self::TooLong => "the message is too long for the channel",
            Self::WrongType => "the channel carries another type of messages",
            Self::Damaged => "a peer has damaged the channel",
            Self::Unsupported => "the system does not support this",
            Self::Os => "the operating system refused",
        }
    }
}

/// What went wrong, as a sentence that names the operation, the object, the reason and the cure.
///
/// Small: one pointer wide, so that a `Result` stays cheap on the good path.
#[derive(thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Report>);

#[derive(Debug, thiserror::Error)]
struct Report {
    kind: ErrorKind,
    code: u32,
    operation: &'static str,
    object: Option<String>,
    detail: Option<Cow<'static, str>>,
    cure: Option<Cow<'static, str>>,
    #[source]
    os: Option<io::Error>,
}

impl Error {
    /// An error of `kind`; the methods below add what the place knows.
    #[doc(hidden)]
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Report {
            kind,
            code: kind.windows_code(),
            operation: "",
            object: None,
            detail: None,
            cure: None,
            os: None,
        }))
    }

    /// The reason, in the words of the place that found it, instead of the kind's own sentence.
    #[doc(hidden)]
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// What the user can do about it.
    #[doc(hidden)]
    #[must_use]
    pub fn cure(mut self, cure: impl Into<Cow<'static, str>>) -> Self {
        self.0.cure = Some(cure.into());
        self
    }

    /// The operating system's own error underneath.
    #[doc(hidden)]
    #[must_use]
    pub fn os(mut self, os: impl Into<io::Error>) -> Self {
        self.0.os = Some(os.into());
        self
    }

    /// A Windows code finer than the kind's.
    #[doc(hidden)]
    #[must_use]
    pub fn code(mut self, code: u32) -> Self {
        self.0.code = code;
        self
    }

    /// Says what was being done, and to what; the innermost place that knows wins.
    #[doc(hidden)]
    #[must_use]
    pub fn during(mut self, operation: &'static str, object: Option<String>) -> Self {
        if self.0.operation.is_empty() {
            self.0.operation = operation;
        }
        self.0.object = self.0.object.or(object);
        self
    }

    /// Of a step that the caller knows nothing of: what was being done is for a place further out to say.
    pub(crate) fn of_a_step(mut self) -> Self {
        self.0.operation = "";
        self
    }

    /// Why the call failed.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that failed, as a verb phrase such as `open mapping`.
    pub fn operation(&self) -> &str {
        self.0.operation
    }

    /// The object or file that was meant, if it has a name.
    pub fn object(&self) -> Option<&str> {
        self.0.object.as_deref()
    }

    /// The code that the Windows call would have left in `GetLastError`.
    pub fn windows_code(&self) -> u32 {
        self.0.code
    }

    /// The operating system's error underneath, if a system call failed.
    pub fn os_error(&self) -> Option<&io::Error> {
        self.0.os.as_ref()
    }

    /// What to do about it, where that is known.
    pub fn remedy(&self) -> Option<&str> {
        self.0.cure.as_deref()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.operation.is_empty() {
            write!(f, "cannot {}", self.operation)?;
            if let Some(object) = &self.object {
                write!(f, " `{object}`")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(self.detail.as_deref().unwrap_or(self.kind.sentence()))?;
        if let Some(os) = &self.os {
            write!(f, " ({os})")?;
        }
        if let Some(cure) = &self.cure {
            write!(f, "; {cure}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::NotFound => io::ErrorKind::NotFound,
            ErrorKind::AccessDenied => io::ErrorKind::PermissionDenied,
            ErrorKind::AlreadyExists => io::ErrorKind::AlreadyExists,
            ErrorKind::InvalidName | ErrorKind::InvalidParameter | ErrorKind::OutOfBounds => {
                io::ErrorKind::InvalidInput
            }
            ErrorKind::OutOfMemory | ErrorKind::TooBig => io::ErrorKind::OutOfMemory,
            ErrorKind::Unsupported => io::ErrorKind::Unsupported,
            ErrorKind::Disconnected => io::ErrorKind::BrokenPipe,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_like_a_sentence_with_operation_object_reason_and_cure() {
        let error = Error::new(ErrorKind::OutOfMemory)
            .cure("make it larger")
            .during("create mapping", Some("Local\\X".into()))
            .during("do something else", None);
        assert_eq!(
            error.to_string(),
            "cannot create mapping `Local\\X`: there is not enough memory to promise; make it larger"
        );
        assert_eq!(error.windows_code(), 1455);
        assert_eq!(std::mem::size_of::<Result<()>>(), std::mem::size_of::<usize>());
    }
}

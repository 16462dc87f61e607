//! File mappings (Windows calls them sections too): shared memory by name, without one, or over a file.

use std::fmt;
use std::fs::File;

use crate::access::{Access, Permissions, Protection, ViewAccess};
use crate::error::{Error, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::object::expect_kind;
use crate::sys::{CreateOptions, Disposition, Info, Kernel, MappingSpec, Platform, Spec};
use crate::view::{View, ViewOptions};

pub(crate) type Handle = <Platform as Kernel>::Handle;

/// A handle to a file mapping: memory that several processes share, found by name.
///
/// The **name** lives until the last handle of all processes is closed: dropped, or ended with its process, in
/// whatever way that ended. The **memory** lives until the last handle and the last [`View`] are gone. Nothing needs
/// to be cleaned up by hand.
///
/// ```
/// use lasthandle::Mapping;
/// # fn main() -> lasthandle::Result<()> {
/// # let name = &format!("Local\\doc-{}", std::process::id());
/// let server = Mapping::create(name, 256)?; // one process …
/// server.view()?.write_at(0, b"hello")?;
///
/// let client = Mapping::open(name)?; // … and another
/// let mut message = [0; 5];
/// client.view()?.read_at(0, &mut message)?;
/// assert_eq!(&message, b"hello");
/// # Ok(())
/// # }
/// ```
///
/// # References
/// [File mapping](https://learn.microsoft.com/windows/win32/memory/file-mapping)
pub struct Mapping {
    pub(crate) handle: Handle,
    label: Option<String>,
    disposition: Disposition,
    size: u64,
}

impl Mapping {
    /// Creates a mapping of `size` bytes, or opens the one that has the name already:
    /// [`opened_existing`](Self::opened_existing) tells, and then its own size and protection stay as they are.
    ///
    /// Memory is zeroed, and promised: running out is an error here, never a fault later.
    ///
    /// # Errors
    /// See [`MappingOptions::create`].
    #[doc(alias = "CreateFileMappingW")]
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>, size: u64) -> Result<Self> {
        Self::options().size(size).create(name)
    }

    /// Creates a mapping of `size` bytes; a name that exists is an error.
    ///
    /// # Errors
    /// See [`MappingOptions::create_new`].
    pub fn create_new(name: impl TryInto<Name, Error: Into<Error>>, size: u64) -> Result<Self> {
        Self::options().size(size).create_new(name)
    }

    /// Opens an existing mapping for reading and writing.
    ///
    /// # Errors
    /// See [`MappingOptions::open`].
    #[doc(alias = "OpenFileMappingW")]
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::options().open(name)
    }

    /// Creates a mapping without a name: to share between threads, with a child, or by passing the handle.
    ///
    /// # Errors
    /// See [`MappingOptions::create`].
    pub fn unnamed(size: u64) -> Result<Self> {
        Self::options().size(size).create_unnamed()
    }

    /// Every choice there is.
    pub fn options<'a>() -> MappingOptions<'a> {
        MappingOptions::new()
    }

    /// Whether create met an existing object and opened that (`ERROR_ALREADY_EXISTS`). Always so after an open.
    #[doc(alias = "ERROR_ALREADY_EXISTS")]
    pub fn opened_existing(&self) -> bool {
        self.disposition == Disposition::Opened
    }

    /// Its size in bytes: on Linux, and over a file, exactly as it was created; on Windows the system only knows the
    /// size of memory rounded up to a page.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its name with its prefix, for people; none if it has no name or came from another process.
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The rights this handle carries.
    pub fn access(&self) -> Access {
        Platform::default().access(&self.handle)
    }

    /// What the system tells of it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHandle`](crate::ErrorKind::InvalidHandle) if foreign code closed the handle.
    pub fn info(&self) -> Result<Info> {
        Platform::default().query(&self.handle).map_err(|error| error.during("query", self.label.clone()))
    }

    /// Maps the whole: to read and write if the handle may write, else to read.
    ///
    /// # Errors
    /// See [`ViewOptions::map`].
    #[doc(alias = "MapViewOfFile")]
    pub fn view(&self) -> Result<View> {
        self.view_options().map()
    }

    /// Maps a part, or with other access: every choice there is.
    pub fn view_options(&self) -> ViewOptions<'_> {
        let access = if self.access().contains(Access::WRITE) { ViewAccess::ReadWrite } else { ViewAccess::ReadOnly };
        ViewOptions::new(&self.handle, self.size, self.label(), access)
    }

    /// A second handle with the same rights.
    ///
    /// # Errors
    /// [`ErrorKind::TooManyFiles`](crate::ErrorKind::TooManyFiles).
    #[doc(alias = "DuplicateHandle")]
    pub fn try_clone(&self) -> Result<Self> {
        self.duplicate(None, false)
    }

    /// A second handle with fewer rights, or an inheritable one.
    ///
    /// # Errors
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied) if that is more than this handle has;
    /// [`ErrorKind::TooManyFiles`](crate::ErrorKind::TooManyFiles).
    pub fn duplicate(&self, access: Option<Access>, inheritable: bool) -> Result<Self> {
        let handle = Platform::default()
            .duplicate(&self.handle, access, inheritable)
            .map_err(|error| error.during("duplicate mapping", self.label.clone()))?;
        Ok(Self { handle, label: self.label.clone(), disposition: self.disposition, size: self.size })
    }

    /// The number under which a child process finds an inheritable handle; none if it is not inheritable.
    ///
    /// Pass it on the child's command line, say, and call [`from_inherited`](Self::from_inherited) there. Every
    /// child that is started while the handle is open inherits it, and is a holder from then on.
    pub fn inherit_value(&self) -> Option<u64> {
        self.handle.inherit_value()
    }

    /// Takes over a handle that this process inherited from its parent. It is not inheritable any more: to pass it
    /// on further, [`duplicate`](Self::duplicate) it.
    ///
    /// # Safety
    /// `value` must come from [`inherit_value`](Self::inherit_value) in the parent, must have been inherited, and
    /// may be taken over once: from here on this object owns it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHandle`](crate::ErrorKind::InvalidHandle) if it is no handle of a mapping (of another object,
    /// it is closed). On Linux also [`NotAnObject`](crate::ErrorKind::NotAnObject) if it is a descriptor of something
    /// else, and [`NotFound`](crate::ErrorKind::NotFound) if the mapping has a name that this process cannot see.
    #[allow(unsafe_code)]
    pub unsafe fn from_inherited(value: u64) -> Result<Self> {
        // SAFETY: the contract is the same, and the caller's.
        let adopted = unsafe { Handle::from_inherited(value) }.and_then(Self::adopt);
        adopted.map_err(|error| error.during("take over inherited mapping", Some(value.to_string())))
    }

    /// A mapping around a system handle that came from elsewhere.
    pub(crate) fn adopt(handle: Handle) -> Result<Self> {
        let size = expect_kind(&handle, Kind::Mapping)?.size;
        Ok(Self { handle, label: None, disposition: Disposition::Opened, size })
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl fmt::Debug for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mapping")
            .field("name", &self.label)
            .field("size", &self.size)
            .field("access", &self.access())
            .finish_non_exhaustive()
    }
}

/// How to create or open a [`Mapping`].
///
/// ```
/// use lasthandle::{Mapping, Permissions, Protection};
/// # fn main() -> lasthandle::Result<()> {
/// # let name = format!("Local\\doc-options-{}", std::process::id());
/// let mapping = Mapping::options()
///     .size(1 << 20)
///     .protection(Protection::ReadWrite)
///     .permissions(Permissions::Group)
///     .create_new(name)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is created or opened before `create`, `create_new`, `create_unnamed` or `open`"]
pub struct MappingOptions<'a> {
    size: u64,
    protection: Protection,
    reserve: bool,
    file: Option<&'a File>,
    access: Option<Access>,
    permissions: Permissions,
    inheritable: bool,
}

impl<'a> MappingOptions<'a> {
    /// Read-write memory, committed, for the owner alone, not inheritable.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes. May stay 0 over a file: the file's size. Only create looks at it.
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = bytes;
        self
    }

    /// The most that any view may do. Only create looks at it.
    pub fn protection(mut self, protection: Protection) -> Self {
        self.protection = protection;
        self
    }

    /// Reserves the size without promising memory; ranges are promised by [`View::commit`]. For sizes of which only
    /// a part will be used. Touching what nobody committed faults on Windows; on Linux it takes memory on the spot,
    /// and faults when there is none.
    #[doc(alias = "SEC_RESERVE")]
    pub fn reserve(mut self, reserve: bool) -> Self {
        self.reserve = reserve;
        self
    }

    /// Lays the mapping over a file instead of memory. The file must be open for what the protection needs: for
    /// reading, and for writing too unless it is read-only or write-copy. A size beyond the file's extends the file.
    ///
    /// With a name, openers on Linux must be able to open the file by the path it has now.
    pub fn file(mut self, file: &'a File) -> Self {
        self.file = Some(file);
        self
    }

    /// The rights of the handle. Default: for create all that the protection gives, for open
    /// [`Access::READ_WRITE`].
    pub fn access(mut self, access: Access) -> Self {
        self.access = Some(access);
        self
    }

    /// Who else may open it. Default: the owner alone. Only a create that makes the object looks at it.
    #[doc(alias = "SECURITY_ATTRIBUTES")]
    pub fn permissions(mut self, permissions: Permissions) -> Self {
        self.permissions = permissions;
        self
    }

    /// Whether child processes inherit the handle ([`Mapping::inherit_value`]). Default: no.
    #[doc(alias = "bInheritHandle")]
    pub fn inheritable(mut self, inheritable: bool) -> Self {
        self.inheritable = inheritable;
        self
    }

    /// Creates the mapping, or opens the one that has the name already and says so
    /// ([`Mapping::opened_existing`]).
    ///
    /// # Errors
    /// [`InvalidName`](crate::ErrorKind::InvalidName);
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter) for size 0 without a file, or reserve with one;
    /// [`WrongKind`](crate::ErrorKind::WrongKind) if an object of another kind has the name;
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied) if an existing object, or the file, does not permit the
    /// access; [`OutOfMemory`](crate::ErrorKind::OutOfMemory) and [`TooBig`](crate::ErrorKind::TooBig);
    /// [`EmptyFile`](crate::ErrorKind::EmptyFile); [`UnusableRoot`](crate::ErrorKind::UnusableRoot),
    /// [`NotAnObject`](crate::ErrorKind::NotAnObject), [`VersionMismatch`](crate::ErrorKind::VersionMismatch),
    /// [`Busy`](crate::ErrorKind::Busy) on Linux.
    #[doc(alias = "CreateFileMappingW")]
    pub fn create(self, name: impl TryInto<Name, Error: Into<Error>>) -> Result<Mapping> {
        let name = name.try_into().map_err(Into::into)?;
        self.create_as(Some(&name), false)
    }

    /// Creates the mapping; a name that exists is an error.
    ///
    /// # Errors
    /// As [`create`](Self::create), and [`AlreadyExists`](crate::ErrorKind::AlreadyExists).
    pub fn create_new(self, name: impl TryInto<Name, Error: Into<Error>>) -> Result<Mapping> {
        let name = name.try_into().map_err(Into::into)?;
        self.create_as(Some(&name), true)
    }

    /// Creates a mapping without a name.
    ///
    /// # Errors
    /// As [`create`](Self::create), but for those about names.
    pub fn create_unnamed(self) -> Result<Mapping> {
        self.create_as(None, false)
    }

    fn create_as(self, name: Option<&Name>, exclusive: bool) -> Result<Mapping> {
        let Self { size, protection, reserve, file, .. } = self;
        let spec = Spec::Mapping(MappingSpec { size, protection, reserve, file });
        let options = CreateOptions {
            access: self.access.unwrap_or(protection.full_access()),
            permissions: self.permissions,
            inheritable: self.inheritable,
            exclusive,
        };
        let label = name.map(ToString::to_string);
        let created = Platform::default().create(name, &spec, &options).and_then(|(handle, disposition)| {
            let size = Platform::default().query(&handle)?.size;
            Ok((handle, disposition, size))
        });
        match created {
            Ok((handle, disposition, size)) => Ok(Mapping { handle, label, disposition, size }),
            Err(error) => Err(error.during("create mapping", label)),
        }
    }

    /// Opens the mapping that has the name; never creates one.
    ///
    /// # Errors
    /// [`InvalidName`](crate::ErrorKind::InvalidName), [`NotFound`](crate::ErrorKind::NotFound),
    /// [`WrongKind`](crate::ErrorKind::WrongKind), [`AccessDenied`](crate::ErrorKind::AccessDenied) and the Linux
    /// kinds as for [`create`](Self::create).
    #[doc(alias = "OpenFileMappingW")]
    pub fn open(self, name: impl TryInto<Name, Error: Into<Error>>) -> Result<Mapping> {
        let name = name.try_into().map_err(Into::into)?;
        let access = self.access.unwrap_or(Access::READ_WRITE);
        let label = Some(name.to_string());
        let opened = Platform::default().open(Kind::Mapping, &name, access, self.inheritable).and_then(|handle| {
            let size = Platform::default().query(&handle)?.size;
            Ok((handle, size))
        });
        match opened {
            Ok((handle, size)) => Ok(Mapping { handle, label, disposition: Disposition::Opened, size }),
            Err(error) => Err(error.during("open mapping", label)),
        }
    }
}

//! What the sync objects have in common: a handle, its name for people, and how it came to be.

use std::fmt;

use crate::access::{Access, Permissions};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::sys::{CreateOptions, Disposition, Info, Kernel, Platform, Spec};

type Handle = <Platform as Kernel>::Handle;
type File = <Platform as Kernel>::File;

/// A handle to a sync object. Public so that the sealed trait behind [`crate::Waitable`] can name it; nobody else can.
#[allow(unreachable_pub)] // the module is private, as is meant
pub struct Object {
    pub(crate) handle: Handle,
    pub(crate) label: Option<String>,
    pub(crate) disposition: Disposition,
    /// Of an end of a channel, whose signal alone says nothing: see [`crate::channel`].
    pub(crate) of_channel: bool,
}

/// What a handle that came from elsewhere says of its object, if that is of this kind.
pub(crate) fn expect_kind(handle: &Handle, kind: Kind) -> Result<Info> {
    let info = Platform::default().query(handle)?;
    if info.kind == kind {
        return Ok(info);
    }
    Err(Error::new(ErrorKind::InvalidHandle).detail(format!("it is a handle of kind {}, not {kind}", info.kind)))
}

/// The choices that all sync objects have.
#[derive(Debug, Clone)]
pub(crate) struct Choices {
    pub(crate) access: Access,
    pub(crate) permissions: Permissions,
    pub(crate) inheritable: bool,
}

impl Default for Choices {
    fn default() -> Self {
        Self { access: Access::SYNC_ALL, permissions: Permissions::Owner, inheritable: false }
    }
}

impl Choices {
    pub(crate) fn create(
        self,
        verb: &'static str,
        name: Option<&Name>,
        spec: &Spec<'_, File>,
        exclusive: bool,
    ) -> Result<Object> {
        let Self { access, permissions, inheritable } = self;
        let options = CreateOptions { access, permissions, inheritable, exclusive };
        let label = name.map(ToString::to_string);
        match Platform::default().create(name, spec, &options) {
            Ok((handle, disposition)) => Ok(Object { handle, label, disposition, of_channel: false }),
            Err(error) => Err(error.during(verb, label)),
        }
    }

    pub(crate) fn open(self, verb: &'static str, kind: Kind, name: &Name) -> Result<Object> {
        let label = Some(name.to_string());
        match Platform::default().open(kind, name, self.access, self.inheritable) {
            Ok(handle) => Ok(Object { handle, label, disposition: Disposition::Opened, of_channel: false }),
            Err(error) => Err(error.during(verb, label)),
        }
    }
}

impl Object {
    /// The event of an end of a channel.
    pub(crate) fn of_channel(handle: Handle, channel: String) -> Self {
        Self { handle, label: Some(channel), disposition: Disposition::Opened, of_channel: true }
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    pub(crate) fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    pub(crate) fn opened_existing(&self) -> bool {
        self.disposition == Disposition::Opened
    }

    pub(crate) fn info(&self) -> Result<Info> {
        Platform::default().query(&self.handle).map_err(|error| self.during(error, "query"))
    }

    /// An object around a system handle that came from elsewhere.
    pub(crate) fn adopt(handle: Handle, kind: Kind) -> Result<Self> {
        expect_kind(&handle, kind)?;
        Ok(Self { handle, label: None, disposition: Disposition::Opened, of_channel: false })
    }

    /// # Safety
    /// As [`Handle::from_inherited`].
    #[allow(unsafe_code)]
    pub(crate) unsafe fn from_inherited(value: u64, kind: Kind) -> Result<Self> {
        // SAFETY: the contract is the same, and the caller's.
        let adopted = unsafe { Handle::from_inherited(value) }.and_then(|handle| Self::adopt(handle, kind));
        adopted.map_err(|error| error.during("take over inherited object", Some(value.to_string())))
    }

    pub(crate) fn duplicate(&self, access: Option<Access>, inheritable: bool) -> Result<Self> {
        let handle = Platform::default()
            .duplicate(&self.handle, access, inheritable)
            .map_err(|error| self.during(error, "duplicate"))?;
        Ok(Self { handle, label: self.label.clone(), disposition: self.disposition, of_channel: false })
    }

    /// The error of a verb, with the object's name.
    #[cold]
    pub(crate) fn during(&self, error: Error, verb: &'static str) -> Error {
        error.during(verb, self.label.clone())
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").field("name", &self.label).finish_non_exhaustive()
    }
}

/// The methods that every sync object has, in the same order.
macro_rules! sync_object {
    ($type:ident, $options:ident, $kind:expr, $create:literal, $open:literal) => {
        impl $type {
            /// Every choice there is.
            pub fn options() -> $options {
                $options::default()
            }

            /// Opens an existing one, to ask, change and wait.
            ///
            /// # Errors
            /// As the `open` of its options.
            pub fn open(name: impl TryInto<$crate::Name, Error: Into<$crate::Error>>) -> $crate::Result<Self> {
                Self::options().open(name)
            }

            /// Whether create met an existing object and opened that (`ERROR_ALREADY_EXISTS`): then its state stays
            /// what it is. Always so after an open.
            #[doc(alias = "ERROR_ALREADY_EXISTS")]
            pub fn opened_existing(&self) -> bool {
                self.0.opened_existing()
            }

            /// Its name with its prefix, for people; none if it has no name or came from another process.
            pub fn label(&self) -> Option<&str> {
                self.0.label()
            }

            /// What the system tells of it, its state included.
            ///
            /// # Errors
            /// [`ErrorKind::InvalidHandle`]($crate::ErrorKind::InvalidHandle) if foreign code closed the handle.
            pub fn info(&self) -> $crate::Result<$crate::Info> {
                self.0.info()
            }

            /// A second handle with the same rights.
            ///
            /// # Errors
            /// [`ErrorKind::TooManyFiles`]($crate::ErrorKind::TooManyFiles).
            #[doc(alias = "DuplicateHandle")]
            pub fn try_clone(&self) -> $crate::Result<Self> {
                self.duplicate(None, false)
            }

            /// A second handle with fewer rights, or an inheritable one.
            ///
            /// # Errors
            /// [`ErrorKind::AccessDenied`]($crate::ErrorKind::AccessDenied) if that is more than this handle has;
            /// [`ErrorKind::TooManyFiles`]($crate::ErrorKind::TooManyFiles);
            /// [`ErrorKind::Unsupported`]($crate::ErrorKind::Unsupported) on Linux for an inheritable one of an object
            /// without a name that was not created inheritable, in a process that had used half of the descriptors that
            /// it may have.
            pub fn duplicate(&self, access: Option<$crate::Access>, inheritable: bool) -> $crate::Result<Self> {
                self.0.duplicate(access, inheritable).map(Self)
            }

            /// The number under which a child process finds an inheritable handle; none if it is not inheritable.
            ///
            /// Pass it on the child's command line, say, and call [`from_inherited`](Self::from_inherited) there. Every
            /// child that is started while the handle is open inherits it, and keeps the object from then on.
            #[doc(alias = "bInheritHandle")]
            pub fn inherit_value(&self) -> Option<u64> {
                self.0.handle().inherit_value()
            }

            /// Takes over a handle that this process inherited from its parent. It is not inheritable any more: to pass it
            /// on further, [`duplicate`](Self::duplicate) it.
            ///
            /// On Windows it has the rights that it had there; on Linux all
            /// ([`Access::SYNC_ALL`]($crate::Access::SYNC_ALL)): whoever waits writes, and who may write may do all.
            ///
            /// # Safety
            /// `value` must come from [`inherit_value`](Self::inherit_value) in the parent, must have been inherited, and
            /// may be taken over once: from here on this object owns it.
            ///
            /// # Errors
            /// [`ErrorKind::InvalidHandle`]($crate::ErrorKind::InvalidHandle) if it is no handle of an object of this
            /// kind (of one of another kind, it is closed). On Linux also
            /// [`NotAnObject`]($crate::ErrorKind::NotAnObject) if it is a descriptor of something else;
            /// [`NotFound`]($crate::ErrorKind::NotFound) if the object has a name that this process cannot see; and, of
            /// one without a name, [`AccessDenied`]($crate::ErrorKind::AccessDenied) in a process of another user and
            /// [`UnusableRoot`]($crate::ErrorKind::UnusableRoot) in one with another `LASTHANDLE_ROOT`.
            #[allow(unsafe_code)]
            pub unsafe fn from_inherited(value: u64) -> $crate::Result<Self> {
                // SAFETY: the contract is the same, and the caller's.
                unsafe { $crate::object::Object::from_inherited(value, $kind) }.map(Self)
            }

            /// One around a system handle that came from elsewhere.
            pub(crate) fn adopt(handle: $crate::mapping::Handle) -> $crate::Result<Self> {
                $crate::object::Object::adopt(handle, $kind).map(Self)
            }

            pub(crate) fn handle(&self) -> &$crate::mapping::Handle {
                self.0.handle()
            }
        }

        impl $options {
            /// The rights of the handle. Default: all ([`Access::SYNC_ALL`]($crate::Access::SYNC_ALL)).
            pub fn access(mut self, access: $crate::Access) -> Self {
                self.choices.access = access;
                self
            }

            /// Who else may open it. Default: the owner alone. Only a create that makes the object looks at it.
            pub fn permissions(mut self, permissions: $crate::Permissions) -> Self {
                self.choices.permissions = permissions;
                self
            }

            /// Whether child processes inherit the handle (`inherit_value`). Default: no.
            #[doc(alias = "bInheritHandle")]
            pub fn inheritable(mut self, inheritable: bool) -> Self {
                self.choices.inheritable = inheritable;
                self
            }

            /// Creates the object, or opens the one that has the name already and says so.
            ///
            /// # Errors
            /// [`InvalidName`]($crate::ErrorKind::InvalidName),
            /// [`InvalidParameter`]($crate::ErrorKind::InvalidParameter),
            /// [`WrongKind`]($crate::ErrorKind::WrongKind) if an object of another kind has the name,
            /// [`AccessDenied`]($crate::ErrorKind::AccessDenied), and those about the place of names.
            pub fn create(self, name: impl TryInto<$crate::Name, Error: Into<$crate::Error>>) -> $crate::Result<$type> {
                let name = name.try_into().map_err(Into::into)?;
                let spec = self.spec();
                self.choices.create($create, Some(&name), &spec, false).map($type)
            }

            /// Creates the object; a name that exists is an error.
            ///
            /// # Errors
            /// As [`create`](Self::create), and [`AlreadyExists`]($crate::ErrorKind::AlreadyExists).
            pub fn create_new(
                self,
                name: impl TryInto<$crate::Name, Error: Into<$crate::Error>>,
            ) -> $crate::Result<$type> {
                let name = name.try_into().map_err(Into::into)?;
                let spec = self.spec();
                self.choices.create($create, Some(&name), &spec, true).map($type)
            }

            /// Creates an object without a name.
            ///
            /// # Errors
            /// As [`create`](Self::create), but for those about names.
            pub fn create_unnamed(self) -> $crate::Result<$type> {
                let spec = self.spec();
                self.choices.create($create, None, &spec, false).map($type)
            }

            /// Opens the object that has the name; never creates one.
            ///
            /// # Errors
            /// [`NotFound`]($crate::ErrorKind::NotFound), [`WrongKind`]($crate::ErrorKind::WrongKind),
            /// [`AccessDenied`]($crate::ErrorKind::AccessDenied), [`InvalidName`]($crate::ErrorKind::InvalidName).
            pub fn open(self, name: impl TryInto<$crate::Name, Error: Into<$crate::Error>>) -> $crate::Result<$type> {
                let name = name.try_into().map_err(Into::into)?;
                self.choices.open($open, $kind, &name).map($type)
            }
        }

        impl $crate::wait::sealed::Sealed for $type {
            #[inline]
            fn object(&self) -> &$crate::object::Object {
                &self.0
            }
        }

        impl $crate::wait::Waitable for $type {}
    };
}
pub(crate) use sync_object;

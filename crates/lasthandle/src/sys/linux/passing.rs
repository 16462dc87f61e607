//! Handles to and from other processes, as file descriptors.

use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use super::attach::{Need, attach, read_record};
use super::call::{self, Open};
use super::failure::failure;
use super::handle::{Handle, Object};
use super::identity::{Descriptor, Identity};
use super::place::{Place, Spot, effective_user, status};
use super::section;
use crate::access::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::Mapping;
use crate::name::Namespace;

impl Handle {
    /// Takes over a descriptor that the parent made inheritable.
    ///
    /// # Safety
    /// `value` is an open descriptor that nobody else in this process uses.
    #[allow(unsafe_code)]
    pub unsafe fn from_inherited(value: u64) -> Result<Self> {
        let bad = || Error::new(ErrorKind::InvalidHandle).detail("that is no open descriptor");
        let raw = RawFd::try_from(value).ok().filter(|&raw| raw >= 0).ok_or_else(bad)?;
        // SAFETY: open and not used by others, by this function's contract.
        let fd = unsafe { OwnedFd::from_raw_fd(raw) };
        if call::status(fd.as_fd()).is_err() {
            std::mem::forget(fd); // closing it would be an error of its own
            return Err(bad());
        }
        Self::from_fd(fd)
    }

    /// A handle for the object whose file `fd` is: of a name, it becomes a holder by itself; without one, it keeps
    /// the memory. What the descriptor may do, the handle may.
    pub(crate) fn from_fd(fd: OwnedFd) -> Result<Self> {
        let opened = status(fd.as_fd())?;
        let description = read_record(c"the descriptor", fd.as_fd(), &opened)?;
        section::expect_mapping(&description)?;
        let how = mode_of(fd.as_fd())?;
        let access = granted(how, description.protection.full_access());
        if description.name.is_some() {
            if let Some(spot) = spot_of(fd.as_fd(), Identity::of(&opened)) {
                if let Some(attached) = attach(&spot, Need::Data(how))? {
                    if attached.identity == Identity::of(&opened) {
                        return section::handle(attached, access, false);
                    }
                }
            }
            return Err(Error::new(ErrorKind::NotFound)
                .detail("the name of that object has ended, or cannot be seen from here"));
        }
        let identity = Identity::of(&opened);
        let object = Object { holder: None, unnamed: None, identity, description, path: None };
        Self::new(object, Some(Descriptor::new(fd, identity)), access, false)
    }
}

fn mode_of(fd: BorrowedFd<'_>) -> Result<Open> {
    use rustix::fs::OFlags;
    let flags = rustix::fs::fcntl_getfl(fd).map_err(|errno| failure(errno, "its descriptor cannot be asked"))?;
    match flags & OFlags::RWMODE {
        OFlags::RDWR => Ok(Open::ReadWrite),
        OFlags::RDONLY if !flags.contains(OFlags::PATH) => Ok(Open::ReadOnly),
        _ => Err(Error::new(ErrorKind::AccessDenied).detail("the descriptor is not open for reading")),
    }
}

fn granted(how: Open, full: Access) -> Access {
    if how == Open::ReadOnly { full.without(Access::WRITE) } else { full }
}

/// Where the file behind `fd` has its name now, if it still has one.
fn spot_of(fd: BorrowedFd<'_>, identity: Identity) -> Option<Spot> {
    let path = call::path_of(fd).ok()?;
    let found = call::status_at(&path).ok()?;
    let file_name = path.to_bytes().rsplit(|&byte| byte == b'/').next()?;
    let is_global = file_name.starts_with(Place::prefix(Namespace::Global).as_bytes());
    let namespace = if is_global { Namespace::Global } else { Namespace::Local };
    let user = effective_user();
    let place = Place::from_environment();
    let lives = place.lives(namespace, user);
    (Identity::of(&found) == identity).then_some(Spot { place, namespace, path, user, lives })
}

/// The descriptor that views are mapped from, with the handle's own rights. It keeps the memory, not the name; what
/// shall keep the name in another process is [`Mapping::to_fd`].
impl AsFd for Mapping {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.handle().data().expect("a mapping has a descriptor").unchecked()
    }
}

impl Mapping {
    /// A descriptor to send to another process (over a Unix socket, say). It is a holder by itself: on its way, and
    /// wherever it arrives, it keeps the name. The receiver makes it a `Mapping` with `TryFrom`.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for an unnamed mapping over a file; [`ErrorKind::TooManyFiles`].
    pub fn to_fd(&self) -> Result<OwnedFd> {
        self.handle().to_fd().map_err(|error| error.during("pass on mapping", self.label().map(String::from)))
    }
}

/// As [`Mapping::to_fd`], and closes the mapping.
impl TryFrom<Mapping> for OwnedFd {
    type Error = Error;

    fn try_from(mapping: Mapping) -> Result<Self> {
        mapping.to_fd()
    }
}

/// Takes over a descriptor that another process made with [`Mapping::to_fd`]. It may do what the descriptor may.
impl TryFrom<OwnedFd> for Mapping {
    type Error = Error;

    fn try_from(fd: OwnedFd) -> Result<Self> {
        let adopted = Handle::from_fd(fd).and_then(Self::adopt);
        adopted.map_err(|error| error.during("take over a descriptor as mapping", None))
    }
}

//! From a descriptor that came from elsewhere to a handle.
//!
//! Whoever sent it is not believed. A named object is found anew by its name, as any opener finds it, and must be the
//! descriptor's own file. An unnamed one has no other place than its file: that must be sealed, so that its pages stay
//! under who touches them, and it must have been sealed *before* its record was read, or size and seal would be of two
//! moments.
//!
//! A sync object needs more: the lives of the threads that own it, or are about to (`sync::life`). Who looked for them
//! in another place would find them dead, and take mutexes from the living. They lie where its name lies; without one,
//! in the directory of the user who made it, under the root that the record tells.

use std::ffi::{CString, OsStr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::Stat;

use super::attach::{Attached, Need, attach, read_record};
use super::call::{self, Open};
use super::failure::{failure, no_object};
use super::handle::{Handle, Object};
use super::identity::{Descriptor, Identity};
use super::place::{Place, Spot, c_path, effective_user, status, status_at};
use super::section;
use super::sync::object;
use crate::access::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Namespace;
use crate::record::Description;

/// A descriptor that came from elsewhere, and what it leads to.
struct Received {
    fd: OwnedFd,
    status: Stat,
    how: Open,
    /// The file can never become shorter than it was when the record was read.
    sealed: bool,
    description: Description,
}

/// A handle for the object whose file `fd` is: of a name, it becomes a holder by itself; without one, it keeps the
/// memory. What the descriptor may do, the handle may.
pub(crate) fn handle(fd: OwnedFd) -> Result<Handle> {
    let received = Received::look(fd)?;
    match (received.description.kind, received.description.name.is_some()) {
        (Kind::Mapping, true) => received.named_mapping(),
        (Kind::Mapping, false) => received.unnamed_mapping(),
        (Kind::Job, _) => Err(Error::new(ErrorKind::InvalidHandle).detail("it is no mapping and no sync object")),
        (_, true) => received.named_sync(),
        (_, false) => received.unnamed_sync(),
    }
}

impl Received {
    fn look(fd: OwnedFd) -> Result<Self> {
        let sealed = call::is_sealed(fd.as_fd()).unwrap_or(false); // files that know no seals are not sealed
        let status = status(fd.as_fd())?;
        let description = read_record(c"the descriptor", fd.as_fd(), &status)?;
        let how = mode_of(fd.as_fd())?;
        // It was open to be inherited by one child, not by all of that child's.
        call::set_inheritable(fd.as_fd(), false).map_err(|errno| failure(errno, "it cannot be made our own"))?;
        Ok(Self { fd, status, how, sealed, description })
    }

    fn identity(&self) -> Identity {
        Identity::of(&self.status)
    }

    fn named_mapping(self) -> Result<Handle> {
        let spot = self.own_spot().or_else(|| self.spot_anywhere()).ok_or_else(name_ended)?;
        let access = self.mapping_access();
        section::handle(self.attach(&spot, Need::Data(self.how))?, access, false)
    }

    fn unnamed_mapping(self) -> Result<Handle> {
        self.expect_sealed()?;
        if self.description.backing.is_some() {
            return Err(no_object(c"the descriptor", "a mapping over a file cannot be passed without its name"));
        }
        let (identity, access) = (self.identity(), self.mapping_access());
        let object = Object { holder: None, unnamed: None, identity, description: self.description, path: None };
        Handle::new(object, Some(Descriptor::new(self.fd, identity)), access, false)
    }

    fn mapping_access(&self) -> Access {
        let full = self.description.protection.full_access();
        if self.how == Open::ReadOnly { full.without(Access::WRITE) } else { full }
    }

    fn named_sync(self) -> Result<Handle> {
        self.expect_writable()?;
        Place::from_environment().check()?;
        let spot = self.own_spot().ok_or_else(name_ended)?;
        object::handle(self.attach(&spot, Need::Holder(Open::ReadWrite))?, Access::SYNC_ALL, false)
    }

    fn unnamed_sync(self) -> Result<Handle> {
        self.expect_writable()?;
        self.expect_sealed()?;
        let (place, user) = (Place::from_environment(), effective_user());
        self.expect_same_world(place, user)?;
        object::unnamed(self.fd, self.description, place.lives(Namespace::Local, user), Access::SYNC_ALL, false)
    }

    /// Becomes a holder of the object that has the name, if that is the one that the descriptor leads to.
    fn attach(&self, spot: &Spot, need: Need) -> Result<Attached> {
        attach(spot, need)?.filter(|attached| attached.identity == self.identity()).ok_or_else(name_ended)
    }

    /// Where the file has its name now, if that is a name that this user could open.
    fn own_spot(&self) -> Option<Spot> {
        let path = call::path_of(self.fd.as_fd()).ok()?;
        let file_name = Path::new(OsStr::from_bytes(path.to_bytes())).file_name()?;
        let place = Place::from_environment();
        [Namespace::Local, Namespace::Global].into_iter().find_map(|namespace| {
            let directory = place.directory(namespace).ok()?;
            let path = c_path(&Path::new(OsStr::from_bytes(directory.to_bytes())).join(file_name)).ok()?;
            self.spot(namespace, path)
        })
    }

    /// Where it has its name, under whatever root. What a mapping is does not depend on that.
    fn spot_anywhere(&self) -> Option<Spot> {
        let path = call::path_of(self.fd.as_fd()).ok()?;
        let file_name = path.to_bytes().rsplit(|&byte| byte == b'/').next()?;
        let is_global = file_name.starts_with(Place::prefix(Namespace::Global).as_bytes());
        self.spot(if is_global { Namespace::Global } else { Namespace::Local }, path)
    }

    fn spot(&self, namespace: Namespace, path: CString) -> Option<Spot> {
        let found = status_at(&path)?;
        let (place, user) = (Place::from_environment(), effective_user());
        let lives = place.lives(namespace, user);
        (Identity::of(&found) == self.identity()).then_some(Spot { place, namespace, path, user, lives })
    }

    fn expect_writable(&self) -> Result<()> {
        match self.how {
            Open::ReadWrite => Ok(()),
            Open::ReadOnly => Err(Error::new(ErrorKind::AccessDenied)
                .detail("the descriptor is open for reading only, and who waits for a sync object writes")),
        }
    }

    fn expect_sealed(&self) -> Result<()> {
        if self.sealed {
            return Ok(());
        }
        Err(no_object(c"the descriptor", "it has no name, and could be made shorter under who uses it"))
    }

    /// Whether the lives of the object's owners are where this process looks for them.
    fn expect_same_world(&self, place: &Place, user: u32) -> Result<()> {
        if self.status.st_uid != user {
            return Err(Error::new(ErrorKind::AccessDenied)
                .detail(format!(
                    "a sync object without a name is for processes of one user: this one is of user {}, and this \
                     process of user {user}",
                    self.status.st_uid
                ))
                .cure("give it a `Global\\` name and the permissions"));
        }
        let root = place.identity().map(|root| (root.device, root.inode));
        if root.is_none() || root != self.description.root {
            return Err(Error::new(ErrorKind::UnusableRoot)
                .detail("it was made by a process that has its objects in another root directory")
                .cure("set LASTHANDLE_ROOT to the same directory in both; containers must share it"));
        }
        Ok(())
    }
}

#[cold]
fn name_ended() -> Error {
    Error::new(ErrorKind::NotFound)
        .detail("the name of that object has ended, or cannot be seen from here")
        .cure("if it lives: `Local\\` names are for processes of one user, with the same LASTHANDLE_ROOT")
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

//! A handle: an object, the descriptor its views come from, and the rights.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;

use super::call::{self, Open};
use super::failure::failure;
use super::holder::{Holder, Lease};
use super::identity::{Descriptor, Identity};
use super::page::RecordPage;
use super::place::status;
use super::sync::{Lives, Operand};
use crate::access::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::record::Description;

/// What the handles of one open have in common. The last of them closes it.
#[derive(Debug)]
pub(crate) struct Object {
    /// Keeps the name; none for an unnamed object.
    pub(crate) holder: Option<Holder>,
    pub(crate) description: Description,
    /// Where the words of an unnamed sync object lie.
    pub(crate) unnamed: Option<Unnamed>,
    /// Which file its record lies in.
    pub(crate) identity: Identity,
    /// The file behind a file-backed section, for display.
    pub(crate) path: Option<std::path::PathBuf>,
}

/// What an unnamed sync object has instead of a holder.
#[derive(Debug)]
pub(crate) struct Unnamed {
    /// Its record page.
    pub(crate) page: RecordPage,
    /// Where the lives of its owners are.
    pub(crate) lives: &'static Lives,
}

/// A handle to a kernel object of ours.
#[derive(Debug)]
pub struct Handle {
    // Before the object: when the name goes, no descriptor of ours shall be in the way.
    /// None for sync objects, but most that have no name: only this leads to them.
    data: Option<Arc<Descriptor>>,
    /// What a child inherits: a holder of its own, in a descriptor without close-on-exec.
    inherited: Option<Descriptor>,
    object: Arc<Object>,
    /// The same, for the verbs of sync objects.
    operand: Option<Operand>,
    access: Access,
}

impl Handle {
    pub(crate) fn new(object: Object, data: Option<Descriptor>, access: Access, inheritable: bool) -> Result<Self> {
        let object = Arc::new(object);
        let operand = Operand::of(&object);
        let handle = Self { data: data.map(Arc::new), inherited: None, object, operand, access };
        if inheritable { handle.inheritable() } else { Ok(handle) }
    }

    /// A handle for what belongs to a section and is no object by itself.
    pub(crate) fn within(section: &Self, operand: Operand, access: Access) -> Self {
        let object = Arc::clone(&section.object);
        Self { data: None, inherited: None, object, operand: Some(operand), access }
    }

    /// What it is to the verbs.
    pub(crate) fn kind(&self) -> Kind {
        self.operand.as_ref().map_or(self.object.description.kind, |operand| operand.form.kind())
    }

    pub(crate) fn object(&self) -> &Object {
        &self.object
    }

    /// The object as the wait protocol takes it; none if it is no sync object.
    #[inline]
    pub(crate) fn operand(&self) -> Option<&Operand> {
        self.operand.as_ref()
    }

    /// The descriptor that views are mapped from.
    pub(crate) fn data(&self) -> Result<&Arc<Descriptor>> {
        self.data.as_ref().ok_or_else(|| Error::new(ErrorKind::InvalidHandle).detail("a sync object has no views"))
    }

    #[inline]
    pub(crate) fn access(&self) -> Access {
        self.access
    }

    /// A second handle; more rights than this one has are refused by the caller.
    pub(crate) fn duplicate(&self, access: Access, inheritable: bool) -> Result<Self> {
        let how = self.opened_for(access);
        let lowered = how != self.opened_for(self.access) && self.object.description.backing.is_none();
        let data = match &self.data {
            Some(data) if lowered => Some(Arc::new(data.reopen(how)?)),
            kept => kept.clone(),
        };
        let (object, operand) = (Arc::clone(&self.object), self.operand.clone());
        let handle = Self { data, inherited: None, object, operand, access };
        if inheritable { handle.inheritable() } else { Ok(handle) }
    }

    /// How the object's file is opened for who may do that. Who waits writes, whatever else it may do.
    fn opened_for(&self, access: Access) -> Open {
        if self.object.description.kind == Kind::Mapping { open_for(access) } else { Open::ReadWrite }
    }

    fn inheritable(mut self) -> Result<Self> {
        let fd = self.to_fd()?;
        let identity = Identity::of(&status(fd.as_fd())?);
        call::set_inheritable(fd.as_fd(), true).map_err(|errno| failure(errno, "it cannot be made inheritable"))?;
        self.inherited = Some(Descriptor::new(fd, identity));
        Ok(self)
    }

    /// The number under which a child finds this handle, if it is inheritable.
    pub fn inherit_value(&self) -> Option<u64> {
        self.inherited.as_ref().and_then(|fd| u64::try_from(fd.as_raw_fd()).ok())
    }

    /// A descriptor for another process: it is a holder by itself, on its way and wherever it arrives.
    pub(crate) fn to_fd(&self) -> Result<OwnedFd> {
        if self.kind() != self.object.description.kind {
            return Err(
                Error::new(ErrorKind::Unsupported).detail("what lies inside a mapping is not passed on by itself")
            );
        }
        let how = self.opened_for(self.access);
        match (&self.object.holder, &self.object.description.backing) {
            (None, Some(_)) => Err(Error::new(ErrorKind::Unsupported)
                .detail("an unnamed mapping over a file cannot be passed on")
                .cure("pass the file itself, or give the mapping a name")),
            (None, None) if self.data.is_none() => Err(Error::new(ErrorKind::Unsupported)
                .detail("it has no name, and kept no descriptor, as this process has half of those that it may have")
                .cure("create it inheritable, give it a name, or raise the limit (`ulimit -n`)")),
            (None, None) => {
                let (fd, _) = self.data()?.get()?;
                call::reopen(fd, how)
                    .or_else(|_| call::duplicate(fd))
                    .map_err(|errno| failure(errno, "its descriptor cannot be duplicated"))
            }
            (Some(holder), _) => hold_again(holder, self.object.identity, how),
        }
    }
}

/// A descriptor with a lock of its own on the object that `holder` keeps alive meanwhile.
fn hold_again(holder: &Holder, identity: Identity, how: Open) -> Result<OwnedFd> {
    let path = &holder.spot().path;
    let fd = call::open(path, how).map_err(|errno| failure(errno, "its file cannot be opened again"))?;
    if Identity::of(&status(fd.as_fd())?) != identity {
        return Err(Error::new(ErrorKind::InvalidHandle)
            .detail("its name leads to another object now")
            .cure("something removed its file; do not remove files of living objects"));
    }
    match Lease::take(fd) {
        Ok(Ok(lease)) => Ok(lease.into_fd()),
        Ok(Err(_)) => Err(super::attach::busy(holder.spot())),
        Err(errno) => Err(failure(errno, "its lock cannot be taken")),
    }
}

/// How the file of a section is opened for a handle with these rights.
pub(crate) fn open_for(access: Access) -> Open {
    if access.contains(Access::WRITE) { Open::ReadWrite } else { Open::ReadOnly }
}

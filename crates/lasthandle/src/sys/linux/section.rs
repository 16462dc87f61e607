//! Sections: creating, opening, asking.

use std::fs::File;
use std::os::fd::BorrowedFd;
use std::time::SystemTime;

use zerocopy::IntoBytes;

use super::attach::{self, Attached, Need, PATIENCE, attach};
use super::backing::Target;
use super::backoff::Backoff;
use super::call::{self, Open};
use super::failure::failure;
use super::handle::{Handle, Object, open_for};
use super::identity::{Descriptor, Identity};
use super::memory;
use super::place::{Spot, status};
use super::publish::{Build, publish};
use super::sweep;
use crate::access::{Access, Permissions};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::record::{Description, Record, StoredName};
use crate::sys::{CreateOptions, Disposition, Info, MappingSpec};

/// A section that is to be made.
struct Plan {
    description: Description,
    target: Option<Target>,
    mode: u32,
}

/// Creates a section, or opens the one that has the name.
pub(crate) fn create(
    named: Option<(&Spot, &Name)>,
    spec: &MappingSpec<'_, File>,
    options: &CreateOptions,
) -> Result<(Handle, Disposition)> {
    let plan = Plan::new(named.map(|(_, name)| name), spec, options)?;
    match named {
        None => Ok((create_unnamed(plan, options)?, Disposition::Created)),
        Some((spot, name)) => create_named(spot, name, plan, options),
    }
}

/// Opens the section at `spot`.
pub(crate) fn open(spot: &Spot, name: &Name, access: Access, inheritable: bool) -> Result<Handle> {
    let attached = attach(spot, Need::Data(open_for(access)))?.ok_or_else(|| Error::new(ErrorKind::NotFound))?;
    expect_mapping(&attached.description)?;
    expect_named(&attached.description, name)?;
    expect_some_right(access)?;
    handle(attached, access, inheritable)
}

/// A handle for an object that we became a holder of.
pub(crate) fn handle(attached: Attached, access: Access, inheritable: bool) -> Result<Handle> {
    let Attached { holder, description, identity, file } = attached;
    expect_mapping(&description)?;
    let own = file.expect("asked for");
    let (data, path) = match &description.backing {
        None => (own, None),
        Some(backing) => {
            let target = Target::reopen(backing, &description, &own, access)?;
            (target.data, Some(target.path))
        }
    };
    Handle::new(
        Object { holder: Some(holder), unnamed: None, identity, description, path },
        Some(data),
        access,
        inheritable,
    )
}

pub(crate) fn expect_mapping(description: &Description) -> Result<()> {
    expect_kind(description, Kind::Mapping)
}

/// An object of another kind has the name.
pub(crate) fn expect_kind(description: &Description, wanted: Kind) -> Result<()> {
    match description.kind {
        found if found == wanted => Ok(()),
        other => Err(Error::new(ErrorKind::WrongKind)
            .detail(format!("the name is held by an object of another kind: {other}"))
            .cure("choose another name, or close what holds this one (`lasthandle info` tells who)")),
    }
}

/// The last check of an open, as Windows has it: the name must lead to an object of that kind first.
pub(crate) fn expect_some_right(access: Access) -> Result<()> {
    if access == Access::NONE {
        return Err(Error::new(ErrorKind::AccessDenied).detail("no right was asked for"));
    }
    Ok(())
}

/// A long name is found by a hash; the record tells whose it is.
pub(crate) fn expect_named(description: &Description, name: &Name) -> Result<()> {
    if description.is_named(name) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::NotAnObject)
        .detail("the record in its place is that of another name")
        .cure("somebody renamed a file by hand; remove it, or choose another name"))
}

/// What the object says of itself.
pub(crate) fn query(description: &Description, path: Option<&std::path::Path>) -> Info {
    Info {
        kind: description.kind,
        size: description.size,
        protection: (description.kind == Kind::Mapping).then_some(description.protection),
        reserved: description.reserved,
        file: path.map(std::path::Path::to_path_buf),
        created: Some(description.created_at()),
        creator: Some(description.creator),
        state: None,
    }
}

impl Plan {
    /// Checks all arguments; changes nothing.
    fn new(name: Option<&Name>, spec: &MappingSpec<'_, File>, options: &CreateOptions) -> Result<Self> {
        let invalid = |why: &'static str| Err(Error::new(ErrorKind::InvalidParameter).detail(why));
        let mode = mode(&options.permissions)?;
        let target = match spec.file {
            None if spec.size == 0 => return invalid("a mapping without a file needs a size"),
            Some(_) if spec.reserve => return invalid("only memory can be reserved, not a file"),
            None => None,
            Some(file) => Some(Target::new(file, spec.protection, spec.size)?),
        };
        let size = target.as_ref().map_or(spec.size, |target| target.size);
        if size > isize::MAX as u64 - 2 * page_size() {
            return Err(Error::new(ErrorKind::TooBig).detail("no address space holds that size"));
        }
        if options.access.without(spec.protection.full_access()) != Access::NONE {
            return Err(Error::new(ErrorKind::AccessDenied).detail("the protection does not give all rights asked for"));
        }
        let description = Description {
            kind: Kind::Mapping,
            protection: spec.protection,
            reserved: spec.reserve,
            size,
            created: now(),
            creator: std::process::id(),
            name: name.map(StoredName::of),
            manual: false,
            maximum: 0,
            backing: target.as_ref().map(|target| target.record.clone()),
            root: None,
            dead: false,
        };
        Ok(Self { description, target, mode })
    }

    /// A handle for the section that was made; `own` is its own file.
    fn handle(
        self,
        holder: Option<super::holder::Holder>,
        own: Option<Descriptor>,
        options: &CreateOptions,
    ) -> Result<Handle> {
        let own_identity = own.as_ref().map(Descriptor::identity);
        let (data, path) = match (self.target, own) {
            (Some(target), _) => (target.data, Some(target.path)),
            (None, own) => {
                let own = own.expect("memory has a file of its own");
                // What is lent to others shall be able to do no more than the handle.
                let how = open_for(options.access);
                (if how == Open::ReadOnly { own.reopen(how)? } else { own }, None)
            }
        };
        let identity = own_identity.unwrap_or(data.identity());
        let object = Object { holder, unnamed: None, identity, description: self.description, path };
        Handle::new(object, Some(data), options.access, options.inheritable)
    }
}

fn create_named(spot: &Spot, name: &Name, plan: Plan, options: &CreateOptions) -> Result<(Handle, Disposition)> {
    let mut backoff = Backoff::new(PATIENCE);
    sweep::now_and_then(spot);
    loop {
        if let Some(attached) = attach(spot, Need::Data(open_for(options.access)))? {
            expect_mapping(&attached.description)?;
            expect_named(&attached.description, name)?;
            if options.exclusive {
                return Err(Error::new(ErrorKind::AlreadyExists));
            }
            return Ok((handle(attached, options.access, options.inheritable)?, Disposition::Opened));
        }
        if let Some((holder, own)) = publish_or_sweep(spot, &plan)? {
            return Ok((plan.handle(Some(holder), Some(own), options)?, Disposition::Created));
        }
        // Nobody living has the name, and it is taken: somebody was faster just now, or it cannot be removed.
        attach::expect_removable(spot)?;
        if !backoff.wait() {
            return Err(attach::busy(spot));
        }
    }
}

/// Publishes; when memory runs out, removes what killed holders left and tries once more.
fn publish_or_sweep(spot: &Spot, plan: &Plan) -> Result<Option<(super::holder::Holder, Descriptor)>> {
    match publish(spot, plan) {
        Err(error) if error.kind() == ErrorKind::OutOfMemory && sweep::everything(spot.place) > 0 => {
            publish(spot, plan)
        }
        outcome => outcome,
    }
}

/// Memory without a name: a file of the same shape that only its descriptors and mappings keep.
fn create_unnamed(plan: Plan, options: &CreateOptions) -> Result<Handle> {
    if let Some(target) = &plan.target {
        target.grow()?;
        return plan.handle(None, None, options);
    }
    let fd = call::memfd(plan.description.protection.is_executable())
        .map_err(|errno| failure(errno, "its memory cannot be had"))?;
    let borrowed = std::os::fd::AsFd::as_fd(&fd);
    call::set_mode(borrowed, 0o600).map_err(|errno| failure(errno, "its permissions cannot be set"))?;
    plan.build(borrowed)?;
    call::seal_size(borrowed).map_err(|errno| failure(errno, "its size cannot be sealed"))?;
    let identity = Identity::of(&status(borrowed)?);
    plan.handle(None, Some(Descriptor::new(fd, identity)), options)
}

impl Build for Plan {
    fn build(&self, fd: BorrowedFd<'_>) -> Result<u64> {
        let data = match &self.target {
            None => self.description.size,
            Some(target) => {
                target.grow()?;
                target.path_bytes().len() as u64
            }
        };
        let page = page_size();
        let record = data.next_multiple_of(page);
        if self.description.reserved {
            memory::reserve(fd, record)?;
            memory::promise(fd, record, page)?;
        } else {
            memory::promise(fd, 0, record + page)?;
        }
        if let Some(target) = &self.target {
            write_all(fd, target.path_bytes(), 0)?;
        }
        let bytes = Record::new(&self.description, rustix::param::page_size());
        write_all(fd, bytes.as_bytes(), record)?;
        Ok(record)
    }

    fn mode(&self) -> u32 {
        self.mode
    }

    fn has_words(&self) -> bool {
        false
    }
}

pub(crate) fn write_all(fd: BorrowedFd<'_>, bytes: &[u8], offset: u64) -> Result<()> {
    match call::write_at(fd, bytes, offset) {
        Ok(written) if written == bytes.len() => Ok(()),
        Ok(_) => Err(failure(rustix::io::Errno::NOSPC, "its record cannot be written")),
        Err(errno) => Err(failure(errno, "its record cannot be written")),
    }
}

pub(crate) fn mode(permissions: &Permissions) -> Result<u32> {
    match permissions {
        Permissions::Owner => Ok(0o600),
        Permissions::Group => Ok(0o660),
        Permissions::Everyone => Ok(0o666),
        // The owner can always read and write: otherwise it could not even remove its own leftover.
        Permissions::Mode(mode) => Ok((mode & 0o666) | 0o600),
        Permissions::SecurityDescriptor(_) => Err(Error::new(ErrorKind::Unsupported)
            .detail("Linux has no security descriptors")
            .cure("use `Permissions::Group`, `Everyone` or `Mode`")),
    }
}

pub(crate) fn page_size() -> u64 {
    rustix::param::page_size() as u64
}

pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

//! One process, one plain mutex: what the contract means, obviously right.
//!
//! A table leads from names to objects, weakly: an object lives while somebody holds a handle, and a name whose
//! object is gone is no name. Every look at the table and every change of it happens under one mutex.
//!
//! Where it falls short of a system: a view cannot be mapped at a chosen address (every address counts as in use);
//! nothing stops a write through a read-only view's pointer; other processes see nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::access::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::sys::{CreateOptions, Disposition, GRANULARITY, Info, Kernel, MapRequest, Spec};

mod file;
mod inventory;
mod memory;
mod section;
mod view;

pub use file::{FILE_CAPACITY, FileMode, ModelFile};
pub use view::ModelView;

use memory::Budget;
use section::Section;

/// Memory that a model promises in all unless told otherwise, in bytes: 1 GiB.
pub const DEFAULT_LIMIT: u64 = 1 << 30;

/// A kernel of the contract in one process. Clones share one name space.
#[derive(Debug, Clone)]
pub struct Model {
    names: Arc<Mutex<Names>>,
    budget: Arc<Budget>,
}

type Names = HashMap<Name, Weak<Object>>;

/// What a handle leads to. Lives as long as the last handle.
#[derive(Debug)]
enum Object {
    Mapping(Arc<Section>),
    /// A kind that the contract cannot create yet; it only holds its name.
    Other(Kind),
}

/// A handle: an object and the rights to it.
#[derive(Debug)]
pub struct ModelHandle {
    object: Arc<Object>,
    access: Access,
}

/// Holds a name with an object of a kind that the contract cannot create yet.
#[doc(hidden)]
#[derive(Debug)]
pub struct Occupied {
    _object: Arc<Object>,
}

impl Object {
    fn info(&self) -> Info {
        match self {
            Self::Mapping(section) => section.info(),
            Self::Other(kind) => Info {
                kind: *kind,
                size: 0,
                protection: None,
                reserved: false,
                file: None,
                created: None,
                creator: Some(std::process::id()),
            },
        }
    }

    fn kind(&self) -> Kind {
        self.info().kind
    }
}

impl Default for Model {
    fn default() -> Self {
        Self::new()
    }
}

impl Model {
    /// An empty name space that promises up to [`DEFAULT_LIMIT`] bytes.
    pub fn new() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }

    /// An empty name space that promises up to `limit` bytes of memory; more is `OutOfMemory`.
    pub fn with_limit(limit: u64) -> Self {
        Self { names: Arc::default(), budget: Budget::new(limit) }
    }

    /// Makes an object of a kind that the contract cannot create yet, for tests of names held by another kind.
    ///
    /// # Errors
    /// [`ErrorKind::WrongKind`] or [`ErrorKind::AlreadyExists`] where the name is held;
    /// [`ErrorKind::InvalidParameter`] for a mapping.
    #[doc(hidden)]
    pub fn occupy(&self, name: &Name, kind: Kind) -> Result<Occupied> {
        if kind == Kind::Mapping {
            return Err(Error::new(ErrorKind::InvalidParameter));
        }
        let mut names = self.names();
        if find(&names, name, kind)?.is_some() {
            return Err(Error::new(ErrorKind::AlreadyExists));
        }
        let object = Arc::new(Object::Other(kind));
        names.insert(name.clone(), Arc::downgrade(&object));
        Ok(Occupied { _object: object })
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        // A panic under the lock leaves at most a name without an object, which is no name.
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.retain(|_, object| object.strong_count() > 0);
        names
    }
}

/// The living object of that name, if it is of that kind.
fn find(names: &Names, name: &Name, kind: Kind) -> Result<Option<Arc<Object>>> {
    match names.get(name).and_then(Weak::upgrade) {
        Some(object) if object.kind() != kind => Err(Error::new(ErrorKind::WrongKind)),
        found => Ok(found),
    }
}

impl Kernel for Model {
    type Handle = ModelHandle;
    type View = ModelView;
    type File = ModelFile;

    fn create(
        &self,
        name: Option<&Name>,
        spec: &Spec<'_, ModelFile>,
        options: &CreateOptions,
    ) -> Result<(ModelHandle, Disposition)> {
        let Spec::Mapping(mapping) = spec;
        let access = options.access;
        let size = section::validated_size(mapping, access)?;
        let mut names = self.names();
        let existing = name.map(|name| find(&names, name, spec.kind())).transpose()?.flatten();
        match existing {
            Some(_) if options.exclusive => Err(Error::new(ErrorKind::AlreadyExists)),
            Some(object) => Ok((ModelHandle { object, access }, Disposition::Opened)),
            None => {
                let section = Section::new(mapping, size, &self.budget)?;
                let object = Arc::new(Object::Mapping(Arc::new(section)));
                if let Some(name) = name {
                    names.insert(name.clone(), Arc::downgrade(&object));
                }
                Ok((ModelHandle { object, access }, Disposition::Created))
            }
        }
    }

    fn open(&self, kind: Kind, name: &Name, access: Access, _inheritable: bool) -> Result<ModelHandle> {
        let object = find(&self.names(), name, kind)?.ok_or_else(|| Error::new(ErrorKind::NotFound))?;
        if access == Access::NONE {
            return Err(Error::new(ErrorKind::AccessDenied).detail("no right was asked for"));
        }
        Ok(ModelHandle { object, access })
    }

    fn duplicate(&self, handle: &ModelHandle, access: Option<Access>, _inheritable: bool) -> Result<ModelHandle> {
        let access = access.unwrap_or(handle.access);
        if !handle.access.contains(access) {
            return Err(Error::new(ErrorKind::AccessDenied).detail("the handle does not have these rights itself"));
        }
        Ok(ModelHandle { object: Arc::clone(&handle.object), access })
    }

    fn access(&self, handle: &ModelHandle) -> Access {
        handle.access
    }

    fn query(&self, handle: &ModelHandle) -> Result<Info> {
        Ok(handle.object.info())
    }

    fn map(&self, handle: &ModelHandle, request: &MapRequest) -> Result<ModelView> {
        let base = request.base.map_or(0, |base| base as u64);
        if request.offset % GRANULARITY != 0 || base % GRANULARITY != 0 {
            return Err(Error::new(ErrorKind::Misaligned));
        }
        let Object::Mapping(section) = &*handle.object else {
            return Err(Error::new(ErrorKind::InvalidHandle));
        };
        if !handle.access.contains(request.access.required()) {
            return Err(Error::new(ErrorKind::AccessDenied).detail("the handle does not have the rights"));
        }
        ModelView::map(section, request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Permissions, Protection, ViewAccess};
    use crate::sys::{KernelView, MappingSpec};

    fn create(model: &Model, size: u64, reserve: bool) -> Result<ModelHandle> {
        let spec = MappingSpec { size, protection: Protection::ReadWrite, reserve, file: None };
        let access = Access::READ_WRITE;
        let options = CreateOptions { access, permissions: Permissions::Owner, inheritable: false, exclusive: false };
        model.create(None, &Spec::Mapping(spec), &options).map(|(handle, _)| handle)
    }

    fn map(model: &Model, handle: &ModelHandle) -> ModelView {
        let request = MapRequest { access: ViewAccess::ReadWrite, ..MapRequest::default() };
        model.map(handle, &request).expect("a plain view")
    }

    #[test]
    fn memory_is_promised_within_the_limit_and_given_back_with_the_last_view() {
        let model = Model::with_limit(8192);
        let handle = create(&model, 4097, false).expect("two pages");
        let refused = || create(&model, 1, false).expect_err("nothing is left").kind();
        assert_eq!(refused(), ErrorKind::OutOfMemory);
        let view = map(&model, &handle);
        drop(handle);
        assert_eq!(refused(), ErrorKind::OutOfMemory);
        drop(view);
        create(&model, 8192, false).expect("all is free again");
    }

    #[test]
    fn reserving_promises_nothing_until_pages_are_committed() {
        let model = Model::with_limit(8192);
        let handle = create(&model, 1 << 20, true).expect("reserving is exempt");
        let view = map(&model, &handle);
        assert_eq!(view.commit(0, 8193).expect_err("three pages").kind(), ErrorKind::OutOfMemory);
        assert!(!view.is_committed(0, 1));
        view.commit(4096, 1).expect("one page");
        assert!(view.is_committed(4096, 4096) && !view.is_committed(4095, 2));
        assert_eq!(create(&model, 8192, false).expect_err("one page is taken").kind(), ErrorKind::OutOfMemory);
        create(&model, 4096, false).expect("one page is left");
    }

    #[test]
    fn clones_share_names_and_others_do_not() {
        let (model, other) = (Model::new(), Model::new());
        let name = Name::new("x").expect("valid");
        let _held = model.occupy(&name, Kind::Event).expect("free");
        assert_eq!(model.clone().occupy(&name, Kind::Job).expect_err("held").kind(), ErrorKind::WrongKind);
        other.occupy(&name, Kind::Job).expect("another name space");
    }
}

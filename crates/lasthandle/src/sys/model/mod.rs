//! One process, one plain mutex: what the contract means, obviously right.
//!
//! A table leads from names to objects, weakly: an object lives while somebody holds a handle, and a name whose
//! object is gone is no name. Every look at the table and every change of it happens under one mutex.
//!
//! Where it falls short of a system: a view cannot be mapped at a chosen address (every address counts as in use);
//! nothing stops a write through a read-only view's pointer; other processes see nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::access::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::sys::{CreateOptions, Disposition, Due, GRANULARITY, Info, Kernel, MapRequest, Spec, Timeout, Waited};

mod file;
mod inventory;
mod memory;
mod section;
mod sync;
mod view;

pub use file::{FILE_CAPACITY, FileMode, ModelFile};
pub use sync::ModelAlert;
pub use view::ModelView;

use memory::Budget;
use section::Section;
use sync::{Dispatcher, Waitable, verbs};

/// Memory that a model promises in all unless told otherwise, in bytes: 1 GiB.
pub const DEFAULT_LIMIT: u64 = 1 << 30;

/// A kernel of the contract in one process. Clones share one name space.
#[derive(Debug, Clone)]
pub struct Model {
    names: Arc<Mutex<Names>>,
    budget: Arc<Budget>,
    dispatcher: Arc<Dispatcher>,
}

type Names = HashMap<Name, Weak<Object>>;

/// What a handle leads to. Lives as long as the last handle.
#[derive(Debug)]
enum Object {
    Mapping(Arc<Section>),
    Sync(Waitable),
}

/// A handle: an object and the rights to it.
#[derive(Debug)]
pub struct ModelHandle {
    object: Arc<Object>,
    access: Access,
}

impl Object {
    fn info(&self) -> Info {
        match self {
            Self::Mapping(section) => section.info(),
            Self::Sync(object) => object.info(),
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
        Self { names: Arc::default(), budget: Budget::new(limit), dispatcher: Dispatcher::new() }
    }

    /// How many threads sleep in waits of which nothing has come yet: for tests that must know who is asleep.
    #[doc(hidden)]
    pub fn sleepers(&self) -> usize {
        self.dispatcher.sleepers()
    }

    /// Validates, and gives what makes the object.
    fn validated<'a>(
        &'a self,
        spec: &'a Spec<'_, ModelFile>,
        access: Access,
    ) -> Result<Box<dyn FnOnce() -> Result<Object> + 'a>> {
        if let Spec::Mapping(mapping) = spec {
            let size = section::validated_size(mapping, access)?;
            return Ok(Box::new(move || {
                Section::new(mapping, size, &self.budget).map(|section| Object::Mapping(Arc::new(section)))
            }));
        }
        verbs::validate(spec)?;
        Ok(Box::new(|| Ok(Object::Sync(Waitable::new(&self.dispatcher, spec)))))
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
    type Alert = ModelAlert;

    fn create(
        &self,
        name: Option<&Name>,
        spec: &Spec<'_, ModelFile>,
        options: &CreateOptions,
    ) -> Result<(ModelHandle, Disposition)> {
        let access = options.access;
        let fresh = self.validated(spec, access)?;
        let mut names = self.names();
        let existing = name.map(|name| find(&names, name, spec.kind())).transpose()?.flatten();
        match existing {
            Some(_) if options.exclusive => Err(Error::new(ErrorKind::AlreadyExists)),
            Some(object) => Ok((ModelHandle { object, access }, Disposition::Opened)),
            None => {
                let object = Arc::new(fresh()?);
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

    fn set(&self, event: &ModelHandle) -> Result<()> {
        verbs::set(event, true)
    }

    fn reset(&self, event: &ModelHandle) -> Result<()> {
        verbs::set(event, false)
    }

    fn pulse(&self, event: &ModelHandle) -> Result<()> {
        verbs::pulse(event)
    }

    fn release_mutex(&self, mutex: &ModelHandle) -> Result<()> {
        verbs::release_mutex(mutex)
    }

    fn release_semaphore(&self, semaphore: &ModelHandle, count: i32) -> Result<u32> {
        verbs::release_semaphore(semaphore, count)
    }

    fn arm(&self, timer: &ModelHandle, due: Due, period: Duration) -> Result<()> {
        verbs::arm(timer, due, period)
    }

    fn cancel(&self, timer: &ModelHandle) -> Result<()> {
        verbs::cancel(timer)
    }

    fn wait(&self, objects: &[&ModelHandle], all: bool, timeout: Timeout) -> Result<Waited> {
        verbs::wait(objects, all, timeout, None).map(unalerted)
    }

    fn signal_and_wait(&self, signal: &ModelHandle, wait: &ModelHandle, timeout: Timeout) -> Result<Waited> {
        verbs::signal_and_wait(signal, wait, timeout, None).map(unalerted)
    }

    fn wait_alertable(
        &self,
        objects: &[&ModelHandle],
        all: bool,
        timeout: Timeout,
        alert: &ModelAlert,
    ) -> Result<Option<Waited>> {
        verbs::wait(objects, all, timeout, Some(alert))
    }

    fn signal_and_wait_alertable(
        &self,
        signal: &ModelHandle,
        wait: &ModelHandle,
        timeout: Timeout,
        alert: &ModelAlert,
    ) -> Result<Option<Waited>> {
        verbs::signal_and_wait(signal, wait, timeout, Some(alert))
    }
}

fn unalerted(waited: Option<Waited>) -> Waited {
    waited.expect("nobody alerts a wait without an alert")
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
        let access = Access::SYNC_ALL;
        let options = CreateOptions { access, permissions: Permissions::Owner, inheritable: false, exclusive: false };
        let event = |model: &Model| {
            model.create(Some(&name), &Spec::Event { manual: false, signaled: false }, &options).expect("a plain event")
        };
        let (_held, disposition) = event(&model);
        assert_eq!(disposition, Disposition::Created);
        assert_eq!(event(&model.clone()).1, Disposition::Opened);
        assert_eq!(event(&other).1, Disposition::Created);
    }
}

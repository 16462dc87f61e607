//! What the suite over the contract cannot see: other programs' handles for our objects and ours for theirs, the
//! kernel's own idea of the rights, descriptors, files, children.

mod alerts;
mod bytes;
mod files;
mod foreign;
mod inventory;
mod passing;
mod rights;
mod sections;
mod sync;
mod sync_foreign;
mod time;

use std::path::{Path, PathBuf};

use super::{Handle, View, Windows};
use crate::access::{Access, Permissions, Protection, ViewAccess};
use crate::error::{ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::sys::{
    CreateOptions, Disposition, Kernel, KernelView, MapRequest, MappingSpec, Spec, State, Timeout, Waited,
};

const MEMORY: MappingSpec<'static, std::fs::File> =
    MappingSpec { size: 5000, protection: Protection::ReadWrite, reserve: false, file: None };

/// A name that no other test and no other run of this one uses.
fn name(what: &str) -> Name {
    Name::new(&format!("lasthandle test {} {what}", std::process::id())).unwrap()
}

fn options() -> CreateOptions {
    CreateOptions {
        access: Access::READ_WRITE | Access::QUERY,
        permissions: Permissions::Owner,
        inheritable: false,
        exclusive: false,
    }
}

fn create_with(
    name: Option<&Name>,
    spec: MappingSpec<'_, std::fs::File>,
    options: &CreateOptions,
) -> Result<(Handle, Disposition)> {
    Windows.create(name, &Spec::Mapping(spec), options)
}

/// A fresh object of 5,000 bytes: two pages.
fn create(name: &Name) -> Handle {
    let (handle, disposition) = create_with(Some(name), MEMORY, &options()).unwrap();
    assert_eq!(disposition, Disposition::Created);
    handle
}

/// A fresh sync object with all rights; without a name if none is given.
fn sync(name: Option<&Name>, spec: &Spec<'_, std::fs::File>) -> Handle {
    let all = CreateOptions { access: Access::SYNC_ALL, ..options() };
    let (handle, disposition) = Windows.create(name, spec, &all).unwrap();
    assert_eq!(disposition, Disposition::Created);
    handle
}

const EVENT: Spec<'static, std::fs::File> = Spec::Event { manual: false, signaled: false };
const MUTEX: Spec<'static, std::fs::File> = Spec::Mutex { owned: false };
const SEMAPHORE: Spec<'static, std::fs::File> = Spec::Semaphore { initial: 0, maximum: 2 };
const TIMER: Spec<'static, std::fs::File> = Spec::Timer { manual: false };
const SYNC: [Spec<'static, std::fs::File>; 4] = [EVENT, MUTEX, SEMAPHORE, TIMER];

fn try_wait(handle: &Handle) -> Waited {
    Windows.wait(&[handle], false, Timeout::Now).unwrap()
}

/// Runs something in a thread that has ended, for the kernel too, when this returns: the end of a scope alone would
/// not wait for that.
fn elsewhere<R: Send>(what: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| scope.spawn(what).join()).unwrap()
}

fn state(handle: &Handle) -> Option<State> {
    let info = Windows.query(handle).unwrap();
    assert_eq!((info.kind, info.size), (handle.kind(), 0));
    info.state
}

fn open(name: &Name, access: Access) -> Result<Handle> {
    Windows.open(Kind::Mapping, name, access, false)
}

fn map(handle: &Handle, access: ViewAccess) -> Result<View> {
    Windows.map(handle, &MapRequest { access, ..MapRequest::default() })
}

#[track_caller]
fn assert_fails<T>(result: Result<T>, kind: ErrorKind, code: u32) {
    let Err(error) = result else { panic!("must fail with {kind:?}") };
    assert_eq!((error.kind(), error.windows_code()), (kind, code), "{error}");
}

/// A file of the test's own, removed at its end.
struct TestFile(PathBuf);

impl TestFile {
    fn new(what: &str, contents: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("lasthandle-test-{}-{what}", std::process::id()));
        std::fs::write(&path, contents).unwrap();
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

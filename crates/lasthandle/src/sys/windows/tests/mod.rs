//! What the suite over the contract cannot see: other programs' handles for our objects and ours for theirs, the
//! kernel's own idea of the rights, descriptors, files, children.

mod bytes;
mod files;
mod foreign;
mod inventory;
mod passing;
mod rights;
mod sections;

use std::path::{Path, PathBuf};

use super::{Handle, View, Windows};
use crate::access::{Access, Permissions, Protection, ViewAccess};
use crate::error::{ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::sys::{CreateOptions, Disposition, Kernel, KernelView, MapRequest, MappingSpec, Spec};

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

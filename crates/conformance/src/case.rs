//! One row's company: its fixture, short forms of the verbs, and the assertions that read everything back.

use lasthandle::sys::{
    CreateOptions, Disposition, Entry, Inventory, Kernel, KernelView, MapRequest, MappingSpec, Spec,
};
use lasthandle::{Access, Error, Kind, Name, Namespace, Permissions, Protection, Result, ViewAccess};

use crate::bytes;
use crate::fixture::Fixture;

/// The fixture's handles, views and files.
pub type Handle<F> = <<F as Fixture>::Kernel as Kernel>::Handle;
/// The fixture's views.
pub type View<F> = <<F as Fixture>::Kernel as Kernel>::View;
/// The fixture's open files.
pub type File<F> = <<F as Fixture>::Kernel as Kernel>::File;

/// The size of most sections here, in bytes.
pub const SIZE: u64 = 8192;

/// What one row works with.
pub struct Case<F> {
    /// The kernel, and what belongs to it.
    pub fixture: F,
}

/// A section of memory with these many bytes, readable and writable.
pub fn memory<'a, T>(size: u64) -> MappingSpec<'a, T> {
    MappingSpec { size, protection: Protection::ReadWrite, reserve: false, file: None }
}

/// A section over a file.
pub fn over<T>(file: &T, size: u64, protection: Protection) -> MappingSpec<'_, T> {
    MappingSpec { size, protection, reserve: false, file: Some(file) }
}

/// Plain options: these rights, owner only, not inherited, existing objects welcome.
pub fn options(access: Access) -> CreateOptions {
    CreateOptions { access, permissions: Permissions::Owner, inheritable: false, exclusive: false }
}

/// A view of everything.
pub fn whole(access: ViewAccess) -> MapRequest {
    MapRequest { access, ..MapRequest::default() }
}

/// The beginning of a name, for messages: names may be very long.
pub fn short(name: &Name) -> String {
    name.to_string().chars().take(60).collect()
}

/// The rights that matter to views.
pub fn view_rights(access: Access) -> Access {
    let all = Access::READ_WRITE | Access::EXECUTE;
    access.without(access.without(all))
}

impl<F: Fixture> Case<F> {
    /// A case with a fresh fixture.
    pub fn fresh_fixture() -> Self {
        Self { fixture: F::new() }
    }

    /// The kernel under test.
    pub fn kernel(&self) -> &F::Kernel {
        self.fixture.kernel()
    }

    /// A name of this row alone.
    pub fn name(&self, suffix: &str) -> Name {
        Name::new(&format!("Local\\{}{suffix}", self.fixture.tag())).expect("a valid name")
    }

    /// Creates with the rights that the protection gives.
    ///
    /// # Errors
    /// As the kernel says.
    pub fn try_create(&self, name: Option<&Name>, spec: MappingSpec<'_, File<F>>) -> Result<(Handle<F>, Disposition)> {
        let options = options(spec.protection.full_access());
        self.kernel().create(name, &Spec::Mapping(spec), &options)
    }

    /// Creates a fresh object and asserts that it is one.
    #[track_caller]
    pub fn create(&self, name: &Name, spec: MappingSpec<'_, File<F>>) -> Handle<F> {
        let (handle, disposition) = ok(self.try_create(Some(name), spec), "create");
        assert_eq!(disposition, Disposition::Created, "{}", short(name));
        handle
    }

    /// Creates a fresh section of [`SIZE`] bytes.
    #[track_caller]
    pub fn fresh(&self, name: &Name) -> Handle<F> {
        self.create(name, memory(SIZE))
    }

    /// An unnamed section of memory.
    #[track_caller]
    pub fn unnamed(&self, spec: MappingSpec<'_, File<F>>) -> Handle<F> {
        let (handle, disposition) = ok(self.try_create(None, spec), "create unnamed");
        assert_eq!(disposition, Disposition::Created, "an unnamed object is always new");
        handle
    }

    /// Opens a mapping.
    ///
    /// # Errors
    /// As the kernel says.
    pub fn try_open(&self, name: &Name, access: Access) -> Result<Handle<F>> {
        self.kernel().open(Kind::Mapping, name, access, false)
    }

    /// Opens a mapping for reading and writing.
    #[track_caller]
    pub fn open(&self, name: &Name) -> Handle<F> {
        self.open_for(name, Access::READ_WRITE)
    }

    /// Opens a mapping and asserts that the handle has the rights asked for.
    #[track_caller]
    pub fn open_for(&self, name: &Name, access: Access) -> Handle<F> {
        let handle = ok(self.try_open(name, access), "open");
        assert_eq!(view_rights(self.kernel().access(&handle)), view_rights(access), "rights of the handle");
        handle
    }

    /// Maps a view and asserts what it says of itself.
    #[track_caller]
    pub fn map(&self, handle: &Handle<F>, request: &MapRequest) -> View<F> {
        let view = ok(self.kernel().map(handle, request), "map");
        assert_eq!(view.access(), request.access);
        assert_eq!(view.as_ptr().addr() % 4096, 0, "a view starts at a page");
        assert!(view.length() > 0, "a view is never empty");
        view
    }

    /// Maps everything for reading and writing.
    #[track_caller]
    pub fn map_all(&self, handle: &Handle<F>) -> View<F> {
        self.map(handle, &whole(ViewAccess::ReadWrite))
    }

    /// Asserts that memory of that size, as it was created, is there.
    #[track_caller]
    pub fn present(&self, name: &Name, size: u64) {
        self.present_with(name, F::reported_size(size));
    }

    /// Asserts that an object is there in every way it can be asked for; `size` as the system reports it.
    #[track_caller]
    pub fn present_with(&self, name: &Name, size: u64) {
        let shown = short(name);
        let listed = self.listed(name);
        let (whole, partial): (Vec<_>, Vec<_>) = listed.iter().partition(|entry| entry.name.is_some());
        assert!(whole.len() == 1 || (whole.is_empty() && !partial.is_empty()), "{shown} is listed once");
        let inspected = ok(self.kernel().inspect(name), "inspect");
        for entry in listed.iter().chain([&inspected]) {
            let info = entry.info.as_ref().expect("a living object can be asked");
            assert_eq!((info.kind, info.size), (Kind::Mapping, size), "{shown}");
            assert!(entry.holders.is_none_or(|holders| holders >= 1), "{shown} lives, so somebody holds it");
        }
        let holders = ok(self.kernel().holders(name), "holders");
        assert!(holders.iter().any(|holder| holder.pid == std::process::id() && holder.handle), "{shown}: {holders:?}");
        let handle = self.open_for(name, Access::READ);
        self.queries(&handle, size);
    }

    /// Asserts what a handle's object says of itself; `size` as the system reports it.
    #[track_caller]
    pub fn queries(&self, handle: &Handle<F>, size: u64) {
        let info = ok(self.kernel().query(handle), "query");
        assert_eq!((info.kind, info.size), (Kind::Mapping, size));
    }

    /// Asserts that there is no such object, in every way it can be asked for.
    #[track_caller]
    pub fn absent(&self, name: &Name) {
        let shown = short(name);
        assert_eq!(self.listed(name).len(), 0, "{shown} is still listed");
        refused(2, &format!("inspect {shown}"), self.kernel().inspect(name));
        refused(2, &format!("holders of {shown}"), self.kernel().holders(name));
        refused(2, &format!("open {shown}"), self.try_open(name, Access::READ));
    }

    /// Asserts that the verb fails with that code and leaves no trace among this row's names.
    #[track_caller]
    pub fn refuses<T>(&self, code: u32, what: &str, verb: impl FnOnce() -> Result<T>) {
        self.refuses_with(&[code], what, verb);
    }

    /// The same where systems may give one of several codes.
    #[track_caller]
    pub fn refuses_with<T>(&self, codes: &[u32], what: &str, verb: impl FnOnce() -> Result<T>) {
        let before = self.snapshot();
        refused_with(codes, what, verb());
        assert_eq!(before, self.snapshot(), "{what}: the failed verb left a trace");
    }

    /// This row's names: label, kind and size, in order.
    #[track_caller]
    pub fn snapshot(&self) -> Vec<(String, Option<(Kind, u64)>)> {
        let entries = ok(self.kernel().list(), "list").into_iter();
        let mine = entries.filter(|entry| entry.label.contains(self.fixture.tag()));
        let mut rows: Vec<_> = mine.map(|entry| (entry.label, entry.info.ok().map(|i| (i.kind, i.size)))).collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        rows
    }

    /// The entries that may be this name's: its own, or those that keep only a beginning of very long ones.
    #[track_caller]
    fn listed(&self, name: &Name) -> Vec<Entry> {
        // The longest bare names are shown with a prefix that their own text has no room for.
        let prefix = if name.namespace() == Namespace::Global { "Global" } else { "Local" };
        let shown = format!("{prefix}\\{}", String::from_utf16_lossy(name.units()));
        let may_be = |entry: &Entry| match (&entry.name, entry.label.strip_suffix('…')) {
            (None, Some(beginning)) => shown.starts_with(beginning),
            (found, _) => found.as_ref() == Some(name),
        };
        ok(self.kernel().list(), "list").into_iter().filter(may_be).collect()
    }
}

/// The value, or a panic with the whole error.
#[track_caller]
pub fn ok<T>(result: Result<T>, what: &str) -> T {
    result.unwrap_or_else(|error| panic!("{what}: {error} (code {})", error.windows_code()))
}

/// Asserts that it failed with that code.
#[track_caller]
pub fn refused<T>(code: u32, what: &str, result: Result<T>) {
    refused_with(&[code], what, result);
}

#[track_caller]
fn refused_with<T>(codes: &[u32], what: &str, result: Result<T>) {
    let code = result.err().as_ref().map(Error::windows_code);
    assert!(code.is_some_and(|code| codes.contains(&code)), "{what}: got {code:?}, expected one of {codes:?}");
}

/// Asserts the bytes of a range of a view.
#[track_caller]
pub fn shows(view: &impl KernelView, offset: usize, expected: &[u8]) {
    let seen = bytes::load(view, offset, expected.len());
    let differs = seen.iter().zip(expected).position(|(seen, expected)| seen != expected);
    if let Some(at) = differs {
        panic!("byte {} of the view is {:#x}, expected {:#x}", offset + at, seen[at], expected[at]);
    }
}

/// Asserts that all of the view is zero.
#[track_caller]
pub fn zeroed(view: &impl KernelView) {
    shows(view, 0, &vec![0; view.length()]);
}

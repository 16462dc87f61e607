//! A channel's section: made, or met and checked.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::thread;
use std::time::{Duration, Instant};

use super::layout::{AT_LOCK, AT_MAGIC, EndAt, Fingerprint, Form, Layout, MAGIC, PAGE, WORDS};
use super::memory::{Memory, Shared};
use crate::access::{Permissions, ViewAccess};
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::{Handle, Mapping};
use crate::name::Name;
use crate::sys::end::{EndKernel, Inner};
use crate::sys::{Kernel, MapRequest, Platform, Timeout, Waited};

/// How long a maker may take between making the section and describing it.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long the lock may be kept: some microseconds are usual.
const LOCKED: Duration = Duration::from_secs(2);

/// A section that holds a channel.
pub(crate) struct Section {
    pub(crate) memory: Shared,
    pub(crate) layout: Layout,
    pub(crate) name: Name,
    permissions: Permissions,
    lock: Handle,
    mapping: Mapping,
}

/// For people: each of its ends shows it.
impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, layout, .. } = self;
        f.debug_struct("Section").field("name", &name.to_string()).field("layout", layout).finish_non_exhaustive()
    }
}

impl Section {
    /// Makes the section of this layout, or opens the one that has the name, which must be of the same form and type.
    pub(crate) fn create(name: &Name, layout: Layout, permissions: Permissions) -> Result<Arc<Self>> {
        let options = Mapping::options().size(layout.size()).permissions(permissions.clone());
        let mapping = options.create(name.clone()).map_err(Error::of_a_step)?;
        if mapping.opened_existing() {
            return Self::attach(name, mapping, permissions)?.expect(layout.form, layout.fingerprint);
        }
        let memory = map(&mapping)?;
        for (index, word) in layout.words().into_iter().enumerate() {
            memory.store(AT_MAGIC + 8 * (index + 1), word, Relaxed);
        }
        memory.store(AT_MAGIC, MAGIC, Release);
        Self::new(name, mapping, memory, layout, permissions).map(Arc::new)
    }

    /// Opens the section that has the name, which must be of this form and type. The permissions are those of objects
    /// beside it that nobody has made yet.
    pub(crate) fn open(
        name: &Name,
        form: Form,
        fingerprint: Fingerprint,
        permissions: &Permissions,
    ) -> Result<Arc<Self>> {
        let mapping = Mapping::open(name.clone()).map_err(Error::of_a_step)?;
        Self::attach(name, mapping, permissions.clone())?.expect(form, fingerprint)
    }

    fn attach(name: &Name, mapping: Mapping, permissions: Permissions) -> Result<Self> {
        // Nothing is written before it is known to be ours: it may be anybody's mapping.
        if mapping.size() < PAGE as u64 {
            return Err(no_channel());
        }
        let memory = map(&mapping)?;
        let layout = layout(&memory, memory.length())?;
        Self::new(name, mapping, memory, layout, permissions)
    }

    fn new(name: &Name, mapping: Mapping, memory: Shared, layout: Layout, permissions: Permissions) -> Result<Self> {
        let lock =
            Platform::default().inner(mapping.handle(), name, memory.view(), AT_LOCK, Inner::Mutex, &permissions)?;
        Ok(Self { memory, layout, name: name.clone(), permissions, lock, mapping })
    }

    fn expect(self, form: Form, fingerprint: Fingerprint) -> Result<Arc<Self>> {
        let Layout { form: found, fingerprint: theirs, .. } = self.layout;
        if found != form {
            let (found, wanted) = (found.name(), form.name());
            return Err(Error::new(ErrorKind::WrongType)
                .detail(format!("the name is held by another shape: {found}, not {wanted}"))
                .cure("open it as what it is, or choose another name"));
        }
        if theirs != fingerprint {
            let (theirs, ours) = (describe(theirs), describe(fingerprint));
            return Err(Error::new(ErrorKind::WrongType)
                .detail(format!("it carries {theirs}, not {ours}"))
                .cure("give both sides the same type, and the same `type_name`"));
        }
        Ok(Arc::new(self))
    }

    /// Does something while no other end is taken. A holder that was killed does not keep the lock.
    pub(crate) fn locked<R>(&self, action: impl FnOnce() -> Result<R>) -> Result<R> {
        if Platform::default().wait(&[&self.lock], false, Timeout::After(LOCKED))? == Waited::TimedOut {
            return Err(Error::new(ErrorKind::Busy)
                .detail("somebody keeps the channel's lock")
                .cure("look for a stopped process that was opening or closing the channel"));
        }
        let result = action();
        Platform::default().release_mutex(&self.lock)?;
        result
    }

    /// The event of an end.
    pub(crate) fn event(&self, end: u32) -> Result<Handle> {
        let at = EndAt::new(end).event;
        Platform::default().inner(self.handle(), &self.name, self.memory.view(), at, Inner::Event, &self.permissions)
    }

    pub(crate) fn handle(&self) -> &Handle {
        self.mapping.handle()
    }

    /// An error with the channel's name.
    #[cold]
    pub(crate) fn during(&self, error: Error, verb: &'static str) -> Error {
        error.during(verb, Some(self.name.to_string()))
    }
}

fn map(mapping: &Mapping) -> Result<Shared> {
    let request = MapRequest { access: ViewAccess::ReadWrite, populate: false, ..MapRequest::default() };
    Ok(Shared::new(Arc::new(Platform::default().map(mapping.handle(), &request)?)))
}

/// What a section of at least a page, and of so many bytes, says that it holds. Writes nothing: it may be anybody's.
pub(super) fn layout(memory: &impl Memory, length: usize) -> Result<Layout> {
    await_magic(memory)?;
    let words = std::array::from_fn::<_, WORDS, _>(|index| memory.load(AT_MAGIC + 8 * (index + 1), Relaxed));
    let layout = Layout::of(words)?;
    if (length as u64) < layout.size() {
        return Err(Error::new(ErrorKind::Damaged).detail("the channel's memory is smaller than its header says"));
    }
    Ok(layout)
}

/// Its maker may just be describing it.
fn await_magic(memory: &impl Memory) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        match memory.load(AT_MAGIC, Acquire) {
            MAGIC => return Ok(()),
            0 if Instant::now() < end => thread::sleep(Duration::from_millis(1)),
            _ => return Err(no_channel()),
        }
    }
}

pub(super) fn no_channel() -> Error {
    Error::new(ErrorKind::WrongKind)
        .detail("the mapping of that name holds no channel")
        .cure("choose another name, or close what holds this one (`lasthandle info` tells who)")
}

fn describe(Fingerprint { size, align, name }: Fingerprint) -> String {
    let what = if size == 0 { "bytes".into() } else { format!("values of {size} bytes, aligned to {align}") };
    if name == 0 { what } else { format!("{what}, with a type name ({name:016x})") }
}

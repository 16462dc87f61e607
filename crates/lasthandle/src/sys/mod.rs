//! The contract between the public types and a system, in Windows' verbs; and the selection, nothing else.
//!
//! Three kernels keep it: `windows` hands each verb to the real kernel, `linux` is the engine, `model` is one
//! process with a plain mutex, obviously right. One suite (`crates/conformance`) runs on all three; where they
//! differ, Windows is right.
//!
//! Rules for every verb:
//! * arguments are validated before the name is looked at;
//! * a failed verb changes nothing: no name appears, none goes, no object changes;
//! * an error carries its Windows code; the caller adds operation and name.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::access::{Access, Permissions, Protection, ViewAccess};
use crate::error::Result;
use crate::kind::Kind;
use crate::name::Name;

pub mod alert;
pub mod end;
pub mod model;
pub(crate) mod prefetch;

#[cfg(target_os = "linux")]
pub mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::processors;
#[cfg(target_os = "linux")]
pub use linux::{Linux as Platform, barrier};

#[cfg(windows)]
pub mod windows;
#[cfg(windows)]
pub(crate) use windows::processors;
#[cfg(windows)]
pub use windows::{Windows as Platform, barrier};

#[cfg(not(any(target_os = "linux", windows)))]
compile_error!("lasthandle supports Linux and Windows");

/// Offsets and base addresses of views are multiples of this: 64 KiB, Windows' allocation granularity, everywhere.
pub const GRANULARITY: u64 = 64 * 1024;

/// Whether a create made the object or met it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// The object is new.
    Created,
    /// An object of that name and kind existed and was opened as it is (`ERROR_ALREADY_EXISTS`).
    Opened,
}

/// What to create. One variant a kind.
#[derive(Debug)]
pub enum Spec<'a, F> {
    /// A section.
    Mapping(MappingSpec<'a, F>),
    /// An event.
    Event {
        /// Stays signaled until reset.
        manual: bool,
        /// Signaled from the start.
        signaled: bool,
    },
    /// A mutex.
    Mutex {
        /// Owned by this thread from the start; an existing one is not taken.
        owned: bool,
    },
    /// A semaphore.
    Semaphore {
        /// The count at the start, at most `maximum`.
        initial: i32,
        /// At least 1.
        maximum: i32,
    },
    /// A waitable timer, not armed.
    Timer {
        /// Stays signaled until armed anew.
        manual: bool,
    },
}

impl<F> Spec<'_, F> {
    /// The kind of object it describes.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Mapping(_) => Kind::Mapping,
            Self::Event { .. } => Kind::Event,
            Self::Mutex { .. } => Kind::Mutex,
            Self::Semaphore { .. } => Kind::Semaphore,
            Self::Timer { .. } => Kind::Timer,
        }
    }
}

/// A section to create.
#[derive(Debug)]
pub struct MappingSpec<'a, F> {
    /// Bytes. 0 with a file: the file's size; 0 without one: invalid.
    pub size: u64,
    /// The most that views may do.
    pub protection: Protection,
    /// Memory is committed range by range ([`KernelView::commit`]) instead of at once (`SEC_RESERVE`). Not for files.
    pub reserve: bool,
    /// The file behind it; none: memory (the paging file).
    pub file: Option<&'a F>,
}

/// How to create, whatever the kind.
#[derive(Debug, Clone)]
pub struct CreateOptions {
    /// The rights of the new handle; an existing object is opened with them too.
    pub access: Access,
    /// Who else may open a fresh object. An existing one keeps its own.
    pub permissions: Permissions,
    /// Whether child processes inherit the handle.
    pub inheritable: bool,
    /// An existing object is an error (`AlreadyExists`) instead of being opened.
    pub exclusive: bool,
}

/// A view to map.
#[derive(Debug, Clone, Copy, Default)]
pub struct MapRequest {
    /// What the view may do.
    pub access: ViewAccess,
    /// Where it starts in the section, a multiple of [`GRANULARITY`].
    pub offset: u64,
    /// Bytes; 0: to the end of the section.
    pub length: u64,
    /// The address it must lie at, a multiple of [`GRANULARITY`]; none: anywhere.
    pub base: Option<usize>,
    /// Make every page present before returning, where the system can and the section is not a reserved one.
    pub populate: bool,
}

/// What an object says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// What it is.
    pub kind: Kind,
    /// A mapping's size in bytes. Exact as the creator gave it where the system knows it (Linux; files
    /// everywhere); else rounded up to a page (Windows, memory).
    pub size: u64,
    /// The mapping's protection, where the system tells (Linux); `None` on Windows for a handle that was opened.
    pub protection: Option<Protection>,
    /// Whether the mapping's memory is committed range by range.
    pub reserved: bool,
    /// The file behind it, where the system tells.
    pub file: Option<PathBuf>,
    /// When it was created, where the system tells.
    pub created: Option<SystemTime>,
    /// The process that created it, in its own numbering; for display only.
    pub creator: Option<u32>,
    /// What a sync object's state is at this moment, where the system tells: to handles with [`Access::QUERY`].
    pub state: Option<State>,
}

/// The state of a sync object at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Of an event.
    Event {
        /// Stays signaled until reset.
        manual: bool,
        /// Now.
        signaled: bool,
    },
    /// Of a mutex.
    Mutex {
        /// How often its owner has taken it; 0: it is free.
        count: u32,
        /// Its owner ended without releasing it, and nobody has taken it since.
        abandoned: bool,
        /// It is the asking thread's own.
        mine: bool,
    },
    /// Of a semaphore.
    Semaphore {
        /// Now.
        count: u32,
        /// At most.
        maximum: u32,
    },
    /// Of a timer.
    Timer {
        /// Stays signaled until armed anew. None where the system does not tell: Windows tells nobody, so there only
        /// the handle that created the timer knows, and its duplicates.
        manual: Option<bool>,
        /// Now.
        signaled: bool,
        /// Until it is due next; zero if it is, none if it is not armed. Of a cancelled one, Windows goes on telling
        /// when it would have been due.
        due: Option<Duration>,
    },
}

/// When a timer is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// So long after now, by a clock that nobody sets.
    After(Duration),
    /// At that time of the wall clock, whatever happens to it until then.
    At(SystemTime),
}

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timeout {
    /// Not at all: look once.
    Now,
    /// So long.
    After(Duration),
    /// For ever.
    Never,
}

/// How a wait ended, as long as it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// The object of that index was signaled, and taken; of a wait for all: all were, and the index is 0.
    Signaled(usize),
    /// The same, and it (or one of all) is a mutex whose owner ended without releasing it; it is the waiting thread's.
    Abandoned(usize),
    /// The time was up: none could be had within it.
    TimedOut,
}

/// One object of the name space, as [`Inventory::list`] finds it.
#[derive(Debug)]
pub struct Entry {
    /// Its name; none where the record keeps only the beginning of a very long one, or is damaged.
    pub name: Option<Name>,
    /// The name for people, with its prefix; ends in `…` where it is not whole.
    pub label: String,
    /// What it says of itself, or why it cannot be asked.
    pub info: Result<Info>,
    /// How many hold a handle: processes on Linux, handles on Windows; none where the system does not tell.
    pub holders: Option<u32>,
    /// The thread that owns the mutex, where the system tells.
    pub owner: Option<Owner>,
    /// How many wait for the sync object, where the system tells: those who were killed may still be counted. Of a
    /// mutex it is 0, or 1 if some may wait.
    pub waiters: Option<u32>,
}

/// A thread that owns a mutex, by its process' own numbering; for display only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The process.
    pub pid: u32,
    /// The thread.
    pub thread: u32,
}

/// A process that keeps an object or its memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its number.
    pub pid: u32,
    /// Its program and arguments, separated by spaces; empty where that may not be read.
    pub command: String,
    /// It has a handle: it keeps the name.
    pub handle: bool,
    /// It has a view, or a descriptor to make one: it keeps the memory.
    pub memory: bool,
}

/// What a leftover is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeftoverKind {
    /// An object that nobody holds any more.
    Object,
    /// The life file of a process: through it others saw that its threads lived, while they owned mutexes.
    Life,
    /// An object that was being made, and had no name yet.
    Unfinished,
}

impl LeftoverKind {
    /// One lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Life => "life",
            Self::Unfinished => "unfinished",
        }
    }
}

/// A leftover of holders that were killed, as [`Inventory::collect`] finds it.
#[derive(Debug)]
pub struct Leftover {
    /// What it is.
    pub kind: LeftoverKind,
    /// For people: an object's name; of another kind, what it is in a few words.
    pub label: String,
    /// Bytes of memory or disk that it holds.
    pub bytes: u64,
    /// Whether it is gone now, or why it could not be removed. `Ok(false)`: a dry run.
    pub removed: Result<bool>,
}

/// What exists, and who keeps it.
///
/// To ask an object one must open it: on Windows each of these calls is a holder of what it looks at, for that
/// moment, and a name whose last handle closes meanwhile lives on until the look is over.
pub trait Inventory {
    /// Every living object of both name spaces that this user may see, in no particular order. Changes nothing.
    fn list(&self) -> Result<Vec<Entry>>;

    /// One object by name, whatever its kind; `NotFound`. Changes nothing.
    fn inspect(&self, name: &Name) -> Result<Entry>;

    /// Who keeps the object; `NotFound`. Processes of other users may be missing.
    fn holders(&self, name: &Name) -> Result<Vec<Holder>>;

    /// Removes what killed holders left behind. On Windows the kernel has done that already.
    fn collect(&self, dry_run: bool) -> Result<Vec<Leftover>>;
}

/// The contract. Every verb may be called from any thread.
pub trait Kernel {
    /// A handle. Dropping it closes it; with the last one of all processes the name ends.
    type Handle: Send + Sync;
    /// A mapped view. Dropping it unmaps.
    type View: KernelView;
    /// What a file-backed section lies over.
    type File;
    /// What another thread of this process ends a wait with.
    type Alert: KernelAlert;

    /// Creates, or opens an existing object of the same kind and name. Windows: `Create…W`.
    ///
    /// `Mapping`: `InvalidParameter` for size 0 without a file and for reserve with a file; `TooBig` past
    /// `isize::MAX` or past the end of a file that may not grow; `EmptyFile`; `AccessDenied` where the file is not
    /// open for what the protection needs, and for `options.access` beyond the protection's own
    /// ([`Protection::full_access`]). All these are found before the name is looked at; `OutOfMemory` is found after,
    /// and only for a fresh object.
    fn create(
        &self,
        name: Option<&Name>,
        spec: &Spec<'_, Self::File>,
        options: &CreateOptions,
    ) -> Result<(Self::Handle, Disposition)>;

    /// Opens, never creates. Windows: `Open…W`. In this order: `NotFound`; `WrongKind`; `AccessDenied`, also if no
    /// right was asked for. A job: `Unsupported` after these.
    fn open(&self, kind: Kind, name: &Name, access: Access, inheritable: bool) -> Result<Self::Handle>;

    /// A second handle for the same object with the same or fewer rights; more than the handle has:
    /// `AccessDenied`. Windows: `DuplicateHandle`.
    fn duplicate(&self, handle: &Self::Handle, access: Option<Access>, inheritable: bool) -> Result<Self::Handle>;

    /// The rights the handle carries.
    fn access(&self, handle: &Self::Handle) -> Access;

    /// What the object says of itself.
    fn query(&self, handle: &Self::Handle) -> Result<Info>;

    /// Maps a view. Windows: `MapViewOfFileEx`. In this order: `Misaligned` offset or base; `AccessDenied` where
    /// the handle or the section does not permit the access; `AccessDenied` past the page-rounded end;
    /// `InvalidAddress` where the base is in use.
    fn map(&self, handle: &Self::Handle, request: &MapRequest) -> Result<Self::View>;

    /// Sets an event. Windows: `SetEvent`. For this verb and those below: `InvalidHandle` if the handle is of another
    /// kind, `AccessDenied` if it has not the right ([`Access::MODIFY`]; none is needed to release a mutex), `Busy` if
    /// a stopped process keeps the object claimed (Linux).
    fn set(&self, event: &Self::Handle) -> Result<()>;

    /// Resets an event. Windows: `ResetEvent`.
    fn reset(&self, event: &Self::Handle) -> Result<()>;

    /// Lets go who waits for the event at this moment, one of them if it is an auto-reset one, and leaves it
    /// unsignaled. Windows: `PulseEvent`.
    fn pulse(&self, event: &Self::Handle) -> Result<()>;

    /// Releases a mutex once; `NotOwner` unless this thread owns it. Windows: `ReleaseMutex`.
    fn release_mutex(&self, mutex: &Self::Handle) -> Result<()>;

    /// Adds to a semaphore's count; the count before. `InvalidParameter` for a count below 1; `TooManyPosts` past
    /// the maximum: nothing changes. Windows: `ReleaseSemaphore`.
    fn release_semaphore(&self, semaphore: &Self::Handle, count: i32) -> Result<u32>;

    /// Arms a timer, and makes it unsignaled until it is due. `period`: due again and again; zero: once. Windows:
    /// `SetWaitableTimer`, which counts periods in milliseconds: they are rounded up, and one above `i32::MAX` is
    /// `InvalidParameter`.
    fn arm(&self, timer: &Self::Handle, due: Due, period: Duration) -> Result<()>;

    /// As [`arm`](Self::arm), and tells how often the timer was armed or cancelled by then, in all processes; where the
    /// system does not tell (Windows, the model), always 0.
    fn arm_counted(&self, timer: &Self::Handle, due: Due, period: Duration) -> Result<u32> {
        self.arm(timer, due, period).map(|()| 0)
    }

    /// How often that is by now. It needs no right.
    fn armings(&self, timer: &Self::Handle) -> Result<u32> {
        let _ = timer;
        Ok(0)
    }

    /// Stops a timer; its state stays. Windows: `CancelWaitableTimer`.
    fn cancel(&self, timer: &Self::Handle) -> Result<()>;

    /// Waits for the first signaled of several objects, or for all at one instant, and takes it or them. Windows:
    /// `WaitForMultipleObjects`. `InvalidParameter` for no object, for more than 64, and for all of several among
    /// which one is twice; `AccessDenied` without [`Access::SYNCHRONIZE`], and for sections.
    fn wait(&self, objects: &[&Self::Handle], all: bool, timeout: Timeout) -> Result<Waited>;

    /// Signals one object (event: set, mutex: release, semaphore: release one) and waits for another. If the signal
    /// fails nothing is waited for. Windows: `SignalObjectAndWait`.
    fn signal_and_wait(&self, signal: &Self::Handle, wait: &Self::Handle, timeout: Timeout) -> Result<Waited>;

    /// As [`wait`](Self::wait), but it ends when the alert is raised, or has been before: `None`, and nothing was
    /// taken. Whatever was signaled before the alert was raised wins, and an alert wins over a time-out. Windows:
    /// `WaitForMultipleObjectsEx`, alertable.
    fn wait_alertable(
        &self,
        objects: &[&Self::Handle],
        all: bool,
        timeout: Timeout,
        alert: &Self::Alert,
    ) -> Result<Option<Waited>>;

    /// As [`signal_and_wait`](Self::signal_and_wait), and `None` as [`wait_alertable`](Self::wait_alertable); the first
    /// object is signaled even so.
    fn signal_and_wait_alertable(
        &self,
        signal: &Self::Handle,
        wait: &Self::Handle,
        timeout: Timeout,
        alert: &Self::Alert,
    ) -> Result<Option<Waited>>;
}

/// What ends waits of this process: raised or lowered, lowered from the start. It stays raised until it is lowered.
pub trait KernelAlert: std::fmt::Debug + Default + Send + Sync {
    /// Raises it: every wait that it belongs to ends.
    fn raise(&self);

    /// Lowers it.
    fn lower(&self);

    /// Whether it is raised now.
    fn is_raised(&self) -> bool;

    /// Sleeps until it is raised; `false`: the time was up. Windows: `SleepEx`, alertable.
    fn sleep(&self, timeout: Timeout) -> bool;
}

/// Most objects of one wait (`MAXIMUM_WAIT_OBJECTS`).
pub const MAXIMUM_WAIT_OBJECTS: usize = 64;

/// A mapped view. It keeps the memory, not the name.
pub trait KernelView: Send + Sync {
    /// Where it starts; a multiple of the page size, on a real system of [`GRANULARITY`].
    fn as_ptr(&self) -> *mut u8;

    /// Bytes: as asked for, or to the end; whole pages where the system knows no finer size. Never 0.
    fn length(&self) -> usize;

    /// What the view may do now.
    fn access(&self) -> ViewAccess;

    /// Writes changed bytes of a file-backed view to the file; memory: nothing to do. Windows: `FlushViewOfFile`
    /// and `FlushFileBuffers`.
    fn flush(&self, offset: usize, length: usize) -> Result<()>;

    /// Promises memory for a range of a reserved section, for all its views; committed already: nothing happens. A
    /// view that cannot write may be refused. Windows: `VirtualAlloc(MEM_COMMIT)`.
    fn commit(&self, offset: usize, length: usize) -> Result<()>;

    /// Whether the whole range may be touched: always, but for uncommitted memory where that faults (Windows).
    fn is_committed(&self, offset: usize, length: usize) -> bool;

    /// Whether the page at `offset`, inside the view, is committed, and how many bytes from `offset` on are alike, to
    /// the view's end at most. On Linux a page that was touched is committed, too. Windows: `VirtualQuery`.
    fn committed(&self, offset: usize) -> (bool, usize);

    /// Changes what the view may do, within what it was mapped with; beyond that: `InvalidParameter`. A view that is
    /// not committed as a whole ([`is_committed`](Self::is_committed)): `NotCommitted`. Windows: `VirtualProtect`.
    fn protect(&mut self, access: ViewAccess) -> Result<()>;
}

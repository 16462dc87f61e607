//! Sync objects: creating, opening, and their verbs.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::{Duration, SystemTime};

use arrayvec::ArrayVec;
use zerocopy::IntoBytes;

use super::alert::Alert;
use super::life::Lives;
use super::machine::Engine;
use super::operand::Operand;
use super::report;
use crate::access::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::{Name, Namespace};
use crate::protocol::{self, Form, Halt, Limit, Machine};
use crate::record::{Description, RECORD_BYTES, Record, StoredName};
use crate::sys::linux::attach::{self, Attached, Need, PATIENCE, attach};
use crate::sys::linux::backoff::Backoff;
use crate::sys::linux::call::{self, Open};
use crate::sys::linux::failure::failure;
use crate::sys::linux::handle::{Handle, Object, Unnamed};
use crate::sys::linux::identity::{Descriptor, Identity};
use crate::sys::linux::memory;
use crate::sys::linux::page::RecordPage;
use crate::sys::linux::place::{Place, Spot, effective_user, status};
use crate::sys::linux::publish::{Build, publish};
use crate::sys::linux::section::{expect_kind, expect_named, expect_some_right, mode, now, page_size, write_all};
use crate::sys::linux::sweep;
use crate::sys::{CreateOptions, Disposition, Due, MAXIMUM_WAIT_OBJECTS, State, Timeout, Waited};

/// A sync object that is to be made.
pub(crate) struct Plan {
    description: Description,
    /// The state word from the start.
    state: u64,
    mode: u32,
}

/// What a sync object is from the start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beginning {
    pub(crate) kind: Kind,
    pub(crate) form: Form,
    /// Event: not 0 is signaled; semaphore: the count; mutex: not 0 is owned.
    pub(crate) initial: u64,
}

impl Plan {
    fn new(
        lives: &'static Lives,
        name: Option<&Name>,
        root: Option<Identity>,
        from: Beginning,
        options: &CreateOptions,
    ) -> Result<Self> {
        let manual = from.form.is_manual();
        let maximum = match from.form {
            Form::Semaphore { maximum } => maximum,
            _ => 0,
        };
        let owner = match from.form {
            Form::Mutex if from.initial != 0 => lives.join()?.word(),
            _ => from.initial,
        };
        let description = Description {
            kind: from.kind,
            protection: crate::Protection::ReadOnly,
            reserved: false,
            size: 0,
            created: now(),
            creator: std::process::id(),
            name: name.map(StoredName::of),
            manual,
            maximum,
            backing: None,
            root: root.map(|root| (root.device, root.inode)),
            dead: false,
        };
        Ok(Self { description, state: from.form.initial(owner), mode: mode(&options.permissions)? })
    }
}

impl Build for Plan {
    fn build(&self, fd: BorrowedFd<'_>) -> Result<u64> {
        memory::promise(fd, 0, page_size())?;
        let mut bytes = [0; RECORD_BYTES + 8];
        bytes[..RECORD_BYTES].copy_from_slice(Record::new(&self.description, rustix::param::page_size()).as_bytes());
        bytes[RECORD_BYTES..].copy_from_slice(&self.state.to_le_bytes());
        write_all(fd, &bytes, 0)?;
        Ok(0)
    }

    fn mode(&self) -> u32 {
        self.mode
    }

    fn has_words(&self) -> bool {
        true
    }
}

/// Creates a sync object, or opens the one of that kind that has the name.
pub(crate) fn create(
    place: &'static Place,
    named: Option<(&Spot, &Name)>,
    from: Beginning,
    options: &CreateOptions,
) -> Result<(Handle, Disposition)> {
    // Unnamed objects belong to this user's own world.
    let lives = named.map_or_else(|| place.lives(Namespace::Local, effective_user()), |(spot, _)| spot.lives);
    let root = if named.is_none() { place.identity() } else { None };
    let plan = Plan::new(lives, named.map(|(_, name)| name), root, from, options)?;
    match named {
        None => Ok((create_unnamed(lives, &plan, options)?, Disposition::Created)),
        Some((spot, name)) => create_named(spot, name, &plan, options),
    }
}

/// Called where a handle comes to be. Who has a mutex may come to own it by a single swap, in which there is no time to
/// see whether the others still find its life.
pub(super) fn show_life(kind: Kind, lives: &'static Lives) {
    if kind == Kind::Mutex {
        lives.put_back();
    }
}

fn create_named(spot: &Spot, name: &Name, plan: &Plan, options: &CreateOptions) -> Result<(Handle, Disposition)> {
    let mut backoff = Backoff::new(PATIENCE);
    sweep::now_and_then(spot);
    loop {
        if let Some(attached) = attach(spot, Need::Holder(Open::ReadWrite))? {
            expect_kind(&attached.description, plan.description.kind)?;
            expect_named(&attached.description, name)?;
            if options.exclusive {
                return Err(Error::new(ErrorKind::AlreadyExists));
            }
            return Ok((handle(attached, options.access, options.inheritable)?, Disposition::Opened));
        }
        if let Some((holder, own)) = publish(spot, plan)? {
            show_life(plan.description.kind, spot.lives);
            let identity = own.identity();
            let description = plan.description.clone();
            let object = Object { holder: Some(holder), unnamed: None, identity, description, path: None };
            return Ok((Handle::new(object, None, options.access, options.inheritable)?, Disposition::Created));
        }
        attach::expect_removable(spot)?;
        if !backoff.wait() {
            return Err(attach::busy(spot));
        }
    }
}

fn create_unnamed(lives: &'static Lives, plan: &Plan, options: &CreateOptions) -> Result<Handle> {
    let failed = |errno| failure(errno, "its memory cannot be had");
    let fd = call::memfd(false).map_err(failed)?;
    call::set_mode(fd.as_fd(), 0o600).map_err(failed)?;
    plan.build(fd.as_fd())?;
    call::seal_size(fd.as_fd()).map_err(failed)?;
    unnamed(fd, plan.description.clone(), lives, options.access, options.inheritable)
}

/// A handle for the object without a name whose file `fd` is: of one page, which must stay.
pub(crate) fn unnamed(
    fd: OwnedFd,
    description: Description,
    lives: &'static Lives,
    access: Access,
    inheritable: bool,
) -> Result<Handle> {
    show_life(description.kind, lives);
    let identity = Identity::of(&status(fd.as_fd())?);
    let page = RecordPage::map(fd.as_fd(), 0, true).map_err(|errno| failure(errno, "its memory cannot be mapped"))?;
    let unnamed = Some(Unnamed { page, lives });
    let object = Object { holder: None, unnamed, identity, description, path: None };
    let data = (inheritable || can_be_spared(&fd)).then(|| Descriptor::new(fd, identity));
    Handle::new(object, data, access, inheritable)
}

/// Whether a descriptor may stay, for handles that may be passed on and will hardly ever be: while the process uses
/// less than half of those that it may have. The kernel gives the lowest number that is free.
fn can_be_spared(fd: &OwnedFd) -> bool {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.is_none_or(|limit| u64::try_from(fd.as_raw_fd()).is_ok_and(|number| number < limit / 2))
}

/// Opens the object of that kind at `spot`: a sync object, or a job, which nobody can make yet.
pub(crate) fn open(kind: Kind, spot: &Spot, name: &Name, access: Access, inheritable: bool) -> Result<Handle> {
    let attached = attach(spot, Need::Holder(Open::ReadWrite))?.ok_or_else(|| Error::new(ErrorKind::NotFound))?;
    expect_kind(&attached.description, kind)?;
    expect_named(&attached.description, name)?;
    expect_some_right(access)?;
    if kind == Kind::Job {
        return Err(Error::new(ErrorKind::Unsupported).detail("jobs cannot be opened"));
    }
    handle(attached, access, inheritable)
}

/// A handle for an object that we became a holder of.
pub(crate) fn handle(attached: Attached, access: Access, inheritable: bool) -> Result<Handle> {
    let Attached { holder, description, identity, .. } = attached;
    show_life(description.kind, holder.spot().lives);
    let object = Object { holder: Some(holder), unnamed: None, identity, description, path: None };
    Handle::new(object, None, access, inheritable)
}

/// The object for a verb of `kind` that needs `access`.
#[inline]
fn target(handle: &Handle, kind: Kind, access: Access) -> Result<&Operand> {
    match handle.operand() {
        Some(x) if x.form.kind() == kind && handle.access().contains(access) => Ok(x),
        _ => Err(refused(handle, kind)),
    }
}

#[cold]
fn refused(handle: &Handle, kind: Kind) -> Error {
    let found = handle.kind();
    if found == kind { lacking() } else { wrong(kind, found) }
}

#[cold]
fn wrong(wanted: Kind, found: Kind) -> Error {
    Error::new(ErrorKind::InvalidHandle).detail(format!("it is a handle of kind {found}, not {wanted}"))
}

#[cold]
fn lacking() -> Error {
    Error::new(ErrorKind::AccessDenied).detail("the handle has not the right for that")
}

/// What stopped the protocol, as an error.
#[cold]
fn halted(operand: &Operand, halt: Halt) -> Error {
    match halt {
        Halt::NoLife => match operand.lives.join() {
            Err(error) => error,
            Ok(_) => Error::new(ErrorKind::Os),
        },
        Halt::Busy(who) => Error::new(ErrorKind::Busy)
            .detail(format!("a wait for all of several objects has claimed it and does not go on ({who:?})"))
            .cure("look for a stopped process, or for a signal handler that uses the object it interrupted"),
        Halt::Twice => Error::new(ErrorKind::InvalidParameter).detail("a wait for all takes no object twice"),
        Halt::Stopped => unreachable!("only the checker stops"),
    }
}

#[inline]
pub(crate) fn set(handle: &Handle) -> Result<()> {
    let x = target(handle, Kind::Event, Access::MODIFY)?;
    protocol::set(&Engine::new(), x).map_err(|halt| halted(x, halt))
}

pub(crate) fn reset(handle: &Handle) -> Result<()> {
    let x = target(handle, Kind::Event, Access::MODIFY)?;
    protocol::reset(&Engine::new(), x).map_err(|halt| halted(x, halt))
}

pub(crate) fn pulse(handle: &Handle) -> Result<()> {
    let x = target(handle, Kind::Event, Access::MODIFY)?;
    protocol::pulse(&Engine::new(), x).map_err(|halt| halted(x, halt))
}

#[inline]
pub(crate) fn release_mutex(handle: &Handle) -> Result<()> {
    let x = target(handle, Kind::Mutex, Access::NONE)?;
    match protocol::release_mutex(&Engine::new(), x) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::new(ErrorKind::NotOwner)),
        Err(halt) => Err(halted(x, halt)),
    }
}

#[inline]
pub(crate) fn release_semaphore(handle: &Handle, count: i32) -> Result<u32> {
    let x = target(handle, Kind::Semaphore, Access::MODIFY)?;
    let count = u32::try_from(count).ok().filter(|&count| count > 0);
    let count = count.ok_or_else(|| Error::new(ErrorKind::InvalidParameter).detail("the count must be at least 1"))?;
    match protocol::release_semaphore(&Engine::new(), x, count) {
        Ok(Some(before)) => Ok(before),
        Ok(None) => Err(Error::new(ErrorKind::TooManyPosts)),
        Err(halt) => Err(halted(x, halt)),
    }
}

/// How often it was armed or cancelled by then.
pub(crate) fn arm(handle: &Handle, due: Due, period: Duration) -> Result<u32> {
    let x = target(handle, Kind::Timer, Access::MODIFY)?;
    let engine = Engine::new();
    let (time, wall) = match due {
        Due::After(duration) => (engine.now(false).saturating_add(nanoseconds(duration)), false),
        Due::At(time) => (time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, nanoseconds), true),
    };
    protocol::arm(&engine, x, time, wall, nanoseconds(period)).map_err(|halt| halted(x, halt))
}

/// How often the timer was armed or cancelled.
pub(crate) fn armings(handle: &Handle) -> Result<u32> {
    let x = target(handle, Kind::Timer, Access::NONE)?;
    Engine::new().count(x).map_err(|halt| halted(x, halt))
}

pub(crate) fn cancel(handle: &Handle) -> Result<()> {
    let x = target(handle, Kind::Timer, Access::MODIFY)?;
    protocol::cancel(&Engine::new(), x).map_err(|halt| halted(x, halt))
}

pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[inline]
fn limit(timeout: Timeout) -> Limit {
    match timeout {
        Timeout::Now => Limit::Now,
        Timeout::Never => Limit::Never,
        Timeout::After(duration) => Limit::Until(Engine::new().now(false).saturating_add(nanoseconds(duration))),
    }
}

#[inline(always)]
#[allow(clippy::inline_always)] // it shall melt into the caller: `docs/design/costs.md`
pub(crate) fn wait(handles: &[&Handle], all: bool, timeout: Timeout) -> Result<Waited> {
    let &[one] = handles else { return wait_for_several(handles, all, timeout) };
    match one.operand() {
        Some(x)
            if one.access().contains(Access::SYNCHRONIZE) && protocol::take_at_once(&Engine::new(), x) == Ok(true) =>
        {
            Ok(Waited::Signaled(0))
        }
        _ => wait_for_one(one, timeout),
    }
}

#[inline(never)]
fn wait_for_one(handle: &Handle, timeout: Timeout) -> Result<Waited> {
    let x = waitable(handle)?;
    let watch = x.for_one_wait();
    let x = watch.as_ref().unwrap_or(x);
    let waited = protocol::wait_any(&Engine::new(), &[x], limit(timeout));
    waited.map(unalerted).map_err(|halt| halted(x, halt))
}

#[inline(never)]
fn wait_for_several(handles: &[&Handle], all: bool, timeout: Timeout) -> Result<Waited> {
    wait_with(Engine::new(), handles, all, timeout).map(unalerted)
}

fn wait_with(engine: Engine<'_>, handles: &[&Handle], all: bool, timeout: Timeout) -> Result<protocol::Waited> {
    if handles.is_empty() || handles.len() > MAXIMUM_WAIT_OBJECTS {
        return Err(Error::new(ErrorKind::InvalidParameter).detail("a wait takes 1 to 64 objects"));
    }
    let watches = watches(handles);
    let mut operands = ArrayVec::<_, MAXIMUM_WAIT_OBJECTS>::new();
    for handle in handles {
        operands.push(waitable(handle)?);
    }
    for (index, watch) in &watches {
        operands[*index] = watch;
    }
    let waited = if all {
        protocol::wait_all(&engine, &operands, limit(timeout))
    } else {
        protocol::wait_any(&engine, &operands, limit(timeout))
    };
    waited.map_err(|halt| halted(operands[0], halt))
}

/// What this wait alone uses, in the place of what others may wait for at the same time.
fn watches(handles: &[&Handle]) -> Vec<(usize, Operand)> {
    let for_one_wait = |(index, handle): (usize, &&Handle)| Some((index, handle.operand()?.for_one_wait()?));
    handles.iter().enumerate().filter_map(for_one_wait).collect()
}

pub(crate) fn wait_alertable(
    handles: &[&Handle],
    all: bool,
    timeout: Timeout,
    alert: &Alert,
) -> Result<Option<Waited>> {
    // One is waited for as any of one, as by `wait`: a wait for all of one would claim it.
    let all = all && handles.len() > 1;
    wait_with(Engine::alertable(Some(alert)), handles, all, timeout).map(from_protocol)
}

#[inline]
fn waitable(handle: &Handle) -> Result<&Operand> {
    match handle.operand() {
        Some(x) if handle.access().contains(Access::SYNCHRONIZE) => Ok(x),
        Some(_) => Err(lacking()),
        None => Err(no_sync_object()),
    }
}

#[cold]
fn no_sync_object() -> Error {
    Error::new(ErrorKind::AccessDenied).detail("a mapping cannot be waited for")
}

/// None: it was alerted.
#[inline]
fn from_protocol(waited: protocol::Waited) -> Option<Waited> {
    match waited {
        protocol::Waited::Signaled { index, abandoned: false } => Some(Waited::Signaled(index)),
        protocol::Waited::Signaled { index, abandoned: true } => Some(Waited::Abandoned(index)),
        protocol::Waited::TimedOut => Some(Waited::TimedOut),
        protocol::Waited::Alerted => None,
    }
}

#[inline]
fn unalerted(waited: protocol::Waited) -> Waited {
    from_protocol(waited).expect("nobody alerts a wait without an alert")
}

/// Signals one and waits for the other, whatever kinds they are.
pub(crate) fn signal_and_wait(signal: &Handle, other: &Handle, timeout: Timeout) -> Result<Waited> {
    waitable(other)?;
    raise_any(signal)?;
    wait(&[other], false, timeout)
}

pub(crate) fn signal_and_wait_alertable(
    signal: &Handle,
    other: &Handle,
    timeout: Timeout,
    alert: &Alert,
) -> Result<Option<Waited>> {
    waitable(other)?;
    raise_any(signal)?;
    wait_alertable(&[other], false, timeout, alert)
}

fn raise_any(signal: &Handle) -> Result<()> {
    match signal.kind() {
        Kind::Event => set(signal),
        Kind::Mutex => release_mutex(signal),
        Kind::Semaphore => release_semaphore(signal, 1).map(|_| ()),
        other => Err(wrong(Kind::Event, other)),
    }
}

/// The state at this moment.
pub(crate) fn state(handle: &Handle) -> Option<State> {
    let x = handle.operand()?;
    Some(report::Words::of(x.words()).state(x.form, x.lives))
}

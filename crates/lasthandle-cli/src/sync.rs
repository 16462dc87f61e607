//! A sync object of whatever kind, found by its name alone.

use anyhow::bail;
use lasthandle::{Access, ErrorKind, Event, Kind, Mutex, Name, Semaphore, Timer, Waitable};

/// An open sync object.
#[derive(Debug)]
pub(crate) enum SyncObject {
    Event(Event),
    Mutex(Mutex),
    Semaphore(Semaphore),
    Timer(Timer),
}

impl SyncObject {
    /// Asks the name for its kind, then opens it as that.
    pub(crate) fn open(name: &Name, access: Access) -> anyhow::Result<Self> {
        match Self::open_once(name, access) {
            // Between the two the name may have ended and been taken for another kind.
            Err(error) if is(&error, ErrorKind::WrongKind) => Self::open_once(name, access),
            opened => opened,
        }
    }

    fn open_once(name: &Name, access: Access) -> anyhow::Result<Self> {
        Ok(match lasthandle::inspect(name)?.info?.kind {
            Kind::Event => Self::Event(Event::options().access(access).open(name)?),
            Kind::Mutex => Self::Mutex(Mutex::options().access(access).open(name)?),
            Kind::Semaphore => Self::Semaphore(Semaphore::options().access(access).open(name)?),
            Kind::Timer => Self::Timer(Timer::options().access(access).open(name)?),
            other => bail!("`{name}` is a {other}, not an event, a mutex, a semaphore or a timer"),
        })
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Event(_) => Kind::Event,
            Self::Mutex(_) => Kind::Mutex,
            Self::Semaphore(_) => Kind::Semaphore,
            Self::Timer(_) => Kind::Timer,
        }
    }

    pub(crate) fn waitable(&self) -> &dyn Waitable {
        match self {
            Self::Event(event) => event,
            Self::Mutex(mutex) => mutex,
            Self::Semaphore(semaphore) => semaphore,
            Self::Timer(timer) => timer,
        }
    }
}

/// Whether the library refused for that reason.
pub(crate) fn is(error: &anyhow::Error, kind: ErrorKind) -> bool {
    error.downcast_ref().is_some_and(|error: &lasthandle::Error| error.kind() == kind)
}

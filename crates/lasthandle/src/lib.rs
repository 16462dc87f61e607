//! Named shared memory with the Windows object model, the same on Linux and Windows.

mod access;
mod copy;
mod error;
mod event;
mod inventory;
mod kind;
mod locked;
mod mapping;
mod mutex;
mod name;
mod object;
#[doc(hidden)]
pub mod protocol;
#[doc(hidden)]
pub mod record;
mod semaphore;
#[doc(hidden)]
pub mod sys;
mod timer;
mod view;
mod wait;

pub use access::{Access, Permissions, Protection, ViewAccess};
pub use error::{Error, ErrorKind, Result};
pub use event::{Event, EventOptions};
pub use inventory::{collect_leftovers, holders, inspect, list};
pub use kind::Kind;
pub use locked::{Locked, LockedGuard, LockedValue};
pub use mapping::{Mapping, MappingOptions};
pub use mutex::{Acquired, Mutex, MutexGuard, MutexOptions};
pub use name::{MAX_UNITS, Name, Namespace};
pub use semaphore::{Semaphore, SemaphoreOptions};
pub use sys::{
    Disposition, Due, Entry, GRANULARITY, Holder, Info, Leftover, MAXIMUM_WAIT_OBJECTS, Owner, State, Timeout, Waited,
};
pub use timer::{Timer, TimerOptions};
pub use view::{SharedAtomic, View, ViewOptions};
pub use wait::{Waitable, signal_and_wait, wait_all, wait_any};

//! Named shared memory and sync objects with the Windows object model, the same on Linux and Windows.
//!
//! # The model
//! * An **object** is a [`Mapping`], [`Event`], [`Mutex`], [`Semaphore`] or [`Timer`]. All share one name space:
//!   `Local\X` (this user), `Global\X` (this machine), and `X`, which is `Local\X`.
//! * **Create** opens an existing object of the same kind, and says so; **open** never creates. A name that an object of
//!   another kind has is [`ErrorKind::WrongKind`].
//! * The **name** lives until the last *handle* of all processes is gone: dropped, or ended with its process, by
//!   `kill -9` too. The **memory** of a mapping lives until the last handle and the last [`View`] are gone.
//! * **Waiting**: one ([`Waitable::wait`]), any ([`wait_any`]) or all at one instant ([`wait_all`]), of up to 64 objects
//!   of mixed kinds. A mutex whose owner ended is taken, and reported *abandoned*, once. Another thread may end a wait
//!   before its time ([`Alert`]).
//!
//! On Windows these are the kernel's own objects under their own names. On Linux they are files in memory, locked by
//! their holders; nothing has to be installed, started or cleaned up. `docs/design/` tells why it is so.
//!
//! ```
//! use lasthandle::{Event, Mapping, Timeout, Waitable};
//! # fn main() -> lasthandle::Result<()> {
//! # let id = std::process::id();
//! # let (data, ready) = (&format!("doc-data-{id}"), &format!("doc-ready-{id}"));
//! // One process …
//! let mapping = Mapping::create(data, 4096)?;
//! let event = Event::create(ready)?;
//! mapping.view()?.write(0, &42_u64)?;
//! event.set()?;
//!
//! // … and another.
//! Event::open(ready)?.wait(Timeout::Never)?;
//! assert_eq!(Mapping::open(data)?.view()?.read::<u64>(0)?, 42);
//! # Ok(())
//! # }
//! ```
//!
//! What it does not do: macOS; memory that grows; containers and allocators inside shared memory.

mod access;
mod alert;
pub mod channel;
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
mod spin;
#[doc(hidden)]
pub mod sys;
mod timer;
mod view;
mod wait;

pub use access::{Access, Permissions, Protection, ViewAccess};
pub use alert::Alert;
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
    Disposition, Due, Entry, GRANULARITY, Holder, Info, Leftover, LeftoverKind, MAXIMUM_WAIT_OBJECTS, Owner, State,
    Timeout, Waited,
};
pub use timer::{Timer, TimerOptions};
pub use view::{SharedAtomic, View, ViewOptions};
pub use wait::{
    Waitable, signal_and_wait, signal_and_wait_alertable, wait_all, wait_all_alertable, wait_any, wait_any_alertable,
};

//! Named shared memory with the Windows object model, the same on Linux and Windows.

mod access;
mod copy;
mod error;
mod inventory;
mod kind;
mod mapping;
mod name;
#[doc(hidden)]
pub mod record;
#[doc(hidden)]
pub mod sys;
mod view;

pub use access::{Access, Permissions, Protection, ViewAccess};
pub use error::{Error, ErrorKind, Result};
pub use inventory::{collect_leftovers, holders, inspect, list};
pub use kind::Kind;
pub use mapping::{Mapping, MappingOptions};
pub use name::{MAX_UNITS, Name, Namespace};
pub use sys::{Disposition, Entry, GRANULARITY, Holder, Info, Leftover};
pub use view::{SharedAtomic, View, ViewOptions};

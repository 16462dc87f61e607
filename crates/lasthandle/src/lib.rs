//! Named shared memory with the Windows object model, the same on Linux and Windows.

mod access;
mod error;
mod kind;
mod name;
#[doc(hidden)]
pub mod sys;

pub use access::{Access, Permissions, Protection, ViewAccess};
pub use error::{Error, ErrorKind, Result};
pub use kind::Kind;
pub use name::{MAX_UNITS, Name, Namespace};
pub use sys::{Disposition, GRANULARITY};

//! What exists, who keeps it, and what killed holders left.

use crate::error::{Error, Result};
use crate::name::Name;
use crate::sys::{Entry, Holder, Inventory, Leftover, Platform};

/// Every living object that this user may see, of both name spaces, in no particular order.
///
/// # Errors
/// [`ErrorKind::UnusableRoot`](crate::ErrorKind::UnusableRoot).
pub fn list() -> Result<Vec<Entry>> {
    Platform::default().list().map_err(|error| error.during("list objects", None))
}

/// One object by name, whatever its kind. Neither opens nor changes it.
///
/// # Errors
/// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound), [`ErrorKind::InvalidName`](crate::ErrorKind::InvalidName).
pub fn inspect(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Entry> {
    let name = name.try_into().map_err(Into::into)?;
    Platform::default().inspect(&name).map_err(|error| error.during("inspect", Some(name.to_string())))
}

/// The processes that hold the object or map its memory. Those of other users may be missing.
///
/// # Errors
/// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound), [`ErrorKind::InvalidName`](crate::ErrorKind::InvalidName).
pub fn holders(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Vec<Holder>> {
    let name = name.try_into().map_err(Into::into)?;
    Platform::default().holders(&name).map_err(|error| error.during("find the holders of", Some(name.to_string())))
}

/// Gives back the memory of killed holders at once; a dry run only tells. On Linux the library does this by itself,
/// some at a time, as objects are created; on Windows the system does, and nothing is ever found.
///
/// # Errors
/// [`ErrorKind::UnusableRoot`](crate::ErrorKind::UnusableRoot).
pub fn collect_leftovers(dry_run: bool) -> Result<Vec<Leftover>> {
    Platform::default().collect(dry_run).map_err(|error| error.during("collect leftovers", None))
}

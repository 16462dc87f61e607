//! The state of a sync object, as its kind tells it.

use std::os::windows::io::{AsHandle, BorrowedHandle};

use super::handle::{Handle, Object};
use super::{event, mutex, semaphore, timer};
use crate::access::Access;
use crate::error::Result;
use crate::kind::Kind;
use crate::sys::{Info, State};

/// What a handle's sync object says of itself. Its state: only to who has the right to ask.
pub(super) fn query(handle: &Handle) -> Result<Info> {
    let manual = match handle.object() {
        Object::Timer { manual } => *manual,
        _ => None,
    };
    if matches!(handle.object(), Object::Process) {
        return Ok(info(handle.kind(), None));
    }
    let state =
        if handle.access().contains(Access::QUERY) { of(handle.kind(), handle.as_handle(), manual)? } else { None };
    Ok(info(handle.kind(), state))
}

pub(super) fn info(kind: Kind, state: Option<State>) -> Info {
    Info { kind, size: 0, protection: None, reserved: false, file: None, created: None, creator: None, state }
}

/// The state at this moment; none for kinds that have none. `manual`: whether a timer is a manual-reset one, if it is
/// known.
pub(super) fn of(kind: Kind, handle: BorrowedHandle<'_>, manual: Option<bool>) -> Result<Option<State>> {
    match kind {
        Kind::Event => event::state(handle).map(Some),
        Kind::Mutex => mutex::state(handle).map(Some),
        Kind::Semaphore => semaphore::state(handle).map(Some),
        Kind::Timer => timer::state(handle, manual).map(Some),
        Kind::Mapping | Kind::Job => Ok(None),
    }
}

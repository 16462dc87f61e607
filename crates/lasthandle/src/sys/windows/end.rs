//! What channels need: objects that belong to a section, and to learn of the ends of processes.
//!
//! # Safety
//! Numbers, handles that are borrowed or owned while they are used, and live places for the results.
#![allow(unsafe_code)]

use std::os::windows::io::{AsRawHandle, OwnedHandle};
use std::sync::Arc;

use windows_sys::Win32::Foundation::{FILETIME, HANDLE, WAIT_OBJECT_0};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetProcessTimes, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE, WaitForSingleObject,
};

use super::handle::{Handle, Object};
use super::view::View;
use super::{Windows, error, event, mutex, process};
use crate::access::{Access, Permissions};
use crate::error::{Error, ErrorKind, Result};
use crate::name::Name;
use crate::sys::end::{EndKernel, INNER_BYTES, Inner, Token};
use crate::sys::{CreateOptions, KernelView};

impl EndKernel for Windows {
    fn inner(
        &self,
        section: &Handle,
        name: &Name,
        view: &Arc<View>,
        offset: usize,
        what: Inner,
        permissions: &Permissions,
    ) -> Result<Handle> {
        section.section()?;
        check_place(view, offset)?;
        let mut units = name.to_wide();
        units.extend(format!(".lasthandle-{offset}").encode_utf16());
        let name = Name::from_wide(&units)?;
        let options = CreateOptions {
            access: Access::SYNC_ALL,
            permissions: permissions.clone(),
            inheritable: false,
            exclusive: false,
        };
        let (handle, _) = match what {
            Inner::Event => event::create(Some(&name), false, false, &options)?,
            Inner::Mutex => mutex::create(Some(&name), false, &options)?,
        };
        Ok(handle)
    }

    fn me(&self, section: &Handle) -> Result<Token> {
        section.section()?;
        // SAFETY: returns a constant.
        let this = unsafe { GetCurrentProcess() };
        token(std::process::id(), this).ok_or_else(error::last)
    }

    fn watch(&self, section: &Handle, peer: Token) -> Result<Option<Handle>> {
        if self.me(section)? == peer {
            return Ok(None);
        }
        match Found::by(peer) {
            Found::Process(process) => Ok(Some(Handle::new(process, Access::SYNCHRONIZE, Object::Process))),
            Found::Hidden => Ok(None),
            Found::Nobody => over(),
        }
    }

    fn is_alive(&self, _: &Handle, peer: Token) -> bool {
        match Found::by(peer) {
            Found::Process(process) => !has_ended(&process),
            Found::Hidden => true,
            Found::Nobody => false,
        }
    }
}

/// As on Linux, where the object lies there.
fn check_place(view: &View, offset: usize) -> Result<()> {
    let refuse = |kind, why: &'static str| Err(Error::new(kind).detail(why));
    if offset % INNER_BYTES != 0 {
        return refuse(ErrorKind::InvalidParameter, "the offset is not a multiple of 64");
    }
    if offset.checked_add(INNER_BYTES).is_none_or(|end| end > view.length()) {
        return refuse(ErrorKind::OutOfBounds, "the view ends before");
    }
    if !view.access().writes_through() {
        return refuse(ErrorKind::AccessDenied, "the view does not write what others see");
    }
    Ok(())
}

/// Signaled, for ever.
fn over() -> Result<Option<Handle>> {
    let options = CreateOptions {
        access: Access::SYNCHRONIZE,
        permissions: Permissions::Owner,
        inheritable: false,
        exclusive: false,
    };
    event::create(None, true, true, &options).map(|(handle, _)| Some(handle))
}

/// What a token leads to.
enum Found {
    Process(OwnedHandle),
    /// There is a process of that number, which this one may not ask.
    Hidden,
    Nobody,
}

impl Found {
    fn by(peer: Token) -> Self {
        let pid = u32::try_from(peer & u64::from(u32::MAX)).expect("masked");
        match process::open(pid, PROCESS_SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION) {
            Some(process) if token(pid, process.as_raw_handle()) == Some(peer) => Self::Process(process),
            None if error::last().kind() == ErrorKind::AccessDenied => Self::Hidden,
            Some(_) | None => Self::Nobody,
        }
    }
}

fn has_ended(process: &OwnedHandle) -> bool {
    // SAFETY: an open handle.
    let waited = unsafe { WaitForSingleObject(process.as_raw_handle(), 0) };
    waited == WAIT_OBJECT_0
}

/// None: the kernel does not tell when it was created.
fn token(pid: u32, process: HANDLE) -> Option<Token> {
    let [mut created, mut exited, mut kernel, mut user] = [FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 }; 4];
    // SAFETY: a handle that may be asked, and four live places.
    let done = unsafe { GetProcessTimes(process, &raw mut created, &raw mut exited, &raw mut kernel, &raw mut user) };
    (done != 0).then(|| u64::from(mixed(created)) << 32 | u64::from(pid))
}

/// Of two processes that have the same number one after another, the times differ in the low bits.
fn mixed(time: FILETIME) -> u32 {
    time.dwLowDateTime ^ time.dwHighDateTime.wrapping_mul(0x9E37_79B9)
}

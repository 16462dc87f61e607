//! Asking another process of the same user to give a handle, to take one, or to close one.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, connect, sockopt};
use rustix::process::geteuid;

use super::parcel::{Parcel, numbers};
use super::{service, socket};
use crate::kernel32::code::Code;
use crate::kernel32::process::Target;
use crate::kernel32::types::HANDLE;

/// A stopped process does not answer; it may go on in a moment.
const PATIENCE: Duration = Duration::from_secs(5);

/// A copy of a handle of that process.
pub(crate) fn fetch(from: &Target, source: HANDLE, access: u32, options: u32, flags: u32) -> Result<Parcel, Code> {
    let message = [service::FETCH, value(source)?, access, options, flags];
    let (_, bytes, fd) = ask(from, &to_bytes(&message), None)?;
    fd.and_then(|fd| Parcel::from_bytes(&bytes, fd)).ok_or(Code::INVALID_HANDLE)
}

/// Gives a process a handle; its value there.
pub(crate) fn deliver(to: &Target, parcel: &Parcel) -> Result<u32, Code> {
    if to.has_ended() {
        return Err(Code::ACCESS_DENIED);
    }
    let put = to.outbox.as_ref().map(|outbox| outbox.put(parcel)).transpose()?.flatten();
    if let Some(value) = put {
        return Ok(value);
    }
    let message = [to_bytes(&[service::DELIVER]), parcel.to_bytes()].concat();
    Ok(ask(to, &message, Some(parcel.descriptor().as_fd()))?.0)
}

/// Closes a handle of that process.
pub(crate) fn close(from: &Target, source: HANDLE) -> Result<(), Code> {
    ask(from, &to_bytes(&[service::CLOSE, value(source)?]), None).map(|_| ())
}

/// No value of a handle has more bits.
fn value(handle: HANDLE) -> Result<u32, Code> {
    u32::try_from(handle.addr()).map_err(|_| Code::INVALID_HANDLE)
}

fn to_bytes(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// What it answers: a number, and what goes with it.
fn ask(
    other: &Target,
    message: &[u8],
    descriptor: Option<BorrowedFd<'_>>,
) -> Result<(u32, Vec<u8>, Option<OwnedFd>), Code> {
    let connection = connected(other).map_err(code)?;
    socket::send(&connection, message, descriptor, SendFlags::empty()).map_err(code)?;
    let (bytes, fd) = socket::receive(&connection, RecvFlags::empty()).map_err(code)?;
    match numbers(&bytes) {
        Some(([0, value], rest)) => Ok((value, rest.to_vec(), fd)),
        Some(([code, _], _)) => Err(Code(code)),
        None => Err(Code::ACCESS_DENIED), // it ended, or does not let us
    }
}

/// A connection to that very process, if it is the same user's.
fn connected(other: &Target) -> Result<OwnedFd, Errno> {
    let connection = service::socket()?;
    sockopt::set_socket_timeout(&connection, sockopt::Timeout::Send, Some(PATIENCE))?;
    sockopt::set_socket_timeout(&connection, sockopt::Timeout::Recv, Some(PATIENCE))?;
    connect(&connection, &service::address(other.number())?)?;
    let peer = sockopt::socket_peercred(&connection)?;
    // Alive after it was connected to: so its number was its own all the time.
    let is_it = peer.pid == other.pid() && peer.uid == geteuid() && !other.has_ended();
    if is_it { Ok(connection) } else { Err(Errno::ACCESS) }
}

fn code(errno: Errno) -> Code {
    match errno {
        Errno::AGAIN => Code::BUSY,
        Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::NOBUFS | Errno::TOOMANYREFS => Code::NO_SYSTEM_RESOURCES,
        _ => Code::ACCESS_DENIED,
    }
}

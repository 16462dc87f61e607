//! What other processes of the same user may ask of this one, and the thread that answers: `DuplicateHandle` with a
//! handle of this process, or into it.
//!
//! The thread listens at an abstract address, which leaves nothing behind, whatever ends the process. It is started when
//! this process tells its number, opens or starts another one, or was started by `CreateProcess`: one that did nothing of
//! the sort is known to nobody, and has no such thread.
//!
//! # Safety
//! The socket that the thread listens at is never closed but in a forked child, which has not that thread.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketAddrUnix, SocketFlags, SocketType, accept_with, bind, listen,
    socket_with, sockopt,
};
use rustix::process::geteuid;

use super::arrival::{self, Passing};
use super::parcel::{Parcel, numbers};
use super::socket;
use crate::kernel32::background;
use crate::kernel32::code::Code;
use crate::kernel32::fork;
use crate::kernel32::handle::copied;
use crate::kernel32::table;
use crate::kernel32::types::HANDLE;

/// Give a copy of a handle: its value, the rights, the options, the new handle's flags.
pub(super) const FETCH: u32 = 1;
/// Enter what is in the parcel.
pub(super) const DELIVER: u32 = 2;
/// Close a handle: its value.
pub(super) const CLOSE: u32 = 3;

/// How long one who asks may keep others waiting.
const PATIENCE: Duration = Duration::from_secs(1);

static SERVES: AtomicBool = AtomicBool::new(false);

/// The listening socket.
pub(super) struct Service(RawFd);

/// From now on other processes of this user may pass handles. (Where that cannot be had, they cannot.)
#[inline]
pub(crate) fn serve() {
    if !SERVES.load(Ordering::Relaxed) {
        serve_slowly();
    }
}

#[cold]
fn serve_slowly() {
    fork::watch();
    let mut passing = arrival::lock();
    if !SERVES.swap(true, Ordering::Relaxed) {
        passing.service = start().ok();
    }
}

/// In a forked child: it is another process. Whoever connected to its parent would wait for it in vain.
pub(super) fn after_fork(passing: &mut Passing) {
    SERVES.store(false, Ordering::Relaxed);
    if let Some(Service(fd)) = passing.service.take() {
        // SAFETY: this copy is nobody's but ours.
        drop(unsafe { OwnedFd::from_raw_fd(fd) });
    }
}

/// Where the process of that number listens. Numbers are those of one name space of processes.
pub(super) fn address(number: u32) -> Result<SocketAddrUnix, Errno> {
    let space = rustix::fs::stat("/proc/self/ns/pid").map_or(0, |status| status.st_ino);
    SocketAddrUnix::new_abstract_name(format!("lasthandle.{space:x}.{number}").as_bytes())
}

pub(super) fn socket() -> Result<OwnedFd, Errno> {
    let socket = socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    rustix::io::fcntl_dupfd_cloexec(socket, 3)
}

fn start() -> Result<Service, Errno> {
    let socket = socket()?;
    bind(&socket, &address(std::process::id())?)?;
    listen(&socket, 64)?;
    let number = socket.as_raw_fd();
    background::start("handles", move || run(number)).map_err(|_| Errno::AGAIN)?;
    Ok(Service(socket.into_raw_fd()))
}

/// The thread.
fn run(number: RawFd) {
    // SAFETY: see the top.
    let listener = unsafe { BorrowedFd::borrow_raw(number) };
    loop {
        match accept_with(listener, SocketFlags::CLOEXEC) {
            Ok(connection) => _ = answer(&connection),
            // Out of descriptors, or memory: others may have given some back in a moment.
            Err(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => std::thread::sleep(PATIENCE / 10),
            Err(Errno::INTR | Errno::CONNABORTED) => {}
            Err(_) => return,
        }
    }
}

fn answer(connection: &OwnedFd) -> Result<(), Errno> {
    if sockopt::socket_peercred(connection)?.uid != geteuid() {
        return Err(Errno::ACCESS);
    }
    sockopt::set_socket_timeout(connection, sockopt::Timeout::Recv, Some(PATIENCE))?;
    sockopt::set_socket_timeout(connection, sockopt::Timeout::Send, Some(PATIENCE))?;
    let (bytes, fd) = socket::receive(connection, RecvFlags::empty())?;
    let result = match numbers(&bytes) {
        Some(([FETCH], rest)) => return give(connection, rest),
        Some(([DELIVER], rest)) => take(rest, fd),
        Some(([CLOSE], rest)) => close(rest),
        _ => Err(Code::INVALID_PARAMETER),
    };
    reply(connection, result, None)
}

fn reply(connection: &OwnedFd, result: Result<u32, Code>, parcel: Option<&Parcel>) -> Result<(), Errno> {
    let (code, value) = result.map_or_else(|code| (code.0, 0), |value| (0, value));
    let mut bytes = [code.to_le_bytes(), value.to_le_bytes()].concat();
    bytes.extend(parcel.iter().flat_map(|parcel| parcel.to_bytes()));
    socket::send(connection, &bytes, parcel.map(|parcel| parcel.descriptor().as_fd()), SendFlags::empty())
}

fn give(connection: &OwnedFd, request: &[u8]) -> Result<(), Errno> {
    let Some(([value, access, options, flags], _)) = numbers(request) else {
        return reply(connection, Err(Code::INVALID_PARAMETER), None);
    };
    let source = handle(value);
    let parcel = table::get(source).and_then(|entry| {
        let (object, access) = copied(&entry, access, options)?;
        Parcel::pack(&object, access.bits(), entry.name.as_ref(), flags)
    });
    let result = parcel.as_ref().map(|_| 0).map_err(|code| *code);
    let sent = reply(connection, result, parcel.as_ref().ok());
    if options & crate::kernel32::handle::CLOSE_SOURCE != 0 && sent.is_ok() {
        let _ = table::close(source);
    }
    sent
}

fn take(request: &[u8], fd: Option<OwnedFd>) -> Result<u32, Code> {
    let parcel = fd.and_then(|fd| Parcel::from_bytes(request, fd)).ok_or(Code::INVALID_PARAMETER)?;
    let handle = table::insert(parcel.unpack()?)?;
    u32::try_from(handle.addr()).map_err(|_| Code::NO_SYSTEM_RESOURCES)
}

fn close(request: &[u8]) -> Result<u32, Code> {
    let ([value], _) = numbers(request).ok_or(Code::INVALID_PARAMETER)?;
    table::close(handle(value)).map(|()| 0)
}

fn handle(value: u32) -> HANDLE {
    std::ptr::without_provenance_mut(value as usize)
}

#[cfg(test)]
mod tests {
    use lasthandle::{Access, Event};

    use super::*;
    use crate::kernel32::named::entered;
    use crate::kernel32::passing;
    use crate::kernel32::process::this_process;
    use rustix::net::connect;

    fn asked(message: &[u8], fd: Option<BorrowedFd<'_>>) -> Option<u32> {
        let connection = socket().unwrap();
        connect(&connection, &address(std::process::id()).unwrap()).unwrap();
        socket::send(&connection, message, fd, SendFlags::empty()).unwrap();
        let (bytes, _) = socket::receive(&connection, RecvFlags::empty()).unwrap();
        numbers(&bytes).map(|([code, _], _)| code)
    }

    #[test]
    fn whatever_is_asked_the_service_goes_on() {
        serve();
        let event = Event::options().manual_reset(true).create_unnamed().unwrap();
        let handle = entered(event.into(), Access::from_bits(0x1F_0003), None, 0).unwrap();
        let (pipe, _) = rustix::pipe::pipe().unwrap();
        for verb in 0..5_u32 {
            for kind in 0..13_u32 {
                for length in [0, 3, 4, 28, 31, 70_000] {
                    let mut message = [verb.to_le_bytes(), kind.to_le_bytes()].concat();
                    message.resize(4 + length, 0xA5);
                    for fd in [None, Some(pipe.as_fd())] {
                        // A pipe is a file, and may be delivered as one: with a name, as the numbers say, of one unit.
                        let good = verb == DELIVER && [8, 9].contains(&kind) && length == 31 && fd.is_some();
                        let code = asked(&message, fd);
                        assert!(code.is_some_and(|code| (code == 0) == good), "{verb} {kind} {length}: {code:?}");
                    }
                }
            }
        }
        // One that says nothing keeps the others waiting for a second only.
        let silent = socket().unwrap();
        connect(&silent, &address(std::process::id()).unwrap()).unwrap();
        let me = this_process().unwrap();
        let parcel = passing::fetch(me.target(), handle, 0x10_0000, 0, 0).unwrap();
        let new = parcel.unpack().unwrap();
        assert_eq!(new.access, 0x10_0000);
        assert_eq!(new.object.event().unwrap().set().unwrap_err().windows_code(), 5);
        passing::close(me.target(), handle).unwrap();
        assert_eq!(passing::close(me.target(), handle).unwrap_err(), Code::INVALID_HANDLE);
    }
}

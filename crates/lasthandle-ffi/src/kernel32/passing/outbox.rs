//! Handles for a child that has not asked for them: the parent may put some in before the child has begun to run.
//!
//! They wait in a socket, and so do the objects, as long as the child, or whoever has its end of the socket, lives. The
//! child looks there when it is given a handle that it does not know. The parent chooses the numbers: a half of the
//! table is kept for them, and nobody else puts any there.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::io::Errno;
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, socketpair, sockopt};

use super::parcel::{Parcel, out_of_the_way};
use super::socket;
use crate::kernel32::code::Code;
use crate::kernel32::table::Number;

pub(crate) struct Outbox {
    socket: OwnedFd,
    /// A forked child has a copy, and would choose the same numbers.
    owner: u32,
    next: AtomicU32,
}

/// Bytes that the messages may take.
const ROOM: usize = 1 << 20;

impl Outbox {
    /// It, and the child's end. `next`: the first number that is free.
    pub(super) fn new(next: u32) -> Result<(Self, OwnedFd), Code> {
        let pair = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None);
        let (socket, end) = pair.map_err(|_| Code::NO_SYSTEM_RESOURCES)?;
        let end = out_of_the_way(end.as_fd())?;
        let _ = sockopt::set_socket_send_buffer_size(&socket, ROOM);
        Ok((Self { socket, owner: std::process::id(), next: AtomicU32::new(next) }, end))
    }

    /// The handle's value in the child; none if it does not look there any more, or this is not the process to send.
    pub(super) fn put(&self, parcel: &Parcel) -> Result<Option<u32>, Code> {
        if self.owner != std::process::id() {
            return Ok(None);
        }
        let number = Number::given(self.next.fetch_add(1, Ordering::Relaxed)).as_u32();
        let message = [&number.to_le_bytes(), parcel.to_bytes().as_slice()].concat();
        match socket::send(&self.socket, &message, Some(parcel.descriptor().as_fd()), SendFlags::DONTWAIT) {
            Ok(()) => Ok(Some(number)),
            Err(Errno::PIPE | Errno::CONNRESET) => Ok(None),
            Err(_) => Err(Code::NO_SYSTEM_RESOURCES),
        }
    }
}

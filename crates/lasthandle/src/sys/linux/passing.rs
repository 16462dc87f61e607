//! Handles to and from other processes, as file descriptors.

use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use super::call;
use super::handle::Handle;
use super::received;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::mapping::Mapping;
use crate::mutex::Mutex;
use crate::semaphore::Semaphore;
use crate::timer::Timer;

impl Handle {
    /// Takes over a descriptor that the parent made inheritable.
    ///
    /// # Safety
    /// `value` is an open descriptor that nobody else in this process uses.
    #[allow(unsafe_code)]
    pub unsafe fn from_inherited(value: u64) -> Result<Self> {
        let bad = || Error::new(ErrorKind::InvalidHandle).detail("that is no open descriptor");
        let raw = RawFd::try_from(value).ok().filter(|&raw| raw >= 0).ok_or_else(bad)?;
        // SAFETY: open and not used by others, by this function's contract.
        let fd = unsafe { OwnedFd::from_raw_fd(raw) };
        if call::status(fd.as_fd()).is_err() {
            std::mem::forget(fd); // closing it would be an error of its own
            return Err(bad());
        }
        received::handle(fd)
    }
}

/// The descriptor that views are mapped from, with the handle's own rights. It keeps the memory, not the name; what
/// shall keep the name in another process is [`Mapping::to_fd`].
impl AsFd for Mapping {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.handle().data().expect("a mapping has a descriptor").unchecked()
    }
}

/// What all kinds of objects have, each with what is to be said of it alone.
macro_rules! passing {
    ($($type:ident, $word:literal, $unsupported:literal, $rights:literal;)+) => {$(
        impl $type {
            /// A descriptor to send to another process (over a Unix socket, say). It is a holder by itself: on its way,
            /// and wherever it arrives, it keeps the name. The receiver makes it the object again with `TryFrom`.
            ///
            /// # Errors
            #[doc = concat!("[`ErrorKind::Unsupported`] ", $unsupported, "; [`ErrorKind::TooManyFiles`].")]
            pub fn to_fd(&self) -> Result<OwnedFd> {
                let fd = self.handle().to_fd();
                fd.map_err(|error| error.during(concat!("pass on ", $word), self.label().map(String::from)))
            }
        }

        #[doc = concat!("As [`", stringify!($type), "::to_fd`], and closes the handle.")]
        impl TryFrom<$type> for OwnedFd {
            type Error = Error;

            fn try_from(object: $type) -> Result<Self> {
                object.to_fd()
            }
        }

        #[doc = concat!("Takes over a descriptor that another process made with [`", stringify!($type), "::to_fd`].")]
        #[doc = $rights]
        ///
        /// # Errors
        /// [`ErrorKind::InvalidHandle`] if it leads to an object of another kind, [`ErrorKind::NotAnObject`] if to
        /// something else; [`ErrorKind::NotFound`] if the object's name has ended or is not this user's to see;
        /// [`ErrorKind::AccessDenied`]. It is closed then.
        impl TryFrom<OwnedFd> for $type {
            type Error = Error;

            fn try_from(fd: OwnedFd) -> Result<Self> {
                let adopted = received::handle(fd).and_then(Self::adopt);
                adopted.map_err(|error| error.during(concat!("take over a descriptor as ", $word), None))
            }
        }
    )+};
}

passing! {
    Mapping, "mapping", "for an unnamed mapping over a file", "It may do what the descriptor may.";
}

/// A sync object's descriptor tells nothing of rights: whatever a handle may do, it writes.
macro_rules! passing_sync {
    ($($type:ident $word:literal),+) => {
        passing! {$(
            $type, $word,
            "for an unnamed one, not created inheritable, in a process that used half of the descriptors that it may have",
            "It has all rights ([`Access::SYNC_ALL`](crate::Access::SYNC_ALL)), whatever the sender's handle had. One \
             without a name works in processes of the same user, with the same `LASTHANDLE_ROOT`; elsewhere it is \
             refused ([`ErrorKind::AccessDenied`], [`ErrorKind::UnusableRoot`]).";
        )+}
    };
}

passing_sync!(Event "event", Mutex "mutex", Semaphore "semaphore", Timer "timer");

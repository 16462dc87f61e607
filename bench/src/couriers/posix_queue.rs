//! POSIX message queues, one each way, of the ten messages that the system allows everybody.
//!
//! # Safety
//! A queue's descriptor is opened by `open` and closed by `drop`.

use std::ffi::{CString, c_char, c_long, c_uint};

use super::{Courier, Place};
use crate::Result;

const NAMES: [&str; 2] = ["mq-there", "mq-back"];
const MESSAGES: c_long = 10;

struct Queue(libc::mqd_t);

impl Queue {
    fn open(name: &CString, bytes: usize) -> Result<Self> {
        // SAFETY: plain numbers, for which zero is a value.
        let mut attributes: libc::mq_attr = unsafe { std::mem::zeroed() };
        attributes.mq_maxmsg = MESSAGES;
        attributes.mq_msgsize = c_long::try_from(bytes)?;
        let (flags, mode): (i32, c_uint) = (libc::O_RDWR | libc::O_CREAT, 0o600);
        // SAFETY: a text that ends in NUL, and the arguments after it as the manual has them.
        let queue = unsafe { libc::mq_open(name.as_ptr(), flags, mode, &raw mut attributes) };
        if queue < 0 { Err(std::io::Error::last_os_error().into()) } else { Ok(Self(queue)) }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: as the module says.
        unsafe { libc::mq_close(self.0) };
    }
}

pub struct PosixQueues {
    out: Queue,
    back: Queue,
    names: [CString; 2],
}

impl PosixQueues {
    fn open(place: &Place, [there, back]: [&str; 2]) -> Result<Self> {
        let name = |name| CString::new(format!("/{}", place.name(name)));
        let names = [name(there)?, name(back)?];
        let open = |at: usize| Queue::open(&names[at], place.bytes).map_err(|why| format!("POSIX mq: {why}"));
        Ok(Self { out: open(0)?, back: open(1)?, names })
    }
}

impl Courier for PosixQueues {
    const LABEL: &'static str = "POSIX mq";

    fn create(place: &Place) -> Result<Self> {
        Self::open(place, NAMES)
    }

    fn attach(place: &Place) -> Result<Self> {
        Self::open(place, [NAMES[1], NAMES[0]])
    }

    /// Both ends have them: the names can go, so that nothing stays behind.
    fn complete(&mut self) -> Result<()> {
        for name in &self.names {
            // SAFETY: a text that ends in NUL.
            unsafe { libc::mq_unlink(name.as_ptr()) };
        }
        Ok(())
    }

    fn send(&mut self, message: &[u8]) {
        // SAFETY: as many bytes as the slice has.
        let sent = unsafe { libc::mq_send(self.out.0, message.as_ptr().cast::<c_char>(), message.len(), 0) };
        assert_eq!(sent, 0);
    }

    fn receive(&mut self, into: &mut [u8]) {
        let address = into.as_mut_ptr().cast::<c_char>();
        // SAFETY: as many bytes as the slice has; the queue knows no priorities, and the manual allows a null for it.
        let received = unsafe { libc::mq_receive(self.back.0, address, into.len(), std::ptr::null_mut()) };
        assert_eq!(received, isize::try_from(into.len()).expect("a length"));
    }
}

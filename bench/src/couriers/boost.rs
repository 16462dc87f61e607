//! boost.interprocess' message queue, one each way: a few lines of C++ around it, compiled at the first use and loaded.
//!
//! # Safety
//! The functions have the types that `boost_queue.cpp` gives them, the library is never unloaded, and a queue's address
//! is used from `queue_create` or `queue_open` until `queue_close` and by one thread.

use std::ffi::{CString, c_char, c_int, c_void};

use super::{Courier, Gatherer, Place};
use crate::Result;
use crate::peers::{function, load, queue_library};

const NAMES: [&str; 2] = ["boost-there", "boost-back"];

#[derive(Clone, Copy)]
struct Calls {
    create: unsafe extern "C" fn(*const c_char, usize, usize) -> *mut c_void,
    open: unsafe extern "C" fn(*const c_char) -> *mut c_void,
    send: unsafe extern "C" fn(*mut c_void, *const c_void, usize) -> c_int,
    receive: unsafe extern "C" fn(*mut c_void, *mut c_void, usize) -> c_int,
    try_receive: unsafe extern "C" fn(*mut c_void, *mut c_void, usize) -> c_int,
    close: unsafe extern "C" fn(*mut c_void),
    remove: unsafe extern "C" fn(*const c_char),
}

impl Calls {
    fn load() -> Result<Self> {
        let library = load(&queue_library()?)?;
        Ok(Self {
            create: function(library, c"queue_create")?,
            open: function(library, c"queue_open")?,
            send: function(library, c"queue_send")?,
            receive: function(library, c"queue_receive")?,
            try_receive: function(library, c"queue_try_receive")?,
            close: function(library, c"queue_close")?,
            remove: function(library, c"queue_remove")?,
        })
    }
}

/// One queue, whose name goes with the process that made it.
pub struct Queue {
    calls: Calls,
    raw: *mut c_void,
    name: CString,
    is_mine: bool,
}

impl Queue {
    pub fn open(place: &Place, name: &str, create: bool) -> Result<Self> {
        let (calls, name) = (Calls::load()?, CString::new(place.name(name))?);
        let raw = if create {
            // SAFETY: a text that ends in NUL.
            unsafe { (calls.create)(name.as_ptr(), place.slots(), place.bytes) }
        } else {
            // SAFETY: as above.
            unsafe { (calls.open)(name.as_ptr()) }
        };
        if raw.is_null() {
            return Err("boost.interprocess has no such queue".into());
        }
        Ok(Self { calls, raw, name, is_mine: create })
    }

    pub fn send(&mut self, message: &[u8]) {
        // SAFETY: as the module says; as many bytes as the slice has.
        let sent = unsafe { (self.calls.send)(self.raw, message.as_ptr().cast(), message.len()) };
        assert_eq!(sent, 0);
    }

    pub fn receive(&mut self, into: &mut [u8]) {
        // SAFETY: as above.
        let received = unsafe { (self.calls.receive)(self.raw, into.as_mut_ptr().cast(), into.len()) };
        assert_eq!(received, 0);
    }

    pub fn try_receive(&mut self, into: &mut [u8]) -> bool {
        // SAFETY: as in `receive`.
        let received = unsafe { (self.calls.try_receive)(self.raw, into.as_mut_ptr().cast(), into.len()) };
        assert!(received >= 0);
        received > 0
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: as the module says; the last use.
        unsafe { (self.calls.close)(self.raw) };
        if self.is_mine {
            // SAFETY: a text that ends in NUL.
            unsafe { (self.calls.remove)(self.name.as_ptr()) };
        }
    }
}

pub struct Boost {
    out: Queue,
    back: Queue,
}

impl Boost {
    fn both(place: &Place, [there, back]: [&str; 2], create: bool) -> Result<Self> {
        Ok(Self { out: Queue::open(place, there, create)?, back: Queue::open(place, back, create)? })
    }
}

impl Courier for Boost {
    const LABEL: &'static str = "boost message_queue";

    fn create(place: &Place) -> Result<Self> {
        Self::both(place, NAMES, true)
    }

    fn attach(place: &Place) -> Result<Self> {
        Self::both(place, [NAMES[1], NAMES[0]], false)
    }

    fn send(&mut self, message: &[u8]) {
        self.out.send(message);
    }

    fn receive(&mut self, into: &mut [u8]) {
        self.back.receive(into);
    }
}

/// One queue, into which several send.
pub struct Gathering(Queue);

impl Gatherer for Gathering {
    const LABEL: &'static str = "boost message_queue";
    type Sender = Queue;

    fn create(place: &Place, _: usize) -> Result<Self> {
        Ok(Self(Queue::open(place, NAMES[0], true)?))
    }

    fn sender(place: &Place) -> Result<Queue> {
        Queue::open(place, NAMES[0], false)
    }

    fn send(sender: &mut Queue, message: &[u8]) {
        sender.send(message);
    }

    fn try_receive(&mut self, into: &mut [u8]) -> bool {
        self.0.try_receive(into)
    }
}

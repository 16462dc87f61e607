//! An eventfd each way, and shared memory with a place for one message each way. There is no queue: it is for calls that
//! are answered.
//!
//! # Safety
//! Whoever is not answered yet does not write, and whoever was not called yet does not read.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::ptr::copy_nonoverlapping;

use rustix::event::{EventfdFlags, eventfd};
use rustix::fs::{self, Mode, OFlags};
use rustix::io::{read, write};
use rustix::mm::MapFlags;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};

use super::{Courier, Place};
use crate::Result;
use crate::bare::Mapped;

const SIDE: usize = 4096;

struct Ends {
    out: OwnedFd,
    back: OwnedFd,
}

pub struct Eventfd {
    listener: Option<UnixListener>,
    ends: Option<Ends>,
    memory: Mapped,
    mine: usize,
}

fn memory(place: &Place) -> Result<Mapped> {
    assert!(place.bytes <= SIDE);
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC;
    let file = fs::open(place.path("eventfd-memory"), flags, Mode::RUSR | Mode::WUSR)?;
    fs::fallocate(&file, fs::FallocateFlags::empty(), 0, 2 * SIDE as u64)?;
    Ok(Mapped::new(file.as_fd(), 2 * SIDE, MapFlags::SHARED | MapFlags::POPULATE))
}

impl Courier for Eventfd {
    const LABEL: &'static str = "eventfd beside shared memory";

    fn create(place: &Place) -> Result<Self> {
        let _ = std::fs::remove_file(place.path("eventfd"));
        let listener = UnixListener::bind(place.path("eventfd"))?;
        Ok(Self { listener: Some(listener), ends: None, memory: memory(place)?, mine: 0 })
    }

    /// Descriptors of events have no names: this end makes them and sends them over.
    fn attach(place: &Place) -> Result<Self> {
        let socket = UnixStream::connect(place.path("eventfd"))?;
        let ends = Ends { out: eventfd(0, EventfdFlags::CLOEXEC)?, back: eventfd(0, EventfdFlags::CLOEXEC)? };
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let both = [ends.back.as_fd(), ends.out.as_fd()];
        if !control.push(SendAncillaryMessage::ScmRights(&both)) {
            return Err("no space for descriptors".into());
        }
        sendmsg(&socket, &[IoSlice::new(b"x")], &mut control, SendFlags::empty())?;
        Ok(Self { listener: None, ends: Some(ends), memory: memory(place)?, mine: SIDE })
    }

    fn complete(&mut self) -> Result<()> {
        let (socket, _) = self.listener.take().ok_or("completed twice")?.accept()?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        recvmsg(&socket, &mut [IoSliceMut::new(&mut [0])], &mut control, RecvFlags::CMSG_CLOEXEC)?;
        let mut got = control.drain().flat_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => descriptors.collect::<Vec<_>>(),
            _ => vec![],
        });
        let (out, back) = got.next().zip(got.next()).ok_or("no descriptors")?;
        self.ends = Some(Ends { out, back });
        Ok(())
    }

    fn send(&mut self, message: &[u8]) {
        // SAFETY: inside this direction's part, which is ours, as the module says.
        unsafe { copy_nonoverlapping(message.as_ptr(), self.memory.at(self.mine).cast(), message.len()) };
        write(&self.ends.as_ref().expect("complete").out, &1_u64.to_ne_bytes()).expect("send");
    }

    fn receive(&mut self, into: &mut [u8]) {
        read(&self.ends.as_ref().expect("complete").back, &mut [0; 8]).expect("receive");
        // SAFETY: inside the other direction's part, which the other does not write now, as the module says.
        unsafe { copy_nonoverlapping(self.memory.at(SIDE - self.mine).cast(), into.as_mut_ptr(), into.len()) };
    }
}

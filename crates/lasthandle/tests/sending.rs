//! Sync objects that are sent over a Unix socket.
//!
//! Alone in its program: a child that starts keeps every descriptor for a moment, and other tests look whether names
//! have ended.
#![cfg(target_os = "linux")]

mod common;

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use lasthandle::{Event, Mutex, Timeout, Waitable, Waited};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};

const RECEIVER: &str = "LASTHANDLE_TEST_RECEIVER";

/// Over a Unix socket, to a process that is no relative: what it does with them is seen here, and its end too.
#[test]
fn another_process_receives_them() {
    common::root();
    for name in [None, Some(common::name("sent"))] {
        let (event, mutex) = match &name {
            Some(name) => (Event::create(name).unwrap(), Mutex::create(format!("{name}-mutex")).unwrap()),
            None => (Event::options().create_unnamed().unwrap(), Mutex::options().create_unnamed().unwrap()),
        };
        let (ours, theirs) = UnixStream::pair().unwrap();
        let mut receiver = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "receiver"])
            .env(RECEIVER, "yes")
            .env("LASTHANDLE_ROOT", common::path())
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        for fd in [event.to_fd().unwrap(), mutex.to_fd().unwrap()] {
            send(&ours, fd.as_fd());
        }
        let patience = Timeout::After(Duration::from_secs(60));
        assert_eq!(event.wait(patience).unwrap(), Waited::Signaled(0));
        assert!(mutex.try_lock().unwrap().is_none(), "the receiver owns it");
        receiver.kill().unwrap();
        assert_eq!(mutex.wait(patience).unwrap(), Waited::Abandoned(0));
        assert_eq!(mutex.wait(Timeout::Now).unwrap(), Waited::Signaled(0));
        receiver.wait().unwrap();
    }
}

/// The other process. In an ordinary run of the tests: nothing.
#[test]
fn receiver() {
    if std::env::var_os(RECEIVER).is_none() {
        return;
    }
    let event = Event::try_from(receive()).unwrap();
    let mutex = Mutex::try_from(receive()).unwrap();
    let _owned = mutex.lock().unwrap();
    event.set().unwrap();
    std::thread::sleep(Duration::from_secs(60)); // it is killed before
}

fn send(over: &UnixStream, fd: BorrowedFd<'_>) {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let fds = [fd];
    assert!(control.push(SendAncillaryMessage::ScmRights(&fds)));
    assert_eq!(sendmsg(over, &[IoSlice::new(b".")], &mut control, SendFlags::empty()).unwrap(), 1);
}

fn receive() -> OwnedFd {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let stdin = std::io::stdin();
    recvmsg(&stdin, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::CMSG_CLOEXEC).unwrap();
    let message = control.drain().next().expect("a message with a descriptor");
    let RecvAncillaryMessage::ScmRights(mut fds) = message else { panic!("something else") };
    fds.next().expect("a descriptor")
}

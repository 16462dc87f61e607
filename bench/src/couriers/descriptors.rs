//! What the kernel copies: a pipe each way, and a Unix socket.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{Courier, Place};
use crate::Result;

const NAMES: [&str; 2] = ["pipe-there", "pipe-back"];

/// Two named pipes.
pub struct Pipe {
    out: File,
    back: File,
}

impl Pipe {
    fn open(place: &Place, [there, back]: [&str; 2]) -> Result<Self> {
        // For reading and writing, so that no open waits for the other end.
        let open = |name| File::options().read(true).write(true).open(place.path(name));
        Ok(Self { out: open(there)?, back: open(back)? })
    }
}

impl Courier for Pipe {
    const LABEL: &'static str = "pipe";

    fn create(place: &Place) -> Result<Self> {
        for name in NAMES {
            let _ = std::fs::remove_file(place.path(name));
            mknodat(CWD, place.path(name), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?;
        }
        Self::open(place, NAMES)
    }

    fn attach(place: &Place) -> Result<Self> {
        Self::open(place, [NAMES[1], NAMES[0]])
    }

    fn send(&mut self, message: &[u8]) {
        self.out.write_all(message).expect("send");
    }

    fn receive(&mut self, into: &mut [u8]) {
        self.back.read_exact(into).expect("receive");
    }
}

/// A stream, whose messages have one length.
pub struct Socket {
    listener: Option<UnixListener>,
    stream: Option<UnixStream>,
}

impl Courier for Socket {
    const LABEL: &'static str = "Unix socket";

    fn create(place: &Place) -> Result<Self> {
        let _ = std::fs::remove_file(place.path("socket"));
        Ok(Self { listener: Some(UnixListener::bind(place.path("socket"))?), stream: None })
    }

    fn attach(place: &Place) -> Result<Self> {
        Ok(Self { listener: None, stream: Some(UnixStream::connect(place.path("socket"))?) })
    }

    fn complete(&mut self) -> Result<()> {
        self.stream = Some(self.listener.take().ok_or("completed twice")?.accept()?.0);
        Ok(())
    }

    fn send(&mut self, message: &[u8]) {
        self.stream.as_mut().expect("complete").write_all(message).expect("send");
    }

    fn receive(&mut self, into: &mut [u8]) {
        self.stream.as_mut().expect("complete").read_exact(into).expect("receive");
    }
}

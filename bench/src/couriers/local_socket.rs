//! The crate interprocess: its local sockets. Messages have one length, so the stream needs no frames.

use std::io::{Read, Write};

use interprocess::local_socket::prelude::*;
use interprocess::local_socket::{GenericFilePath, Listener, ListenerOptions, Name, Stream};

use super::{Courier, Place};
use crate::Result;

pub struct LocalSocket {
    listener: Option<Listener>,
    stream: Option<Stream>,
}

fn name(place: &Place) -> Result<Name<'static>> {
    Ok(place.path("local-socket").to_fs_name::<GenericFilePath>()?)
}

impl Courier for LocalSocket {
    const LABEL: &'static str = "interprocess, local socket";

    fn create(place: &Place) -> Result<Self> {
        let listener = ListenerOptions::new().name(name(place)?).create_sync()?;
        Ok(Self { listener: Some(listener), stream: None })
    }

    fn attach(place: &Place) -> Result<Self> {
        Ok(Self { listener: None, stream: Some(Stream::connect(name(place)?)?) })
    }

    fn complete(&mut self) -> Result<()> {
        self.stream = Some(self.listener.take().ok_or("completed twice")?.accept()?);
        Ok(())
    }

    fn send(&mut self, message: &[u8]) {
        self.stream.as_mut().expect("complete").write_all(message).expect("send");
    }

    fn receive(&mut self, into: &mut [u8]) {
        self.stream.as_mut().expect("complete").read_exact(into).expect("receive");
    }
}

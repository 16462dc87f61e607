//! ipc-channel: a channel of bytes each way, whose ends go through a one-shot server. It blocks, as its `recv` does.

use ipc_channel::ipc::{self, IpcBytesReceiver, IpcBytesSender, IpcOneShotServer, IpcSender};

use super::{Courier, Place};
use crate::Result;

type Ends = (IpcBytesSender, IpcBytesReceiver);

pub struct IpcChannel {
    server: Option<IpcOneShotServer<Ends>>,
    ends: Option<Ends>,
}

impl Courier for IpcChannel {
    const LABEL: &'static str = "ipc-channel";

    fn create(place: &Place) -> Result<Self> {
        let (server, name) = IpcOneShotServer::new()?;
        std::fs::write(place.path("ipc-channel"), name)?;
        Ok(Self { server: Some(server), ends: None })
    }

    fn attach(place: &Place) -> Result<Self> {
        let server = IpcSender::connect(std::fs::read_to_string(place.path("ipc-channel"))?)?;
        let ((to_us, from_them), (to_them, from_us)) = (ipc::bytes_channel()?, ipc::bytes_channel()?);
        server.send((to_us, from_us))?;
        Ok(Self { server: None, ends: Some((to_them, from_them)) })
    }

    fn complete(&mut self) -> Result<()> {
        let server = self.server.take().ok_or("completed twice")?;
        self.ends = Some(server.accept()?.1);
        Ok(())
    }

    fn send(&mut self, message: &[u8]) {
        self.ends.as_ref().expect("complete").0.send(message).expect("send");
    }

    fn receive(&mut self, into: &mut [u8]) {
        into.copy_from_slice(&self.ends.as_ref().expect("complete").1.recv().expect("receive"));
    }
}

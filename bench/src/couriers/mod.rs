//! Those that carry messages between two processes, behind one trait: each is used as its own documentation
//! recommends, and all of them by the same loops (`figures/channel`).

#[cfg(feature = "aeron")]
pub mod aeron;
pub mod bare;
pub mod boost;
pub mod descriptors;
pub mod eventfd;
pub mod iceoryx;
pub mod inside;
pub mod ipc;
pub mod local_socket;
pub mod ours;
pub mod posix_queue;
pub mod signalled;

use std::ffi::{CString, OsStr};
use std::path::PathBuf;

use crate::Result;

/// Two ways between two processes: what one sends the other receives.
pub trait Courier: Sized + 'static {
    const LABEL: &'static str;
    /// The end of the process that begins, which makes what the other one opens.
    fn create(place: &Place) -> Result<Self>;
    /// The end of the other process.
    fn attach(place: &Place) -> Result<Self>;
    /// What remains to be done here when the other end is there.
    fn complete(&mut self) -> Result<()> {
        Ok(())
    }
    /// Copies the message in; waits for room.
    fn send(&mut self, message: &[u8]);
    /// Waits for the next message, and copies it out: it is as long as `into`.
    fn receive(&mut self, into: &mut [u8]);
}

/// One that has a message written and read where it lies. Only the first word is touched: the rest costs the same
/// wherever it lies.
pub trait Lender: Courier {
    fn send_in_place(&mut self, first: u64);
    fn receive_in_place(&mut self) -> u64;
}

/// One that sends several messages of one length in one call, and receives as many as are there.
pub trait Batcher: Courier {
    fn send_batch(&mut self, messages: &[u8], bytes: usize);
    /// How many, at least one.
    fn receive_batch(&mut self, into: &mut [u8], bytes: usize) -> usize;
}

/// One receiver of the messages of several senders.
pub trait Gatherer: Sized + 'static {
    const LABEL: &'static str;
    type Sender: 'static;
    /// The receiver, which comes first.
    fn create(place: &Place, senders: usize) -> Result<Self>;
    fn sender(place: &Place) -> Result<Self::Sender>;
    /// Waits for room.
    fn send(sender: &mut Self::Sender, message: &[u8]);
    /// Whether there was one.
    fn try_receive(&mut self, into: &mut [u8]) -> bool;
}

/// One sender, whose messages several receivers all get.
pub trait Caster: Sized + 'static {
    const LABEL: &'static str;
    type Receiver: 'static;
    fn create(place: &Place, receivers: usize) -> Result<Self>;
    fn receiver(place: &Place) -> Result<Self::Receiver>;
    fn send(&mut self, message: &[u8]);
    fn receive(receiver: &mut Self::Receiver, into: &mut [u8]);
}

/// Where two ends meet, and for messages of how many bytes.
#[derive(Debug, Clone)]
pub struct Place {
    directory: PathBuf,
    pub bytes: usize,
}

/// Of a ring's memory, about: a part of a processor's second cache.
const RING_BYTES: usize = 0x4_0000;

impl Place {
    /// Both processes have the root in their environment.
    pub fn here(bytes: usize) -> Result<Self> {
        let directory = std::env::var_os("LASTHANDLE_ROOT").ok_or("no LASTHANDLE_ROOT")?.into();
        Ok(Self { directory, bytes })
    }

    /// A path for a file of that kind, in the root.
    pub fn path(&self, kind: &str) -> PathBuf {
        self.directory.join(format!("{kind}-{}", self.bytes))
    }

    pub fn c_path(&self, kind: &str) -> Result<CString> {
        Ok(CString::new(self.path(kind).into_os_string().into_encoded_bytes())?)
    }

    /// A name outside the root that nobody else uses, and that is removed with the root if it stays.
    pub fn name(&self, kind: &str) -> String {
        let root = self.directory.file_name().unwrap_or(OsStr::new("bench")).to_string_lossy();
        format!("{root}.{kind}-{}", self.bytes)
    }

    pub fn root(&self) -> &std::path::Path {
        &self.directory
    }

    /// How many messages everybody's queue holds, where it can be told.
    pub fn slots(&self) -> usize {
        (RING_BYTES / self.bytes).next_power_of_two().clamp(4, 4096)
    }
}

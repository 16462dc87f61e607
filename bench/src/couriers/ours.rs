//! Ours: a channel of bytes each way; one receiver of several senders; one sender to several receivers.

use lasthandle::Timeout;
use lasthandle::channel::{BroadcastOptions, Broadcaster, ChannelOptions, Receiver, Sender, Subscriber};

use super::{Batcher, Caster, Courier, Gatherer, Lender, Place};
use crate::Result;

const NAMES: [&str; 2] = ["bench-channel-there", "bench-channel-back"];

pub struct Ours {
    sender: Sender,
    receiver: Receiver,
    bytes: usize,
}

/// As many messages as everybody's queue holds, and what belongs to each; of long ones one less, as the capacity is a
/// power of two, and twice as much memory would be twice as much for the caches.
pub fn options(place: &Place) -> ChannelOptions {
    let slot = (place.bytes + 8).next_multiple_of(64);
    let capacity = 1 << (slot * place.slots()).ilog2();
    ChannelOptions::new().capacity(capacity).max_message(place.bytes)
}

impl Ours {
    fn open(place: &Place, [there, back]: [&str; 2]) -> Result<Self> {
        let name = |name: &str| format!("{name}-{}", place.bytes);
        let (sender, receiver) = (options(place).sender(name(there))?, options(place).receiver(name(back))?);
        Ok(Self { sender, receiver, bytes: place.bytes })
    }
}

impl Courier for Ours {
    const LABEL: &'static str = "ours";

    fn create(place: &Place) -> Result<Self> {
        Self::open(place, NAMES)
    }

    fn attach(place: &Place) -> Result<Self> {
        Self::open(place, [NAMES[1], NAMES[0]])
    }

    #[inline]
    fn send(&mut self, message: &[u8]) {
        self.sender.send(message).expect("send");
    }

    #[inline]
    fn receive(&mut self, into: &mut [u8]) {
        self.receiver.recv_into(into, Timeout::Never).expect("receive");
    }
}

impl Lender for Ours {
    #[inline]
    fn send_in_place(&mut self, first: u64) {
        let mut slot = self.sender.reserve(self.bytes).expect("reserve");
        slot.write_at(0, &first.to_le_bytes()).expect("write");
        slot.commit(self.bytes).expect("commit");
    }

    #[inline]
    fn receive_in_place(&mut self) -> u64 {
        let mut first = [0; 8];
        self.receiver.recv_ref().expect("receive").read_at(0, &mut first).expect("read");
        u64::from_le_bytes(first)
    }
}

/// The typed form, which receives values: 64 bytes each.
pub struct Typed {
    sender: Sender<[u8; 64]>,
    receiver: Receiver<[u8; 64]>,
}

impl Typed {
    fn open(place: &Place, [there, back]: [&str; 2]) -> Result<Self> {
        let options = ChannelOptions::new().capacity(128 * place.slots());
        let name = |name: &str| format!("{name}-typed");
        Ok(Self { sender: options.sender(name(there))?, receiver: options.receiver(name(back))? })
    }
}

impl Courier for Typed {
    const LABEL: &'static str = "ours, typed";

    fn create(place: &Place) -> Result<Self> {
        Self::open(place, NAMES)
    }

    fn attach(place: &Place) -> Result<Self> {
        Self::open(place, [NAMES[1], NAMES[0]])
    }

    fn send(&mut self, message: &[u8]) {
        self.sender.send(message.try_into().expect("64 bytes")).expect("send");
    }

    fn receive(&mut self, into: &mut [u8]) {
        into.copy_from_slice(&self.receiver.recv().expect("receive"));
    }
}

impl Batcher for Typed {
    #[inline]
    fn send_batch(&mut self, messages: &[u8], _: usize) {
        let messages = messages.as_chunks::<64>().0;
        self.sender.send_batch(messages).expect("send");
    }

    #[inline]
    fn receive_batch(&mut self, into: &mut [u8], bytes: usize) -> usize {
        let (room, mut places) = (into.len() / bytes, into.chunks_exact_mut(bytes));
        let copy = |message: [u8; 64]| places.next().expect("room").copy_from_slice(&message);
        self.receiver.recv_batch(room, copy).expect("receive")
    }
}

/// One receiver.
pub struct Gathering(Receiver);

const GATHERED: &str = "bench-channel-gathered";

impl Gatherer for Gathering {
    const LABEL: &'static str = "ours";
    type Sender = Sender;

    fn create(place: &Place, senders: usize) -> Result<Self> {
        Ok(Self(options(place).senders(u32::try_from(senders)?).receiver(GATHERED)?))
    }

    fn sender(_: &Place) -> Result<Sender> {
        Ok(Sender::open(GATHERED)?)
    }

    #[inline]
    fn send(sender: &mut Sender, message: &[u8]) {
        sender.send(message).expect("send");
    }

    #[inline]
    fn try_receive(&mut self, into: &mut [u8]) -> bool {
        self.0.recv_into(into, Timeout::Now).expect("receive").is_some()
    }
}

/// The sender of a lossless broadcast.
pub struct Casting(Broadcaster);

fn cast_name(place: &Place) -> String {
    format!("bench-channel-cast-{}", place.bytes)
}

impl Caster for Casting {
    const LABEL: &'static str = "ours";
    type Receiver = Subscriber;

    fn create(place: &Place, receivers: usize) -> Result<Self> {
        // A message of more than 56 bytes takes a line more.
        let slot = place.bytes.next_multiple_of(64) + 64;
        let options = BroadcastOptions::new().capacity(slot * place.slots()).max_message(place.bytes);
        Ok(Self(options.receivers(u32::try_from(receivers)?).sender(cast_name(place))?))
    }

    fn receiver(place: &Place) -> Result<Subscriber> {
        Ok(Subscriber::open(cast_name(place))?)
    }

    #[inline]
    fn send(&mut self, message: &[u8]) {
        self.0.send(message).expect("send");
    }

    #[inline]
    fn receive(receiver: &mut Subscriber, into: &mut [u8]) {
        receiver.recv_into(into, Timeout::Never).expect("receive");
    }
}

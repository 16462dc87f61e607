//! iceoryx2: publish and subscribe on slices of bytes, one service each way. Copies are made as its examples make them
//! (`loan_slice_uninit`, `write_from_slice`); who waits looks all the time, as in its own benchmark. Its queue holds as
//! many messages as everybody's and does not overflow, so that nothing is lost.

use iceoryx2::config::Config;
use iceoryx2::port::publisher::Publisher;
use iceoryx2::port::subscriber::Subscriber;
use iceoryx2::prelude::*;
use iceoryx2::sample::Sample;
use iceoryx2::service::port_factory::publish_subscribe::PortFactory;

use super::{Caster, Courier, Gatherer, Lender, Place};
use crate::Result;

const NAMES: [&str; 2] = ["there", "back"];

pub type Service = PortFactory<ipc::Service, [u8], ()>;

pub struct Iceoryx {
    bytes: usize,
    publisher: Publisher<ipc::Service, [u8], ()>,
    subscriber: Subscriber<ipc::Service, [u8], ()>,
    _services: [Service; 2],
    _node: Node<ipc::Service>,
}

/// A node whose files all bear our name.
pub fn node(place: &Place) -> Result<Node<ipc::Service>> {
    set_log_level(LogLevel::Error);
    let mut config = Config::default();
    config.global.prefix = FileName::new(place.name("iox_").as_bytes())?;
    config.global.set_root_path(&Path::new(place.root().as_os_str().as_encoded_bytes())?);
    Ok(NodeBuilder::new().config(&config).signal_handling_mode(SignalHandlingMode::Disabled).create()?)
}

impl Iceoryx {
    fn open(place: &Place, [there, back]: [&str; 2]) -> Result<Self> {
        let node = node(place)?;
        let service = |name: &str| -> Result<Service> {
            let builder = node.service_builder(&name.try_into()?).publish_subscribe::<[u8]>();
            let builder = builder.subscriber_max_buffer_size(place.slots()).enable_safe_overflow(false);
            Ok(builder.payload_alignment(Alignment::new(8).ok_or("alignment")?).open_or_create()?)
        };
        let services = [service(there)?, service(back)?];
        let publisher = services[0].publisher_builder().initial_max_slice_len(place.bytes);
        let publisher = publisher.backpressure_strategy(BackpressureStrategy::RetryUntilDelivered).create()?;
        let subscriber = services[1].subscriber_builder().buffer_size(place.slots()).create()?;
        Ok(Self { bytes: place.bytes, publisher, subscriber, _services: services, _node: node })
    }

    #[inline]
    fn wait(&self) -> Sample<ipc::Service, [u8], ()> {
        loop {
            if let Some(sample) = self.subscriber.receive().expect("receive") {
                return sample;
            }
        }
    }
}

impl Courier for Iceoryx {
    const LABEL: &'static str = "iceoryx2";

    fn create(place: &Place) -> Result<Self> {
        Self::open(place, NAMES)
    }

    fn attach(place: &Place) -> Result<Self> {
        Self::open(place, [NAMES[1], NAMES[0]])
    }

    #[inline]
    fn send(&mut self, message: &[u8]) {
        let sample = self.publisher.loan_slice_uninit(message.len()).expect("loan");
        sample.write_from_slice(message).send().expect("send");
    }

    #[inline]
    fn receive(&mut self, into: &mut [u8]) {
        into.copy_from_slice(self.wait().payload());
    }
}

impl Lender for Iceoryx {
    #[inline]
    fn send_in_place(&mut self, first: u64) {
        let mut sample = self.publisher.loan_slice_uninit(self.bytes).expect("loan");
        for (to, byte) in sample.payload_mut().iter_mut().zip(first.to_le_bytes()) {
            to.write(byte);
        }
        // SAFETY: the receiver reads the eight bytes just written and no other.
        unsafe { sample.assume_init() }.send().expect("send");
    }

    #[inline]
    fn receive_in_place(&mut self) -> u64 {
        u64::from_le_bytes(self.wait().payload()[..8].try_into().expect("eight bytes"))
    }
}

/// One end of a service, with what keeps it alive.
pub struct End<T> {
    pub port: T,
    _service: Service,
    _node: Node<ipc::Service>,
}

type Publishing = End<Publisher<ipc::Service, [u8], ()>>;
type Subscribing = End<Subscriber<ipc::Service, [u8], ()>>;

const ONE: &str = "one";

/// A service for so many at either side.
fn service(place: &Place, publishers: usize, subscribers: usize) -> Result<(Node<ipc::Service>, Service)> {
    let node = node(place)?;
    let builder = node.service_builder(&ONE.try_into()?).publish_subscribe::<[u8]>();
    let builder = builder.subscriber_max_buffer_size(place.slots()).enable_safe_overflow(false);
    let service = builder.max_publishers(publishers).max_subscribers(subscribers).max_nodes(64).open_or_create()?;
    Ok((node, service))
}

/// A service as another has made it.
fn opened(place: &Place) -> Result<(Node<ipc::Service>, Service)> {
    let node = node(place)?;
    let service = node.service_builder(&ONE.try_into()?).publish_subscribe::<[u8]>().open()?;
    Ok((node, service))
}

fn publishing(place: &Place, (node, service): (Node<ipc::Service>, Service)) -> Result<Publishing> {
    let builder = service.publisher_builder().initial_max_slice_len(place.bytes);
    let port = builder.backpressure_strategy(BackpressureStrategy::RetryUntilDelivered).create()?;
    Ok(End { port, _service: service, _node: node })
}

fn subscribing((node, service): (Node<ipc::Service>, Service)) -> Result<Subscribing> {
    Ok(End { port: service.subscriber_builder().create()?, _service: service, _node: node })
}

/// What a program makes that sends to one other: node, service, publisher.
pub fn create_sender(place: &Place) -> Result<End<Publisher<ipc::Service, [u8], ()>>> {
    publishing(place, service(place, 1, 1)?)
}

/// What the other one makes.
pub fn attach_receiver(place: &Place) -> Result<End<Subscriber<ipc::Service, [u8], ()>>> {
    subscribing(opened(place)?)
}

fn send(to: &Publishing, message: &[u8]) {
    let sample = to.port.loan_slice_uninit(message.len()).expect("loan");
    sample.write_from_slice(message).send().expect("send");
}

fn try_receive(from: &Subscribing, into: &mut [u8]) -> bool {
    let sample = from.port.receive().expect("receive");
    sample.inspect(|sample| into.copy_from_slice(sample.payload())).is_some()
}

/// Several publishers and one subscriber.
pub struct Gathering(Subscribing);

impl Gatherer for Gathering {
    const LABEL: &'static str = "iceoryx2";
    type Sender = Publishing;

    fn create(place: &Place, senders: usize) -> Result<Self> {
        Ok(Self(subscribing(service(place, senders, 1)?)?))
    }

    fn sender(place: &Place) -> Result<Publishing> {
        publishing(place, opened(place)?)
    }

    fn send(sender: &mut Publishing, message: &[u8]) {
        send(sender, message);
    }

    fn try_receive(&mut self, into: &mut [u8]) -> bool {
        try_receive(&self.0, into)
    }
}

/// One publisher and several subscribers.
pub struct Casting(Publishing);

impl Caster for Casting {
    const LABEL: &'static str = "iceoryx2";
    type Receiver = Subscribing;

    fn create(place: &Place, receivers: usize) -> Result<Self> {
        Ok(Self(publishing(place, service(place, 1, receivers)?)?))
    }

    fn receiver(place: &Place) -> Result<Subscribing> {
        subscribing(opened(place)?)
    }

    fn send(&mut self, message: &[u8]) {
        send(&self.0, message);
    }

    fn receive(receiver: &mut Subscribing, into: &mut [u8]) {
        while !try_receive(receiver, into) {}
    }
}

//! What it takes until a channel is there, and until a second process is at it. Everything is closed again, too.

use lasthandle::channel::{Receiver, Sender};

use crate::Result;
use crate::bare;
use crate::couriers::boost::Queue;
use crate::couriers::{Place, iceoryx, ours};
use crate::measure::{Bench, Contender, Rival};
use crate::partner::{Part, Partner};

/// Not that of `memory`: what a holder that was killed leaves behind is found by who makes the same again.
const BYTES: usize = 16;
const NEW: &str = "bench-channel-new";
const LIVING: &str = "bench-channel-living";
/// Of iceoryx2's time.
const AIM: f64 = 0.1;

pub fn parts() -> Vec<(String, Part)> {
    vec![("hold channels".to_owned(), hold)]
}

pub fn create(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let path = bench.root.file("bare-ring");
    let place = Place::here(BYTES)?;
    let mut rivals = vec![Rival::new(
        Contender::by_the_wall("iceoryx2: node, service, publisher", || {
            drop(iceoryx::create_sender(&place).expect("create"));
        }),
        AIM,
    )];
    let found = Queue::open(&place, "boost-new", true).map(|_| {
        Contender::by_the_wall("boost message_queue", || drop(Queue::open(&place, "boost-new", true).expect("create")))
    });
    rivals.extend(bench.take(vec![found]).into_iter().map(|one| Rival::new(one, None)));
    rivals.push(Rival::new(Contender::by_the_wall("bare file of 512 KiB", || bare::create(&path, 0x8_0000)), None));
    let make = || drop(ours::options(&place).sender::<[u8]>(NEW).expect("create"));
    bench.contest(figure, Contender::by_the_wall("ours: a sender", make), rivals)
}

/// The other process sends, this one comes to receive.
pub fn attach(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let place = Place::here(BYTES)?;
    let partner = Partner::start(bench, bench.cpus.here)?;
    partner.ask("hold channels", 0)?;
    let mut rivals = vec![Rival::new(
        Contender::by_the_wall("iceoryx2: node, service, subscriber", || {
            drop(iceoryx::attach_receiver(&place).expect("attach"));
        }),
        AIM,
    )];
    let living = Queue::open(&place, "boost-living", true);
    let found = living.as_ref().map_err(|why| why.to_string().into()).map(|_| {
        Contender::by_the_wall("boost message_queue", || {
            drop(Queue::open(&place, "boost-living", false).expect("open"));
        })
    });
    rivals.extend(bench.take(vec![found]).into_iter().map(|one| Rival::new(one, None)));
    let attach = || drop(Receiver::<[u8]>::open(LIVING).expect("attach"));
    bench.contest(figure, Contender::by_the_wall("ours: the receiver", attach), rivals)
}

/// Holds one of each that has a living maker, as long as the process lives.
fn hold(_: &crate::partner::Stage, _: u64) -> Result<f64> {
    let place = Place::here(BYTES)?;
    let sender: Sender = ours::options(&place).sender(LIVING)?;
    std::mem::forget(sender);
    std::mem::forget(iceoryx::create_sender(&place)?);
    Ok(0.0)
}

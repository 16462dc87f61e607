//! Channels: messages between two processes, beside bare rings, bare futexes and those who do the like.

mod blocked;
mod broadcast;
pub mod latest;
mod limits;
mod memory;
pub mod names;
mod pair;
mod several;
mod tail;
pub mod trips;
mod ways;

pub use blocked::{other_cpu, same_cpu};
pub use broadcast::{to_many, to_one};
pub use memory::one_to_one;
pub use several::two_senders;
pub use ways::{batches, long, short};

use crate::Result;
use crate::couriers::bare::{Batches, Futexes, Rings};
use crate::couriers::boost::Boost;
use crate::couriers::descriptors::{Pipe, Socket};
use crate::couriers::eventfd::Eventfd;
use crate::couriers::iceoryx::Iceoryx;
use crate::couriers::ipc::IpcChannel;
use crate::couriers::local_socket::LocalSocket;
use crate::couriers::ours::{Ours, Typed};
use crate::couriers::posix_queue::PosixQueues;
use crate::couriers::signalled::Signalled;
use crate::measure::{Bench, Rival};
use crate::partner::{Part, Partner};
use pair::Make;

/// What the other process can do.
pub fn parts() -> Vec<(String, Part)> {
    use pair::{lender_parts, parts};
    let couriers = [
        [parts::<Ours>(), parts::<Typed>(), parts::<Rings>(), parts::<Batches>()].concat(),
        [parts::<Futexes>(), parts::<Iceoryx>(), parts::<Boost>(), parts::<Pipe>(), parts::<Socket>()].concat(),
        [parts::<Eventfd>(), parts::<IpcChannel>(), parts::<LocalSocket>(), parts::<PosixQueues>()].concat(),
        [parts::<Busy>(), parts::<Sleepy>()].concat(),
        #[cfg(feature = "aeron")]
        parts::<crate::couriers::aeron::Aeron>(),
        [lender_parts::<Ours>(), lender_parts::<Rings>(), lender_parts::<Iceoryx>()].concat(),
    ];
    [couriers.concat(), limits::parts(), ways::parts(), several::parts(), broadcast::parts(), names::parts()].concat()
}

/// By hand, from two crates.
type Busy = Signalled<raw_sync::events::BusyEvent>;
type Sleepy = Signalled<raw_sync::events::Event>;

/// We must be ahead of it.
const AHEAD: Option<f64> = Some(1.0);

/// Contenders of a figure, ours first, each with what our cost may be beside it.
type Field<'a> = &'a [(Make, Option<f64>)];

/// All of them in turn, with messages of so many bytes, between two processors.
fn across(figure: &'static str, bench: &mut Bench, bytes: usize, ours: Make, field: Field<'_>) -> Result<()> {
    let Some(other) = bench.other_cpu(figure) else { return Ok(()) };
    let partner = Partner::start(bench, other)?;
    let ours = ours(&partner, bytes)?;
    let found = field.iter().map(|(make, aim)| Ok(Rival::new(make(&partner, bytes)?, *aim))).collect();
    let rivals = bench.take(found);
    bench.contest_across(figure, &partner, ours, rivals)
}

//! There and back where one must sleep: on one processor, where both do, and on two, where the other one is found asleep.

use std::hint::spin_loop;
use std::time::{Duration, Instant};

use super::pair::{Make, Pair, round_trip};
use super::{AHEAD, Field, Sleepy, across};
use crate::Result;
use crate::couriers::Courier;
use crate::couriers::bare::Futexes;
use crate::couriers::boost::Boost;
use crate::couriers::descriptors::{Pipe, Socket};
use crate::couriers::eventfd::Eventfd;
use crate::couriers::ipc::IpcChannel;
use crate::couriers::local_socket::LocalSocket;
use crate::couriers::ours::Ours;
use crate::couriers::posix_queue::PosixQueues;
use crate::measure::{Bench, Contender, Rival};
use crate::partner::Partner;

const BYTES: usize = 56;
const AIM: Option<f64> = Some(1.05);
/// Until a processor without work has gone to rest.
const REST: Duration = Duration::from_micros(100);
/// Wake-ups in a slice, at most: a long one is likely to be disturbed.
const MOST: u64 = 8;

pub fn same_cpu(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let partner = Partner::start(bench, bench.cpus.here)?;
    let field: Field<'_> = &[
        (round_trip::<Futexes>, AIM),
        (round_trip::<Pipe>, AHEAD),
        (round_trip::<Socket>, AHEAD),
        (round_trip::<LocalSocket>, AHEAD),
        (round_trip::<PosixQueues>, AHEAD),
        (round_trip::<Eventfd>, AHEAD),
        (round_trip::<IpcChannel>, AHEAD),
        (round_trip::<Boost>, AHEAD),
        (round_trip::<Sleepy>, AHEAD),
    ];
    let ours = round_trip::<Ours>(&partner, BYTES)?;
    let found = field.iter().map(|(make, aim)| Ok(Rival::new(make(&partner, BYTES)?, *aim))).collect();
    let rivals = bench.take(found);
    bench.contest(figure, ours, rivals)
}

pub fn other_cpu(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let field: Field<'_> = &[
        (woken::<Futexes>, AIM),
        (woken::<Pipe>, AHEAD),
        (woken::<Socket>, AHEAD),
        (woken::<LocalSocket>, AHEAD),
        (woken::<PosixQueues>, AHEAD),
        (woken::<Eventfd>, AHEAD),
        (woken::<IpcChannel>, AHEAD),
        (woken::<Boost>, AHEAD),
        (woken::<Sleepy>, AHEAD),
    ];
    let ours: Make = woken::<Ours>;
    across(figure, bench, BYTES, ours, field)
}

/// The partner sleeps, as the kernel says, and its processor has had time to rest.
fn woken<C: Courier>(partner: &Partner, bytes: usize) -> Result<Contender<'_>> {
    let mut pair = Pair::<C>::new(partner, bytes)?;
    Ok(Contender::elsewhere(C::LABEL, move |times| {
        pair.wake(times.min(MOST), |stage| {
            stage.until_asleep(spin_loop)?;
            let resting = Instant::now();
            while resting.elapsed() < REST {}
            Ok(())
        })
    }))
}

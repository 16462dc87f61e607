//! In one direction, until the other process has them all.

use std::hint::black_box;

use super::limits::inside_one_way;
use super::pair::{Make, Pair, check, one_way, say_done, stamp, verb};
use super::{AHEAD, across};
use crate::Result;
use crate::couriers::Batcher;
#[cfg(feature = "aeron")]
use crate::couriers::aeron::Aeron;
use crate::couriers::bare::{Batches, Rings};
use crate::couriers::boost::Boost;
use crate::couriers::descriptors::{Pipe, Socket};
use crate::couriers::iceoryx::Iceoryx;
use crate::couriers::inside::{Crossbeam, Rtrb};
use crate::couriers::ipc::IpcChannel;
use crate::couriers::ours::{Ours, Typed};
use crate::measure::{Bench, Contender};
use crate::partner::{Part, Partner, Stage};

/// Messages of a batch.
const BATCH: usize = 32;

pub fn parts() -> Vec<(String, Part)> {
    vec![(verb::<Batches>("take batches"), take::<Batches>), (verb::<Typed>("take batches"), take::<Typed>)]
}

/// One call a message.
pub fn short<const BYTES: usize>(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let field: super::Field<'_> = &[
        (one_way::<Rings>, Some(2.0)),
        (one_way::<Iceoryx>, AHEAD),
        (one_way::<Boost>, AHEAD),
        #[cfg(feature = "aeron")]
        (one_way::<Aeron>, AHEAD),
        (one_way::<IpcChannel>, AHEAD),
        (one_way::<Pipe>, AHEAD),
        (one_way::<Socket>, AHEAD),
        (inside_one_way::<Crossbeam, BYTES>, None),
        (inside_one_way::<Rtrb, BYTES>, None),
    ];
    one_after_another(figure, bench, BYTES, one_way::<Ours>, field)
}

/// Messages whose copies are what they cost. The aims are 0.8 and 0.95 of the bare ring's bytes a second.
pub fn long<const BYTES: usize>(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let aim = if BYTES <= 4096 { 1.25 } else { 1.05 };
    let field: super::Field<'_> = &[
        (one_way::<Rings>, Some(aim)),
        (one_way::<Iceoryx>, AHEAD),
        (one_way::<Boost>, AHEAD),
        (one_way::<Pipe>, AHEAD),
        (one_way::<Socket>, AHEAD),
    ];
    one_after_another(figure, bench, BYTES, one_way::<Ours>, field)
}

/// Several messages a call. The aim is 0.8 of the bare ring's messages a second.
pub fn batches(figure: &'static str, bench: &mut Bench) -> Result<()> {
    one_after_another(figure, bench, 64, in_batches::<Typed>, &[(in_batches::<Batches>, Some(1.25))])
}

fn one_after_another(
    figure: &'static str,
    bench: &mut Bench,
    bytes: usize,
    ours: Make,
    field: super::Field<'_>,
) -> Result<()> {
    across(figure, bench, bytes, ours, field)?;
    bench.carries(figure, bytes);
    Ok(())
}

fn in_batches<C: Batcher>(partner: &Partner, bytes: usize) -> Result<Contender<'_>> {
    let mut pair = Pair::<C>::new(partner, bytes)?;
    let mut messages = vec![0; bytes * BATCH];
    Ok(Contender::elsewhere(format!("{}, {BATCH} a batch", C::LABEL), move |times| {
        let times = times.next_multiple_of(BATCH as u64);
        let took = pair.send_until_done(&verb::<C>("take batches"), times, |courier| {
            for first in (0..times).step_by(BATCH) {
                for (number, message) in (first..).zip(messages.chunks_exact_mut(bytes)) {
                    stamp(message, number);
                }
                courier.send_batch(black_box(&messages), bytes);
            }
        })?;
        Ok(took / times as f64)
    }))
}

fn take<C: Batcher>(stage: &Stage, times: u64) -> Result<f64> {
    super::pair::with_courier(stage, |courier: &mut C, bytes| {
        let mut messages = vec![0; bytes * BATCH];
        stage.ready();
        let mut number = 0;
        while number < times {
            let there = courier.receive_batch(black_box(&mut messages), bytes);
            for message in messages.chunks_exact(bytes).take(there) {
                check(message, number);
                number += 1;
            }
        }
    })?;
    say_done(stage);
    Ok(0.0)
}

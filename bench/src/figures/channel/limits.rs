//! What is no courier, and limits them: the cache line, copies, batches, and threads of one process.

use std::hint::black_box;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use super::pair::{check, say_done, stamp, until_done};
use crate::Result;
use crate::bare::ring::{Receiver, Ring, Sender};
use crate::couriers::Place;
use crate::couriers::inside::Inside;
use crate::cpus;
use crate::measure::Contender;
use crate::partner::{Part, Partner, Stage};

/// Lines of the page, besides those of `pair`.
const BALL: usize = 2;
/// Messages of a batch.
pub const BATCH: usize = 32;
const BATCHED: &str = "bare-batched";

pub fn parts() -> Vec<(String, Part)> {
    vec![("bounce".to_owned(), bounce), ("take batches".to_owned(), take_batches)]
}

/// *C* itself, between the same two processes.
pub fn line(partner: &Partner, _: usize) -> Result<Contender<'_>> {
    Ok(Contender::elsewhere("a cache line there and back (C)", |times| {
        partner.stage.page.line(BALL).store(0, Ordering::Release);
        let (took, _) = partner.together("bounce", times, |stage| {
            let start = Instant::now();
            cpus::call(stage.page.line(BALL), 0, times);
            start.elapsed().as_nanos() as f64
        })?;
        Ok(took / times as f64)
    }))
}

fn bounce(stage: &Stage, times: u64) -> Result<f64> {
    stage.ready();
    cpus::echo(stage.page.line(BALL), times);
    Ok(0.0)
}

/// In and out at both ends, by this processor alone.
pub fn four_copies(_: &Partner, bytes: usize) -> Result<Contender<'_>> {
    let (from, mut into) = (vec![1_u8; bytes], vec![0_u8; bytes]);
    Ok(Contender::here("four memcpys", move || {
        for _ in 0..4 {
            black_box(&mut into).copy_from_slice(black_box(&from));
        }
    }))
}

/// Batches through a ring without numbers, whose head is published once a batch.
pub fn batches(partner: &Partner, bytes: usize) -> Result<Contender<'_>> {
    let place = Place::here(bytes)?;
    let _ = std::fs::remove_file(place.path(BATCHED));
    let mut sender = Sender::new(Ring::dense(&place.c_path(BATCHED)?, bytes, place.slots())?);
    let mut receiver_sent = false;
    Ok(Contender::elsewhere("bare ring, batches", move |times| {
        let mut messages = vec![0; bytes * BATCH];
        let rounds = times.div_ceil(BATCH as u64);
        // The other end is opened once for each ring, told by whether it is a new one.
        let fresh = u64::from(!std::mem::replace(&mut receiver_sent, true));
        partner.ask("batch size", bytes as u64 * 2 + fresh)?;
        let took = until_done(partner, "take batches", rounds * BATCH as u64, || {
            for round in 0..rounds {
                for (at, message) in messages.chunks_exact_mut(bytes).enumerate() {
                    stamp(message, round * BATCH as u64 + at as u64);
                }
                sender.send_batch(black_box(&messages), bytes);
            }
        })?;
        Ok(took / (rounds * BATCH as u64) as f64)
    }))
}

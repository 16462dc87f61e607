//! Two processes that send at once, and one receiver here: three on two processors. One sender has the other processor;
//! the second shares this one with the receiver, which gives it up whenever it finds nothing.

use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::time::Instant;

use rustix::thread::sched_yield;

use super::pair::{check, stamp};
use crate::Result;
use crate::couriers::{Gatherer, Place, boost, iceoryx, ours};
use crate::measure::{Bench, Contender, Rival};
use crate::partner::{Part, Partner, Stage};

const BYTES: usize = 64;
const SENDERS: usize = 2;
/// The line of each one's page where both are told to begin: to start one takes longer than to fill a queue.
const GATE: usize = 1;
/// Messages for each that a slice is said to have: one processor changes hands every few milliseconds only.
const LONGER: u64 = 10;

pub fn parts() -> Vec<(String, Part)> {
    [parts_of::<ours::Gathering>(), parts_of::<iceoryx::Gathering>(), parts_of::<boost::Gathering>()].concat()
}

/// We must be ahead of both.
pub fn two_senders(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let Some(other) = bench.other_cpu(figure) else { return Ok(()) };
    let partners = [Partner::start(bench, other)?, Partner::start(bench, bench.cpus.here)?];
    let ours = gathered::<ours::Gathering>(&partners)?;
    let found = vec![gathered::<iceoryx::Gathering>(&partners), gathered::<boost::Gathering>(&partners)];
    let rivals = bench.take(found).into_iter().map(|one| Rival::new(one, 1.0)).collect();
    bench.contest(figure, ours, rivals)?;
    bench.carries(figure, BYTES);
    Ok(())
}

fn verb<G: Gatherer>(what: &str) -> String {
    format!("{what} {}, gathered", G::LABEL)
}

/// One of several, and which.
struct Sending<G: Gatherer> {
    sender: G::Sender,
    index: u64,
}

fn parts_of<G: Gatherer>() -> Vec<(String, Part)> {
    let open: Part = |stage, index| {
        stage.keep(Sending::<G> { sender: G::sender(&Place::here(BYTES)?)?, index });
        Ok(0.0)
    };
    vec![(verb::<G>("open sender"), open), (verb::<G>("send"), send::<G>)]
}

fn send<G: Gatherer>(stage: &Stage, times: u64) -> Result<f64> {
    stage.with(|Sending { sender, index }: &mut Sending<G>| {
        let mut message = [0; BYTES];
        stage.ready();
        while stage.page.line(GATE).load(Ordering::Acquire) == 0 {
            sched_yield();
        }
        for number in 0..times {
            stamp(&mut message, number * SENDERS as u64 + *index);
            G::send(sender, &message);
        }
    })?;
    Ok(0.0)
}

/// From one message to the next, whoever sent it.
fn gathered<G: Gatherer>(partners: &[Partner; SENDERS]) -> Result<Contender<'_>> {
    let mut receiver = G::create(&Place::here(BYTES)?, SENDERS)?;
    for (index, partner) in partners.iter().enumerate() {
        partner.ask(&verb::<G>("open sender"), index as u64)?;
    }
    let verb = verb::<G>("send");
    Ok(Contender::elsewhere(G::LABEL, move |times| {
        let each = LONGER * times.div_ceil(SENDERS as u64);
        let gate = |value| partners.iter().for_each(|one| one.stage.page.line(GATE).store(value, Ordering::Release));
        gate(0);
        let took = Cell::new(0.0);
        let [first, second] = partners;
        let (inner, _) = first.together(&verb, each, |_| {
            second.together(&verb, each, |_| {
                let start = Instant::now();
                gate(1);
                take_all(&mut receiver, each);
                took.set(start.elapsed().as_nanos() as f64);
            })
        })?;
        inner?;
        Ok(took.get() / (each * SENDERS as u64) as f64)
    }))
}

/// So many from each, which arrive in the order in which each sent them.
fn take_all<G: Gatherer>(receiver: &mut G, each: u64) {
    let (mut message, mut next) = ([0; BYTES], [0; SENDERS]);
    for _ in 0..each * SENDERS as u64 {
        while !receiver.try_receive(&mut message) {
            sched_yield();
        }
        let number = u64::from_le_bytes(message[..8].try_into().expect("a word"));
        let from = usize::try_from(number).expect("small") % SENDERS;
        check(&message, next[from] * SENDERS as u64 + from as u64);
        next[from] += 1;
    }
}

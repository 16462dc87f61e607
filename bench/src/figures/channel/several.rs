//! Two senders' ends in turn in the other process, and one receiver here: with two processors, two that really send at
//! once would take each other's.

use std::time::Instant;

use super::pair::{check, stamp};
use crate::Result;
use crate::couriers::{Gatherer, Place, boost, iceoryx, ours};
use crate::measure::{Bench, Contender, Rival};
use crate::partner::{Part, Partner, Stage};

const BYTES: usize = 64;
const SENDERS: usize = 2;

pub fn parts() -> Vec<(String, Part)> {
    [parts_of::<ours::Gathering>(), parts_of::<iceoryx::Gathering>(), parts_of::<boost::Gathering>()].concat()
}

/// We must be ahead of both.
pub fn two_senders(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let Some(other) = bench.other_cpu(figure) else { return Ok(()) };
    let partner = Partner::start(bench, other)?;
    let ours = gathered::<ours::Gathering>(&partner)?;
    let found = vec![gathered::<iceoryx::Gathering>(&partner), gathered::<boost::Gathering>(&partner)];
    let rivals = bench.take(found).into_iter().map(|one| Rival::new(one, 1.0)).collect();
    bench.contest_across(figure, &partner, ours, rivals)
}

fn verb<G: Gatherer>(what: &str) -> String {
    format!("{what} {}, gathered", G::LABEL)
}

struct Senders<G: Gatherer>(Vec<G::Sender>);

fn parts_of<G: Gatherer>() -> Vec<(String, Part)> {
    let open: Part = |stage, _| {
        let place = Place::here(BYTES)?;
        stage.keep(Senders::<G>((0..SENDERS).map(|_| G::sender(&place)).collect::<Result<_>>()?));
        Ok(0.0)
    };
    vec![(verb::<G>("open senders"), open), (verb::<G>("send"), send::<G>)]
}

fn send<G: Gatherer>(stage: &Stage, times: u64) -> Result<f64> {
    stage.with(|Senders(senders): &mut Senders<G>| {
        let mut message = [0; BYTES];
        stage.ready();
        for number in 0..times / SENDERS as u64 {
            stamp(&mut message, number);
            for sender in &mut *senders {
                G::send(sender, &message);
            }
        }
    })?;
    Ok(0.0)
}

/// From one message to the next, whoever sent it.
fn gathered<G: Gatherer>(partner: &Partner) -> Result<Contender<'_>> {
    let mut receiver = G::create(&Place::here(BYTES)?, SENDERS)?;
    partner.ask(&verb::<G>("open senders"), 0)?;
    Ok(Contender::elsewhere(G::LABEL, move |times| {
        let times = times.next_multiple_of(SENDERS as u64);
        let (took, _) = partner.together(&verb::<G>("send"), times, |_| {
            let (mut message, mut sum) = ([0; BYTES], 0_u64);
            let start = Instant::now();
            for _ in 0..times {
                receiver.receive(&mut message);
                let number = u64::from_le_bytes(message[..8].try_into().expect("a word"));
                check(&message, number);
                sum = sum.wrapping_add(number);
            }
            let took = start.elapsed().as_nanos() as f64;
            let each = times / SENDERS as u64;
            assert_eq!(sum, SENDERS as u64 * (each * (each - 1) / 2), "a message was lost or came twice");
            took
        })?;
        Ok(took / times as f64)
    }))
}

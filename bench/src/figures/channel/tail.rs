//! Not what a round trip takes as a rule, but what the slow ones take: each by itself, with a look at the clock in it.

use super::pair::Pair;
use crate::Result;
use crate::couriers::Courier;
use crate::measure::{Bench, Spread};
use crate::partner::Partner;
use crate::results::Tail;

/// Of a round: enough for one in a thousand to say something.
const TRIPS: u64 = 10_000;
/// The same of long messages, which take their time.
const LONG_TRIPS: u64 = 1_000;
const LONG: usize = 0x1_0000;
/// Bytes of what is sent at a stretch: few enough that others are likely to leave it alone.
const STRETCH: usize = 50 << 20;
/// Stretches that others disturbed are made again, so many times at most.
const TRIES: usize = 8;

/// Percentiles of the undisturbed rounds.
type Rounds = Vec<[f64; 3]>;
type Trips<'a> = (&'static str, Box<dyn FnMut(u64) -> Result<Vec<f64>> + 'a>);
pub type Make = for<'a> fn(&'a Partner, usize) -> Result<Trips<'a>>;

pub fn trips<C: Courier>(partner: &Partner, bytes: usize) -> Result<Trips<'_>> {
    let mut pair = Pair::<C>::new(partner, bytes)?;
    Ok((C::LABEL, Box::new(move |times| pair.trips(times))))
}

/// Everybody in turn, round by round; the median of each percentile over the rounds.
pub fn of(figure: &'static str, bench: &mut Bench, bytes: usize, field: &[Make]) -> Result<()> {
    let Some(other) = bench.other_cpu(figure) else { return Ok(()) };
    let partner = Partner::start(bench, other)?;
    let found = field.iter().map(|make| make(&partner, bytes)).collect();
    let mut all = bench.take(found);
    let mut rounds: Vec<Rounds> = vec![Vec::new(); all.len()];
    for _ in 0..bench.budget.rounds.0 {
        for (at, (_, run)) in all.iter_mut().enumerate() {
            rounds[at].extend(round(&partner, bytes, run)?);
        }
    }
    for ((label, _), rounds) in all.iter().zip(rounds) {
        if rounds.is_empty() {
            bench.skip(format!("{figure}: every round of {label} was disturbed"));
            continue;
        }
        let median = |at: usize| Spread::of(rounds.iter().map(|round| round[at]).collect()).median;
        let aim = (*label == "ours").then_some(1.6);
        let (p50, p99, p999) = (median(0), median(1), median(2));
        bench.tails.push(Tail { figure, label, rounds: rounds.len(), p50, p99, p999, aim });
    }
    Ok(())
}

fn round(partner: &Partner, bytes: usize, run: &mut impl FnMut(u64) -> Result<Vec<f64>>) -> Result<Option<[f64; 3]>> {
    let trips = if bytes > LONG { LONG_TRIPS } else { TRIPS };
    let stretch = trips.min((STRETCH / bytes) as u64);
    let mut took = Vec::new();
    while (took.len() as u64) < trips {
        let Some(found) = undisturbed(partner, stretch, run)? else { return Ok(None) };
        took.extend(found);
    }
    took.sort_by(f64::total_cmp);
    Ok(Some([500, 990, 999].map(|part| took[(took.len() - 1) * part / 1000])))
}

fn undisturbed(
    partner: &Partner,
    trips: u64,
    run: &mut impl FnMut(u64) -> Result<Vec<f64>>,
) -> Result<Option<Vec<f64>>> {
    for _ in 0..TRIES {
        let before = partner.interruptions();
        let took = run(trips)?;
        if partner.interruptions() == before {
            return Ok(Some(took));
        }
    }
    Ok(None)
}

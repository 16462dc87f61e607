//! Not what a round trip takes as a rule, but what the slow ones take: each by itself, with a look at the clock in it.

use super::pair::Pair;
use crate::Result;
use crate::couriers::Courier;
use crate::measure::{Bench, Spread};
use crate::partner::Partner;
use crate::results::Tail;

/// Of a round: enough for one in a thousand to say something.
const TRIPS: u64 = 10_000;
/// Rounds that others disturbed are made again, so many times at most.
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
            rounds[at].extend(undisturbed(&partner, run)?);
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

fn undisturbed(partner: &Partner, run: &mut impl FnMut(u64) -> Result<Vec<f64>>) -> Result<Option<[f64; 3]>> {
    for _ in 0..TRIES {
        let before = partner.interruptions();
        let mut took = run(TRIPS)?;
        if partner.interruptions() == before {
            took.sort_by(f64::total_cmp);
            return Ok(Some([500, 990, 999].map(|part| took[(took.len() - 1) * part / 1000])));
        }
    }
    Ok(None)
}

//! There and back between two processes on two processors, which look all the time.

use super::limits::{four_copies, inside_round_trip, line, two_lines};
use super::pair::{in_place, round_trip};
use super::{AHEAD, Busy, across, tail};
use crate::Result;
#[cfg(feature = "aeron")]
use crate::couriers::aeron::Aeron;
use crate::couriers::bare::Rings;
use crate::couriers::iceoryx::Iceoryx;
use crate::couriers::inside::{Crossbeam, Rtrb};
use crate::couriers::ours::Ours;
use crate::measure::Bench;

/// Messages that fit a cache line beside what belongs to them.
pub fn short<const BYTES: usize>(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let field: super::Field<'_> = &[
        (line, Some(0.7)),
        (two_lines, None),
        (round_trip::<Rings>, Some(1.15)),
        (round_trip::<Iceoryx>, AHEAD),
        (round_trip::<Busy>, AHEAD),
        #[cfg(feature = "aeron")]
        (round_trip::<Aeron>, AHEAD),
        (inside_round_trip::<Crossbeam, BYTES>, None),
        (inside_round_trip::<Rtrb, BYTES>, None),
    ];
    across(figure, bench, BYTES, round_trip::<Ours>, field)?;
    slow_ones(figure, bench, BYTES)
}

fn slow_ones(figure: &'static str, bench: &mut Bench, bytes: usize) -> Result<()> {
    let all: &[tail::Make] = &[
        tail::trips::<Ours>,
        tail::trips::<Rings>,
        tail::trips::<Iceoryx>,
        #[cfg(feature = "aeron")]
        tail::trips::<Aeron>,
    ];
    tail::of(figure, bench, bytes, all)
}

/// A page.
pub fn page(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let field: super::Field<'_> = &[
        (line, None),
        (two_lines, None),
        (round_trip::<Rings>, Some(1.1)),
        (round_trip::<Iceoryx>, AHEAD),
        (round_trip::<Busy>, AHEAD),
        #[cfg(feature = "aeron")]
        (round_trip::<Aeron>, AHEAD),
    ];
    across(figure, bench, 4096, round_trip::<Ours>, field)?;
    slow_ones(figure, bench, 4096)
}

/// A message that no cache near a processor holds.
pub fn large(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let field: super::Field<'_> = &[
        (four_copies, Some(1.1)),
        (round_trip::<Rings>, None),
        (round_trip::<Iceoryx>, AHEAD),
        (round_trip::<Busy>, AHEAD),
    ];
    across(figure, bench, 1 << 20, round_trip::<Ours>, field)?;
    slow_ones(figure, bench, 1 << 20)
}

/// Written and read where it lies: its length costs nothing.
pub fn lent<const BYTES: usize>(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let field: super::Field<'_> =
        &[(line, Some(1.25)), (two_lines, None), (in_place::<Rings>, None), (in_place::<Iceoryx>, AHEAD)];
    across(figure, bench, BYTES, in_place::<Ours>, field)
}

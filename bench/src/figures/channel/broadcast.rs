//! What a message to many costs its sender. The receivers are all in the other process, which takes what was sent when
//! the sender pauses; so nobody waits for room, and the sender finds its memory where the receivers have left it.

use std::time::Instant;

use super::AHEAD;
use super::pair::{check, stamp};
use crate::Result;
use crate::couriers::{Caster, Place, iceoryx, ours};
use crate::measure::{Bench, Contender, Rival};
use crate::partner::{Part, Partner};

const BYTES: usize = 64;
/// Sent before they are taken.
const BURST: u64 = 256;
/// Of a slice: 32 receivers need much longer for a message than its sender.
const MOST: u64 = 16;
/// Many.
const MANY: usize = 32;

pub fn parts() -> Vec<(String, Part)> {
    [parts_of::<ours::Casting>(), parts_of::<iceoryx::Casting>()].concat()
}

pub fn to_one(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let Some(other) = bench.other_cpu(figure) else { return Ok(()) };
    let partner = Partner::start(bench, other)?;
    let ours = cast::<ours::Casting>(&partner, 1)?;
    let rivals = vec![Rival::new(cast::<iceoryx::Casting>(&partner, 1)?, AHEAD)];
    bench.contest_across(figure, &partner, ours, rivals)
}

/// Beside the same to one.
pub fn to_many(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let Some(other) = bench.other_cpu(figure) else { return Ok(()) };
    // A partner keeps one of a kind.
    let (many, one) = (Partner::start(bench, other)?, Partner::start(bench, other)?);
    let ours = cast::<ours::Casting>(&many, MANY)?;
    let rivals = vec![
        Rival::new(cast::<ours::Casting>(&one, 1)?, 1.3),
        Rival::new(cast::<iceoryx::Casting>(&many, MANY)?, AHEAD),
        Rival::new(cast::<iceoryx::Casting>(&one, 1)?, None),
    ];
    bench.contest_across(figure, &many, ours, rivals)
}

struct Receivers<C: Caster>(Vec<C::Receiver>);

fn verb<C: Caster>(what: &str) -> String {
    format!("{what} {}, cast", C::LABEL)
}

/// A size tells apart what is for one and for many, as names have it in them.
fn place(receivers: usize) -> Result<Place> {
    Place::here(if receivers == 1 { BYTES } else { BYTES + size_of::<u64>() })
}

fn parts_of<C: Caster>() -> Vec<(String, Part)> {
    let open: Part = |stage, count| {
        let count = usize::try_from(count)?;
        let place = place(count)?;
        stage.keep(Receivers::<C>((0..count).map(|_| C::receiver(&place)).collect::<Result<_>>()?));
        Ok(0.0)
    };
    let drain: Part = |stage, times| {
        stage.with(|Receivers(receivers): &mut Receivers<C>| {
            let mut message = [0; BYTES];
            for receiver in receivers {
                for number in 0..times {
                    C::receive(receiver, &mut message);
                    check(&message, number);
                }
            }
        })?;
        Ok(0.0)
    };
    vec![(verb::<C>("open receivers"), open), (verb::<C>("drain"), drain)]
}

fn cast<C: Caster>(partner: &Partner, receivers: usize) -> Result<Contender<'_>> {
    let mut sender = C::create(&place(receivers)?, receivers)?;
    partner.ask(&verb::<C>("open receivers"), receivers as u64)?;
    Ok(Contender::elsewhere(format!("{}, to {receivers}", C::LABEL), move |times| {
        let (mut message, mut took) = ([0; BYTES], 0.0);
        let bursts = times.div_ceil(BURST).min(MOST);
        for _ in 0..bursts {
            let start = Instant::now();
            for number in 0..BURST {
                stamp(&mut message, number);
                sender.send(&message);
            }
            took += start.elapsed().as_nanos() as f64;
            partner.ask(&verb::<C>("drain"), BURST)?;
        }
        Ok(took / (bursts * BURST) as f64)
    }))
}

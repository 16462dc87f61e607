//! Two ends of a courier, one in this process and one in the partner, and the loops that everybody is driven by. Each
//! message bears its number at both ends, and is checked where it arrives.

use std::hint::black_box;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::Result;
use crate::couriers::{Courier, Lender, Place};
use crate::measure::Contender;
use crate::partner::{Part, Partner, Stage};

/// The line of the page where a receiver says that it has them all.
const DONE: usize = 1;
const WORD: usize = size_of::<u64>();

/// An end in whichever process.
struct End<C> {
    courier: C,
    message: Vec<u8>,
}

impl<C: Courier> End<C> {
    fn new(courier: C, bytes: usize) -> Self {
        Self { courier, message: vec![0; bytes] }
    }

    #[inline]
    fn send(&mut self, number: u64) {
        stamp(&mut self.message, number);
        self.courier.send(black_box(&self.message));
    }

    #[inline]
    fn receive(&mut self, number: u64) {
        self.courier.receive(black_box(&mut self.message));
        check(&self.message, number);
    }
}

#[inline]
pub fn stamp(message: &mut [u8], number: u64) {
    let last = message.len() - WORD;
    message[last..].copy_from_slice(&number.to_le_bytes());
    message[..WORD].copy_from_slice(&number.to_le_bytes());
}

#[inline]
pub fn check(message: &[u8], number: u64) {
    let word = |at: usize| u64::from_le_bytes(message[at..at + WORD].try_into().expect("a word"));
    assert_eq!((word(0), word(message.len() - WORD)), (number, number));
}

pub fn verb<C: Courier>(what: &str) -> String {
    format!("{what} {}", C::LABEL)
}

/// What the partner does with a courier.
pub fn parts<C: Courier>() -> Vec<(String, Part)> {
    vec![
        (verb::<C>("attach"), attach::<C>),
        (verb::<C>("leave"), |stage, _| {
            stage.forget::<End<C>>();
            Ok(0.0)
        }),
        (verb::<C>("answer"), answer::<C>),
        (verb::<C>("take"), take::<C>),
    ]
}

pub fn lender_parts<C: Lender>() -> Vec<(String, Part)> {
    vec![(verb::<C>("answer in place"), answer_in_place::<C>)]
}

/// The partner lives on where a peer is not there: it answers 1.
fn attach<C: Courier>(stage: &Stage, bytes: u64) -> Result<f64> {
    let bytes = usize::try_from(bytes)?;
    match Place::here(bytes).and_then(|place| C::attach(&place)) {
        Ok(courier) => stage.keep(End::new(courier, bytes)),
        Err(why) => {
            eprintln!("  {}, at the other end: {why}", C::LABEL);
            return Ok(1.0);
        }
    }
    Ok(0.0)
}

fn answer<C: Courier>(stage: &Stage, times: u64) -> Result<f64> {
    stage.with(|end: &mut End<C>| {
        stage.ready();
        for number in 0..times {
            end.receive(number);
            end.send(number);
        }
    })?;
    Ok(0.0)
}

fn answer_in_place<C: Lender>(stage: &Stage, times: u64) -> Result<f64> {
    stage.with(|end: &mut End<C>| {
        stage.ready();
        for _ in 0..times {
            let first = end.courier.receive_in_place();
            end.courier.send_in_place(first);
        }
    })?;
    Ok(0.0)
}

fn take<C: Courier>(stage: &Stage, times: u64) -> Result<f64> {
    stage.with(|end: &mut End<C>| {
        stage.ready();
        for number in 0..times {
            end.receive(number);
        }
    })?;
    say_done(stage);
    Ok(0.0)
}

/// Has the partner's end do something, with messages of so many bytes.
pub fn with_courier<C: Courier>(stage: &Stage, use_it: impl FnOnce(&mut C, usize)) -> Result<()> {
    stage.with(|end: &mut End<C>| use_it(&mut end.courier, end.message.len()))
}

pub fn say_done(stage: &Stage) {
    stage.page.line(DONE).store(1, Ordering::Release);
}

/// Nanoseconds of what is done here until the partner has said that it is done.
pub fn until_done(partner: &Partner, verb: &str, times: u64, mine: impl FnOnce()) -> Result<f64> {
    partner.stage.page.line(DONE).store(0, Ordering::Release);
    let (took, _) = partner.together(verb, times, |stage| {
        let start = Instant::now();
        mine();
        while stage.page.line(DONE).load(Ordering::Acquire) == 0 {
            std::hint::spin_loop();
        }
        start.elapsed().as_nanos() as f64
    })?;
    Ok(took)
}

/// Both ends of a courier. The other one goes with this one.
pub struct Pair<'a, C: Courier> {
    partner: &'a Partner,
    end: End<C>,
}

impl<'a, C: Courier> Pair<'a, C> {
    pub fn new(partner: &'a Partner, bytes: usize) -> Result<Self> {
        let place = Place::here(bytes)?;
        let end = End::new(C::create(&place).map_err(|why| format!("{}: {why}", C::LABEL))?, bytes);
        let mut pair = Self { partner, end };
        if partner.ask(&verb::<C>("attach"), bytes as u64)? > 0.0 {
            return Err(format!("{}, {bytes} bytes: the other process cannot attach", C::LABEL).into());
        }
        pair.end.courier.complete()?;
        Ok(pair)
    }

    fn together(&mut self, what: &str, times: u64, mine: impl FnOnce(&mut End<C>)) -> Result<f64> {
        let end = &mut self.end;
        let (took, _) = self.partner.together(&verb::<C>(what), times, |_| {
            let start = Instant::now();
            mine(end);
            start.elapsed().as_nanos() as f64
        })?;
        Ok(took / times as f64)
    }

    /// Nanoseconds of sending, until the other process has them all.
    pub fn send_until_done(&mut self, verb: &str, times: u64, send: impl FnOnce(&mut C)) -> Result<f64> {
        let end = &mut self.end;
        until_done(self.partner, verb, times, || send(&mut end.courier))
    }

    /// Round trips that find the partner asleep, with what is done before each one not counted.
    pub fn wake(&mut self, times: u64, prepare: impl Fn(&Stage) -> Result<()>) -> Result<f64> {
        let (end, partner) = (&mut self.end, self.partner);
        let trips = |stage: &Stage| {
            let mut took = 0.0;
            for number in 0..times {
                prepare(stage)?;
                let start = Instant::now();
                end.send(number);
                end.receive(number);
                took += start.elapsed().as_nanos() as f64;
            }
            Ok(took / times as f64)
        };
        partner.together(&verb::<C>("answer"), times, trips)?.0
    }

    /// What each of so many round trips took, a look at the clock included.
    pub fn trips(&mut self, times: u64) -> Result<Vec<f64>> {
        let mut took = Vec::with_capacity(usize::try_from(times)?);
        self.together("answer", times, |end| {
            let mut before = Instant::now();
            for number in 0..times {
                end.send(number);
                end.receive(number);
                let now = Instant::now();
                took.push((now - before).as_nanos() as f64);
                before = now;
            }
        })?;
        Ok(took)
    }
}

impl<C: Courier> Drop for Pair<'_, C> {
    fn drop(&mut self) {
        let _ = self.partner.ask(&verb::<C>("leave"), 0);
    }
}

/// How a contender of a figure is made, for messages of so many bytes.
pub type Make = for<'a> fn(&'a Partner, usize) -> Result<Contender<'a>>;

/// There and back, copied in and out at both ends.
pub fn round_trip<C: Courier>(partner: &Partner, bytes: usize) -> Result<Contender<'_>> {
    let mut pair = Pair::<C>::new(partner, bytes)?;
    Ok(Contender::elsewhere(C::LABEL, move |times| {
        pair.together("answer", times, |end| {
            for number in 0..times {
                end.send(number);
                end.receive(number);
            }
        })
    }))
}

/// There and back, written and read where it lies.
pub fn in_place<C: Lender>(partner: &Partner, bytes: usize) -> Result<Contender<'_>> {
    let mut pair = Pair::<C>::new(partner, bytes)?;
    Ok(Contender::elsewhere(C::LABEL, move |times| {
        pair.together("answer in place", times, |end| {
            for number in 0..times {
                end.courier.send_in_place(number);
                assert_eq!(end.courier.receive_in_place(), number);
            }
        })
    }))
}

/// From here to the other process, one call a message, until it has them all.
pub fn one_way<C: Courier>(partner: &Partner, bytes: usize) -> Result<Contender<'_>> {
    let mut pair = Pair::<C>::new(partner, bytes)?;
    Ok(Contender::elsewhere(C::LABEL, move |times| {
        let end = &mut pair.end;
        let took = until_done(pair.partner, &verb::<C>("take"), times, || {
            for number in 0..times {
                end.send(number);
            }
        })?;
        Ok(took / times as f64)
    }))
}

//! Any bytes as what a hostile peer writes into a channel's memory, between the calls of others. Whatever lies there, each
//! call ends at once, with an answer; what is received is no longer than the channel allows.

mod ends;

use lasthandle::{Error, Mapping, View};

use self::ends::{Giver, Shape, Taker};
use crate::noise::Noise;

const NAME: &str = "channel-bytes";
/// The ends' lock: who spoils it makes others wait for seconds, and is told by that.
const LOCK: std::ops::Range<usize> = 128..192;

/// What is left of the bytes. At their end everything is 0.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn short(&mut self) -> usize {
        usize::from(u16::from_le_bytes([self.byte(), self.byte()]))
    }

    fn word(&mut self) -> u64 {
        u64::from_le_bytes([(); 8].map(|()| self.byte()))
    }
}

/// The ends that there are, as far as the memory lets them in.
struct World {
    mapping: Mapping,
    view: View,
    shape: Shape,
    giver: Option<Giver>,
    taker: Option<Taker>,
}

impl World {
    fn new(shape: Shape) -> Result<Self, Error> {
        let (giver, taker) = (Some(shape.giver(true)?), Some(shape.taker()?));
        let mapping = Mapping::open(NAME)?;
        let view = mapping.view()?;
        Ok(Self { mapping, view, shape, giver, taker })
    }

    fn step(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        match input.byte() % 16 {
            0..=2 => self.spoil(input),
            3 => self.add(input),
            4 => self.fill(input),
            5 => {
                self.leave(input);
                Ok(())
            }
            6 => self.come(input),
            7..=10 => self.send(input),
            _ => self.receive(input),
        }
    }

    /// Any word anywhere; most often where the sides' words and the first records are.
    fn spoil(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        let at = self.place(input);
        let word = match input.byte() % 4 {
            0 => u64::from(input.byte()),
            1 => u64::from(input.byte()) << (input.byte() % 64),
            2 => u64::MAX,
            _ => input.word(),
        };
        self.view.write(at, &word)
    }

    fn add(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        let at = self.place(input);
        let old: u64 = self.view.read(at)?;
        let by = u64::from(input.byte()) << (input.byte() % 64);
        self.view.write(at, &old.wrapping_add(by))
    }

    fn fill(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        let at = self.place(input).max(LOCK.end);
        let bytes = vec![input.byte(); input.short().min(self.view.len() - at)];
        self.view.write_at(at, &bytes)
    }

    fn place(&self, input: &mut Input<'_>) -> usize {
        let size = self.view.len();
        let limit = if input.byte() % 2 == 0 { 2048.min(size) } else { size };
        let at = input.short() % (limit / 8) * 8;
        if LOCK.contains(&at) { LOCK.end + at } else { at }
    }

    fn leave(&mut self, input: &mut Input<'_>) {
        match input.byte() % 2 {
            0 => self.giver = None,
            _ => self.taker = None,
        }
    }

    /// Attaches to whatever the header says now. (A header without a first word may be one in the making: that is waited
    /// for, so it is left out here.)
    fn come(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        if self.view.read::<u64>(0)? == 0 {
            return Ok(());
        }
        match input.byte() % 2 {
            0 => self.giver = Some(self.shape.giver(false)?),
            _ => self.taker = Some(self.shape.taker()?),
        }
        Ok(())
    }

    fn send(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        self.giver.as_mut().map_or(Ok(()), |giver| giver.send(input))
    }

    fn receive(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        let Some(taker) = &mut self.taker else { return Ok(()) };
        let most = taker.receive(input.byte())?;
        // Who attached to a spoilt header believes what it said then; never more than the memory.
        assert!(most <= usize::try_from(self.mapping.size()).expect("mapped"), "a message of {most} bytes");
        Ok(())
    }
}

/// Runs the bytes as a program, in this process under its `LASTHANDLE_ROOT`. How many calls were answered, and how many of
/// them with an error.
pub fn run(data: &[u8]) -> (u64, u64) {
    let mut input = Input(data);
    let mut world = World::new(Shape::chosen(input.byte())).expect("a channel in an empty directory");
    let (mut calls, mut errors) = (0, 0);
    while !input.0.is_empty() {
        errors += u64::from(world.step(&mut input).is_err());
        calls += 1;
    }
    (calls, errors)
}

/// Random programs, so many.
///
/// # Errors
/// If hardly any call, or hardly any refusal, was seen.
pub fn rounds(rounds: u64, seed: u64) -> Result<String, String> {
    let mut noise = Noise::new(seed);
    let (mut calls, mut errors) = (0, 0);
    for _ in 0..rounds {
        let length = 1 + noise.below(1500);
        let data: Vec<u8> = (0..length).map(|_| noise.next().to_le_bytes()[3]).collect();
        let (more, refused) = run(&data);
        (calls, errors) = (calls + more, errors + refused);
    }
    if errors < rounds || calls < 10 * errors / 9 {
        return Err(format!("{calls} calls, {errors} errors"));
    }
    Ok(format!("{calls} calls, {errors} errors"))
}

//! What is no courier, and limits them: the cache line, copies, and threads of one process.

#![allow(clippy::unnecessary_wraps)] // they stand beside others that can fail, in one table

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use super::pair::{check, stamp};
use crate::Result;
use crate::bare::ring::rest;
use crate::couriers::inside::Inside;
use crate::cpus;
use crate::measure::Contender;
use crate::partner::{Part, Partner, Stage};

/// Lines of the page, besides those of `pair`.
const BALL: usize = 2;
/// The other way, where there are two.
const BACK: usize = 3;
/// Of the queues inside one process: as many as others have for small messages.
const SLOTS: usize = 4096;

pub fn parts() -> Vec<(String, Part)> {
    vec![("bounce".to_owned(), bounce), ("bounce on two lines".to_owned(), bounce_on_two)]
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

/// A line for each way, as a ring for each way has at least. (A ring may fetch the line of its next message while the
/// last one is on its way, and so be faster.)
pub fn two_lines(partner: &Partner, _: usize) -> Result<Contender<'_>> {
    Ok(Contender::elsewhere("two cache lines, one each way", |times| {
        for line in [BALL, BACK] {
            partner.stage.page.line(line).store(0, Ordering::Release);
        }
        let (took, _) = partner.together("bounce on two lines", times, |stage| {
            let (out, back) = (stage.page.line(BALL), stage.page.line(BACK));
            let start = Instant::now();
            for trip in 1..=black_box(times) {
                out.store(trip, Ordering::Release);
                look_for(back, trip);
            }
            start.elapsed().as_nanos() as f64
        })?;
        Ok(took / times as f64)
    }))
}

fn bounce_on_two(stage: &Stage, times: u64) -> Result<f64> {
    let (out, back) = (stage.page.line(BALL), stage.page.line(BACK));
    stage.ready();
    for trip in 1..=black_box(times) {
        look_for(out, trip);
        back.store(trip, Ordering::Release);
    }
    Ok(0.0)
}

fn look_for(line: &AtomicU64, number: u64) {
    while line.load(Ordering::Acquire) != number {
        rest();
    }
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

/// Between two threads of this process, on the same two processors: there and back.
pub fn inside_round_trip<I: Inside<BYTES>, const BYTES: usize>(partner: &Partner, _: usize) -> Result<Contender<'_>> {
    let other = partner.cpu;
    Ok(Contender::elsewhere(I::LABEL, move |times| {
        let (mut there, mut question) = I::pair(SLOTS);
        let (mut answer, mut back) = I::pair(SLOTS);
        let echo = move || {
            for _ in 0..times {
                I::send(&mut answer, I::receive(&mut question));
            }
        };
        beside(other, echo, || {
            for number in 0..times {
                let mut message = [0; BYTES];
                stamp(&mut message, number);
                I::send(&mut there, black_box(message));
                check(&I::receive(&mut back), number);
            }
        })
        .map(|took| took / times as f64)
    }))
}

/// The same in one direction.
pub fn inside_one_way<I: Inside<BYTES>, const BYTES: usize>(partner: &Partner, _: usize) -> Result<Contender<'_>> {
    let other = partner.cpu;
    Ok(Contender::elsewhere(I::LABEL, move |times| {
        let (mut sender, mut receiver) = I::pair(SLOTS);
        let take = move || {
            for number in 0..times {
                check(&I::receive(&mut receiver), number);
            }
        };
        beside(other, take, || {
            for number in 0..times {
                let mut message = [0; BYTES];
                stamp(&mut message, number);
                I::send(&mut sender, black_box(message));
            }
        })
        .map(|took| took / times as f64)
    }))
}

/// Nanoseconds of what is done here, until a thread on the other processor has done its part, too.
fn beside(cpu: usize, theirs: impl FnOnce() + Send, mine: impl FnOnce()) -> Result<f64> {
    let (ready, is_ready) = mpsc::channel();
    thread::scope(|scope| {
        let other = scope.spawn(move || {
            cpus::pin(cpu).expect("pin");
            ready.send(()).expect("the one who waits");
            theirs();
            Instant::now()
        });
        is_ready.recv()?;
        let start = Instant::now();
        mine();
        let mine = start.elapsed();
        let theirs = other.join().map_err(|_| "the other thread failed")?.duration_since(start);
        Ok(mine.max(theirs).as_nanos() as f64)
    })
}

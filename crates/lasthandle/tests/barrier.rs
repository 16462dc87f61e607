//! The asymmetric fence: two threads store, fence, and load what the other stored; both cannot miss it.

use std::sync::atomic::{AtomicU32, Ordering};

use lasthandle::sys::barrier;

const ROUNDS: u32 = 100_000;

/// On lines of their own.
#[repr(align(128))]
#[derive(Default)]
struct Line(AtomicU32);

/// Two threads go through the same rounds at the same time; in each, both write its number and look for it.
#[derive(Default)]
struct Litmus {
    stores: [Line; 2],
    arrived: [Line; 2],
}

impl Litmus {
    /// Whether it saw the other's store, round by round.
    fn run(&self, me: usize, fence: impl Fn()) -> Vec<bool> {
        let other = 1 - me;
        let mut saw = Vec::with_capacity(ROUNDS as usize);
        for round in 1..=ROUNDS {
            self.arrived[me].0.store(round, Ordering::Release);
            let mut looks = 0_u32;
            while self.arrived[other].0.load(Ordering::Acquire) < round {
                std::hint::spin_loop();
                looks += 1;
                if looks % 10_000 == 0 {
                    std::thread::yield_now(); // a machine with one processor
                }
            }
            // Who arrived last goes on first: let the other catch up, by another time in each round.
            for _ in 0..if me == 0 { 0 } else { round % 128 } {
                std::hint::spin_loop();
            }
            self.stores[me].0.store(round, Ordering::Relaxed);
            fence();
            saw.push(self.stores[other].0.load(Ordering::Relaxed) >= round);
        }
        saw
    }
}

#[test]
fn one_of_two_sees_the_other() {
    let (litmus, side) = (Litmus::default(), barrier::join());
    let (light, heavy) = std::thread::scope(|scope| {
        let light = scope.spawn(|| litmus.run(0, || side.light()));
        let heavy = litmus.run(1, || _ = side.heavy());
        (light.join().unwrap(), heavy)
    });
    let missed = light.iter().zip(&heavy).filter(|(light, heavy)| !**light && !**heavy).count();
    assert_eq!(missed, 0, "of {ROUNDS} rounds");
    let by_one = light.iter().zip(&heavy).filter(|(light, heavy)| **light != **heavy).count();
    // Where it is not whole, `light` is a real fence in this process.
    println!("the fence is whole: {}", side.heavy());
    println!("{by_one} of {ROUNDS} rounds were seen by one of them only");
}

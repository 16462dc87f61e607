//! A writer who may write an object and means harm: any values in its words, while others use it. Wrong answers are
//! allowed; a crash, an endless wait or an endless loop is not.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use storm::noise::Noise;
use storm::parent::Child;
use storm::root::Root;

const NAMES: [&str; 5] = ["E", "F", "M", "S", "T"];
const MAKE: [&str; 5] = ["event 0 E", "event 1 F manual", "mutex 2 M", "semaphore 3 S 1 3", "timer 4 T"];

fn open(root: &Root, name: &str) -> File {
    File::options().read(true).write(true).open(root.file(name)).expect("the object's file")
}

/// Values that mean something, and others.
fn hostile(noise: &mut Noise, ids: &[u64]) -> u64 {
    let id = *noise.pick(ids);
    match noise.below(8) {
        0 => 0,
        1 => u64::MAX,
        2 => id,
        3 => id | noise.below(4),
        4 => 1 << noise.below(64),
        5 => 1 << 31 | noise.below(16),
        6 => noise.next() & 0xFFFF_FFFF,
        _ => noise.next(),
    }
}

/// Milliseconds: well within what a child may take for an answer.
const ROUND: u64 = 10_000;

/// The scribbler ends with the test, also if that fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn scribble(root: &Root, time: u64, ids: &[u64], seed: u64) {
    let files: Vec<File> = NAMES.iter().map(|name| open(root, name)).collect();
    let stop = AtomicBool::new(false);
    let (mut a, mut b) = (Child::new(root), Child::new(root));
    for child in [&mut a, &mut b] {
        for command in MAKE {
            child.ok(command);
        }
    }
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut noise = Noise::new(seed);
            while !stop.load(Ordering::Relaxed) {
                let value = hostile(&mut noise, ids).to_le_bytes();
                let at = 2048 + 4 * noise.below(8); // also halves of words
                let _ = noise.pick(&files).write_all_at(&value, at);
                if noise.once_in(4) {
                    std::thread::sleep(Duration::from_micros(noise.below(300)));
                }
            }
        });
        let _stop = Stop(&stop);
        for round in 0..time.div_ceil(ROUND) {
            for (child, number) in [(&mut a, 1), (&mut b, 2)] {
                child.send(&format!("use-wildly {} {}", time.min(ROUND), seed + 2 * round + number));
            }
            for child in [&mut a, &mut b] {
                let done = child.answer("use-wildly");
                println!("{done:?} calls");
                assert!(matches!(done, Some(Ok(_))), "{done:?}");
            }
        }
    });
    // With the words put right, all is as ever.
    for (name, file) in NAMES.iter().zip(&files) {
        file.write_all_at(&[0; 32], 2048).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for command in ["set 0", "wait 0 one 0", "wait 0 one 2", "unlock 2", "post 3", "wait 0 one 3", "arm-timer 4 0"] {
        a.ok(command);
    }
}

fn ids(root: &Root) -> (Vec<u64>, [Child; 2]) {
    let (mut living, mut dead) = (Child::new(root), Child::new(root));
    living.ok("mutex 0 Living owned");
    dead.ok("mutex 0 Dead owned");
    let keeper = {
        let mut keeper = Child::new(root);
        keeper.ok("open-mutex 0 Dead");
        keeper
    };
    dead.kill();
    let id = |name: &str| {
        let mut word = [0; 8];
        open(root, name).read_exact_at(&mut word, 2048).expect("a word");
        u64::from_le_bytes(word)
    };
    let (a, b) = (id("Living"), id("Dead"));
    // Of the living process, of the dead one, pages that nobody has, and of nobody at all.
    (vec![a, b, a + 8, a | 0xFFF8, b + 8, 8, 1 << 16, u64::MAX << 3], [living, keeper])
}

#[test]
fn scribbled_words() {
    let root = Root::new();
    let mut keeper = Child::new(&root);
    for command in MAKE {
        keeper.ok(command);
    }
    let (ids, _alive) = ids(&root);
    let time = std::env::var("STORM_SCRIBBLE").ok().and_then(|time| time.parse().ok()).unwrap_or(2500);
    scribble(&root, time, &ids, 1);
}

/// Each foreign id in each place, one at a time: every call ends by itself.
#[test]
fn foreign_ids() {
    let root = Root::new();
    let mut child = Child::new(&root);
    for command in MAKE {
        child.ok(command);
    }
    let (ids, _alive) = ids(&root);
    for &id in &ids[1..] {
        for (name, wait) in [("E", "one 0"), ("F", "one 1"), ("S", "one 3"), ("T", "one 4"), ("E", "all 0 2")] {
            let file = open(&root, name);
            let claimed: u64 = match name {
                "S" => 1 << 31,
                "T" => 1 << 63,
                _ => 4,
            };
            file.write_all_at(&(claimed | 1).to_le_bytes(), 2048).expect("written");
            file.write_all_at(&id.to_le_bytes(), 2056).expect("written");
            // No living thread of that id: not busy for ever.
            let answer = child.ask(&format!("wait 10 {wait}"));
            assert!(answer.is_ok(), "{name} claimed by {id:#x}: {answer:?}");
            let _ = child.ask("unlock 2");
        }
        let file = open(&root, "M");
        for state in [id, id | 1, id | 2, id | 3] {
            file.write_all_at(&state.to_le_bytes(), 2048).expect("written");
            let answer = child.ask("wait 10 one 2");
            assert!(answer.is_ok(), "a mutex of {state:#x}: {answer:?}");
            file.write_all_at(&[0; 24], 2048).expect("written");
        }
    }
}

//! Bytes as a program of kernel32 calls: a few threads make them on handles and views that they share, some of which
//! another has closed, or which never were any. Whatever they call, nothing crashes or hangs, a call that fails says why,
//! and when all is closed no name, descriptor or mapping is left.
//!
//! The fuzz target `calls` under `fuzz/` runs what it finds; a bounded run is `tests/calls.rs`.

mod api;
mod input;
mod memory;
mod one;
mod other;
mod world;

use std::fs;
use std::time::{Duration, Instant};

use input::Input;
use world::World;

use crate::noise::Noise;

/// What a process keeps once it has had objects: where the lives of owners are, a few for each world; and what answers
/// other processes, and watches them.
const KEPT: usize = 16;
const MOST_CALLS: usize = 400;

/// Runs a program.
///
/// # Panics
/// If something is left after it, or a call breaks a rule. There must be a `LASTHANDLE_ROOT` of one's own.
pub fn run(data: &[u8]) {
    assert!(std::env::var_os("LASTHANDLE_ROOT").is_some(), "set LASTHANDLE_ROOT to a directory for this alone");
    let (before, held_before) = (descriptors(), held());
    let Some((how, data)) = data.split_first() else { return };
    let world = World::default();
    let threads = 1 + usize::from(how % 4);
    std::thread::scope(|scope| {
        let parts = data.chunks(data.len().div_ceil(threads).max(1));
        let running: Vec<_> = parts.map(|part| scope.spawn(|| calls(&world, Input(part)))).collect();
        for thread in running {
            thread.join().expect("a thread that ends well");
        }
    });
    world.end();
    let left: Vec<_> = lasthandle::list().expect("a list").into_iter().map(|entry| entry.label).collect();
    assert!(left.is_empty(), "names are left: {left:?}");
    // What a thread has it gives back at its end, which nobody waits for.
    let soon = Instant::now() + Duration::from_secs(5);
    while (!mapped().is_empty() || held() > held_before) && Instant::now() < soon {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(mapped(), Vec::<String>::new(), "memory is left");
    assert_eq!(held(), held_before, "a handle is left that nobody was told of");
    assert!(descriptors() <= before + KEPT, "{before} descriptors have become {}", descriptors());
}

/// Random programs, so many, in this process under its `LASTHANDLE_ROOT`.
///
/// # Errors
/// If descriptors pile up.
pub fn rounds(rounds: u64, seed: u64) -> Result<String, String> {
    let mut noise = Noise::new(seed);
    let before = descriptors();
    for _ in 0..rounds {
        let length = 1 + noise.below(600);
        let data: Vec<u8> = (0..length).map(|_| noise.next().to_le_bytes()[3]).collect();
        run(&data);
    }
    let after = descriptors();
    if after > before + KEPT { Err(format!("{before} descriptors have become {after}")) } else { Ok("done".into()) }
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").expect("the descriptors").count()
}

/// Descriptors of processes, of objects and of the file that is nothing: only handles have them.
fn held() -> usize {
    let paths = fs::read_dir("/proc/self/fd").expect("the descriptors").flatten();
    let paths = paths.filter_map(|entry| fs::read_link(entry.path()).ok()?.into_os_string().into_string().ok());
    paths.filter(|path| path.contains("[pidfd]") || path.contains("/memfd:") || path == "/dev/null").count()
}

/// Objects and views that are mapped. (Of other threads' lives that were watched a read-only page may stay.)
fn mapped() -> Vec<String> {
    let root = std::env::var("LASTHANDLE_ROOT").unwrap_or_default();
    let maps = fs::read_to_string("/proc/self/maps").expect("the mappings");
    let ours = |line: &&str| line.contains("/memfd:") || line.contains(" rw-") && line.contains(&root);
    maps.lines().filter(ours).map(ToOwned::to_owned).collect()
}

fn calls(world: &World, mut input: Input<'_>) {
    for _ in 0..MOST_CALLS {
        if input.is_empty() {
            return;
        }
        one::call(world, &mut input);
    }
}

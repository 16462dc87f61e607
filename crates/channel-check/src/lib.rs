//! The rings and ends of channels under every interleaving, by loom: what runs is the library's code, over a memory in
//! which each access is a step, a process can be killed before any step, and rules of the protocol can be broken, so that
//! it is seen that the checker would find it.
#![allow(clippy::missing_panics_doc)] // a check that fails panics

mod memory;

pub use memory::{Life, Mutant, RELEASED, Words};

/// Runs a check under every interleaving with at most so many preemptions.
pub fn every_way(preemptions: usize, check: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(check);
}

/// Whether some interleaving makes the check fail.
pub fn fails(preemptions: usize, check: impl Fn() + Sync + Send + 'static) -> bool {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| every_way(preemptions, check))).is_err();
    std::panic::set_hook(hook);
    failed
}

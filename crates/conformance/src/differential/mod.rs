//! Random sequences on a kernel and on the model, compared step by step; a difference is cut down to the few steps
//! that it takes.
//!
//! `CONFORMANCE_SEED` and `CONFORMANCE_ROUNDS` choose other sequences, and more of them.

mod op;
mod shrink;
mod threads;
mod world;

use fastrand::Rng;
use lasthandle::Name;
use lasthandle::sys::model::Model;
use lasthandle::sys::{Inventory, Kernel};

use crate::case::Case;
use crate::fixture::Fixture;
use op::{NAMES, Op};
use world::{Shown, World};

const DEFAULT_SEED: u64 = 0x1A57_4A4D;
const DEFAULT_ROUNDS: u64 = 200;
const STEPS: usize = 60;

/// Every sequence of steps of several threads on sync objects shows the same on the model and on the kernel.
///
/// # Panics
/// When one does not: with the seed, and the shortest sequence found that differs.
pub fn random_threads_agree_with_the_model<F: Fixture>(case: &Case<F>) {
    threads::agree(case);
}

/// Every sequence shows the same on the model and on the kernel under test.
///
/// # Panics
/// When one does not: with the seed, and the shortest sequence found that differs.
pub fn random_sequences_agree_with_the_model<F: Fixture>(case: &Case<F>) {
    let seed = number("CONFORMANCE_SEED", DEFAULT_SEED);
    let rounds = number("CONFORMANCE_ROUNDS", DEFAULT_ROUNDS);
    eprintln!("differential: {rounds} rounds from seed {seed}");
    let names: Vec<Name> = (0..NAMES).map(|name| case.name(&name.to_string())).collect();
    let differs = |ops: &[Op]| compare(&Model::new(), case.kernel(), &names, ops).err();
    // What is known already would hide everything else.
    let departs = |row| F::departs(row).is_some();
    let protections = !departs("access::the_section_holds_back_what_the_handle_may");
    let reserved = !departs("sizes::committing_up_to_the_end_commits_for_all");
    for round in seed..seed + rounds {
        let mut ops = sequence(round);
        for op in &mut ops {
            op.keep_to(protections, reserved);
        }
        if let Some(first) = differs(&ops) {
            let (ops, difference) = shrink::smallest(ops, first, differs);
            panic!("CONFORMANCE_SEED={round} CONFORMANCE_ROUNDS=1: {difference:#?}\nafter {ops:#?}");
        }
    }
}

fn number(variable: &str, default: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.map_or(default, |given| given.parse().unwrap_or_else(|_| panic!("{variable}={given} is no number")))
}

fn sequence(seed: u64) -> Vec<Op> {
    let mut rng = Rng::with_seed(seed);
    (0..STEPS).map(|_| Op::draw(&mut rng)).collect()
}

/// Where two kernels part.
#[derive(Debug)]
struct Difference<S> {
    /// The number of the step; after the last: the closing of all handles.
    step: usize,
    /// What the first kernel, the model, shows.
    #[expect(dead_code, reason = "read in the panic's text")]
    expected: Vec<S>,
    /// What the other shows.
    #[expect(dead_code, reason = "read in the panic's text")]
    found: Vec<S>,
}

/// Runs the steps on both, and compares what each step shows and what every name then leads to.
fn compare<A, B>(model: &A, other: &B, names: &[Name], ops: &[Op]) -> Result<(), Difference<Shown>>
where
    A: Kernel + Inventory,
    B: Kernel + Inventory,
{
    let (mut left, mut right) = (World::new(model, names), World::new(other, names));
    for (step, op) in ops.iter().enumerate() {
        let Some(op) = left.settle(op) else { continue };
        same(step, vec![left.step(&op)], vec![right.step(&op)])?;
        same(step, left.state(), right.state())?;
    }
    left.close_all();
    right.close_all();
    same(ops.len(), left.state(), right.state())
}

fn same(step: usize, expected: Vec<Shown>, found: Vec<Shown>) -> Result<(), Difference<Shown>> {
    let agree = expected.len() == found.len() && expected.iter().zip(&found).all(|(a, b)| agree(a, b));
    if agree { Ok(()) } else { Err(Difference { step, expected, found }) }
}

/// Equal, but for a protection that a system does not tell.
fn agree(one: &Shown, other: &Shown) -> bool {
    match (one, other) {
        (
            Shown::Object { kind, size, reserved, protection: Some(_) },
            Shown::Object { kind: kind2, size: size2, reserved: reserved2, protection: None },
        ) => (kind, size, reserved) == (kind2, size2, reserved2),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::options;
    use lasthandle::Access;
    use lasthandle::sys::Spec;

    fn names() -> Vec<Name> {
        (0..NAMES).map(|name| Name::new(&format!("name {name}")).expect("valid")).collect()
    }

    /// The first sequence on which the kernels differ, cut down.
    fn smallest_difference(other: &Model) -> Vec<Op> {
        let names = names();
        let differs = |ops: &[Op]| compare(&Model::new(), other, &names, ops).err();
        let (ops, first) = (0..50).map(sequence).find_map(|ops| Some((ops.clone(), differs(&ops)?))).expect("differ");
        shrink::smallest(ops, first, differs).0
    }

    #[test]
    fn a_kernel_that_knows_a_strange_name_is_found_in_no_time() {
        let other = Model::new();
        let event = Spec::Event { manual: false, signaled: false };
        let _held = other.create(Some(&names()[1]), &event, &options(Access::SYNC_ALL)).expect("the name is free");
        assert_eq!(smallest_difference(&other).len(), 0, "differs before the first step");
    }

    #[test]
    fn a_kernel_that_promises_less_is_found_in_one_create() {
        let ops = smallest_difference(&Model::with_limit(65_536));
        assert!(matches!(ops.as_slice(), [Op::Create { size: 70_000.., .. }]), "{ops:?}");
    }
}

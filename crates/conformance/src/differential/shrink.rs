//! Cuts a sequence that shows a difference down to a short one that still shows one.

use super::Difference;
use super::op::Op;

/// Leaves out what comes after the difference, then one step after the other, as long as a difference remains.
pub(super) fn smallest(
    mut ops: Vec<Op>,
    mut difference: Difference,
    differs: impl Fn(&[Op]) -> Option<Difference>,
) -> (Vec<Op>, Difference) {
    ops.truncate(difference.step + 1);
    let mut at = 0;
    while at < ops.len() {
        let smaller = without(&ops, at).find_map(|fewer| differs(&fewer).map(|difference| (fewer, difference)));
        match smaller {
            Some((mut fewer, smaller)) => {
                fewer.truncate(smaller.step + 1);
                (ops, difference, at) = (fewer, smaller, 0);
            }
            None => at += 1,
        }
    }
    (ops, difference)
}

/// The sequence without one step; then the same with one later step that counts back past the one left out.
fn without(ops: &[Op], at: usize) -> impl Iterator<Item = Vec<Op>> {
    let mut fewer = ops.to_vec();
    fewer.remove(at);
    let adjusted = (at..fewer.len()).filter_map({
        let fewer = fewer.clone();
        move |later| {
            let mut fewer = fewer.clone();
            fewer[later].count_one_less().then_some(fewer)
        }
    });
    std::iter::once(fewer).chain(adjusted)
}

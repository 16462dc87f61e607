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
        let mut fewer = ops.clone();
        fewer.remove(at);
        match differs(&fewer) {
            Some(smaller) => {
                fewer.truncate(smaller.step + 1);
                (ops, difference, at) = (fewer, smaller, 0);
            }
            None => at += 1,
        }
    }
    (ops, difference)
}

//! Cuts a sequence that shows a difference down to a short one that still shows one.

use super::Difference;

/// A step that can be left out.
pub(super) trait Shorten: Clone {
    /// Means the handle or view after the one that it meant, counted from the oldest, if there may be one.
    fn count_one_less(&mut self) -> bool;
}

/// Leaves out what comes after the difference, then one step after the other, as long as a difference remains.
pub(super) fn smallest<O: Shorten, S>(
    mut ops: Vec<O>,
    mut difference: Difference<S>,
    differs: impl Fn(&[O]) -> Option<Difference<S>>,
) -> (Vec<O>, Difference<S>) {
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
fn without<O: Shorten>(ops: &[O], at: usize) -> impl Iterator<Item = Vec<O>> {
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

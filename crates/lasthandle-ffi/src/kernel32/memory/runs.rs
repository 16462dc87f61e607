//! What holds for each page of a region, kept as runs of pages that are alike.

use std::ops::Range;

/// Values by position. Takes no memory of its own as long as all are the same, as they are for most regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Runs<T> {
    first: T,
    /// Where another value begins, in order.
    later: Vec<(usize, T)>,
}

impl<T: Copy + PartialEq> Runs<T> {
    pub(crate) fn all(value: T) -> Self {
        Self { first: value, later: Vec::new() }
    }

    /// The value there, and where another one begins.
    pub(crate) fn at(&self, position: usize) -> (T, Option<usize>) {
        let next = self.later.partition_point(|&(from, _)| from <= position);
        let value = next.checked_sub(1).map_or(self.first, |index| self.later[index].1);
        (value, self.later.get(next).map(|&(from, _)| from))
    }

    pub(crate) fn set(&mut self, range: Range<usize>, value: T) {
        let (after, _) = self.at(range.end);
        self.later.retain(|&(from, _)| from < range.start || from > range.end);
        let place = self.later.partition_point(|&(from, _)| from < range.start);
        self.later.splice(place..place, [(range.start, value), (range.end, after)]);
        if range.start == 0 {
            self.first = value;
        }
        let mut previous = self.first;
        self.later.retain(|&(_, value)| std::mem::replace(&mut previous, value) != value);
    }

    /// Whether something is true of every value in a range.
    pub(crate) fn all_in(&self, range: Range<usize>, mut is: impl FnMut(T) -> bool) -> bool {
        let mut from = range.start;
        while from < range.end {
            let (value, next) = self.at(from);
            if !is(value) {
                return false;
            }
            from = next.unwrap_or(range.end);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_what_an_array_is() {
        let (mut runs, mut array) = (Runs::all(0), [0_u32; 32]);
        let mut state = 7_u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from((state >> 33) % below).unwrap()
        };
        for _ in 0..5000 {
            let (start, length, value) = (random(32), random(8) + 1, u32::try_from(random(3)).unwrap());
            let range = start..(start + length).min(array.len());
            array[range.clone()].fill(value);
            runs.set(range.clone(), value);
            for (position, value) in array.iter().enumerate() {
                let (found, next) = runs.at(position);
                let end = next.map_or(array.len(), |next| next.min(array.len()));
                assert!(found == *value && array[position..end].iter().all(|other| other == value));
                assert!(array.get(end).is_none_or(|other| other != value), "the run ends where another value is");
            }
            let all = array[range.clone()].iter().all(|other| *other == value);
            assert!(all && runs.all_in(range, |other| other == value));
            assert_eq!(runs.all_in(0..array.len(), |value| value != 1), !array.contains(&1));
        }
    }
}

//! Security identifiers: who is meant.

use crate::kernel32::pointer::Structure;

/// Most numbers after the authority.
const MOST: u8 = 15;

/// Letters that stand for an identifier: its authority, and the numbers after that.
const KNOWN: [(&str, u8, &[u32]); 24] = [
    ("WD", 1, &[0]),
    ("CO", 3, &[0]),
    ("CG", 3, &[1]),
    ("OW", 3, &[4]),
    ("NU", 5, &[2]),
    ("IU", 5, &[4]),
    ("SU", 5, &[6]),
    ("AN", 5, &[7]),
    ("PS", 5, &[10]),
    ("AU", 5, &[11]),
    ("RC", 5, &[12]),
    ("SY", 5, &[18]),
    ("LS", 5, &[19]),
    ("NS", 5, &[20]),
    ("BA", 5, &[32, 544]),
    ("BU", 5, &[32, 545]),
    ("BG", 5, &[32, 546]),
    ("PU", 5, &[32, 547]),
    ("BO", 5, &[32, 551]),
    ("AC", 15, &[2, 1]),
    ("LW", 16, &[4096]),
    ("ME", 16, &[8192]),
    ("HI", 16, &[12288]),
    ("SI", 16, &[16384]),
];

/// An identifier, in its bytes: revision, how many numbers, the authority with its high byte first, the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sid(Vec<u8>);

impl Sid {
    pub(crate) fn new(authority: [u8; 6], numbers: &[u32]) -> Option<Self> {
        let count = u8::try_from(numbers.len()).ok().filter(|count| *count <= MOST)?;
        let mut bytes = vec![1, count];
        bytes.extend(authority);
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        Some(Self(bytes))
    }

    fn known(authority: u8, numbers: &[u32]) -> Option<Self> {
        Self::new([0, 0, 0, 0, 0, authority], numbers)
    }

    /// From `S-1-…`, or two letters.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_uppercase();
        if let Some((_, authority, numbers)) = KNOWN.iter().find(|(letters, ..)| *letters == text) {
            return Self::known(*authority, numbers);
        }
        let (authority, numbers) = text.strip_prefix("S-1-")?.split_once('-')?;
        let authority = authority.parse().ok().filter(|authority: &u64| *authority < 1 << 48)?.to_be_bytes();
        let numbers: Option<Vec<u32>> = numbers.split('-').map(|number| number.parse().ok()).collect();
        Self::new(authority[2..].try_into().ok()?, &numbers?)
    }

    /// The one at the beginning of these bytes; none if it is not valid, or they end before.
    pub(crate) fn first_of(bytes: &[u8]) -> Option<Self> {
        let &[revision, count, ..] = bytes else { return None };
        let whole = bytes.get(..length(count)).filter(|_| revision == 1 && count <= MOST)?;
        Some(Self(whole.to_vec()))
    }

    /// The one that lies there; none if it is not valid.
    pub(crate) fn read(place: Structure) -> Option<Self> {
        if place.is_null() {
            return None;
        }
        let [revision, count] = place.read(0);
        (revision == 1 && count <= MOST).then(|| Self(place.bytes(0, length(count))))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether everybody is meant who uses the machine: all, all who said who they are, the users, who sits before it.
    pub(crate) fn is_everybody(&self) -> bool {
        self.is_one_of(["WD", "AU", "BU", "IU"])
    }

    /// Whether those are meant that there are none of: from the network, without a name, guests.
    pub(crate) fn is_nobody(&self) -> bool {
        self.is_one_of(["NU", "AN", "BG"])
    }

    fn is_one_of<const N: usize>(&self, letters: [&str; N]) -> bool {
        letters.iter().any(|letters| Self::parse(letters).as_ref() == Some(self))
    }
}

fn length(count: u8) -> usize {
    8 + 4 * usize::from(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_numbers_are_the_same() {
        for (letters, numbers) in [("WD", "S-1-1-0"), ("BU", "S-1-5-32-545"), ("sy", "s-1-5-18")] {
            assert_eq!(Sid::parse(letters).unwrap(), Sid::parse(numbers).unwrap());
        }
        assert_eq!(Sid::parse("WD").unwrap().bytes(), [1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
        for text in ["", "S", "S-1", "S-1-5", "S-1-5-", "S-2-5-1", "S-1-5-4294967296", "S-1-281474976710656-1", "QQ"] {
            assert_eq!(Sid::parse(text), None, "{text}");
        }
        assert!(Sid::parse(&format!("S-1-5{}", "-1".repeat(15))).is_some());
        assert!(Sid::parse(&format!("S-1-5{}", "-1".repeat(16))).is_none());
    }

    #[test]
    fn bytes_that_end_early_are_none() {
        let world = Sid::parse("BU").unwrap();
        assert_eq!(Sid::first_of(&[world.bytes(), &[9]].concat()), Some(world.clone()));
        for end in 0..world.bytes().len() {
            assert_eq!(Sid::first_of(&world.bytes()[..end]), None);
        }
        assert_eq!(Sid::first_of(&[2, 0, 0, 0, 0, 0, 0, 1]), None);
        assert_eq!(Sid::first_of(&[[1, 16].as_slice(), &[0; 100]].concat()), None);
    }
}

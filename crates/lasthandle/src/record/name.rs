//! Names as bytes: WTF-8, which is UTF-8 that also carries lone surrogates, so every UTF-16 name has one form.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::NAME_SPACE;
use crate::name::{Name, Namespace};

/// A name as a record repeats it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredName {
    /// Bytes of the whole name in WTF-8, without its prefix.
    pub length: usize,
    /// SHA-256 of those bytes if the record has no room for all of them, else zeros.
    pub hash: [u8; 32],
    /// The bytes, or the first [`NAME_SPACE`] of them.
    pub beginning: Vec<u8>,
}

impl StoredName {
    /// As a record repeats `name`.
    pub fn of(name: &Name) -> Self {
        let mut bytes = to_wtf8(name.units());
        let length = bytes.len();
        let hash = if length > NAME_SPACE { sha256(&bytes) } else { [0; 32] };
        bytes.truncate(NAME_SPACE);
        Self { length, hash, beginning: bytes }
    }

    /// The name, if the record has room for all of it and it is a valid one.
    pub fn whole(&self, namespace: Namespace) -> Option<Name> {
        if self.beginning.len() < self.length {
            return None;
        }
        let prefix = if namespace == Namespace::Global { "Global\\" } else { "Local\\" };
        let mut units = Vec::with_capacity(prefix.len() + self.length);
        units.extend(prefix.encode_utf16());
        match std::str::from_utf8(&self.beginning) {
            Ok(text) => units.extend(text.encode_utf16()),
            Err(_) => units.extend(from_wtf8(&self.beginning)?),
        }
        Name::from_wide(&units).ok()
    }

    /// For people; ends in `…` if it is not whole.
    pub fn label(&self) -> String {
        let text = match std::str::from_utf8(&self.beginning) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => match from_wtf8(&self.beginning) {
                Some(units) => Cow::Owned(String::from_utf16_lossy(&units)),
                None => String::from_utf8_lossy(&self.beginning),
            },
        };
        if self.beginning.len() < self.length { format!("{text}…") } else { text.into_owned() }
    }
}

/// The SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// UTF-16 as WTF-8. Different units give different bytes.
pub fn to_wtf8(units: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(units.len());
    for decoded in char::decode_utf16(units.iter().copied()) {
        match decoded {
            Ok(character) => bytes.extend(character.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(lone) => bytes.extend(three_bytes(lone.unpaired_surrogate())),
        }
    }
    bytes
}

/// The general form of UTF-8 for U+0800 to U+FFFF, surrogates included.
fn three_bytes(unit: u16) -> [u8; 3] {
    let low_bits = |shift: u16| u8::try_from((unit >> shift) & 0x3F).expect("six bits");
    [0xE0 | u8::try_from(unit >> 12).expect("four bits"), 0x80 | low_bits(6), 0x80 | low_bits(0)]
}

/// WTF-8 back to UTF-16; none if the bytes are not what [`to_wtf8`] makes.
pub fn from_wtf8(bytes: &[u8]) -> Option<Vec<u16>> {
    let mut units = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let valid = match std::str::from_utf8(rest) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        let (text, after) = rest.split_at(valid);
        units.extend(std::str::from_utf8(text).ok()?.encode_utf16());
        rest = after;
        if let Some((&[first @ 0xED, second @ 0xA0..=0xBF, third @ 0x80..=0xBF], after)) = rest.split_first_chunk() {
            units.push(u16::from(first & 0x0F) << 12 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F));
            rest = after;
        } else if !rest.is_empty() {
            return None;
        }
    }
    // Two lone halves side by side would be another name's pair: not a form that `to_wtf8` makes.
    (to_wtf8(&units) == bytes).then_some(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_one_form_and_comes_back() {
        let cases: [&[u16]; 6] = [
            &[0x61],
            &[0xE9, 0x20AC],
            &[0xD83E, 0xDD80],
            &[0xD800],
            &[0xDC00, 0xD800, 0x61],
            &[0xDBFF, 0xDFFF, 0xDFFF],
        ];
        for units in cases {
            assert_eq!(from_wtf8(&to_wtf8(units)).as_deref(), Some(units));
        }
        assert_eq!(to_wtf8(&[0xD83E, 0xDD80]), "\u{1F980}".as_bytes());
        assert_eq!(from_wtf8(&[0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80]), None, "a pair in two pieces");
        assert_eq!(from_wtf8(&[0xFF]), None);
        assert_eq!(from_wtf8(&[0xED, 0xA0]), None);
        assert_eq!(from_wtf8(b""), Some(vec![]));
    }

    #[test]
    fn long_names_are_told_apart_by_their_hash() {
        let name = |tail: &str| Name::new(&format!("{}{tail}", "x".repeat(2000))).unwrap();
        let (a, b) = (StoredName::of(&name("a")), StoredName::of(&name("b")));
        assert_eq!(a.beginning, b.beginning);
        assert_ne!(a, b);
        assert_eq!(a.whole(Namespace::Local), None);
        assert!(a.label().ends_with('…'));
    }
}

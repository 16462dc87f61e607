//! Texts that calls take and give back: bytes in UTF-8, or UTF-16 units. What is done with them is written once.

use super::pointer::Out;

/// What a text consists of.
pub(crate) trait Unit: Copy + Eq + From<u8> + Into<u32> {
    /// A text of bytes, as it is or widened; what is not UTF-8 becomes U+FFFD.
    fn from_narrow(text: &[u8]) -> Vec<Self>;

    /// A text of UTF-16 units, as it is or narrowed; a lone surrogate becomes U+FFFD.
    fn from_wide(text: &[u16]) -> Vec<Self>;

    /// The text as bytes; none if it has a lone surrogate.
    fn to_bytes(text: &[Self]) -> Option<Vec<u8>>;
}

impl Unit for u8 {
    fn from_narrow(text: &[u8]) -> Vec<Self> {
        text.to_vec()
    }

    fn from_wide(text: &[u16]) -> Vec<Self> {
        String::from_utf16_lossy(text).into_bytes()
    }

    fn to_bytes(text: &[Self]) -> Option<Vec<u8>> {
        Some(text.to_vec())
    }
}

impl Unit for u16 {
    fn from_narrow(text: &[u8]) -> Vec<Self> {
        String::from_utf8_lossy(text).encode_utf16().collect()
    }

    fn from_wide(text: &[u16]) -> Vec<Self> {
        text.to_vec()
    }

    fn to_bytes(text: &[Self]) -> Option<Vec<u8>> {
        String::from_utf16(text).ok().map(String::into_bytes)
    }
}

/// Units of a text, as a number that calls return; none is longer than that says.
pub(crate) fn length<U>(text: &[U]) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

impl<U: Unit> Out<U> {
    /// Writes a text and its NUL. There must be room.
    pub(crate) fn text(self, text: &[U]) {
        self.write_all(text.iter().copied().chain([U::from(0)]));
    }
}

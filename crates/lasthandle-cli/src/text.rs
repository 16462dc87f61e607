//! Text as the sample's programs keep it in memory: UTF-16 or UTF-8, ended by a NUL.

use std::fmt;

use clap::ValueEnum;

/// How text lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Encoding {
    /// Two bytes a unit, the low one first: what Windows programs, C# and Java write
    Utf16,
    /// What most other programs write
    Utf8,
}

impl Encoding {
    /// The text's bytes and a closing NUL.
    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        let nul = std::iter::once('\0');
        match self {
            Self::Utf16 => {
                let closed: String = text.chars().chain(nul).collect();
                closed.encode_utf16().flat_map(u16::to_le_bytes).collect()
            }
            Self::Utf8 => text.chars().chain(nul).collect::<String>().into_bytes(),
        }
    }

    /// Bytes that the smallest piece of text takes, the NUL for one.
    pub(crate) fn unit(self) -> u64 {
        match self {
            Self::Utf16 => 2,
            Self::Utf8 => 1,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Utf16 => "utf16",
            Self::Utf8 => "utf8",
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Turns bytes into text piece by piece, up to the first NUL. What is no text becomes U+FFFD.
pub(crate) struct Decoder {
    decoder: encoding_rs::Decoder,
    ended: bool,
}

impl Decoder {
    pub(crate) fn new(encoding: Encoding) -> Self {
        let encoding = match encoding {
            Encoding::Utf16 => encoding_rs::UTF_16LE,
            Encoding::Utf8 => encoding_rs::UTF_8,
        };
        Self { decoder: encoding.new_decoder_without_bom_handling(), ended: false }
    }

    /// The next piece. A character that is cut off at its end comes with the next.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        self.decode(bytes, false)
    }

    /// What is left of a character that was cut off for good.
    pub(crate) fn finish(&mut self) -> String {
        self.decode(&[], true)
    }

    /// Whether the NUL was met: nothing comes after it.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    fn decode(&mut self, bytes: &[u8], last: bool) -> String {
        if self.ended {
            return String::new();
        }
        let room = self.decoder.max_utf8_buffer_length(bytes.len()).expect("pieces are far smaller than memory");
        let mut text = String::with_capacity(room);
        let _ = self.decoder.decode_to_string(bytes, &mut text, last); // the room suffices for all of it
        if let Some(nul) = text.find('\0') {
            text.truncate(nul);
            self.ended = true;
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(encoding: Encoding, bytes: &[u8], piece: usize) -> String {
        let mut decoder = Decoder::new(encoding);
        let mut text: String = bytes.chunks(piece).map(|piece| decoder.push(piece)).collect();
        text += &decoder.finish();
        text
    }

    #[test]
    fn text_comes_back_whatever_the_pieces() {
        for text in ["", "a", "Grüße", "crab \u{1F980}\u{10FFFF}", "two\nlines"] {
            for encoding in [Encoding::Utf16, Encoding::Utf8] {
                let mut bytes = encoding.encode(text);
                bytes.extend_from_slice(b"left over from before");
                for piece in 1..=7 {
                    assert_eq!(decode(encoding, &bytes, piece), text, "{encoding} in pieces of {piece}");
                }
            }
        }
    }

    #[test]
    fn the_bytes_are_little_endian_units_and_a_nul() {
        assert_eq!(Encoding::Utf16.encode("H\u{1F980}"), [0x48, 0, 0x3E, 0xD8, 0x80, 0xDD, 0, 0]);
        assert_eq!(Encoding::Utf8.encode("é"), [0xC3, 0xA9, 0]);
    }

    #[test]
    fn what_is_no_text_is_marked_not_lost_silently() {
        assert_eq!(decode(Encoding::Utf16, &[0x00, 0xD8, b'x', 0, 0, 0], 2), "\u{FFFD}x");
        assert_eq!(decode(Encoding::Utf16, &[b'x', 0, b'y'], 2), "x\u{FFFD}");
        assert_eq!(decode(Encoding::Utf8, &[b'a', 0xFF, b'b', 0], 3), "a\u{FFFD}b");
        assert_eq!(decode(Encoding::Utf8, &[b'a', 0xF0, 0x9F], 3), "a\u{FFFD}");
    }
}

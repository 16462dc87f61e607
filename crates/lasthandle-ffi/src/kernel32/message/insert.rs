//! The values that are put into messages: texts and numbers, formatted as `printf` would.

use super::template::character;
use crate::kernel32::code::Code;
use crate::kernel32::pointer::{Arguments, Narrow, Wide};
use crate::kernel32::text::Unit;

/// A program's values, of one word each.
pub(super) struct Inserts(Option<Vec<usize>>);

impl Inserts {
    /// The first `count` of them.
    pub(super) fn new(arguments: Arguments, array: bool, count: usize) -> Self {
        Self(if array { arguments.array(count) } else { arguments.list(count) })
    }

    /// A value as text: a text itself, if nothing else is said.
    pub(super) fn text<U: Unit>(&mut self, number: usize, format: Option<&[U]>) -> Result<Vec<U>, Code> {
        let word = self.0.as_ref().and_then(|words| words.get(number - 1)).ok_or(Code::INVALID_PARAMETER)?;
        let format = match format {
            None => Format::default(),
            Some(text) => Format::parse(text).ok_or(Code::INVALID_PARAMETER)?,
        };
        Ok(format.apply(*word))
    }
}

/// How large the value is, or of what its text consists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Size {
    #[default]
    Own,
    Short,
    Long,
    LongLong,
}

/// A format of `printf`, without its percent sign.
#[derive(Debug, Default)]
struct Format {
    left: bool,
    zeros: bool,
    sign: Option<u8>,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
    size: Size,
    /// `s` if there is none.
    kind: Option<u8>,
}

impl Format {
    /// None if it is no format, or one that takes its width from another value.
    fn parse<U: Unit>(text: &[U]) -> Option<Self> {
        let text: Vec<u8> = text.iter().copied().map(character).collect::<Option<_>>()?;
        let mut format = Self::default();
        let flags = text.iter().take_while(|character| b"-+ 0#".contains(character)).count();
        for flag in &text[..flags] {
            match flag {
                b'-' => format.left = true,
                b'0' => format.zeros = true,
                b'#' => format.alternate = true,
                sign => format.sign = format.sign.filter(|before| *before == b'+').or(Some(*sign)),
            }
        }
        let (width, rest) = digits(&text[flags..]);
        format.width = width.unwrap_or(0);
        let (precision, rest) = match rest.split_first() {
            Some((b'.', rest)) => digits(rest),
            _ => (None, rest),
        };
        format.precision = precision.or_else(|| text.contains(&b'.').then_some(0));
        let (size, rest) = size(rest);
        format.size = size;
        let [kind] = rest else { return None };
        format.kind = Some(*kind);
        let sane = format.width < 4096 && format.precision.unwrap_or(0) < 4096;
        (sane && b"sScCdiuxXop".contains(kind)).then_some(format)
    }

    fn apply<U: Unit>(&self, word: usize) -> Vec<U> {
        self.pad(match self.kind.unwrap_or(b's') {
            b's' => self.text(word, self.is_wide(size_of::<U>() == 2)),
            b'S' => self.text(word, self.is_wide(size_of::<U>() == 1)),
            b'c' | b'C' => unit(word),
            kind => U::from_narrow(self.number(word, kind).as_bytes()),
        })
    }

    fn is_wide(&self, usual: bool) -> bool {
        match self.size {
            Size::Short => false,
            Size::Long => true,
            _ => usual,
        }
    }

    fn text<U: Unit>(&self, word: usize, wide: bool) -> Vec<U> {
        let most = self.precision.unwrap_or(usize::MAX);
        let text = if wide {
            Wide::argument(word).units(most).map(|text| U::from_wide(&text))
        } else {
            Narrow::argument(word).units(most).map(|text| U::from_narrow(&text))
        };
        text.unwrap_or_else(|| U::from_narrow(b"(null)"))
    }

    fn number(&self, word: usize, kind: u8) -> String {
        let word = word as u64;
        let word = if self.size == Size::LongLong || kind == b'p' { word } else { word & u64::from(u32::MAX) };
        let signed = matches!(kind, b'd' | b'i');
        let (negative, magnitude) = if signed { self.signed(word) } else { (false, word) };
        let (digits, prefix) = match kind {
            b'x' => (format!("{magnitude:x}"), "0x"),
            b'X' => (format!("{magnitude:X}"), "0X"),
            b'o' => (format!("{magnitude:o}"), "0"),
            b'p' => (format!("{magnitude:016X}"), ""),
            _ => (magnitude.to_string(), ""),
        };
        let prefix = match self.sign {
            _ if negative => "-",
            Some(b'+') if signed => "+",
            Some(_) if signed => " ",
            _ if self.alternate && magnitude != 0 => prefix,
            _ => "",
        };
        let zeros = if self.zeros && !self.left { self.width.saturating_sub(prefix.len()) } else { 0 };
        let least = self.precision.unwrap_or(zeros);
        format!("{prefix}{digits:0>least$}")
    }

    /// Whether it is negative, and how far from 0.
    fn signed(&self, word: u64) -> (bool, u64) {
        let bits = if self.size == Size::LongLong { 64 } else { 32 };
        if word >> (bits - 1) == 0 { (false, word) } else { (true, word.wrapping_neg() & (u64::MAX >> (64 - bits))) }
    }

    /// Fills up to the width.
    fn pad<U: Unit>(&self, mut body: Vec<U>) -> Vec<U> {
        let missing = self.width.saturating_sub(body.len());
        let at = if self.left { body.len() } else { 0 };
        body.splice(at..at, std::iter::repeat_n(U::from(b' '), missing));
        body
    }
}

/// One character: the low bits of the word.
fn unit<U: Unit>(word: usize) -> Vec<U> {
    let wide = u16::try_from(word & 0xFFFF).unwrap_or(0);
    U::from_wide(&[wide])
}

/// A number, and what is behind.
fn digits(text: &[u8]) -> (Option<usize>, &[u8]) {
    let (digits, rest) = text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count());
    (std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()), rest)
}

fn size(text: &[u8]) -> (Size, &[u8]) {
    let sizes: [(&[u8], Size); 7] = [
        (b"ll", Size::LongLong),
        (b"I64", Size::LongLong),
        (b"I32", Size::Own),
        (b"I", Size::LongLong),
        (b"h", Size::Short),
        (b"l", Size::Long),
        (b"w", Size::Long),
    ];
    let found = sizes.iter().find_map(|(prefix, size)| Some((*size, text.strip_prefix(*prefix)?)));
    found.unwrap_or((Size::Own, text))
}

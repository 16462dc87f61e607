//! Templates: texts with escapes, lines, and places for values.
//!
//! | escape | means |
//! |---|---|
//! | `%1` … `%99`, `%1!format!` | a value |
//! | `%n`, `%r`, `%t` | the end of a line, a carriage return, a tab |
//! | `%0` | the end of the text |
//! | `%` and anything else | that |

use super::insert::Inserts;
use crate::kernel32::code::Code;
use crate::kernel32::text::Unit;

/// Lines are as long as the text says, but for those ended by `%n` one line.
const NO_LINES: usize = 0xFF;

/// The highest number of a value. There may be no more than those.
pub(super) fn last_insert<U: Unit>(text: &[U]) -> usize {
    let mut rest = text;
    let mut last = 0;
    while let Some(at) = rest.iter().position(|unit| is(*unit, b'%')) {
        rest = &rest[at + 1..];
        let (number, behind) = number(rest);
        last = last.max(number);
        rest = match rest.first() {
            Some(end) if is(*end, b'0') => break,
            // A sign that is escaped begins nothing.
            Some(_) if number == 0 => &rest[1..],
            _ => behind,
        };
    }
    last
}

/// The text with everything in its place. Without values, their places stay as they are.
pub(super) fn expand<U: Unit>(text: &[U], width: usize, mut inserts: Option<&mut Inserts>) -> Result<Vec<U>, Code> {
    let mut lines = Lines { width, text: Vec::with_capacity(text.len()), column: 0, space: None };
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match character(*first) {
            Some(b'%') => match escape(&mut lines, rest, inserts.as_deref_mut())? {
                Some(behind) => rest = behind,
                None => break,
            },
            Some(b'\r') if rest.first().is_some_and(|next| is(*next, b'\n')) => {}
            Some(b'\r' | b'\n') => lines.end_as_written(),
            _ => lines.push(*first),
        }
    }
    Ok(lines.text)
}

/// What stands behind a percent sign; returns what is behind that, or none at the end of the text.
fn escape<'a, U: Unit>(
    lines: &mut Lines<U>,
    rest: &'a [U],
    inserts: Option<&mut Inserts>,
) -> Result<Option<&'a [U]>, Code> {
    let (number, behind) = number(rest);
    if number > 0 {
        let Some(inserts) = inserts else {
            lines.push(U::from(b'%'));
            return Ok(Some(rest));
        };
        let (format, behind) = format(behind);
        inserts.text(number, format)?.into_iter().for_each(|unit| lines.push(unit));
        return Ok(Some(behind));
    }
    // A sign at the very end stands for nothing that could be said.
    let (first, behind) = rest.split_first().ok_or(Code::INVALID_PARAMETER)?;
    match character(*first) {
        Some(b'0') => return Ok(None),
        Some(b'n') => lines.end(),
        Some(b'r') => lines.push(U::from(b'\r')),
        Some(b't') => lines.push(U::from(b'\t')),
        _ => lines.push(*first),
    }
    Ok(Some(behind))
}

/// The number of a value, of one or two digits, and what is behind; 0 if there is none.
fn number<U: Unit>(text: &[U]) -> (usize, &[U]) {
    let digit = |index: usize| text.get(index).copied().and_then(character).filter(u8::is_ascii_digit);
    let value = |digit: u8| usize::from(digit - b'0');
    match (digit(0), digit(1)) {
        (Some(b'0') | None, _) => (0, text),
        (Some(tens), Some(ones)) => (value(tens) * 10 + value(ones), &text[2..]),
        (Some(ones), None) => (value(ones), &text[1..]),
    }
}

/// The format between two exclamation marks, and what is behind; none if there are none.
fn format<U: Unit>(text: &[U]) -> (Option<&[U]>, &[U]) {
    let Some((_, inside)) = text.split_first().filter(|(first, _)| is(**first, b'!')) else {
        return (None, text);
    };
    match inside.iter().position(|unit| is(*unit, b'!')) {
        Some(end) => (Some(&inside[..end]), &inside[end + 1..]),
        None => (None, text),
    }
}

fn is<U: Unit>(unit: U, character: u8) -> bool {
    unit == U::from(character)
}

/// The character that a unit is; none if it is not ASCII.
pub(super) fn character<U: Unit>(unit: U) -> Option<u8> {
    u8::try_from(unit.into()).ok().filter(u8::is_ascii)
}

/// A text that grows, in lines of at most so many units.
struct Lines<U> {
    width: usize,
    text: Vec<U>,
    /// Units in the line so far.
    column: usize,
    /// Where the last space of the line is.
    space: Option<usize>,
}

impl<U: Unit> Lines<U> {
    fn push(&mut self, unit: U) {
        if self.limited() && self.column == self.width {
            self.wrap();
        }
        if is(unit, b' ') {
            self.space = Some(self.text.len());
        }
        self.text.push(unit);
        self.column += 1;
    }

    fn limited(&self) -> bool {
        self.width != 0 && self.width != NO_LINES
    }

    /// Ends the line at its last space, or where it is.
    fn wrap(&mut self) {
        match self.space.take() {
            None => self.end(),
            Some(space) => {
                self.column = self.text.len() - space - 1;
                self.text.splice(space..=space, [U::from(b'\r'), U::from(b'\n')]);
            }
        }
    }

    /// The end of a line in the text: kept if nothing is said about lines.
    fn end_as_written(&mut self) {
        if self.width == 0 { self.end() } else { self.push(U::from(b' ')) }
    }

    fn end(&mut self) {
        self.text.extend([U::from(b'\r'), U::from(b'\n')]);
        self.column = 0;
        self.space = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_values_are_asked_for_than_the_text_has_places() {
        assert_eq!(last_insert(b"no %%5 %n9 %"), 0);
        assert_eq!(last_insert(b"%2 %12!d! %1%0 %44"), 12);
        assert_eq!(last_insert(&u16::from_narrow("ü%%1%3ü".as_bytes())), 3);
    }
}

//! Descriptors as text: `O:BAG:SYD:P(A;;GA;;;WD)S:…`. Entries that allow and deny are understood; the system's list, which
//! says what is recorded and who is trusted how far, is passed over.

use super::acl::{ALLOWS, Ace, DENIES};
use super::descriptor::{List, Parts};
use super::sid::Sid;
use crate::kernel32::code::Code;

const CONTROLS: [(&str, u16); 3] = [("AR", 0x0100), ("AI", 0x0400), ("P", 0x1000)];

const FLAGS: [(&str, u32); 7] =
    [("OI", 0x01), ("CI", 0x02), ("NP", 0x04), ("IO", 0x08), ("ID", 0x10), ("SA", 0x40), ("FA", 0x80)];

const RIGHTS: [(&str, u32); 25] = [
    ("GA", 0x1000_0000),
    ("GX", 0x2000_0000),
    ("GW", 0x4000_0000),
    ("GR", 0x8000_0000),
    ("SD", 0x0001_0000),
    ("RC", 0x0002_0000),
    ("WD", 0x0004_0000),
    ("WO", 0x0008_0000),
    ("CC", 0x001),
    ("DC", 0x002),
    ("LC", 0x004),
    ("SW", 0x008),
    ("RP", 0x010),
    ("WP", 0x020),
    ("DT", 0x040),
    ("LO", 0x080),
    ("CR", 0x100),
    ("FA", 0x001F_01FF),
    ("FR", 0x0012_0089),
    ("FW", 0x0012_0116),
    ("FX", 0x0012_00A0),
    ("KA", 0x000F_003F),
    ("KR", 0x0002_0019),
    ("KW", 0x0002_0006),
    ("KX", 0x0002_0019),
];

pub(crate) fn parse(text: &str) -> Result<Parts, Code> {
    let mut parts = Parts::default();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (letter, after) = rest.split_once(':').ok_or(Code::INVALID_PARAMETER)?;
        let (value, next) = after.split_at(end_of_part(after));
        let value = value.trim();
        match letter.trim() {
            "O" => parts.owner = Some(Sid::parse(value).ok_or(Code::INVALID_SID)?),
            "G" => parts.group = Some(Sid::parse(value).ok_or(Code::INVALID_SID)?),
            "D" => list(value, &mut parts)?,
            "S" => {}
            _ => return Err(Code::INVALID_PARAMETER),
        }
        rest = next;
    }
    Ok(parts)
}

/// A part ends where a letter and a colon begin the next one.
fn end_of_part(text: &str) -> usize {
    let bytes = text.as_bytes();
    let begins = |at: &usize| bytes[*at].is_ascii_alphabetic() && bytes.get(at + 1) == Some(&b':');
    (0..bytes.len()).find(begins).unwrap_or(bytes.len())
}

fn list(text: &str, parts: &mut Parts) -> Result<(), Code> {
    let (control, entries) = text.split_at(text.find('(').unwrap_or(text.len()));
    if control.trim() == "NO_ACCESS_CONTROL" && entries.is_empty() {
        parts.list = List::Null;
        return Ok(());
    }
    let mut control = control.trim();
    while !control.is_empty() {
        let known = CONTROLS.iter().find_map(|(letters, bit)| Some((control.strip_prefix(letters)?, bit)));
        let (rest, bit) = known.ok_or(Code::INVALID_PARAMETER)?;
        parts.control |= bit;
        control = rest;
    }
    let mut found = Vec::new();
    let mut rest = entries.trim();
    while !rest.is_empty() {
        let inner = rest.strip_prefix('(').ok_or(Code::INVALID_ACL)?;
        let (one, next) = inner.split_once(')').ok_or(Code::INVALID_ACL)?;
        found.push(entry(one)?);
        rest = next.trim_start();
    }
    parts.list = List::Some(found);
    Ok(())
}

/// Type; flags; rights; two that only objects of a directory have; who.
fn entry(text: &str) -> Result<Ace, Code> {
    let fields: Vec<&str> = text.split(';').map(str::trim).collect();
    let &[kind, flags, granted, "", "", who] = fields.as_slice() else { return Err(Code::INVALID_ACL) };
    let kind = match kind {
        "A" => ALLOWS,
        "D" => DENIES,
        _ => return Err(Code::INVALID_ACL),
    };
    let flags = letters(flags, &FLAGS).and_then(|flags| u8::try_from(flags).ok()).ok_or(Code::INVALID_ACL)?;
    let rights = rights(granted).ok_or(Code::INVALID_ACL)?;
    Ok(Ace { kind, flags, rights, who: Sid::parse(who).ok_or(Code::INVALID_SID)? })
}

fn rights(text: &str) -> Option<u32> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u32::from_str_radix(digits, 16).ok();
    }
    text.parse().ok().or_else(|| letters(text, &RIGHTS))
}

/// Pairs of letters, one after another.
fn letters(text: &str, known: &[(&str, u32)]) -> Option<u32> {
    let mut rest = text;
    let mut bits = 0;
    while !rest.is_empty() {
        let (pair, after) = rest.split_at_checked(2)?;
        bits |= known.iter().find(|(letters, _)| *letters == pair)?.1;
        rest = after;
    }
    Some(bits)
}

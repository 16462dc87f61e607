//! Access control lists: who may do what.

use super::sid::Sid;
use crate::kernel32::code::Code;
use crate::kernel32::pointer::Structure;

/// A list is a header (revision, 0, size, count of entries, 0) and entries (type, flags, size, rights, who).
const HEADER: usize = 8;
const ENTRY: usize = 8;
const REVISIONS: std::ops::RangeInclusive<u8> = 2..=4;

pub(crate) const ALLOWS: u8 = 0;
pub(crate) const DENIES: u8 = 1;
/// An entry for what is made inside, and not for the object itself.
const INHERIT_ONLY: u8 = 8;

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ace {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) rights: u32,
    pub(crate) who: Sid,
}

impl Ace {
    fn bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = vec![self.kind, self.flags];
        bytes.extend(u16::try_from(ENTRY + self.who.bytes().len()).ok()?.to_le_bytes());
        bytes.extend(self.rights.to_le_bytes());
        bytes.extend(self.who.bytes());
        Some(bytes)
    }

    /// An entry for this object that allows or denies something; others are passed over.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (&[kind, flags, ..], rights) = (bytes, bytes.get(4..8)?) else { return None };
        if kind > DENIES || flags & INHERIT_ONLY != 0 {
            return None;
        }
        let rights = u32::from_le_bytes(rights.try_into().ok()?);
        Some(Self { kind, flags, rights, who: Sid::first_of(&bytes[ENTRY..])? })
    }
}

/// A list in its bytes.
pub(crate) fn build(entries: &[Ace]) -> Result<Vec<u8>, Code> {
    let bytes: Option<Vec<Vec<u8>>> = entries.iter().map(Ace::bytes).collect();
    let bytes = bytes.ok_or(Code::INVALID_ACL)?.concat();
    let number = |number: usize| u16::try_from(number).map(u16::to_le_bytes).map_err(|_| Code::INVALID_ACL);
    let (size, count) = (number(HEADER + bytes.len())?, number(entries.len())?);
    let header = [2, 0, size[0], size[1], count[0], count[1], 0, 0];
    Ok([&header, bytes.as_slice()].concat())
}

/// The bytes of each entry, and how many bytes of the list they take with its header.
fn entries(list: &[u8]) -> Result<(Vec<&[u8]>, usize), Code> {
    let count = list.get(4..6).map_or(0, |count| u16::from_le_bytes([count[0], count[1]]));
    let (mut entries, mut at) = (Vec::new(), HEADER);
    for _ in 0..count {
        let size = list.get(at + 2..at + 4).map_or(0, |size| usize::from(u16::from_le_bytes([size[0], size[1]])));
        let entry = list.get(at..at + size).filter(|_| size >= ENTRY).ok_or(Code::INVALID_ACL)?;
        entries.push(entry);
        at += size;
    }
    Ok((entries, at))
}

/// The list that lies there: as many bytes as it says itself.
fn read_bytes(place: Structure) -> Result<Vec<u8>, Code> {
    let [revision, _, low, high] = place.read(0);
    let size = usize::from(u16::from_le_bytes([low, high]));
    let valid = REVISIONS.contains(&revision) && size >= HEADER;
    if valid { Ok(place.bytes(0, size)) } else { Err(Code::INVALID_ACL) }
}

/// Its entries, as far as they allow or deny something.
pub(crate) fn read(place: Structure) -> Result<Vec<Ace>, Code> {
    let list = read_bytes(place)?;
    Ok(entries(&list)?.0.into_iter().filter_map(Ace::parse).collect())
}

/// Makes an empty list of memory that may hold anything.
pub(crate) fn initialize(place: Structure, length: u32, revision: u32) -> Result<(), Code> {
    if place.is_null() {
        return Err(Code::NOACCESS);
    }
    if (length as usize) < HEADER {
        return Err(Code::INSUFFICIENT_BUFFER);
    }
    let revision = u8::try_from(revision).ok().filter(|revision| REVISIONS.contains(revision));
    let (Some(revision), Ok(length)) = (revision, u16::try_from(length)) else { return Err(Code::INVALID_PARAMETER) };
    let [low, high] = (length & !3).to_le_bytes();
    place.write(0, &[revision, 0, low, high, 0, 0, 0, 0]);
    Ok(())
}

/// Adds an entry at the end of a list, if there is room.
pub(crate) fn add(place: Structure, revision: u32, entry: &Ace) -> Result<(), Code> {
    if place.is_null() {
        return Err(Code::NOACCESS);
    }
    let revision = u8::try_from(revision).ok().filter(|revision| revision <= REVISIONS.end());
    let revision = revision.ok_or(Code::REVISION_MISMATCH)?;
    let list = read_bytes(place)?;
    let (present, at) = entries(&list)?;
    let bytes = entry.bytes().ok_or(Code::INVALID_ACL)?;
    if bytes.len() > list.len() - at {
        return Err(Code::ALLOTTED_SPACE_EXCEEDED);
    }
    let count = u16::try_from(present.len() + 1).map_err(|_| Code::INVALID_ACL)?;
    place.write(at, &bytes);
    place.write(4, &count.to_le_bytes());
    place.write(0, &[revision.max(list[0])]);
    Ok(())
}

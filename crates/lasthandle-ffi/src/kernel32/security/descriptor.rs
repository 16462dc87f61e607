//! Security descriptors, as far as they say whom an object is open to.
//!
//! ```text
//! absolute:  revision, 0, control (2), -, owner (8), group (8), system list (8), list (8)    40 bytes, pointers
//! relative:  revision, 0, control (2), owner (4), group (4), system list (4), list (4), …    offsets
//! ```

use lasthandle::Permissions;

use super::acl::{self, ALLOWS, Ace, DENIES};
use super::sid::Sid;
use crate::kernel32::code::Code;
use crate::kernel32::pointer::Structure;

const REVISION: u8 = 1;
const ABSOLUTE: usize = 40;
const RELATIVE: usize = 20;

const LIST_PRESENT: u16 = 0x0004;
const LIST_DEFAULTED: u16 = 0x0008;
const SELF_RELATIVE: u16 = 0x8000;

const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const GENERIC_EXECUTE: u32 = 0x2000_0000;
const GENERIC_ALL: u32 = 0x1000_0000;
const SYNCHRONIZE: u32 = 0x10_0000;
/// To change a sync object's state, or map a section to write.
const CHANGE: u32 = 2;
/// To map a section to read.
const MAP_READ: u32 = 4;

/// What an object is, to whom it may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Section,
    /// Whoever may wait for it must be able to write its state.
    Sync,
}

/// Who may open an object with this descriptor: everybody, everybody to read, or its owner. Finer grants are not made:
/// they would be more than was said.
pub(crate) fn permissions(descriptor: Structure, what: What) -> Result<Permissions, Code> {
    if descriptor.is_null() {
        return Ok(Permissions::Owner);
    }
    Ok(match list(descriptor)? {
        List::None => Permissions::Owner,
        List::Null => Permissions::Everyone,
        List::Some(place) => granted(&acl::read(place)?, what),
    })
}

fn granted(entries: &[Ace], what: What) -> Permissions {
    // Whoever is shut out cannot be, once the rest of the world is in.
    if entries.iter().any(|entry| entry.kind == DENIES && !entry.who.is_nobody()) {
        return Permissions::Owner;
    }
    let everybody = entries.iter().filter(|entry| entry.kind == ALLOWS && entry.who.is_everybody());
    let allowed = everybody.fold(0, |rights, entry| rights | entry.rights);
    match what {
        _ if allowed & (GENERIC_ALL | GENERIC_WRITE | CHANGE) != 0 => Permissions::Everyone,
        What::Sync if allowed & (SYNCHRONIZE | GENERIC_EXECUTE) != 0 => Permissions::Everyone,
        What::Section if allowed & (GENERIC_READ | MAP_READ) != 0 => Permissions::Mode(0o644),
        _ => Permissions::Owner,
    }
}

/// The list of who may do what.
#[derive(Debug, Default)]
pub(crate) enum List<T> {
    /// Nothing is said.
    #[default]
    None,
    /// Everybody may do all.
    Null,
    Some(T),
}

fn control(descriptor: Structure) -> Result<u16, Code> {
    let [revision, _, low, high] = descriptor.read(0);
    if revision == REVISION { Ok(u16::from_le_bytes([low, high])) } else { Err(Code::UNKNOWN_REVISION) }
}

fn list(descriptor: Structure) -> Result<List<Structure>, Code> {
    let control = control(descriptor)?;
    if control & LIST_PRESENT == 0 {
        return Ok(List::None);
    }
    let place = if control & SELF_RELATIVE == 0 {
        Structure::at(usize::from_le_bytes(descriptor.read(32)))
    } else {
        match u32::from_le_bytes(descriptor.read(16)) {
            0 => Structure::at(0),
            offset => descriptor.inside(offset as usize),
        }
    };
    Ok(if place.is_null() { List::Null } else { List::Some(place) })
}

/// Makes a descriptor that says nothing of memory that may hold anything.
pub(crate) fn initialize(descriptor: Structure, revision: u32) -> Result<(), Code> {
    if descriptor.is_null() {
        return Err(Code::NOACCESS);
    }
    if revision != u32::from(REVISION) {
        return Err(Code::UNKNOWN_REVISION);
    }
    let mut bytes = [0; ABSOLUTE];
    bytes[0] = REVISION;
    descriptor.write(0, &bytes);
    Ok(())
}

/// Says who may do what.
pub(crate) fn set_list(descriptor: Structure, present: bool, place: Structure, defaulted: bool) -> Result<(), Code> {
    if descriptor.is_null() {
        return Err(Code::NOACCESS);
    }
    let before = control(descriptor)?;
    if before & SELF_RELATIVE != 0 {
        return Err(Code::INVALID_SECURITY_DESCR);
    }
    let mut control = before & !(LIST_PRESENT | LIST_DEFAULTED);
    if present {
        control |= LIST_PRESENT | if defaulted { LIST_DEFAULTED } else { 0 };
        descriptor.write(32, &place.address().to_le_bytes());
    }
    descriptor.write(2, &control.to_le_bytes());
    Ok(())
}

/// Whether a descriptor can be used.
pub(crate) fn check(descriptor: Structure) -> Result<(), Code> {
    let valid = !descriptor.is_null() && permissions(descriptor, What::Sync).is_ok();
    if valid { Ok(()) } else { Err(Code::INVALID_SECURITY_DESCR) }
}

/// What a descriptor in one piece says.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) owner: Option<Sid>,
    pub(crate) group: Option<Sid>,
    pub(crate) list: List<Vec<Ace>>,
    /// Whether the list is protected from inheritance, and the like.
    pub(crate) control: u16,
}

impl Parts {
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, Code> {
        let (present, list) = match &self.list {
            List::None => (0, None),
            List::Null => (LIST_PRESENT, None),
            List::Some(entries) => (LIST_PRESENT, Some(acl::build(entries)?)),
        };
        let mut bytes = vec![REVISION, 0];
        bytes.extend((self.control | present | SELF_RELATIVE).to_le_bytes());
        let sid = |sid: &Option<Sid>| sid.as_ref().map(|sid| sid.bytes().to_vec());
        let (mut offset, mut rest) = (RELATIVE, Vec::new());
        for part in [sid(&self.owner), sid(&self.group), None, list] {
            let start = if part.is_some() { offset } else { 0 };
            bytes.extend(u32::try_from(start).map_err(|_| Code::INVALID_PARAMETER)?.to_le_bytes());
            offset += part.as_ref().map_or(0, Vec::len);
            rest.extend(part.into_iter().flatten());
        }
        bytes.extend(rest);
        Ok(bytes)
    }
}

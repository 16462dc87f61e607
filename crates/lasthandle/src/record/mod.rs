//! The bytes in shared memory: what an object's record page says, and nothing else interprets them.
//!
//! An object is a file, and its **last page** holds the record, so a mapping's own bytes start at file offset 0.
//!
//! ```text
//!   0       8      12      16 17 18   20     24              32
//!   +-------+-------+-------+--+--+----+------+---------------+
//!   | magic |version|signat.|k |p |flgs| life | size          |
//!   +-------+-------+-------+--+--+----+------+---------------+
//!  32              40      44      48                        80
//!   +---------------+-------+-------+-------------------------+
//!   | created (ns)  |creator|nameLen| SHA-256 of a long name  |
//!   +---------------+-------+-------+-------------------------+
//!  80        88        96      100     104           232    236    240
//!   +---------+---------+-------+-------+-------------+------+------+
//!   | device  | inode   |hdlType|hdlLen | file handle |pathLn|maxim.|   maximum: of a semaphore;
//!   +---------+---------+-------+-------+-------------+------+------+   the others: only over a file, but
//!                                                                       for unnamed sync objects (`root`)
//! 240 zeros … 1024 name, up to 1,024 bytes … 2048 state of sync objects … 4096
//! ```
//!
//! All integers are little-endian. `docs/format.md` tells the same for readers in other languages.
//!
//! Invariants:
//! 1. A published record never changes, but for `life` (LIVE → DEAD, once) and the state of sync objects.
//! 2. Only who holds the exclusive lock writes DEAD.
//! 3. Every field is copied out and checked by [`Record::parse`] before anything is believed; nothing is read twice.

mod name;

use std::time::{Duration, SystemTime};

use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout};

use crate::access::Protection;
use crate::kind::Kind;
use crate::name::Name;

pub use name::{StoredName, from_wtf8, sha256, to_wtf8};

/// Bytes of the record that [`Record::parse`] reads and create writes; the state of sync objects follows them.
pub const RECORD_BYTES: usize = 2048;
/// Where the mark of death lies in the record: the one field that ever changes.
pub const LIFE_OFFSET: u64 = std::mem::offset_of!(Record, life) as u64;
/// Bytes of the name that the record repeats.
pub const NAME_SPACE: usize = 1024;
/// Longest path of a file behind a mapping, in bytes.
pub const PATH_SPACE: usize = 4095;
/// Longest file handle the kernel gives (`MAX_HANDLE_SZ`).
pub const HANDLE_SPACE: usize = 128;
/// The version of this layout; builds with another one refuse each other's objects.
pub const VERSION: u32 = 1;
/// The mark of death.
pub const DEAD: [u8; 4] = *b"DEAD";

const LIVE: [u8; 4] = *b"LIVE";
const MAGIC: [u8; 8] = *b"LASTHNDL";

const RESERVED: u16 = 1;
const FILE_BACKED: u16 = 2;
const UNNAMED: u16 = 4;
const MANUAL: u16 = 8;
const KNOWN_FLAGS: u16 = RESERVED | FILE_BACKED | UNNAMED | MANUAL;

/// What two builds must agree on beyond the version: page size (as a power of two), pointer width, byte order.
pub fn signature(page_size: usize) -> u32 {
    let byte_order = if cfg!(target_endian = "little") { 1 } else { 2 };
    (byte_order << 16) | (usize::BITS << 8) | page_size.trailing_zeros()
}

/// The record as it lies in the file.
#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Clone)]
#[repr(C)]
pub struct Record {
    magic: [u8; 8],
    version: u32,
    signature: u32,
    kind: u8,
    protection: u8,
    flags: u16,
    life: [u8; 4],
    size: u64,
    created: u64,
    creator: u32,
    name_length: u32,
    name_hash: [u8; 32],
    device: u64,
    inode: u64,
    handle_type: i32,
    handle_length: u32,
    handle: [u8; HANDLE_SPACE],
    path_length: u32,
    maximum: u32,
    zero: [u8; 784],
    name: [u8; NAME_SPACE],
}

const _: () = {
    assert!(size_of::<Record>() == RECORD_BYTES);
    assert!(std::mem::offset_of!(Record, life) == 20);
    assert!(std::mem::offset_of!(Record, size) == 24);
    assert!(std::mem::offset_of!(Record, name_hash) == 48);
    assert!(std::mem::offset_of!(Record, handle) == 104);
    assert!(std::mem::offset_of!(Record, path_length) == 232);
    assert!(std::mem::offset_of!(Record, maximum) == 236);
    assert!(std::mem::offset_of!(Record, name) == 1024);
};

/// The file behind a mapping, as it was when the mapping was created. The path's bytes are the object file's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backing {
    /// Device number.
    pub device: u64,
    /// Inode number; given to a new file as soon as the old one is gone.
    pub inode: u64,
    /// Type of the file handle; meaningless if `handle` is empty.
    pub handle_type: i32,
    /// The file handle, which tells a new file from an old one with the same inode; empty where the file system has
    /// none.
    pub handle: Vec<u8>,
    /// Bytes of the path.
    pub path_length: usize,
}

/// What a record says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The object's kind.
    pub kind: Kind,
    /// A mapping's protection.
    pub protection: Protection,
    /// A mapping's memory is committed range by range.
    pub reserved: bool,
    /// A mapping's size in bytes; 0 for other kinds.
    pub size: u64,
    /// Nanoseconds since 1970, by the wall clock.
    pub created: u64,
    /// The creator's process number in its own numbering; for display only.
    pub creator: u32,
    /// The name; none for an unnamed object.
    pub name: Option<StoredName>,
    /// An event or timer stays signaled until it is reset or armed anew.
    pub manual: bool,
    /// A semaphore's maximum; 0 for other kinds.
    pub maximum: u32,
    /// The file behind a mapping.
    pub backing: Option<Backing>,
    /// Device and inode of the root directory under which the owners of an unnamed sync object have their lives; none
    /// where there was no such directory, and for other objects.
    pub root: Option<(u64, u64)>,
    /// Whether the mark of death is set.
    pub dead: bool,
}

/// Why bytes are no record that this build can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// The magic is missing: not an object of this library.
    Foreign,
    /// Another layout version.
    Version(u32),
    /// The same version on a system with another page size, pointer width or byte order.
    Signature(u32),
    /// A field contradicts another one, or the file's size.
    Damaged(&'static str),
}

impl Record {
    /// The record of a fresh object.
    ///
    /// # Panics
    /// If the backing's handle or path is longer than the format holds: the caller measures first.
    pub fn new(description: &Description, page_size: usize) -> Self {
        let mut record = Self::new_zeroed();
        record.magic = MAGIC;
        record.version = VERSION;
        record.signature = signature(page_size);
        record.kind = kind_number(description.kind);
        record.protection = protection_number(description.protection);
        record.life = if description.dead { DEAD } else { LIVE };
        record.size = description.size;
        record.created = description.created;
        record.creator = description.creator;
        record.flags = if description.reserved { RESERVED } else { 0 };
        record.flags |= if description.manual { MANUAL } else { 0 };
        record.maximum = description.maximum;
        match &description.name {
            None => record.flags |= UNNAMED,
            Some(name) => {
                record.name_length = u32::try_from(name.length).expect("names are shorter");
                record.name_hash = name.hash;
                record.name[..name.beginning.len()].copy_from_slice(&name.beginning);
            }
        }
        if let Some(root) = description.root {
            (record.device, record.inode) = root;
        }
        if let Some(backing) = &description.backing {
            record.flags |= FILE_BACKED;
            record.device = backing.device;
            record.inode = backing.inode;
            record.handle_type = backing.handle_type;
            record.handle_length = u32::try_from(backing.handle.len()).expect("handles are shorter");
            record.handle[..backing.handle.len()].copy_from_slice(&backing.handle);
            record.path_length = u32::try_from(backing.path_length).expect("paths are shorter");
        }
        record
    }

    /// Checks the bytes of a record against each other and against the real size of the file they came from.
    ///
    /// # Errors
    /// The first [`Defect`] found.
    pub fn parse(bytes: &[u8; RECORD_BYTES], file_size: u64, page_size: usize) -> Result<Description, Defect> {
        let copy;
        let record = if let Ok(record) = Self::ref_from_bytes(bytes) {
            record
        } else {
            // The buffer is not aligned.
            copy = Self::read_from_bytes(bytes).map_err(|_| Defect::Damaged("it is too short"))?;
            &copy
        };
        record.check_head(page_size)?;
        let description = record.describe()?;
        record.check_size(&description, file_size, page_size as u64)?;
        Ok(description)
    }

    fn check_head(&self, page_size: usize) -> Result<(), Defect> {
        if self.magic != MAGIC {
            return Err(Defect::Foreign);
        }
        if self.version != VERSION {
            return Err(Defect::Version(self.version));
        }
        if self.signature != signature(page_size) {
            return Err(Defect::Signature(self.signature));
        }
        Ok(())
    }

    fn describe(&self) -> Result<Description, Defect> {
        let kind = *Kind::ALL.get(usize::from(self.kind)).ok_or(Defect::Damaged("its kind is unknown"))?;
        let protection =
            *Protection::ALL.get(usize::from(self.protection)).ok_or(Defect::Damaged("its protection is unknown"))?;
        if self.flags & !KNOWN_FLAGS != 0 {
            return Err(Defect::Damaged("it has unknown flags"));
        }
        let dead = match self.life {
            LIVE => false,
            DEAD => true,
            _ => return Err(Defect::Damaged("it is neither live nor dead")),
        };
        Ok(Description {
            kind,
            protection,
            reserved: self.flags & RESERVED != 0,
            size: self.size,
            created: self.created,
            creator: self.creator,
            name: self.stored_name()?,
            manual: self.flags & MANUAL != 0,
            maximum: self.maximum,
            backing: self.backing()?,
            root: self.root(kind),
            dead,
        })
    }

    fn stored_name(&self) -> Result<Option<StoredName>, Defect> {
        let length = self.name_length as usize;
        if self.flags & UNNAMED != 0 {
            return if length == 0 { Ok(None) } else { Err(Defect::Damaged("it is unnamed and has a name")) };
        }
        // Three bytes a UTF-16 unit is the most that WTF-8 needs.
        if length == 0 || length > 3 * crate::name::MAX_UNITS {
            return Err(Defect::Damaged("its name has an impossible length"));
        }
        let beginning = self.name[..length.min(NAME_SPACE)].to_vec();
        Ok(Some(StoredName { length, hash: self.name_hash, beginning }))
    }

    fn backing(&self) -> Result<Option<Backing>, Defect> {
        if self.flags & FILE_BACKED == 0 {
            return Ok(None);
        }
        let handle = self.handle.get(..self.handle_length as usize);
        let path_length = self.path_length as usize;
        if path_length == 0 || path_length > PATH_SPACE {
            return Err(Defect::Damaged("its path has an impossible length"));
        }
        Ok(Some(Backing {
            device: self.device,
            inode: self.inode,
            handle_type: self.handle_type,
            handle: handle.ok_or(Defect::Damaged("its file handle is too long"))?.to_vec(),
            path_length,
        }))
    }

    fn root(&self, kind: Kind) -> Option<(u64, u64)> {
        let has_root = kind != Kind::Mapping && self.flags & (UNNAMED | FILE_BACKED) == UNNAMED;
        Some((self.device, self.inode)).filter(|&root| has_root && root != (0, 0))
    }

    fn check_size(&self, description: &Description, file_size: u64, page: u64) -> Result<(), Defect> {
        let semaphore = description.kind == Kind::Semaphore;
        if semaphore != (1..=i32::MAX.unsigned_abs()).contains(&description.maximum)
            || (!semaphore && self.maximum != 0)
        {
            return Err(Defect::Damaged("its maximum is impossible"));
        }
        let data = match (description.kind, &description.backing) {
            (Kind::Mapping, _) if self.size == 0 || self.size > isize::MAX as u64 => {
                return Err(Defect::Damaged("its size is impossible"));
            }
            (Kind::Mapping, Some(backing)) => backing.path_length as u64,
            (Kind::Mapping, None) => self.size,
            (_, None) if self.size == 0 && !description.reserved => 0,
            _ => return Err(Defect::Damaged("it mixes what belongs to different kinds")),
        };
        if description.reserved && description.backing.is_some() {
            return Err(Defect::Damaged("it mixes what belongs to different kinds"));
        }
        if data.next_multiple_of(page).checked_add(page) != Some(file_size) {
            return Err(Defect::Damaged("it does not fit the size of its file"));
        }
        Ok(())
    }
}

impl Description {
    /// When it was created.
    pub fn created_at(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_nanos(self.created)
    }

    /// Whether it is an object of exactly this name.
    pub fn is_named(&self, name: &Name) -> bool {
        self.name.as_ref().is_some_and(|stored| *stored == StoredName::of(name))
    }
}

fn kind_number(kind: Kind) -> u8 {
    position(&Kind::ALL, &kind)
}

fn protection_number(protection: Protection) -> u8 {
    position(&Protection::ALL, &protection)
}

/// The number of a value in the record: its place in the list of all.
fn position<T: PartialEq>(all: &[T], value: &T) -> u8 {
    let at = all.iter().position(|candidate| candidate == value).expect("listed");
    u8::try_from(at).expect("few")
}

#[cfg(test)]
mod tests;

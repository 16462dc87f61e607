//! One step of a random sequence, and how it is drawn.

use fastrand::Rng;
use lasthandle::{Access, Protection, ViewAccess};

use super::shrink::Shorten;

/// Names that a sequence plays with.
pub(super) const NAMES: usize = 3;

/// A step. Handles and views are counted back from the latest, 0, so that a sequence keeps its meaning when older
/// steps are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Op {
    /// Create by name, or unnamed.
    Create { name: Option<usize>, size: u64, protection: Protection, reserve: bool, exclusive: bool, access: Access },
    /// Open a name.
    Open { name: usize, access: Access },
    /// Drop a handle.
    Close { handle: usize },
    /// Duplicate a handle, with other rights perhaps.
    Duplicate { handle: usize, access: Option<Access> },
    /// Ask a handle's object.
    Query { handle: usize },
    /// Map a view.
    Map { handle: usize, access: ViewAccess, offset: u64, length: u64 },
    /// Drop a view.
    Unmap { view: usize },
    /// Fill a range of a view.
    Write { view: usize, offset: usize, length: usize, byte: u8 },
    /// Read a range of a view.
    Read { view: usize, offset: usize, length: usize },
    /// Change what a view may do.
    Protect { view: usize, access: ViewAccess },
    /// Commit a range of a view.
    Commit { view: usize, offset: usize, length: usize },
}

const SIZES: [u64; 9] = [0, 1, 100, 4096, 5000, 65_536, 70_000, 200_000, 1 << 63];
const OFFSETS: [u64; 7] = [0, 0, 0, 65_536, 131_072, 4096, 1 << 20];
const LENGTHS: [u64; 7] = [0, 0, 1, 4096, 5000, 65_536, 1 << 20];
const PROTECTIONS: [Protection; 5] =
    [Protection::ReadWrite, Protection::ReadWrite, Protection::ReadWrite, Protection::ReadOnly, Protection::WriteCopy];
const RIGHTS: [Access; 5] = [Access::READ_WRITE, Access::READ_WRITE, Access::READ_WRITE, Access::READ, Access::WRITE];
const VIEWS: [ViewAccess; 5] = [
    ViewAccess::ReadWrite,
    ViewAccess::ReadWrite,
    ViewAccess::ReadWrite,
    ViewAccess::ReadOnly,
    ViewAccess::CopyOnWrite,
];

impl Op {
    /// Draws a step. Most make sense; some are wrong on purpose.
    pub(super) fn draw(rng: &mut Rng) -> Self {
        // Mostly the latest few, of many now and then.
        let among = if rng.bool() { 2 } else { 8 };
        let slot = rng.usize(..among);
        match rng.u8(..32) {
            0..7 => Self::create(rng),
            7..11 => Self::Open { name: rng.usize(..NAMES), access: pick(rng, &RIGHTS) },
            11..15 => Self::Close { handle: slot },
            15..17 => Self::Duplicate { handle: slot, access: rng.bool().then(|| duplicate_rights(rng)) },
            17 => Self::Query { handle: slot },
            18..22 => Self::Map {
                handle: slot,
                access: pick(rng, &VIEWS),
                offset: pick(rng, &OFFSETS),
                length: pick(rng, &LENGTHS),
            },
            22 => Self::Unmap { view: slot },
            23..26 => {
                Self::Write { view: slot, offset: rng.usize(..210_000), length: rng.usize(1..20), byte: rng.u8(1..) }
            }
            26..29 => Self::Read { view: slot, offset: rng.usize(..210_000), length: rng.usize(1..5000) },
            29 => Self::Protect { view: slot, access: pick(rng, &VIEWS) },
            _ => Self::Commit { view: slot, offset: rng.usize(..210_000), length: rng.usize(1..70_000) },
        }
    }

    /// The same step on a read-write section unless others are wanted, and on no reserved one unless it is wanted.
    pub(super) fn keep_to(&mut self, protections: bool, reserved: bool) {
        if let Self::Create { protection, reserve, .. } = self {
            *protection = if protections { *protection } else { Protection::ReadWrite };
            *reserve &= reserved;
        }
    }

    fn create(rng: &mut Rng) -> Self {
        Self::Create {
            name: (rng.u8(..8) > 0).then(|| rng.usize(..NAMES)),
            size: pick(rng, &SIZES),
            protection: pick(rng, &PROTECTIONS),
            reserve: rng.u8(..5) == 0,
            exclusive: rng.u8(..6) == 0,
            access: pick(rng, &RIGHTS),
        }
    }
}

impl Shorten for Op {
    fn count_one_less(&mut self) -> bool {
        let back = match self {
            Self::Create { .. } | Self::Open { .. } => return false,
            Self::Close { handle: back }
            | Self::Duplicate { handle: back, .. }
            | Self::Query { handle: back }
            | Self::Map { handle: back, .. }
            | Self::Unmap { view: back }
            | Self::Write { view: back, .. }
            | Self::Read { view: back, .. }
            | Self::Protect { view: back, .. }
            | Self::Commit { view: back, .. } => back,
        };
        let may = *back > 0;
        *back = back.saturating_sub(1);
        may
    }
}

fn duplicate_rights(rng: &mut Rng) -> Access {
    if rng.u8(..4) == 0 { Access::NONE } else { pick(rng, &RIGHTS) }
}

fn pick<T: Copy>(rng: &mut Rng, among: &[T]) -> T {
    among[rng.usize(..among.len())]
}

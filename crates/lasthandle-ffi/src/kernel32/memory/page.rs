//! What pages may do.

use lasthandle::ViewAccess;
use rustix::mm::MprotectFlags;

use crate::kernel32::code::Code;

/// A protection of pages, by Windows' number: one of eight. Guard pages and caching are not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page(u32);

const READ: u32 = 1;
const WRITE: u32 = 2;
const COPY: u32 = 4;
const EXECUTE: u32 = 8;

/// Windows' numbers, and what they permit.
const ALL: [(u32, u32); 8] = [
    (0x01, 0),
    (0x02, READ),
    (0x04, READ | WRITE),
    (0x08, READ | COPY),
    (0x10, EXECUTE),
    (0x20, READ | EXECUTE),
    (0x40, READ | WRITE | EXECUTE),
    (0x80, READ | COPY | EXECUTE),
];

impl Page {
    pub(crate) const NOACCESS: Self = Self(0x01);

    pub(crate) fn new(number: u32) -> Result<Self, Code> {
        let known = ALL.iter().any(|(page, _)| *page == number);
        if known { Ok(Self(number)) } else { Err(Code::INVALID_PARAMETER) }
    }

    /// Windows' number.
    pub(crate) fn number(self) -> u32 {
        self.0
    }

    fn permits(self) -> u32 {
        ALL.iter().find(|(page, _)| *page == self.0).map_or(0, |(_, permits)| *permits)
    }

    /// Whether pages mapped as `self` may become `other`. On Windows they may also begin to be copied when written.
    pub(crate) fn may_become(self, other: Self) -> bool {
        other.permits() & !self.permits() == 0
    }

    /// Whether memory that is nobody else's can have it: there is nothing to copy from.
    pub(crate) fn is_private(self) -> bool {
        self.permits() & COPY == 0
    }

    /// What is executed can be read, as on Windows on most machines.
    pub(crate) fn flags(self) -> MprotectFlags {
        let permits = self.permits();
        let mut flags = MprotectFlags::empty();
        flags.set(MprotectFlags::READ, permits != 0);
        flags.set(MprotectFlags::WRITE, permits & (WRITE | COPY) != 0);
        flags.set(MprotectFlags::EXEC, permits & EXECUTE != 0);
        flags
    }
}

impl From<ViewAccess> for Page {
    fn from(access: ViewAccess) -> Self {
        Self(match access {
            ViewAccess::ReadOnly => 0x02,
            ViewAccess::ReadWrite => 0x04,
            ViewAccess::CopyOnWrite => 0x08,
            ViewAccess::ExecuteRead => 0x20,
            ViewAccess::ExecuteReadWrite => 0x40,
            ViewAccess::ExecuteCopyOnWrite => 0x80,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_change_only_within_what_they_were_mapped_with() {
        let within = |mapped: u32| -> Vec<u32> {
            let mapped = Page::new(mapped).unwrap();
            let all = ALL.iter().map(|(page, _)| *page);
            all.filter(|page| mapped.may_become(Page::new(*page).unwrap())).collect()
        };
        assert_eq!(within(0x01), [0x01]);
        assert_eq!(within(0x02), [0x01, 0x02]);
        assert_eq!(within(0x04), [0x01, 0x02, 0x04]);
        assert_eq!(within(0x08), [0x01, 0x02, 0x08]);
        assert_eq!(within(0x20), [0x01, 0x02, 0x10, 0x20]);
        assert_eq!(within(0x40), [0x01, 0x02, 0x04, 0x10, 0x20, 0x40]);
        assert_eq!(within(0x80), [0x01, 0x02, 0x08, 0x10, 0x20, 0x80]);
        for number in [0, 3, 6, 0x104, 0x204, 0x404, 0x100, 0x4000_0004, u32::MAX] {
            assert_eq!(Page::new(number), Err(Code::INVALID_PARAMETER), "{number:#x}");
        }
    }
}

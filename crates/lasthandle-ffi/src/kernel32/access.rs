//! Rights as programs ask for them: generic ones become those of the kind of object.

use lasthandle::Access;

const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const GENERIC_EXECUTE: u32 = 0x2000_0000;
const GENERIC_ALL: u32 = 0x1000_0000;
const MAXIMUM_ALLOWED: u32 = 0x0200_0000;

/// What the generic rights mean for a kind of object.
struct Generic {
    read: Access,
    write: Access,
    execute: Access,
    all: Access,
}

const SYNC: Generic =
    Generic { read: Access::QUERY, write: Access::MODIFY, execute: Access::SYNCHRONIZE, all: Access::SYNC_ALL };

/// Asked for as a right of the object, `EXECUTE` stands in place of the section's own execute bit.
const SECTION: Generic =
    Generic { read: Access::READ, write: Access::WRITE, execute: Access::EXECUTE, all: Access::READ_WRITE };

/// A process' own rights, by number.
const PROCESS: Generic = Generic {
    read: Access::from_bits(0x0410),
    write: Access::from_bits(0x0BEA),
    execute: Access::from_bits(0x10_1001),
    all: Access::from_bits(0x1F_FFFF),
};

const FILE: Generic = Generic {
    read: Access::from_bits(0x12_0089),
    write: Access::from_bits(0x12_0116),
    execute: Access::from_bits(0x12_00A0),
    all: Access::from_bits(0x1F_01FF),
};

/// What a section's handle can have that matters.
pub(crate) const SECTION_ALL: Access = Access::from_bits(0x27);

impl Generic {
    fn map(&self, asked: u32) -> Access {
        let generic = [
            (GENERIC_READ, self.read),
            (GENERIC_WRITE, self.write),
            (GENERIC_EXECUTE, self.execute),
            (GENERIC_ALL | MAXIMUM_ALLOWED, self.all),
        ];
        let own = Access::from_bits(asked)
            .without(Access::from_bits(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL | MAXIMUM_ALLOWED));
        generic.iter().filter(|(bits, _)| asked & bits != 0).fold(own, |access, (_, means)| access | *means)
    }
}

/// The rights of a sync object's handle. Those over the object itself (who owns it, who may delete it) have no meaning
/// here, but whoever asks for nothing else gets a handle.
pub(crate) fn sync(asked: u32) -> Access {
    SYNC.map(asked)
}

/// The rights among these that matter.
pub(crate) fn meaning(access: Access, all: Access) -> Access {
    Access::from_bits(access.bits() & all.bits())
}

/// The rights of a process' handle. Those of which nothing is offered stay what they are.
pub(crate) fn process(asked: u32) -> Access {
    PROCESS.map(asked)
}

/// The rights of a section's handle. Of all that `FILE_MAP_ALL_ACCESS` names, reading and writing matter.
pub(crate) fn section(asked: u32) -> Access {
    const COPY: u32 = 1;
    // To copy on write is to read; alone it would be the right to ask for the size.
    if asked == COPY { Access::READ | Access::QUERY } else { SECTION.map(asked) | query_beside(asked) }
}

/// The rights of a file's handle. To look at attributes and to wait is granted to everybody.
pub(crate) fn file(asked: u32) -> Access {
    const READ_ATTRIBUTES: u32 = 0x80;
    FILE.map(asked) | Access::from_bits(READ_ATTRIBUTES) | Access::SYNCHRONIZE
}

/// Whoever has any right may ask for the size; no right at all stays none, which is refused.
fn query_beside(asked: u32) -> Access {
    if asked == 0 { Access::NONE } else { Access::QUERY }
}

/// `THREAD_ALL_ACCESS`
pub(crate) const THREAD_ALL: u32 = 0x1F_FFFF;

/// The rights of a thread's handle, as `THREAD_…` in Windows' headers.
pub(crate) fn thread(asked: u32) -> Access {
    const THREAD: Generic = Generic {
        read: Access::from_bits(0x2_0848),
        write: Access::from_bits(0x2_0437),
        execute: Access::from_bits(0x12_0800),
        all: Access::from_bits(THREAD_ALL),
    };
    THREAD.map(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generic_rights_become_the_kind_s_own() {
        assert_eq!(sync(GENERIC_ALL), Access::SYNC_ALL);
        assert_eq!(sync(GENERIC_EXECUTE), Access::SYNCHRONIZE);
        assert_eq!(sync(0x1F_0003), Access::from_bits(0x1F_0003));
        assert_eq!(sync(0), Access::NONE);
        assert_eq!(section(1), Access::READ | Access::QUERY);
        assert_eq!(section(2), Access::WRITE | Access::QUERY);
        assert_eq!(section(0), Access::NONE);
        assert_eq!(file(0), Access::from_bits(0x10_0080));
        assert_eq!(file(GENERIC_READ | GENERIC_WRITE), Access::from_bits(0x12_019F));
        assert!(section(0xF_001F).contains(Access::READ_WRITE) && !section(0xF_001F).contains(Access::EXECUTE));
    }
}

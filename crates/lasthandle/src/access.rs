//! Rights: what a handle may do, what a section's pages may become, and who else may open it.

use std::ops::{BitOr, BitOrAssign};

/// The rights a handle carries, in Windows' own bits.
///
/// # References
/// [File mapping security and access rights](https://learn.microsoft.com/windows/win32/memory/file-mapping-security-and-access-rights)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Access(u32);

impl Access {
    /// No right at all. A handle opened with none is refused; one may be duplicated down to it.
    pub const NONE: Self = Self(0);
    /// Ask for size and kind (`SECTION_QUERY`). Every mapping handle of this library can do that.
    pub const QUERY: Self = Self(0x1);
    /// Map views that write (`FILE_MAP_WRITE`).
    #[doc(alias = "FILE_MAP_WRITE")]
    pub const WRITE: Self = Self(0x2);
    /// Map views that read, and copy-on-write views (`FILE_MAP_READ`).
    #[doc(alias = "FILE_MAP_READ")]
    pub const READ: Self = Self(0x4);
    /// Map views that execute, of a section with an executable protection (`SECTION_MAP_EXECUTE_EXPLICIT` in a
    /// handle's own bits, `FILE_MAP_EXECUTE`).
    #[doc(alias = "FILE_MAP_EXECUTE")]
    pub const EXECUTE: Self = Self(0x20);
    /// Read and write: what [`Mapping::open`](crate::Mapping::open) asks for.
    pub const READ_WRITE: Self = Self(0x6);

    /// Change the state: set and reset, release a semaphore, arm a timer (`EVENT_MODIFY_STATE` and its kin). Releasing a
    /// mutex needs no right.
    #[doc(alias = "EVENT_MODIFY_STATE")]
    pub const MODIFY: Self = Self(0x2);
    /// Wait (`SYNCHRONIZE`).
    pub const SYNCHRONIZE: Self = Self(0x10_0000);
    /// All that a sync object's handle can do: ask, change, wait.
    pub const SYNC_ALL: Self = Self(0x10_0003);

    /// The bits, as Windows numbers them.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// From Windows' bits; any are kept.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Whether every right of `other` is here.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These rights without those of `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Access {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Access {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// A section's protection: the most that any view of it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Protection {
    /// `PAGE_READONLY`: views read, or copy on write.
    #[doc(alias = "PAGE_READONLY")]
    ReadOnly,
    /// `PAGE_READWRITE`: views read, write, or copy on write. The default.
    #[default]
    #[doc(alias = "PAGE_READWRITE")]
    ReadWrite,
    /// `PAGE_WRITECOPY`: as [`ReadOnly`](Self::ReadOnly); over a file that is open for reading only.
    #[doc(alias = "PAGE_WRITECOPY")]
    WriteCopy,
    /// `PAGE_EXECUTE_READ`.
    #[doc(alias = "PAGE_EXECUTE_READ")]
    ExecuteRead,
    /// `PAGE_EXECUTE_READWRITE`.
    #[doc(alias = "PAGE_EXECUTE_READWRITE")]
    ExecuteReadWrite,
    /// `PAGE_EXECUTE_WRITECOPY`.
    #[doc(alias = "PAGE_EXECUTE_WRITECOPY")]
    ExecuteWriteCopy,
}

impl Protection {
    /// All six, in the order of their numbers in the record.
    pub const ALL: [Self; 6] = [
        Self::ReadOnly,
        Self::ReadWrite,
        Self::WriteCopy,
        Self::ExecuteRead,
        Self::ExecuteReadWrite,
        Self::ExecuteWriteCopy,
    ];

    /// Windows' `PAGE_…` constant.
    pub const fn windows_page(self) -> u32 {
        match self {
            Self::ReadOnly => 0x02,
            Self::ReadWrite => 0x04,
            Self::WriteCopy => 0x08,
            Self::ExecuteRead => 0x20,
            Self::ExecuteReadWrite => 0x40,
            Self::ExecuteWriteCopy => 0x80,
        }
    }

    /// The protection that a Windows `PAGE_…` value names; `None` for no access, execute alone, two at once,
    /// and anything else a section cannot have.
    pub fn from_windows_page(page: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|protection| protection.windows_page() == page)
    }

    /// Whether views may write to what others see.
    pub const fn is_writable(self) -> bool {
        matches!(self, Self::ReadWrite | Self::ExecuteReadWrite)
    }

    /// Whether views may execute.
    pub const fn is_executable(self) -> bool {
        matches!(self, Self::ExecuteRead | Self::ExecuteReadWrite | Self::ExecuteWriteCopy)
    }

    /// The rights that the creator's handle has.
    pub fn full_access(self) -> Access {
        let mut access = Access::QUERY | Access::READ;
        if self.is_writable() {
            access |= Access::WRITE;
        }
        if self.is_executable() {
            access |= Access::EXECUTE;
        }
        access
    }

    /// Whether a section with this protection can have a view with that access.
    pub const fn permits(self, view: ViewAccess) -> bool {
        (!view.writes_through() || self.is_writable()) && (!view.executes() || self.is_executable())
    }

    /// One word or two, for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::ReadWrite => "read-write",
            Self::WriteCopy => "write-copy",
            Self::ExecuteRead => "execute-read",
            Self::ExecuteReadWrite => "execute-read-write",
            Self::ExecuteWriteCopy => "execute-write-copy",
        }
    }
}

/// What a view may do with its memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ViewAccess {
    /// Read what others write; a write faults (`FILE_MAP_READ`).
    #[default]
    #[doc(alias = "FILE_MAP_READ")]
    ReadOnly,
    /// Read and write what others see (`FILE_MAP_WRITE`).
    #[doc(alias = "FILE_MAP_WRITE")]
    ReadWrite,
    /// Read what others write until a page is written here; written pages are this view's own (`FILE_MAP_COPY`).
    #[doc(alias = "FILE_MAP_COPY")]
    CopyOnWrite,
    /// Read and execute.
    ExecuteRead,
    /// Read, write and execute.
    ExecuteReadWrite,
    /// Copy on write, and execute.
    ExecuteCopyOnWrite,
}

impl ViewAccess {
    /// All six.
    pub const ALL: [Self; 6] = [
        Self::ReadOnly,
        Self::ReadWrite,
        Self::CopyOnWrite,
        Self::ExecuteRead,
        Self::ExecuteReadWrite,
        Self::ExecuteCopyOnWrite,
    ];

    /// Whether a write through the view reaches the section.
    pub const fn writes_through(self) -> bool {
        matches!(self, Self::ReadWrite | Self::ExecuteReadWrite)
    }

    /// Whether writes stay private to the view.
    pub const fn copies_on_write(self) -> bool {
        matches!(self, Self::CopyOnWrite | Self::ExecuteCopyOnWrite)
    }

    /// Whether the view's memory can be written at all, for others or privately.
    pub const fn is_writable(self) -> bool {
        self.writes_through() || self.copies_on_write()
    }

    /// Whether code in the view can run.
    pub const fn executes(self) -> bool {
        matches!(self, Self::ExecuteRead | Self::ExecuteReadWrite | Self::ExecuteCopyOnWrite)
    }

    /// The rights a handle must have for such a view.
    pub fn required(self) -> Access {
        let data = if self.writes_through() { Access::WRITE } else { Access::READ };
        if self.executes() { data | Access::EXECUTE } else { data }
    }

    /// Whether a view mapped as `self` may be changed to `other` afterwards: only within what it was mapped with.
    pub const fn may_become(self, other: Self) -> bool {
        let data = !other.is_writable()
            || (other.writes_through() && self.writes_through())
            || (other.copies_on_write() && self.copies_on_write());
        data && (!other.executes() || self.executes())
    }
}

/// Who else may open the object. The default is the owner alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Permissions {
    /// The creating user only: mode 0600 on Linux, the default descriptor of the token on Windows (the user and
    /// the system).
    #[default]
    Owner,
    /// The creator's primary group too: mode 0660.
    Group,
    /// Everybody on the machine: mode 0666.
    Everyone,
    /// A Unix mode, of which the read and write bits count. [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported)
    /// on Windows.
    Mode(u32),
    /// A security descriptor in Windows' SDDL text form, such as `D:(A;;GA;;;WD)`.
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on Linux.
    #[doc(alias = "SECURITY_ATTRIBUTES")]
    SecurityDescriptor(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_valid_six_page_protections_and_no_others() {
        for page in 0..=0x200 {
            assert_eq!(
                Protection::from_windows_page(page).is_some(),
                matches!(page, 0x02 | 0x04 | 0x08 | 0x20 | 0x40 | 0x80),
                "PAGE {page:#x}"
            );
        }
    }

    #[test]
    fn a_protection_permits_what_semantics_says() {
        use Protection as P;
        use ViewAccess as V;
        for section in P::ALL {
            assert!(section.permits(V::ReadOnly) && section.permits(V::CopyOnWrite));
            assert_eq!(section.permits(V::ReadWrite), matches!(section, P::ReadWrite | P::ExecuteReadWrite));
            assert_eq!(section.permits(V::ExecuteRead), section.is_executable());
            assert_eq!(section.permits(V::ExecuteReadWrite), section == P::ExecuteReadWrite);
        }
    }

    #[test]
    fn a_view_changes_only_within_what_it_was_mapped_with() {
        use ViewAccess as V;
        for view in V::ALL {
            assert!(view.may_become(view) && view.may_become(V::ReadOnly));
        }
        assert!(!V::ReadOnly.may_become(V::ReadWrite));
        assert!(!V::ReadOnly.may_become(V::CopyOnWrite));
        assert!(!V::ReadWrite.may_become(V::ExecuteRead));
        assert!(V::ExecuteReadWrite.may_become(V::ReadWrite));
        assert!(!V::CopyOnWrite.may_become(V::ReadWrite));
    }
}

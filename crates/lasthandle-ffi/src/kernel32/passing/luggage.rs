//! What a child is given when it is started: the handles that it inherits, and the socket through which its parent sends
//! more.
//!
//! The list of them lies in a sealed memory file. A variable of the environment tells its descriptor, its inode and the
//! child's own number, so that it is worth nothing to whoever inherits the variable further.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fstat, memfd_create};

use super::outbox::Outbox;
use super::parcel::{Parcel, out_of_the_way};
use crate::kernel32::code::Code;
use crate::kernel32::table::{self, Entry};
use crate::kernel32::types::HANDLE_FLAG_INHERIT;

/// `VARIABLE=<descriptor>.<inode>.<number>`
pub(super) const VARIABLE: &str = "LASTHANDLE_INHERITED";
pub(super) const SEALS: SealFlags =
    SealFlags::WRITE.union(SealFlags::SHRINK).union(SealFlags::GROW).union(SealFlags::SEAL);

pub(crate) struct Luggage {
    list: OwnedFd,
    inode: u64,
    descriptors: Vec<OwnedFd>,
    outbox: Outbox,
}

/// Whether a variable of the environment, with its value, is the one that tells of inherited handles.
pub(crate) fn is_own_variable(variable: &[u8]) -> bool {
    variable.strip_prefix(VARIABLE.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
}

impl Luggage {
    /// For one child; `inherit`: with the handles that are inheritable at this moment.
    pub(crate) fn pack(inherit: bool) -> Result<Self, Code> {
        let entries = if inherit { table::all() } else { Vec::new() };
        let entries: Vec<_> = entries.into_iter().filter(|entry| entry.flags() & HANDLE_FLAG_INHERIT != 0).collect();
        let next = entries.iter().filter_map(|entry| entry.number().given_index()).max().map_or(0, |last| last + 1);
        let (outbox, end) = Outbox::new(next)?;
        let mut text = end.as_raw_fd().to_le_bytes().to_vec();
        let mut descriptors = vec![end];
        for entry in &entries {
            let parcel = packed(entry)?;
            let bytes = parcel.to_bytes();
            let length = u32::try_from(bytes.len()).map_err(|_| Code::NO_SYSTEM_RESOURCES)?;
            let fd = parcel.descriptor().as_raw_fd().unsigned_abs();
            text.extend([entry.number().as_u32(), fd, length].iter().flat_map(|number| number.to_le_bytes()));
            text.extend(bytes);
            descriptors.push(parcel.into_descriptor());
        }
        let (list, inode) = sealed(&text)?;
        Ok(Self { list, inode, descriptors, outbox })
    }

    /// The variable as a text that ends in NUL, and where in it ten digits are to become the child's number.
    pub(crate) fn variable(&self) -> (Vec<u8>, usize) {
        let text = format!("{VARIABLE}={}.{}.", self.list.as_raw_fd(), self.inode).into_bytes();
        let at = text.len();
        ([text.as_slice(), &[b'0'; 10], &[0]].concat(), at)
    }

    /// What the child must have open under the same numbers.
    pub(crate) fn descriptors(&self) -> impl Iterator<Item = &OwnedFd> {
        self.descriptors.iter().chain([&self.list])
    }

    pub(crate) fn into_outbox(self) -> Outbox {
        self.outbox
    }
}

fn packed(entry: &Entry) -> Result<Parcel, Code> {
    Parcel::pack(&entry.object, entry.access, entry.name.as_ref(), entry.flags())
}

/// A file with that text, which nobody can change any more.
fn sealed(text: &[u8]) -> Result<(OwnedFd, u64), Code> {
    let failed = |_| Code::NO_SYSTEM_RESOURCES;
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let fd = memfd_create("lasthandle-inherited", flags).map_err(failed)?;
    let fd = out_of_the_way(fd.as_fd())?;
    let mut file = std::fs::File::from(fd);
    std::io::Write::write_all(&mut file, text).map_err(|_| Code::NO_SYSTEM_RESOURCES)?;
    fcntl_add_seals(file.as_fd(), SEALS).map_err(failed)?;
    let inode = fstat(file.as_fd()).map_err(failed)?.st_ino;
    Ok((file.into(), inode))
}

//! Memory by its address: what lies there, what its pages may do, and address space of one's own.
//!
//! | file | what is in it |
//! |---|---|
//! | `regions.rs`, `runs.rs` | what this process has from us, page by page |
//! | `allocate.rs`, `query.rs` | the calls' bodies |
//! | `elsewhere.rs` | what others have mapped |
//! | `page.rs`, `system.rs` | protections, and the kernel's calls |

mod allocate;
mod elsewhere;
pub(crate) mod page;
mod query;
pub(crate) mod regions;
mod runs;
pub(crate) mod system;
#[cfg(test)]
mod tests;

use std::ffi::c_void;
use std::ptr::{null_mut, without_provenance_mut};

use super::call::{call, export, succeeds};
use super::code::Code;
use super::pointer::Out;
use super::types::{BOOL, MemoryBasicInformation};

/// No program's address is higher: the last page below the end of the address space stays free.
pub(crate) fn maximum_address() -> usize {
    let bits = if std::env::consts::ARCH == "x86_64" { 47 } else { 48 };
    (1 << bits) - 0x1001
}

export! {
    /// Reserves address space, commits memory in it, or both. Committing in a view of a reserved section commits for all
    /// its views, in every process.
    fn VirtualAlloc(address: *mut c_void, size: usize, how: u32, protect: u32) -> *mut c_void {
        call(null_mut(), || allocate::allocate(address.addr(), size, how, protect).map(without_provenance_mut))
    }

    /// Gives memory back, or the whole address space that one `VirtualAlloc` reserved.
    fn VirtualFree(address: *mut c_void, size: usize, how: u32) -> BOOL {
        succeeds(|| allocate::free(address.addr(), size, how))
    }

    /// Changes what pages may do: of a view, within what it was mapped with. `old`: what the first of them could.
    fn VirtualProtect(address: *mut c_void, size: usize, protect: u32, old: Out<u32>) -> BOOL {
        succeeds(|| {
            let old = old.required()?;
            old.write(allocate::protect(address.addr(), size, protect)?.number());
            Ok(())
        })
    }

    /// Tells what lies at an address, from its page on.
    fn VirtualQuery(address: *const c_void, information: Out<MemoryBasicInformation>, length: usize) -> usize {
        call(0, || {
            if address.addr() > maximum_address() {
                return Err(Code::INVALID_PARAMETER);
            }
            if length < size_of::<MemoryBasicInformation>() {
                return Err(Code::BAD_LENGTH);
            }
            let information = information.required()?;
            information.write(query::query(address.addr()));
            Ok(size_of::<MemoryBasicInformation>())
        })
    }
}

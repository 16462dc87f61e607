//! What lies at an address: views only. Anything else is no memory of ours, and is refused.

use std::ffi::c_void;

use lasthandle::ViewAccess;

use super::call::{call, export};
use super::code::Code;
use super::pointer::Out;
use super::types::MemoryBasicInformation;
use super::views;

const MEM_COMMIT: u32 = 0x1000;
const MEM_MAPPED: u32 = 0x4_0000;

export! {
    /// Tells of the view that the address lies in, from the address' page on.
    fn VirtualQuery(address: *const c_void, information: Out<MemoryBasicInformation>, length: usize) -> usize {
        call(0, || {
            if length < size_of::<MemoryBasicInformation>() {
                return Err(Code::BAD_LENGTH);
            }
            let information = information.required()?;
            information.write(query(address.addr())?);
            Ok(size_of::<MemoryBasicInformation>())
        })
    }
}

fn query(address: usize) -> Result<MemoryBasicInformation, Code> {
    let view = views::containing(address)?;
    let base = view.as_mut_ptr().cast::<c_void>();
    let page = (address - base.addr()) & !(rustix::param::page_size() - 1);
    let protect = page_protection(view.access());
    Ok(MemoryBasicInformation {
        base_address: base.wrapping_byte_add(page),
        allocation_base: base,
        allocation_protect: protect,
        partition_id: 0,
        region_size: views::mapped(&view) - page,
        state: MEM_COMMIT,
        protect,
        kind: MEM_MAPPED,
    })
}

fn page_protection(access: ViewAccess) -> u32 {
    match access {
        ViewAccess::ReadOnly => 0x02,
        ViewAccess::ReadWrite => 0x04,
        ViewAccess::CopyOnWrite => 0x08,
        ViewAccess::ExecuteRead => 0x20,
        ViewAccess::ExecuteReadWrite => 0x40,
        ViewAccess::ExecuteCopyOnWrite => 0x80,
    }
}

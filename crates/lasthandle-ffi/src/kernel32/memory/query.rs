//! What `VirtualQuery` tells.

use std::ffi::c_void;
use std::ptr::{null_mut, without_provenance_mut};

use super::elsewhere;
use super::page::Page;
use super::regions::{self, Region};
use crate::kernel32::types::MemoryBasicInformation;

const COMMITTED: u32 = 0x1000;
const RESERVED: u32 = 0x2000;
const FREE: u32 = 0x1_0000;
const PRIVATE: u32 = 0x2_0000;
const MAPPED: u32 = 0x4_0000;

pub(crate) fn query(address: usize) -> MemoryBasicInformation {
    let page = regions::floor(address);
    let mut regions = regions::lock();
    if let Some(region) = regions::containing(&mut regions, page) {
        return inside(region, page);
    }
    let gap = regions::gap(&regions, page);
    drop(regions);
    match elsewhere::at(page, &gap) {
        Ok(found) => {
            let (state, protect) = found.page.map_or((RESERVED, 0), |page| (COMMITTED, page.number()));
            MemoryBasicInformation {
                base_address: pointer(page),
                allocation_base: pointer(found.range.start),
                allocation_protect: found.page.unwrap_or(Page::NOACCESS).number(),
                partition_id: 0,
                region_size: found.range.end - page,
                state,
                protect,
                kind: if found.mapped { MAPPED } else { PRIVATE },
            }
        }
        Err(free) => MemoryBasicInformation {
            base_address: pointer(page),
            allocation_base: null_mut(),
            allocation_protect: 0,
            partition_id: 0,
            region_size: free.end - page,
            state: FREE,
            protect: Page::NOACCESS.number(),
            kind: 0,
        },
    }
}

fn inside(region: &Region, page: usize) -> MemoryBasicInformation {
    let at = page - region.base;
    let (protect, change) = region.pages.at(at);
    let mut end = change.unwrap_or(region.length).min(region.length);
    let mut memory = protect;
    if let Some(view) = &region.view {
        // A view ends where its last page does, though not all of that may be the section's.
        let (committed, run) = view.committed(at).unwrap_or((true, region.length));
        let run = (at + run).next_multiple_of(rustix::param::page_size());
        (memory, end) = if committed { (protect, end.min(run)) } else { (None, run.min(region.length)) };
    }
    MemoryBasicInformation {
        base_address: pointer(page),
        allocation_base: pointer(region.base),
        allocation_protect: region.first.number(),
        partition_id: 0,
        region_size: end - at,
        state: if memory.is_some() { COMMITTED } else { RESERVED },
        protect: memory.map_or(0, Page::number),
        kind: if region.view.is_some() { MAPPED } else { PRIVATE },
    }
}

fn pointer(address: usize) -> *mut c_void {
    without_provenance_mut(address)
}

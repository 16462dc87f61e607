//! The memory that this process has from us: views, and what `VirtualAlloc` reserved. Found by any address inside.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lasthandle::View;

use super::page::Page;
use super::runs::Runs;
use crate::kernel32::code::Code;

/// A part of the address space. All ranges are whole pages.
pub(crate) struct Region {
    pub(crate) base: usize,
    pub(crate) length: usize,
    /// What all pages could do at first.
    pub(crate) first: Page,
    /// What they may do now, by their distance from the base; none: address space without memory. Of a view, the view
    /// itself knows where memory is.
    pub(crate) pages: Runs<Option<Page>>,
    /// None: memory of this process alone.
    pub(crate) view: Option<Arc<View>>,
}

type Regions = BTreeMap<usize, Region>;

/// By where they begin. They do not overlap: each is taken out before its addresses can be had again.
static REGIONS: Mutex<Regions> = Mutex::new(BTreeMap::new());

/// Keeps regions from being entered, changed or removed as long as it is there.
pub(crate) type Lock = MutexGuard<'static, Regions>;

pub(crate) fn lock() -> Lock {
    REGIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Down to a page's beginning.
pub(crate) fn floor(address: usize) -> usize {
    address & !(rustix::param::page_size() - 1)
}

/// The whole pages that a range touches; none if no address space reaches so far.
pub(crate) fn whole_pages(address: usize, length: usize) -> Option<Range<usize>> {
    let end = address.checked_add(length)?.checked_next_multiple_of(rustix::param::page_size())?;
    Some(floor(address)..end)
}

impl Region {
    fn end(&self) -> usize {
        self.base + self.length
    }

    /// A range of addresses inside, as distances from the base.
    pub(crate) fn within(&self, range: &Range<usize>) -> Range<usize> {
        range.start - self.base..range.end - self.base
    }
}

/// Keeps a view until it is removed by an address, and returns where it begins.
pub(crate) fn insert(view: View, page: Page) -> *mut c_void {
    let start = view.as_mut_ptr().cast::<c_void>();
    let base = start.addr();
    let length = view.len().next_multiple_of(rustix::param::page_size());
    let region = Region { base, length, first: page, pages: Runs::all(Some(page)), view: Some(Arc::new(view)) };
    lock().insert(base, region);
    start
}

/// Unmaps the view that the address lies in, now or when a flush in another thread is over.
pub(crate) fn remove(address: usize) -> Result<(), Code> {
    let mut regions = lock();
    let base = containing(&mut regions, address).filter(|region| region.view.is_some()).map(|region| region.base);
    let view = regions.remove(&base.ok_or(Code::INVALID_ADDRESS)?);
    // Unmapping a large view takes long; others need not wait for that.
    drop(regions);
    drop(view);
    Ok(())
}

/// Writes from the address on to the file behind the view; length 0: to the view's end.
pub(crate) fn flush(address: usize, length: usize) -> Result<(), Code> {
    let view = containing(&mut lock(), address).and_then(|region| region.view.clone()).ok_or(Code::INVALID_ADDRESS)?;
    let offset = (address - view.as_ptr().addr()).min(view.len());
    let rest = view.len() - offset;
    view.flush_range(offset, if length == 0 { rest } else { length.min(rest) })?;
    Ok(())
}

/// The region that the address lies in.
pub(crate) fn containing(regions: &mut Regions, address: usize) -> Option<&mut Region> {
    let (_, region) = regions.range_mut(..=address).next_back()?;
    (address < region.end()).then_some(region)
}

/// The region that a whole range of pages lies in.
pub(crate) fn around<'a>(regions: &'a mut Regions, range: &Range<usize>) -> Result<&'a mut Region, Code> {
    let found = containing(regions, range.start).filter(|region| range.end <= region.end());
    found.ok_or(Code::INVALID_ADDRESS)
}

/// The addresses around one that lies in no region, up to the next regions.
pub(crate) fn gap(regions: &Regions, address: usize) -> Range<usize> {
    let before = regions.range(..=address).next_back().map_or(0, |(_, region)| region.end());
    let after = regions.range(address..).next().map_or(usize::MAX, |(base, _)| *base);
    before..after
}

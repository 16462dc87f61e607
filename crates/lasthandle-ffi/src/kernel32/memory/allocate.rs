//! Address space of one's own, memory in it and in views, and what its pages may do.

use std::ops::Range;

use lasthandle::{GRANULARITY, View};

use super::page::Page;
use super::regions::{self, Region, around, floor, whole_pages};
use super::runs::Runs;
use super::{maximum_address, system};
use crate::kernel32::code::Code;
use crate::kernel32::fork;
use crate::kernel32::named::only;

const COMMIT: u32 = 0x1000;
const RESERVE: u32 = 0x2000;
const DECOMMIT: u32 = 0x4000;
const RELEASE: u32 = 0x8000;
/// Where in the address space: a wish, and not fulfilled.
const TOP_DOWN: u32 = 0x10_0000;
const LARGE_PAGES: u32 = 0x2000_0000;

pub(crate) fn allocate(address: usize, size: usize, how: u32, protect: u32) -> Result<usize, Code> {
    only(how, COMMIT | RESERVE | TOP_DOWN | LARGE_PAGES)?;
    let page = Page::new(protect)?;
    let (commits, reserves) = (how & COMMIT != 0, how & RESERVE != 0);
    let lowest = usize::try_from(GRANULARITY).unwrap_or(usize::MAX);
    if size == 0 || size > maximum_address() || !(commits || reserves) || address != 0 && address < lowest {
        return Err(Code::INVALID_PARAMETER);
    }
    if how & LARGE_PAGES != 0 {
        // As on Windows for whoever has not the right to lock pages; and both at once, or not at all.
        return Err(if commits && reserves { Code::PRIVILEGE_NOT_HELD } else { Code::INVALID_PARAMETER });
    }
    // Memory without a place has its place reserved, too.
    if reserves || address == 0 {
        if page.is_private() { reserve(address, size, page, commits) } else { Err(Code::INVALID_PARAMETER) }
    } else {
        commit(&whole_pages(address, size).ok_or(Code::INVALID_ADDRESS)?, page)
    }
}

fn reserve(address: usize, size: usize, page: Page, commits: bool) -> Result<usize, Code> {
    fork::watch();
    let granularity = usize::try_from(GRANULARITY).unwrap_or(1);
    let wanted = whole_pages(address / granularity * granularity, size + address % granularity);
    let wanted = wanted.ok_or(Code::INVALID_PARAMETER)?;
    let length = wanted.len();
    let mut regions = regions::lock();
    let base = if address == 0 {
        system::reserve(length)?
    } else {
        system::reserve_at(wanted.start, length)?;
        wanted.start
    };
    if commits {
        system::protect(base, length, page).inspect_err(|_| system::release(base, length))?;
    }
    let pages = Runs::all(commits.then_some(page));
    regions.insert(base, Region { base, length, first: page, pages, view: None });
    Ok(base)
}

fn commit(range: &Range<usize>, page: Page) -> Result<usize, Code> {
    let mut regions = regions::lock();
    let region = around(&mut regions, range)?;
    let inside = region.within(range);
    match &region.view {
        Some(_) if !region.first.may_become(page) => return Err(Code::INVALID_PARAMETER),
        Some(view) => view.commit(inside.start, inside.end.min(view.len()) - inside.start)?,
        None if !page.is_private() => return Err(Code::INVALID_PARAMETER),
        None => {}
    }
    system::protect(range.start, range.len(), page)?;
    region.pages.set(inside, Some(page));
    Ok(range.start)
}

pub(crate) fn free(address: usize, size: usize, how: u32) -> Result<(), Code> {
    if how != DECOMMIT && how != RELEASE || how == RELEASE && size != 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let mut regions = regions::lock();
    let region = regions::containing(&mut regions, floor(address)).ok_or(Code::INVALID_ADDRESS)?;
    if region.view.is_some() {
        return Err(Code::INVALID_PARAMETER);
    }
    if size == 0 && floor(address) != region.base {
        return Err(Code::INVALID_ADDRESS);
    }
    let (base, length) = (region.base, region.length);
    if how == RELEASE {
        system::release(base, length);
        regions.remove(&base);
        return Ok(());
    }
    let range = if size == 0 { Some(base..base + length) } else { whole_pages(address, size) };
    let range = range.filter(|range| range.end <= base + length).ok_or(Code::INVALID_PARAMETER)?;
    system::decommit(range.start, range.len())?;
    region.pages.set(region.within(&range), None);
    Ok(())
}

/// What the first page could do until now.
pub(crate) fn protect(address: usize, size: usize, protect: u32) -> Result<Page, Code> {
    let page = Page::new(protect)?;
    if size == 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let range = whole_pages(address, size).ok_or(Code::INVALID_ADDRESS)?;
    let mut regions = regions::lock();
    let region = around(&mut regions, &range)?;
    let inside = region.within(&range);
    let permitted = if region.view.is_some() { region.first.may_become(page) } else { page.is_private() };
    if !permitted {
        return Err(Code::INVALID_PARAMETER);
    }
    let has_memory = region.pages.all_in(inside.clone(), |page| page.is_some())
        && region.view.as_ref().is_none_or(|view| is_committed(view, &inside));
    let old = region.pages.at(inside.start).0.filter(|_| has_memory).ok_or(Code::INVALID_ADDRESS)?;
    system::protect(range.start, range.len(), page)?;
    region.pages.set(inside, Some(page));
    Ok(old)
}

/// Whether all pages of a range inside the view are.
fn is_committed(view: &View, range: &Range<usize>) -> bool {
    let end = range.end.min(view.len());
    view.committed(range.start).is_ok_and(|(committed, run)| committed && range.start + run >= end)
}

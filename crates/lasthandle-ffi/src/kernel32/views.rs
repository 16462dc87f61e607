//! The views that this process has mapped, found by any address inside.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lasthandle::View;

use super::code::Code;

/// By where they begin. They do not overlap: each is taken out before its addresses can be had again.
static VIEWS: Mutex<BTreeMap<usize, Arc<View>>> = Mutex::new(BTreeMap::new());

/// Keeps views from being entered or removed as long as it is there.
pub(crate) type Lock = MutexGuard<'static, BTreeMap<usize, Arc<View>>>;

pub(crate) fn lock() -> Lock {
    VIEWS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a view until it is removed by an address, and returns where it begins.
pub(crate) fn insert(view: View) -> *mut c_void {
    let base = view.as_mut_ptr().cast::<c_void>();
    lock().insert(base.addr(), Arc::new(view));
    base
}

/// Unmaps the view that the address lies in, now or when a flush in another thread is over.
pub(crate) fn remove(address: usize) -> Result<(), Code> {
    let mut views = lock();
    let base = find(&views, address)?.as_ptr().addr();
    let view = views.remove(&base);
    // Unmapping a large view takes long; others need not wait for that.
    drop(views);
    drop(view);
    Ok(())
}

/// Writes from the address on to the file behind the view; length 0: to the view's end.
pub(crate) fn flush(address: usize, length: usize) -> Result<(), Code> {
    let view = find(&lock(), address)?;
    let offset = (address - view.as_ptr().addr()).min(view.len());
    let rest = view.len() - offset;
    view.flush_range(offset, if length == 0 { rest } else { length.min(rest) })?;
    Ok(())
}

/// The view that the address lies in.
pub(crate) fn containing(address: usize) -> Result<Arc<View>, Code> {
    find(&lock(), address)
}

fn find(views: &BTreeMap<usize, Arc<View>>, address: usize) -> Result<Arc<View>, Code> {
    let (base, view) = views.range(..=address).next_back().ok_or(Code::INVALID_ADDRESS)?;
    if address - base < mapped(view) { Ok(Arc::clone(view)) } else { Err(Code::INVALID_ADDRESS) }
}

/// The view's bytes, rounded up to pages.
pub(crate) fn mapped(view: &View) -> usize {
    view.len().next_multiple_of(rustix::param::page_size())
}

//! Giving back what killed holders left: a little at every so many creates, all of it when memory runs out or when
//! asked to.

use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::sync::atomic::Ordering;

use rustix::fs::{RawDir, SeekFrom};

use super::call;
use super::filename;
use super::place::{Place, Spot};
use super::reap::{self, Reaped};
use crate::name::Namespace;

/// One create in so many sweeps.
const EVERY: u64 = 64;
/// The directory entries that fit here are looked at in one small sweep: some thirty.
const SMALL: usize = 1024;
/// For a whole sweep.
const LARGE: usize = 32 * 1024;

/// Called by every create; the first one, and then every so many, look at a few names.
pub(crate) fn now_and_then(spot: &Spot) {
    if spot.place.creates.fetch_add(1, Ordering::Relaxed) % EVERY != 0 {
        return;
    }
    let cursor = &spot.place.cursors[spot.namespace as usize];
    let from = cursor.load(Ordering::Relaxed);
    let reached = walk(spot.place, spot.namespace, from, SMALL, false, &mut |path, temporary| {
        reap_either(path, temporary);
    });
    cursor.store(reached, Ordering::Relaxed);
}

/// Looks at every name of both name spaces; how many names went.
pub(crate) fn everything(place: &Place) -> usize {
    let mut gone = 0;
    for namespace in [Namespace::Local, Namespace::Global] {
        walk(place, namespace, 0, LARGE, true, &mut |path, temporary| {
            gone += usize::from(matches!(reap_either(path, temporary), Reaped::Gone));
        });
    }
    gone
}

/// Removes a name, or what was on its way to become one, if nobody has it.
pub(crate) fn reap_either(path: &CStr, temporary: bool) -> Reaped {
    if temporary { reap::reap_temporary(path) } else { reap::reap(path) }
}

/// Calls `visit` with the path of every file that may be ours, beginning where the directory's cursor says, and tells
/// where to go on: 0 at the end. Not `whole`: only as many as fit in the buffer.
pub(crate) fn walk(
    place: &Place,
    namespace: Namespace,
    from: u64,
    buffer: usize,
    whole: bool,
    visit: &mut dyn FnMut(&CStr, bool),
) -> u64 {
    let Ok(directory) = place.directory(namespace) else { return 0 };
    let Ok(fd) = call::open_directory(&directory) else { return 0 };
    // Where the cursor means nothing any more, the kernel begins anywhere or ends: both do no harm.
    let _ = rustix::fs::seek(&fd, SeekFrom::Start(from));
    let mut buffer = vec![MaybeUninit::uninit(); buffer];
    let mut entries = RawDir::new(fd.as_fd(), &mut buffer);
    while let Some(Ok(entry)) = entries.next() {
        let reached = entry.next_entry_cookie();
        if let Some((path, temporary)) = ours(&directory, namespace, entry.file_name()) {
            visit(&path, temporary);
        }
        if !whole && entries.is_buffer_empty() {
            return reached;
        }
    }
    0
}

/// The path of a directory entry, if its name is one that we give; and whether it is a temporary one.
fn ours(directory: &CStr, namespace: Namespace, name: &CStr) -> Option<(CString, bool)> {
    let file = name.to_bytes().strip_prefix(Place::prefix(namespace).as_bytes())?;
    if file.is_empty() || file.starts_with(b".") {
        return None;
    }
    let path = CString::new([directory.to_bytes(), b"/", name.to_bytes()].concat()).ok()?;
    Some((path, file.starts_with(filename::TEMPORARY.as_bytes())))
}

//! What the threads of a program share: handles and views, some closed by others, some that never were any.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::api;
use super::input::Input;

const PLACES: usize = 16;

#[derive(Default)]
pub(super) struct World {
    handles: [AtomicUsize; PLACES],
    views: [AtomicUsize; PLACES],
    /// Everything that was ever made, to be closed in the end.
    made: Mutex<Made>,
}

#[derive(Default)]
struct Made {
    handles: Vec<usize>,
    views: Vec<usize>,
    regions: Vec<usize>,
}

impl World {
    /// A handle that some thread made, most often; else any number.
    pub(super) fn handle(&self, input: &mut Input<'_>) -> usize {
        match input.byte() {
            0 => 0,
            1..4 => usize::MAX - usize::from(input.byte() % 8),
            4..12 => usize::try_from(input.number()).unwrap_or(0),
            12..24 => usize::from(input.byte()) << 2,
            other => self.handles[usize::from(other) % PLACES].load(Ordering::Relaxed),
        }
    }

    /// An address in a view that some thread mapped, or maps no more; else any.
    pub(super) fn address(&self, input: &mut Input<'_>) -> usize {
        match input.byte() {
            0 => 0,
            1..8 => usize::try_from(input.number()).unwrap_or(0),
            other => {
                let base = self.views[usize::from(other) % PLACES].load(Ordering::Relaxed);
                base.wrapping_add(usize::from(input.byte()) * 64)
            }
        }
    }

    /// Puts a handle, if it is one, in the place of another, which stays open now and then.
    pub(super) fn keep(&self, input: &mut Input<'_>, handle: usize) {
        if handle == 0 {
            return;
        }
        self.made.lock().expect("no panic").handles.push(handle);
        let old = self.handles[usize::from(input.byte()) % PLACES].swap(handle, Ordering::Relaxed);
        if !input.once_in(4) {
            api::CloseHandle(old);
        }
    }

    pub(super) fn keep_view(&self, input: &mut Input<'_>, view: usize) {
        if view == 0 {
            return;
        }
        self.made.lock().expect("no panic").views.push(view);
        let old = self.views[usize::from(input.byte()) % PLACES].swap(view, Ordering::Relaxed);
        api::UnmapViewOfFile(old);
    }

    /// Memory that a call reserves, in the place of a view or of other memory, which stays until the end.
    pub(super) fn keep_region(&self, input: &mut Input<'_>, region: usize) {
        if region == 0 {
            return;
        }
        self.made.lock().expect("no panic").regions.push(region);
        self.views[usize::from(input.byte()) % PLACES].store(region, Ordering::Relaxed);
    }

    /// Closes and unmaps all that is left, protected handles too.
    pub(super) fn end(self) {
        let made = self.made.into_inner().expect("no panic");
        for handle in made.handles {
            api::SetHandleInformation(handle, 2, 0);
            api::CloseHandle(handle);
        }
        for view in made.views {
            api::UnmapViewOfFile(view);
        }
        for region in made.regions {
            api::VirtualFree(region, 0, 0x8000);
        }
    }
}

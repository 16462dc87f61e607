//! The hazard cells of the handle table under every interleaving of users and closers, by loom.
#![cfg(target_os = "linux")]

use std::ptr::null_mut;

use loom::sync::Arc;
use loom::sync::atomic::AtomicBool;

use atomic::{AtomicPtr, Ordering};

/// The fences as they are where `membarrier` is not to be had; with it they order the same.
mod atomic {
    pub(super) use loom::sync::atomic::{AtomicPtr, Ordering};

    pub(super) fn reader_fence() {
        loom::sync::atomic::fence(Ordering::SeqCst);
    }

    pub(super) fn closer_fence() {
        loom::sync::atomic::fence(Ordering::SeqCst);
    }

    pub(super) fn pause(_: u32) {
        loom::thread::yield_now();
    }
}

#[path = "../src/kernel32/table/hazard.rs"]
mod hazard;

/// Objects are not really freed here, so that a use after that is seen.
struct Object {
    freed: AtomicBool,
}

struct World {
    slot: AtomicPtr<Object>,
    cells: [AtomicPtr<Object>; 2],
    objects: [Object; 2],
}

impl World {
    fn new() -> Arc<Self> {
        let object = || Object { freed: AtomicBool::new(false) };
        let cell = || AtomicPtr::new(null_mut());
        let world = Arc::new(Self { slot: cell(), cells: [cell(), cell()], objects: [object(), object()] });
        world.slot.store(world.object(0), Ordering::Release);
        world
    }

    fn object(&self, index: usize) -> *mut Object {
        std::ptr::from_ref(&self.objects[index]).cast_mut()
    }

    /// A call: whatever it finds is not freed as long as it uses it.
    fn call(&self, cell: usize) {
        if let Some(found) = hazard::protect(&self.slot, &self.cells[cell]) {
            let index = usize::from(found.as_ptr() == self.object(1));
            assert!(!self.objects[index].freed.load(Ordering::Relaxed), "found, and freed already");
            loom::thread::yield_now();
            assert!(!self.objects[index].freed.load(Ordering::Relaxed), "freed while in use");
            hazard::release(&self.cells[cell]);
        }
    }

    /// A close; whether it was this one that closed.
    fn close(&self, index: usize) -> bool {
        let object = self.object(index);
        let mine = hazard::withdraw(&self.slot, object);
        if mine {
            hazard::wait_for_users(self.cells.iter(), object);
            assert!(!self.objects[index].freed.swap(true, Ordering::Relaxed), "freed twice");
        }
        mine
    }
}

#[test]
fn a_call_never_meets_a_freed_object() {
    loom::model(|| {
        let world = World::new();
        let other = Arc::clone(&world);
        let call = loom::thread::spawn(move || other.call(0));
        assert!(world.close(0));
        call.join().unwrap();
    });
}

#[test]
fn of_two_closers_one_frees() {
    loom::model(|| {
        let world = World::new();
        let (first, second) = (Arc::clone(&world), Arc::clone(&world));
        let call = loom::thread::spawn(move || first.call(0));
        let close = loom::thread::spawn(move || second.close(0));
        let mine = world.close(0);
        assert!(close.join().unwrap() != mine, "exactly one closes");
        call.join().unwrap();
    });
}

#[test]
fn a_slot_that_is_used_again_confuses_nobody() {
    loom::model(|| {
        let world = World::new();
        let other = Arc::clone(&world);
        let call = loom::thread::spawn(move || {
            other.call(0);
            other.call(0);
        });
        assert!(world.close(0));
        world.slot.store(world.object(1), Ordering::Release);
        assert!(world.close(1));
        call.join().unwrap();
    });
}

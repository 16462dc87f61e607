//! Which object is which thread's.
//!
//! A thread gets its object when it is made by a call, when it first asks for itself or waits alertably, or when another
//! one opens it by its number. A key of the C library tells of its end, in whatever way it ends (it returns, calls
//! `pthread_exit`, is cancelled): after the destructors of its thread-local variables, by which its mutexes have been
//! abandoned. Of a thread that was opened and has not called us nobody tells: it is looked for, a hundred times a second.
//!
//! # Safety
//! A thread's own object is kept by a pointer that stands for one count of its `Arc`. It belongs to that thread, which
//! gives it up in the key's destructor, and to no forked child.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::object::Body;
use crate::kernel32::key::Key;
use crate::kernel32::process::GetCurrentThreadId;
use crate::kernel32::thread::THREAD;
use crate::kernel32::{background, fork};

type Threads = BTreeMap<u32, Arc<Body>>;

/// Keeps threads from coming and going as long as it is there.
pub(crate) type Lock = MutexGuard<'static, Threads>;

static THREADS: Mutex<Threads> = Mutex::new(BTreeMap::new());

/// Grows with each fork, in the child.
static PROCESS: AtomicU32 = AtomicU32::new(0);

pub(crate) fn lock() -> Lock {
    THREADS.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn process() -> u32 {
    PROCESS.load(Ordering::Relaxed)
}

/// In a forked child: none of these threads is here, and the one that is gets another number.
pub(crate) fn forget_others(threads: &mut Threads) {
    PROCESS.fetch_add(1, Ordering::Relaxed);
    // Not dropped: an event among them is the parent's, too, and this is no moment to call much.
    std::mem::forget(std::mem::take(threads));
}

/// The calling thread's object.
pub(crate) fn current() -> Arc<Body> {
    let own = THREAD.with(|thread| thread.object.get()).cast::<Body>();
    // SAFETY: null, or this thread's own object; see the top.
    if unsafe { own.as_ref() }.is_none_or(|own| !own.is_here()) {
        return adopt();
    }
    // SAFETY: as above: the pointer stands for one count, which stays.
    unsafe { Arc::increment_strong_count(own) };
    // SAFETY: the count just added is ours to take.
    unsafe { Arc::from_raw(own) }
}

/// A thread that was not made by a call.
#[cold]
fn adopt() -> Arc<Body> {
    fork::watch();
    let id = GetCurrentThreadId();
    let known = lock().get(&id).cloned();
    // A thread before this one may have had its number.
    let body = known.filter(|body| body.foreign.as_ref().is_some_and(Foreign::is_caller));
    let body = body.unwrap_or_else(|| {
        let body = Body::new(id, false, None);
        lock().insert(id, Arc::clone(&body));
        body
    });
    own(&body);
    body
}

/// This thread is the one of that object, which is to hear of its end.
pub(super) fn own(body: &Arc<Body>) {
    if let Some(foreign) = &body.foreign {
        foreign.has_called.store(true, Ordering::Relaxed);
    }
    let kept = Arc::into_raw(Arc::clone(body));
    THREAD.with(|thread| thread.object.set(kept.cast()));
    KEY.set(kept.cast());
}

pub(super) fn insert(id: u32, body: &Arc<Body>) {
    lock().insert(id, Arc::clone(body));
}

pub(super) fn find(id: u32) -> Option<Arc<Body>> {
    let found = lock().get(&id).cloned();
    found.filter(|body| !body.has_ended())
}

/// It has ended: its number may become another thread's.
pub(super) fn remove(body: &Body) {
    let mut threads = lock();
    if threads.get(&body.id()).is_some_and(|known| std::ptr::eq(Arc::as_ptr(known), body)) {
        threads.remove(&body.id());
    }
}

/// Whether the end of threads can be told, from now on.
pub(super) fn ends_are_told() -> bool {
    KEY.get().is_some()
}

static KEY: Key = Key::new(ended);

/// The C library calls it last of all, with what the thread has under the key.
unsafe extern "C" fn ended(kept: *mut c_void) {
    let kept = kept.cast_const().cast::<Body>();
    THREAD.with(|thread| thread.object.set(std::ptr::null()));
    // SAFETY: what `own` has stored in this thread; that count is given up here.
    let body = unsafe { Arc::from_raw(kept) };
    if body.is_here() {
        remove(&body);
        let code = body.lock().code;
        body.end();
        background::thread_ended(body.id(), code);
    } else {
        std::mem::forget(body);
    }
}

/// A thread that was opened by its number, by what tells it from a later one of that number.
pub(super) struct Foreign {
    id: u32,
    /// When it began, in the kernel's own count.
    began: u64,
    /// It tells of its end by itself.
    has_called: AtomicBool,
}

impl Foreign {
    /// A thread of this process.
    pub(super) fn find(id: u32) -> Option<Self> {
        began(id).map(|began| Self { id, began, has_called: AtomicBool::new(false) })
    }

    fn is_caller(&self) -> bool {
        began(self.id) == Some(self.began)
    }

    pub(super) fn has_ended(&self) -> bool {
        !self.has_called.load(Ordering::Relaxed) && began(self.id) != Some(self.began)
    }
}

/// Whether there is no such thread of this process any more.
pub(crate) fn has_gone(id: u32) -> bool {
    began(id).is_none()
}

/// The calling thread gets its object, which tells of its end.
pub(crate) fn know_caller() {
    drop(current());
}

/// None: there is no such thread, or it is a first thread that has ended before its process.
fn began(id: u32) -> Option<u64> {
    let told = fs::read_to_string(format!("/proc/self/task/{id}/stat")).ok()?;
    // After the name, which may contain anything: the state, and 18 fields on the time of birth.
    let mut fields = told.rsplit_once(')')?.1.split_ascii_whitespace();
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// Opens a thread that has not called us.
pub(super) fn open_foreign(id: u32) -> Option<Arc<Body>> {
    fork::watch();
    let body = Body::new(id, false, Some(Foreign::find(id)?));
    match lock().entry(id) {
        std::collections::btree_map::Entry::Occupied(known) => return Some(Arc::clone(known.get())),
        std::collections::btree_map::Entry::Vacant(place) => place.insert(Arc::clone(&body)),
    };
    look_after(Arc::clone(&body));
    Some(body)
}

/// Nobody has a handle any more of a thread that is looked after: it need not be known.
fn forget_unused(body: &Arc<Body>) -> bool {
    // Under the lock nobody finds it; two know it then, the map and who looks after it.
    let mut threads = lock();
    let unused = Arc::strong_count(body) == 2 && threads.get(&body.id()).is_some_and(|known| Arc::ptr_eq(known, body));
    if unused {
        threads.remove(&body.id());
    }
    unused
}

/// Without a thread for that its end is seen by who looks.
fn look_after(body: Arc<Body>) {
    let look = move || {
        while body.foreign.as_ref().is_some_and(|foreign| !foreign.has_called.load(Ordering::Relaxed)) {
            if body.has_ended() || forget_unused(&body) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let _ = background::start("ends", look);
}

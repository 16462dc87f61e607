//! Threads of our own, which the program knows nothing of: none of its signals is handled on them, and the process ends
//! with the last thread of the program's, whatever they do. Of that the system knows nothing: when the first thread ends
//! before its process (`ExitThread`, `pthread_exit`), one more looks from then on how many there are.
//!
//! # Safety
//! Signal masks are plain values, and the calls that change the calling thread's have no other effect.
#![allow(unsafe_code)]

use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::thread::Builder;
use std::time::Duration;

use super::threads;

/// Enough for what they do.
const STACK: usize = 256 * 1024;

/// How many there are: never more than there are, so that none of the program's is taken for one of them.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
/// Whether there is one, or will be in a moment.
static ANY: AtomicBool = AtomicBool::new(false);
static FIRST_ENDED: AtomicBool = AtomicBool::new(false);
static KEEPS: AtomicBool = AtomicBool::new(false);
/// What the last thread ended with that was known.
static LAST_CODE: AtomicU32 = AtomicU32::new(0);

/// In a forked child, where there are none.
pub(crate) fn after_fork() {
    RUNNING.store(0, Ordering::Relaxed);
    ANY.store(false, Ordering::Relaxed);
    FIRST_ENDED.store(false, Ordering::Relaxed);
    KEEPS.store(false, Ordering::Relaxed);
}

/// Starts a thread that runs until this process ends, or until `body` does.
pub(crate) fn start(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    // So that we hear of this thread's end, if it is the first.
    threads::know_caller();
    ANY.store(true, Ordering::SeqCst);
    start_thread(name, body)?;
    if FIRST_ENDED.load(Ordering::SeqCst) {
        keep();
    }
    Ok(())
}

/// A thread of the program's ends, with that code; the last but those of our own ends the process.
pub(crate) fn thread_ended(id: u32, code: u32) {
    LAST_CODE.store(code, Ordering::Relaxed);
    if id == std::process::id() {
        FIRST_ENDED.store(true, Ordering::SeqCst);
        if ANY.load(Ordering::SeqCst) {
            keep();
        }
    }
}

/// From now on, the process ends with the program's last thread.
fn keep() {
    if KEEPS.swap(true, Ordering::Relaxed) {
        return;
    }
    let look = || {
        while !is_alone() {
            std::thread::sleep(Duration::from_millis(20));
        }
        std::process::exit(0_i32.wrapping_add_unsigned(LAST_CODE.load(Ordering::Relaxed)));
    };
    if start_thread("last", look).is_err() {
        KEEPS.store(false, Ordering::Relaxed);
    }
}

/// Whether there are only threads of our own, and what is left of the first one.
fn is_alone() -> bool {
    threads::has_gone(std::process::id())
        && fs::read_dir("/proc/self/task").is_ok_and(|all| all.count() <= RUNNING.load(Ordering::SeqCst) + 1)
}

fn start_thread(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let body = move || {
        RUNNING.fetch_add(1, Ordering::SeqCst);
        body();
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    };
    let quiet = Quiet::begin();
    let started = Builder::new().name(format!("lasthandle-{name}")).stack_size(STACK).spawn(body);
    drop(quiet);
    started.map(drop)
}

/// No signal is delivered to this thread, nor to threads that it starts, until dropped.
pub(crate) struct Quiet(libc::sigset_t);

impl Quiet {
    pub(crate) fn begin() -> Self {
        let mut all = MaybeUninit::uninit();
        // SAFETY: room for a set, which is filled.
        unsafe { libc::sigfillset(all.as_mut_ptr()) };
        let mut before = MaybeUninit::uninit();
        // SAFETY: a set that was just filled, and room for the one before.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) };
        // SAFETY: the call above cannot fail with these arguments, and has written it.
        Self(unsafe { before.assume_init() })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // SAFETY: the set that was there before.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, null_mut()) };
    }
}

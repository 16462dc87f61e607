//! A thread's first and last steps.
//!
//! # Safety
//! `pthread_exit` and cancellation take the stack down: what lies below a routine has nothing to drop, and the functions
//! declared here may unwind. A new thread gets what belongs to it by a leaked box, which it takes back.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::sync::Arc;

use super::apc;
use super::object::Body;
use super::queue::Argument;
use super::registry;
use crate::kernel32::code::Code;
use crate::kernel32::process::GetCurrentThreadId;

/// `LPTHREAD_START_ROUTINE`.
pub(crate) type StartRoutine = extern "C-unwind" fn(*mut c_void) -> u32;

type Begin = extern "C-unwind" fn(*mut c_void) -> *mut c_void;

unsafe extern "C-unwind" {
    fn pthread_exit(value: *mut c_void) -> !;
    fn pthread_create(
        thread: *mut libc::pthread_t,
        attributes: *const libc::pthread_attr_t,
        begin: Begin,
        argument: *mut c_void,
    ) -> c_int;
}

struct Start {
    body: Arc<Body>,
    routine: StartRoutine,
    argument: Argument,
}

/// Makes a thread. `stack`: bytes; 0: as the system has it.
pub(super) fn create(body: &Arc<Body>, routine: StartRoutine, argument: *mut c_void, stack: usize) -> Result<(), Code> {
    // One whose end nobody tells would be waited for in vain.
    if !registry::ends_are_told() {
        return Err(Code::NOT_ENOUGH_MEMORY);
    }
    let start = Start { body: Arc::clone(body), routine, argument: Argument::of(argument) };
    let start = Box::into_raw(Box::new(start));
    let made = with_attributes(stack, |attributes| {
        let mut thread = MaybeUninit::uninit();
        // SAFETY: places that are there; the box goes to that thread alone.
        unsafe { pthread_create(thread.as_mut_ptr(), attributes, begin, start.cast()) }
    });
    if made == 0 {
        return Ok(());
    }
    // SAFETY: no thread was made that would take it.
    drop(unsafe { Box::from_raw(start) });
    Err(Code::NOT_ENOUGH_MEMORY)
}

fn with_attributes(stack: usize, create: impl FnOnce(*const libc::pthread_attr_t) -> c_int) -> c_int {
    let mut place = MaybeUninit::<libc::pthread_attr_t>::uninit();
    let attributes = place.as_mut_ptr();
    // SAFETY: a place for attributes.
    let mut failed = unsafe { libc::pthread_attr_init(attributes) };
    if failed != 0 {
        return failed;
    }
    // Nobody joins it: its end is told by its object.
    // SAFETY: attributes that were made above.
    unsafe { libc::pthread_attr_setdetachstate(attributes, libc::PTHREAD_CREATE_DETACHED) };
    if stack != 0 {
        let page = rustix::param::page_size();
        let size = stack.checked_next_multiple_of(page).unwrap_or(usize::MAX - page).max(libc::PTHREAD_STACK_MIN);
        // SAFETY: as above.
        failed = unsafe { libc::pthread_attr_setstacksize(attributes, size) };
    }
    let created = if failed == 0 { create(attributes) } else { failed };
    // SAFETY: as above.
    unsafe { libc::pthread_attr_destroy(attributes) };
    created
}

/// Nothing here is to be dropped while a routine runs.
extern "C-unwind" fn begin(start: *mut c_void) -> *mut c_void {
    let (routine, argument) = prepare(start.cast());
    apc::run(apc::pop());
    let code = routine(argument.pointer());
    set_exit_code(code);
    std::ptr::null_mut()
}

fn prepare(start: *mut Start) -> (StartRoutine, Argument) {
    // SAFETY: the box that `create` has made for this thread alone.
    let start = unsafe { Box::from_raw(start) };
    let id = GetCurrentThreadId();
    registry::own(&start.body);
    registry::insert(id, &start.body);
    start.body.begin(id);
    (start.routine, start.argument)
}

#[inline(never)]
pub(super) fn set_exit_code(code: u32) {
    registry::current().lock().code = code;
}

/// Ends the calling thread as the C library does: destructors of its variables run, and its object is set.
pub(super) fn exit() -> ! {
    // SAFETY: see the top: callers have nothing to drop.
    unsafe { pthread_exit(std::ptr::null_mut()) }
}

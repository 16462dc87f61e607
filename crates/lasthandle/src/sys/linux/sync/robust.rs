//! The robust list: what the kernel walks when a thread ends, to mark the words that it finds.
//!
//! # Safety
//! The list is this thread's own. It is changed by this thread alone, in the order that the kernel's documentation
//! asks for; the C library's mutexes are in it too, and are left as they are.
#![allow(unsafe_code)]

use std::sync::atomic::{Ordering, compiler_fence};

/// Where the C libraries that we know put a word relative to its node.
const WORD_FROM_NODE: libc::c_long = -32;

/// The kernel's robust list, as the C library made it for this thread.
#[repr(C)]
pub(super) struct Head {
    first: *mut Node,
    offset: libc::c_long,
    pub(super) pending: *mut Node,
}

#[repr(C)]
pub(super) struct Node {
    next: *mut Node,
}

/// This thread's list, if the C library has one and keeps words where ours is.
pub(super) fn robust_list() -> Option<*mut Head> {
    let mut head: *mut Head = std::ptr::null_mut();
    let mut length: libc::size_t = 0;
    // SAFETY: the kernel writes a pointer and a length; 0 is this thread.
    let result = unsafe { libc::syscall(libc::SYS_get_robust_list, 0, &raw mut head, &raw mut length) };
    if result != 0 || head.is_null() || length != size_of::<Head>() {
        return None;
    }
    // SAFETY: the kernel gave the address that this thread registered, of a whole head.
    let offset = unsafe { (*head).offset };
    (offset == WORD_FROM_NODE).then_some(head)
}

/// The C library links both ways: before each node lies the address of the one before.
fn previous(node: *mut Node) -> *mut *mut Node {
    node.cast::<*mut Node>().wrapping_sub(1)
}

pub(super) fn insert(head: &mut Head, node: *mut Node) {
    let end = (&raw mut *head).cast::<Node>();
    let first = head.first;
    // SAFETY: our own node, in our private page, with room before it.
    unsafe { previous(node).write(end) };
    // SAFETY: as above.
    unsafe { (*node).next = first };
    if first != end {
        // SAFETY: a node of the C library, or of ours, which has room for that before it (bit 0 of a link marks
        // priority-inheritance mutexes).
        unsafe { previous(untagged(first)).write(node) };
    }
    compiler_fence(Ordering::SeqCst);
    head.first = node;
}

fn untagged(node: *mut Node) -> *mut Node {
    node.map_addr(|address| address & !1)
}

pub(super) fn remove(node: *mut Node) {
    let Some(head) = robust_list() else { return };
    let end = head.cast::<Node>();
    // SAFETY: our own node.
    let next = unsafe { (*node).next };
    // SAFETY: our own node; its predecessor is the head or a linked node.
    let before = untagged(unsafe { previous(node).read() });
    // SAFETY: as above.
    unsafe { (*before).next = next };
    if untagged(next) != end {
        // SAFETY: a linked node, with room before it.
        unsafe { previous(untagged(next)).write(before) };
    }
}

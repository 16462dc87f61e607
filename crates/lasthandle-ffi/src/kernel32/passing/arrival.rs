//! What this process was given by the one that started it.
//!
//! Handles that it inherited are entered when the table is first used; those that come later, when one is asked for
//! that is not there. Both without a thread, and without a look at anything if there is no parent that gives.
//!
//! # Safety
//! Descriptors are taken over by number. The numbers come from a list that the parent sealed, whose inode and whose
//! reader's number the variable tells: so it is ours, nobody has changed it, and as the list is still open here, nobody
//! has taken it over before.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{fcntl_get_seals, fstat};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::RecvFlags;

use super::luggage::{SEALS, VARIABLE};
use super::parcel::{Parcel, numbers};
use super::service::{self, Service};
use super::socket;
use crate::kernel32::fork;
use crate::kernel32::table::{self, Number};

/// What this process has to do with others' handles.
#[derive(Default)]
pub(crate) struct Passing {
    /// Where the parent puts handles.
    mailbox: Option<OwnedFd>,
    pub(super) service: Option<Service>,
}

static PASSING: Mutex<Passing> = Mutex::new(Passing { mailbox: None, service: None });

/// Whether what was inherited is in the table.
static UNPACKED: AtomicBool = AtomicBool::new(false);
static HAS_MAILBOX: AtomicBool = AtomicBool::new(false);

pub(crate) type Lock = MutexGuard<'static, Passing>;

pub(crate) fn lock() -> Lock {
    PASSING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// In a forked child, which is nobody whom others know: what comes is its parent's.
pub(crate) fn after_fork(passing: &mut Passing) {
    passing.mailbox = None;
    HAS_MAILBOX.store(false, Ordering::Relaxed);
    service::after_fork(passing);
}

/// Enters what was inherited, the first time.
#[inline]
pub(crate) fn adopt() {
    if !UNPACKED.load(Ordering::Acquire) {
        adopt_slowly();
    }
}

#[cold]
fn adopt_slowly() {
    fork::watch();
    let mut passing = lock();
    let is_child = !UNPACKED.load(Ordering::Acquire) && unpack(&mut passing).is_some();
    UNPACKED.store(true, Ordering::Release);
    drop(passing);
    if is_child {
        // The parent may want to have handles of ours.
        service::serve();
    }
}

/// Whether a number that led nowhere should be looked for once more.
#[cold]
pub(crate) fn arrived(number: Number) -> bool {
    if !UNPACKED.load(Ordering::Acquire) {
        adopt_slowly();
        return true;
    }
    let may_come = HAS_MAILBOX.load(Ordering::Relaxed) && number.given_index().is_some();
    may_come && empty_mailbox(&mut lock())
}

fn empty_mailbox(passing: &mut Passing) -> bool {
    let mut any = false;
    while let Some(mailbox) = &passing.mailbox {
        match socket::receive(mailbox, RecvFlags::DONTWAIT) {
            Ok((bytes, _)) if bytes.is_empty() => {
                // The parent is gone, or has no handle of this process any more.
                passing.mailbox = None;
                HAS_MAILBOX.store(false, Ordering::Relaxed);
            }
            Ok((bytes, fd)) => {
                if let Some((([number], parcel), fd)) = numbers(&bytes).zip(fd) {
                    enter(number, parcel, fd);
                    any = true;
                }
            }
            Err(_) => break,
        }
    }
    any
}

/// What cannot be unpacked is a handle that leads nowhere.
fn enter(number: u32, parcel: &[u8], fd: OwnedFd) {
    let new = Parcel::from_bytes(parcel, fd).and_then(|parcel| parcel.unpack().ok());
    if let Some((number, new)) = Number::from_value(number as usize).zip(new) {
        let _ = table::insert_at(number, new);
    }
}

/// None if nothing was given.
fn unpack(passing: &mut Passing) -> Option<()> {
    let text = read_list()?;
    let ([mailbox], mut rest) = numbers(&text)?;
    passing.mailbox = Some(take(mailbox)?);
    HAS_MAILBOX.store(true, Ordering::Relaxed);
    while let Some(([number, fd, length], more)) = numbers(rest) {
        let (parcel, more) = more.split_at_checked(length as usize)?;
        if let Some(fd) = take(fd) {
            enter(number, parcel, fd);
        }
        rest = more;
    }
    Some(())
}

/// The list, if it is for this process.
fn read_list() -> Option<Vec<u8>> {
    let variable = std::env::var(VARIABLE).ok()?;
    let mut parts = variable.split('.');
    let fd: RawFd = parts.next()?.parse().ok().filter(|&fd| fd > 2)?;
    let inode: u64 = parts.next()?.parse().ok()?;
    let number: u32 = parts.next()?.parse().ok()?;
    if number != std::process::id() || parts.next().is_some() {
        return None;
    }
    // SAFETY: only asked, for as long as this takes; one that is not open gives an error.
    let list = unsafe { BorrowedFd::borrow_raw(fd) };
    if fstat(list).ok()?.st_ino != inode || fcntl_get_seals(list).ok()? & SEALS != SEALS {
        return None;
    }
    // SAFETY: see the top.
    let list = std::fs::File::from(unsafe { OwnedFd::from_raw_fd(fd) });
    let mut text = vec![0; usize::try_from(list.metadata().ok()?.len()).ok()?];
    list.read_exact_at(&mut text, 0).ok()?;
    Some(text)
}

/// A descriptor of the list's.
fn take(number: u32) -> Option<OwnedFd> {
    let number = RawFd::try_from(number).ok().filter(|&number| number > 2)?;
    // SAFETY: only asked, as above.
    let fd = unsafe { BorrowedFd::borrow_raw(number) };
    // It was open to be inherited by this child, not by all of its own.
    fcntl_setfd(fd.as_fd(), FdFlags::CLOEXEC).ok()?;
    // SAFETY: see the top.
    Some(unsafe { OwnedFd::from_raw_fd(number) })
}

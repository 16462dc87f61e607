//! Sync objects that some other program made with plain Windows calls, and ours, meet under the same names.
//!
//! # Safety
//! The raw calls get names that end with a NUL and live through the call, and handles that are open.
#![allow(unsafe_code)]

use std::os::windows::io::{AsRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{HANDLE, WAIT_ABANDONED, WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{
    CreateEventW, CreateMutexW, CreateSemaphoreW, CreateWaitableTimerW, OpenEventW, OpenMutexW, OpenSemaphoreW,
    OpenWaitableTimerW, ReleaseMutex, ReleaseSemaphore, SetEvent, SetWaitableTimer, WaitForSingleObject,
};

use super::foreign::{last_code, owned, wide};
use super::*;
use crate::sys::Due;

/// As a plain program creates it, auto-reset and not signaled; or opens what is there.
fn raw_create(kind: Kind, name: &Name) -> Option<OwnedHandle> {
    let name = wide(&name.to_string());
    let (none, name) = (ptr::null(), name.as_ptr());
    owned(match kind {
        // SAFETY: no attributes, and a name that ends with a NUL and lives through the call.
        Kind::Event => unsafe { CreateEventW(none, 0, 0, name) },
        // SAFETY: as above.
        Kind::Mutex => unsafe { CreateMutexW(none, 0, name) },
        // SAFETY: as above.
        Kind::Semaphore => unsafe { CreateSemaphoreW(none, 0, 2, name) },
        // SAFETY: as above.
        Kind::Timer => unsafe { CreateWaitableTimerW(none, 0, name) },
        _ => unreachable!("no sync object"),
    })
}

fn raw_open(kind: Kind, name: &Name) -> Option<OwnedHandle> {
    let name = wide(&name.to_string());
    let call: unsafe extern "system" fn(u32, i32, *const u16) -> HANDLE = match kind {
        Kind::Event => OpenEventW,
        Kind::Mutex => OpenMutexW,
        Kind::Semaphore => OpenSemaphoreW,
        Kind::Timer => OpenWaitableTimerW,
        _ => unreachable!("no sync object"),
    };
    let access = Access::SYNCHRONIZE.bits() | if kind == Kind::Mutex { 1 } else { 3 };
    // SAFETY: the name ends with a NUL and lives through the call.
    owned(unsafe { call(access, 0, name.as_ptr()) })
}

fn raw_wait(handle: &OwnedHandle) -> u32 {
    // SAFETY: an open handle.
    unsafe { WaitForSingleObject(handle.as_raw_handle(), 0) }
}

/// Signals it with the kind's own call.
fn raw_signal(kind: Kind, handle: &OwnedHandle) {
    let raw = handle.as_raw_handle();
    let at_once = 0;
    let done = match kind {
        // SAFETY: an open handle.
        Kind::Event => unsafe { SetEvent(raw) },
        // SAFETY: as above.
        Kind::Mutex => unsafe { ReleaseMutex(raw) },
        // SAFETY: as above; the count before is not asked for.
        Kind::Semaphore => unsafe { ReleaseSemaphore(raw, 1, ptr::null_mut()) },
        // SAFETY: as above, and the time lives through the call.
        Kind::Timer => unsafe { SetWaitableTimer(raw, &raw const at_once, 0, None, ptr::null(), 0) },
        _ => unreachable!("no sync object"),
    };
    assert_ne!(done, 0, "{kind}: {}", last_code());
}

fn signal(handle: &Handle) {
    match handle.kind() {
        Kind::Event => Windows.set(handle).unwrap(),
        Kind::Mutex => Windows.release_mutex(handle).unwrap(),
        Kind::Semaphore => assert_eq!(Windows.release_semaphore(handle, 1).unwrap(), 0),
        _ => Windows.arm(handle, Due::After(std::time::Duration::ZERO), std::time::Duration::ZERO).unwrap(),
    }
}

fn taken_elsewhere(handle: &Handle) -> bool {
    elsewhere(|| try_wait(handle)) == Waited::TimedOut
}

#[test]
fn a_foreign_program_meets_our_objects() {
    for spec in SYNC {
        let (kind, name) = (spec.kind(), name(&format!("our {}", spec.kind())));
        let ours = sync(Some(&name), &spec);
        for theirs in [raw_create(kind, &name), raw_open(kind, &name)] {
            let theirs = theirs.expect("the kernel knows the name");
            if kind == Kind::Mutex {
                assert_eq!(try_wait(&ours), Waited::Signaled(0));
                assert!(taken_elsewhere(&ours));
            } else {
                assert_eq!(raw_wait(&theirs), WAIT_TIMEOUT, "{kind}");
            }
            signal(&ours);
            assert_eq!(raw_wait(&theirs), WAIT_OBJECT_0, "{kind}");
            if kind == Kind::Mutex {
                raw_signal(kind, &theirs);
            }
        }
    }
}

#[test]
fn we_meet_a_foreign_programs_objects() {
    for spec in SYNC {
        let (kind, name) = (spec.kind(), name(&format!("their {}", spec.kind())));
        let theirs = raw_create(kind, &name).unwrap();
        let all = CreateOptions { access: Access::SYNC_ALL, ..options() };
        let (created, disposition) = Windows.create(Some(&name), &spec, &all).unwrap();
        assert_eq!(disposition, Disposition::Opened);
        let opened = Windows.open(kind, &name, Access::SYNC_ALL, false).unwrap();
        for ours in [created, opened] {
            if kind == Kind::Mutex {
                assert_eq!(raw_wait(&theirs), WAIT_OBJECT_0);
                assert!(taken_elsewhere(&ours));
            } else {
                assert_eq!(try_wait(&ours), Waited::TimedOut, "{kind}");
            }
            raw_signal(kind, &theirs);
            assert_eq!(try_wait(&ours), Waited::Signaled(0), "{kind}");
            if kind == Kind::Mutex {
                Windows.release_mutex(&ours).unwrap();
            }
        }
        let exclusive = CreateOptions { exclusive: true, ..all };
        assert_fails(Windows.create(Some(&name), &spec, &exclusive), ErrorKind::AlreadyExists, 183);
    }
}

#[test]
fn a_name_of_one_kind_is_the_wrong_kind_for_all_others() {
    let all = CreateOptions { access: Access::SYNC_ALL, ..options() };
    for holder in SYNC {
        let name = name(&format!("only {}", holder.kind()));
        let theirs = raw_create(holder.kind(), &name).unwrap();
        assert_fails(open(&name, Access::READ), ErrorKind::WrongKind, 6);
        let others = || SYNC.into_iter().filter(|spec| spec.kind() != holder.kind());
        for spec in others() {
            assert_fails(Windows.create(Some(&name), &spec, &all), ErrorKind::WrongKind, 6);
            assert_fails(Windows.open(spec.kind(), &name, Access::SYNC_ALL, false), ErrorKind::WrongKind, 6);
        }
        let _ours = Windows.open(holder.kind(), &name, Access::SYNC_ALL, false).unwrap();
        drop(theirs);
        for spec in others() {
            assert!(raw_create(spec.kind(), &name).is_none());
            assert_eq!(last_code(), 6);
            assert!(raw_open(spec.kind(), &name).is_none());
            assert_eq!(last_code(), 6);
        }
    }
}

#[test]
fn abandonment_is_told_across() {
    let name = name("abandoned");
    let ours = sync(Some(&name), &MUTEX);
    let theirs = raw_open(Kind::Mutex, &name).unwrap();
    assert_eq!(elsewhere(|| raw_wait(&theirs)), WAIT_OBJECT_0);
    assert_eq!(try_wait(&ours), Waited::Abandoned(0));
    Windows.release_mutex(&ours).unwrap();
    assert_eq!(elsewhere(|| try_wait(&ours)), Waited::Signaled(0));
    assert_eq!(raw_wait(&theirs), WAIT_ABANDONED);
    raw_signal(Kind::Mutex, &theirs);
}

//! The calls as a program makes them: codes, and what is not written.
//!
//! # Safety
//! Every pointer given to a call is null or a local variable's.
#![allow(unsafe_code)]

use std::ffi::CString;
use std::ptr::{null, null_mut, without_provenance_mut};

use super::error::{GetLastError, SetLastError};
use super::event::*;
use super::handle::*;
use super::memory::*;
use super::mutex::*;
use super::pointer::{In, Narrow, Out, Wide};
use super::section::*;
use super::semaphore::*;
use super::timer::*;
use super::types::*;
use super::wait::*;

/// Where nobody places anything unasked, however much the process maps. A test that goes on to use the address of a
/// view that is gone has it here, in a megabyte of its own: elsewhere another test's memory may have taken its place.
pub(super) const NOBODYS: usize = 0x2000_0000_0000;

/// A root of these tests' own, gone when the process ends.
pub(super) fn root() {
    use std::os::unix::fs::DirBuilderExt;
    static MADE: std::sync::Once = std::sync::Once::new();
    fn path() -> std::path::PathBuf {
        std::path::PathBuf::from(format!("/dev/shm/lasthandle-ffi-{}", std::process::id()))
    }
    extern "C" fn remove() {
        let _ = std::fs::remove_dir_all(path());
    }
    MADE.call_once(|| {
        std::fs::DirBuilder::new().mode(0o700).create(path()).expect("a directory for the tests");
        lasthandle::sys::linux::Linux::set_default_root(&path());
        // SAFETY: a function that lives as long as the program.
        assert_eq!(unsafe { libc::atexit(remove) }, 0);
    });
}

pub(super) fn none<T>() -> In<T> {
    // SAFETY: null is allowed.
    unsafe { In::from_raw(null()) }
}

pub(super) fn read<T>(value: &T) -> In<T> {
    // SAFETY: a reference outlives the call.
    unsafe { In::from_raw(value) }
}

pub(super) fn out<T>(value: &mut T) -> Out<T> {
    // SAFETY: as above.
    unsafe { Out::from_raw(value) }
}

pub(super) fn nowhere<T>() -> Out<T> {
    // SAFETY: null is allowed.
    unsafe { Out::from_raw(null_mut()) }
}

/// Calls with a narrow name.
pub(super) fn narrow<R>(name: &[u8], body: impl FnOnce(Narrow) -> R) -> R {
    let name = CString::new(name).unwrap();
    // SAFETY: it ends in NUL and outlives the call.
    body(unsafe { Narrow::from_raw(name.as_ptr()) })
}

/// Calls with a wide name.
pub(super) fn wide<R>(units: &[u16], body: impl FnOnce(Wide) -> R) -> R {
    let units: Vec<u16> = units.iter().copied().chain([0]).collect();
    // SAFETY: as above.
    body(unsafe { Wide::from_raw(units.as_ptr()) })
}

pub(super) fn no_name() -> Narrow {
    // SAFETY: null is allowed.
    unsafe { Narrow::from_raw(null()) }
}

/// What a call returned, and the last error that it left; 12345 if it left none.
pub(super) fn tried<R>(body: impl FnOnce() -> R) -> (R, u32) {
    root();
    SetLastError(12345);
    let returned = body();
    let errno = std::io::Error::last_os_error().raw_os_error().unwrap();
    assert_eq!(errno, 0_i32.wrapping_add_unsigned(GetLastError()), "errno is the last error");
    (returned, GetLastError())
}

pub(super) fn event(manual: bool, set: bool) -> HANDLE {
    let (event, error) = tried(|| CreateEventA(none(), manual.into(), set.into(), no_name()));
    assert!(!event.is_null() && error == 0);
    event
}

pub(super) fn unique(what: &str) -> Vec<u8> {
    format!("Local\\{what}-{}", std::process::id()).into_bytes()
}

#[test]
fn create_leaves_0_or_183_and_open_leaves_the_last_error_alone() {
    let name = unique("codes");
    let (first, error) = tried(|| narrow(&name, |name| CreateMutexA(none(), 0, name)));
    assert_eq!(error, 0);
    let (second, error) = tried(|| narrow(&name, |name| CreateMutexA(none(), 1, name)));
    assert!(!second.is_null() && error == 183);
    let (third, error) = tried(|| narrow(&name, |name| OpenMutexA(0x10_0000, 0, name)));
    assert!(!third.is_null() && error == 12345);
    assert_eq!(tried(|| ReleaseMutex(second)), (0, 288), "an existing mutex is not taken");
    assert_eq!(tried(|| narrow(&name, |name| CreateEventA(none(), 0, 0, name))), (null_mut(), 6));
    assert_eq!(tried(|| narrow(&name, |name| OpenMutexA(0, 0, name))), (null_mut(), 5));
    for handle in [first, second, third] {
        assert_eq!(tried(|| CloseHandle(handle)), (1, 12345));
    }
    assert_eq!(tried(|| narrow(&name, |name| OpenMutexA(0x10_0000, 0, name))), (null_mut(), 2));
    assert_eq!(tried(|| CloseHandle(first)), (0, 6));
}

#[test]
fn names_are_refused_with_windows_codes() {
    let open = |name: &[u8]| tried(|| narrow(name, |name| OpenEventA(2, 0, name))).1;
    assert_eq!(tried(|| OpenEventA(2, 0, no_name())).1, 87);
    for (name, code) in [("", 6), ("\\x", 161), ("a\\b", 3), ("Local\\", 123), ("Local\\a\\b", 3), ("missing", 2)] {
        assert_eq!(open(name.as_bytes()), code, "{name:?}");
    }
    assert_eq!(open(&[b'n'; 260]), 2);
    assert_eq!(open(&[b'n'; 261]), 206);
    assert_eq!(open(&[b'n'; 5000]), 206);
    let open = |units: &[u16]| tried(|| wide(units, |name| OpenEventW(2, 0, name))).1;
    assert_eq!(open(&vec![0x6E; 32_766]), 2);
    assert_eq!(open(&vec![0x6E; 32_767]), 123);
    let (unnamed, error) = tried(|| narrow(b"", |name| CreateEventA(none(), 0, 0, name)));
    assert!(!unnamed.is_null() && error == 0);
    CloseHandle(unnamed);
}

#[test]
fn a_lone_surrogate_is_a_name_of_its_own_and_narrow_and_wide_meet() {
    let lone: Vec<u16> = "Local\\lone".encode_utf16().chain([0xD800]).collect();
    let (handle, _) = tried(|| wide(&lone, |name| CreateEventW(none(), 0, 0, name)));
    assert!(!handle.is_null());
    assert_eq!(tried(|| narrow("Local\\lone\u{FFFD}".as_bytes(), |name| OpenEventA(2, 0, name))).1, 2);
    let (again, _) = tried(|| wide(&lone, |name| OpenEventW(2, 0, name)));
    assert!(!again.is_null());
    let (narrowed, _) = tried(|| narrow("Grüße".as_bytes(), |name| CreateEventA(none(), 0, 0, name)));
    let widened: Vec<u16> = "Grüße".encode_utf16().collect();
    let (met, error) = tried(|| wide(&widened, |name| CreateEventW(none(), 0, 0, name)));
    assert_eq!(error, 183);
    for handle in [handle, again, narrowed, met] {
        CloseHandle(handle);
    }
}

#[test]
fn an_event_of_each_kind_waits_as_windows_says() {
    let auto = event(false, true);
    assert_eq!(tried(|| WaitForSingleObject(auto, 0)), (WAIT_OBJECT_0, 12345));
    assert_eq!(tried(|| WaitForSingleObject(auto, 0)), (WAIT_TIMEOUT, 12345));
    assert_eq!(tried(|| SetEvent(auto)), (1, 12345));
    assert_eq!(WaitForSingleObject(auto, INFINITE), WAIT_OBJECT_0);
    let manual = event(true, true);
    assert_eq!((WaitForSingleObject(manual, 0), WaitForSingleObject(manual, 5)), (0, 0));
    assert_eq!(tried(|| PulseEvent(manual)), (1, 12345));
    assert_eq!(tried(|| WaitForSingleObject(manual, 1)), (WAIT_TIMEOUT, 12345));
    assert_eq!(tried(|| ReleaseMutex(manual)), (0, 6));
    assert_eq!(tried(|| CreateEventExA(none(), no_name(), 4, 2)), (null_mut(), 87));
    let (weak, _) = tried(|| CreateEventExA(none(), no_name(), 2, 0x10_0000));
    assert_eq!(tried(|| SetEvent(weak)), (0, 5));
    assert_eq!(WaitForSingleObject(weak, 0), WAIT_OBJECT_0);
    for handle in [auto, manual, weak] {
        CloseHandle(handle);
    }
}

#[test]
fn a_semaphore_past_its_maximum_writes_nothing() {
    for (initial, maximum) in [(0, 0), (-1, 1), (2, 1), (0, -1)] {
        assert_eq!(tried(|| CreateSemaphoreA(none(), initial, maximum, no_name())), (null_mut(), 87));
    }
    let (semaphore, _) = tried(|| CreateSemaphoreA(none(), 1, 2, no_name()));
    let mut before = -7;
    assert_eq!(tried(|| ReleaseSemaphore(semaphore, 2, out(&mut before))), (0, 298));
    assert_eq!(tried(|| ReleaseSemaphore(semaphore, 0, out(&mut before))), (0, 87));
    assert_eq!(tried(|| ReleaseSemaphore(semaphore, -1, out(&mut before))), (0, 87));
    assert_eq!(before, -7, "not written");
    assert_eq!(tried(|| ReleaseSemaphore(semaphore, 1, out(&mut before))), (1, 12345));
    assert_eq!(before, 1);
    assert_eq!((WaitForSingleObject(semaphore, 0), WaitForSingleObject(semaphore, 0)), (0, 0));
    assert_eq!(WaitForSingleObject(semaphore, 0), WAIT_TIMEOUT);
    assert_eq!(tried(|| ReleaseSemaphore(semaphore, 1, nowhere())), (1, 12345));
    CloseHandle(semaphore);
}

#[test]
fn a_timer_is_due() {
    let (timer, _) = tried(|| CreateWaitableTimerA(none(), 1, no_name()));
    assert_eq!(tried(|| SetWaitableTimer(timer, none(), 0, None, null_mut(), 0)), (0, 998));
    assert_eq!(tried(|| SetWaitableTimer(timer, read(&-1), -1, None, null_mut(), 0)), (0, 87));
    assert_eq!(WaitForSingleObject(timer, 0), WAIT_TIMEOUT);
    assert_eq!(tried(|| SetWaitableTimer(timer, read(&-200_000), 0, None, null_mut(), 0)), (1, 12345));
    let begin = std::time::Instant::now();
    assert_eq!(WaitForSingleObject(timer, INFINITE), WAIT_OBJECT_0);
    assert!(begin.elapsed() >= std::time::Duration::from_millis(15));
    assert_eq!(tried(|| SetWaitableTimer(timer, read(&0), 0, None, null_mut(), 0)), (1, 12345));
    assert_eq!(WaitForSingleObject(timer, 0), WAIT_OBJECT_0);
    assert_eq!(tried(|| CancelWaitableTimer(timer)), (1, 12345));
    CloseHandle(timer);
}

#[test]
fn waits_for_several_take_the_lowest_or_all() {
    let (first, second) = (event(false, false), event(false, true));
    let both = [first, second];
    let array = |handles: &[HANDLE]| read(&handles[0]);
    assert_eq!(tried(|| WaitForMultipleObjects(2, array(&both), 1, 0)), (WAIT_TIMEOUT, 12345));
    assert_eq!(tried(|| WaitForMultipleObjects(2, array(&both), 0, INFINITE)), (1, 12345));
    SetEvent(first);
    SetEvent(second);
    assert_eq!(WaitForMultipleObjects(2, array(&both), 1, 0), 0);
    assert_eq!(WaitForMultipleObjects(2, array(&both), 0, 0), WAIT_TIMEOUT);
    SetEvent(second);
    assert_eq!(WaitForMultipleObjects(2, array(&[second, second]), 0, 0), 0, "twice is fine in a wait for any");
    assert_eq!(tried(|| WaitForMultipleObjects(2, array(&[first, first]), 1, 0)), (WAIT_FAILED, 87));
    assert_eq!(tried(|| WaitForMultipleObjects(0, array(&both), 0, 0)), (WAIT_FAILED, 87));
    assert_eq!(tried(|| WaitForMultipleObjects(65, array(&[first; 65]), 0, 0)), (WAIT_FAILED, 87));
    assert_eq!(tried(|| WaitForMultipleObjects(2, none(), 0, 0)), (WAIT_FAILED, 998));
    assert_eq!(tried(|| WaitForMultipleObjects(2, array(&[first, CURRENT_PROCESS]), 0, 0)), (WAIT_FAILED, 6));
    assert_eq!(tried(|| WaitForSingleObject(CURRENT_PROCESS, 1)), (WAIT_TIMEOUT, 12345));
    assert_eq!(tried(|| SignalObjectAndWait(first, second, 0, 0)), (WAIT_TIMEOUT, 12345));
    assert_eq!(WaitForSingleObject(first, 0), 0, "it stays signalled");
    CloseHandle(first);
    CloseHandle(second);
}

#[test]
fn a_mutex_of_a_thread_that_ended_is_abandoned_once() {
    let (mutex, _) = tried(|| CreateMutexA(none(), 0, no_name()));
    let value = mutex.addr();
    let taken = move || WaitForSingleObject(without_provenance_mut(value), 0);
    assert_eq!(std::thread::spawn(taken).join().unwrap(), WAIT_OBJECT_0);
    assert_eq!(tried(|| WaitForSingleObject(mutex, INFINITE)), (WAIT_ABANDONED_0, 12345));
    assert_eq!(tried(|| ReleaseMutex(mutex)), (1, 12345));
    assert_eq!(tried(|| ReleaseMutex(mutex)), (0, 288));
    CloseHandle(mutex);
}

#[test]
fn a_view_keeps_the_memory_and_not_the_name() {
    let name = unique("view");
    let create = |size| tried(|| narrow(&name, |name| CreateFileMappingA(CURRENT_PROCESS, none(), 4, 0, size, name)));
    let (mapping, error) = create(0x2_0000);
    assert!(!mapping.is_null() && error == 0);
    let base = without_provenance_mut(NOBODYS + 0x10_0000);
    let (view, error) = tried(|| MapViewOfFileEx(mapping, 0xF_001F, 0, 0, 0, base));
    assert!(!view.is_null() && error == 12345);
    assert_eq!(tried(|| WaitForSingleObject(mapping, 0)), (WAIT_FAILED, 5));
    CloseHandle(mapping);
    assert_eq!(tried(|| narrow(&name, |name| OpenFileMappingA(4, 0, name))), (null_mut(), 2));
    let last = view.cast::<u8>().wrapping_add(0x1_FFFF);
    // SAFETY: a view of that size that may be written.
    unsafe { last.write(7) };
    assert_eq!(tried(|| FlushViewOfFile(view, 0)), (1, 12345));
    let (fresh, error) = create(0x1_0000);
    assert_eq!(error, 0, "a fresh object");
    assert_eq!(tried(|| UnmapViewOfFile(view.wrapping_byte_add(0x1_2345))), (1, 12345));
    assert_eq!(tried(|| UnmapViewOfFile(view)), (0, 487));
    CloseHandle(fresh);
}

#[test]
fn sections_refuse_as_windows_does() {
    let create = |file: HANDLE, protect, size| tried(|| CreateFileMappingA(file, none(), protect, 0, size, no_name()));
    assert_eq!(create(CURRENT_PROCESS, 4, 0), (null_mut(), 87));
    assert_eq!(create(CURRENT_PROCESS, 1, 4096), (null_mut(), 87));
    assert_eq!(create(null_mut(), 4, 0), (null_mut(), 87));
    assert_eq!(create(without_provenance_mut(0x1234), 4, 4096), (null_mut(), 6));
    let (mapping, _) = create(CURRENT_PROCESS, 2, 0x2_0000);
    let map = |access, offset, length| tried(|| MapViewOfFile(mapping, access, 0, offset, length));
    assert_eq!(map(2, 0, 0), (null_mut(), 5), "a write view on a read-only section");
    assert_eq!(map(4, 0x1000, 0), (null_mut(), 1132));
    assert_eq!(map(4, 0x2_0000, 0), (null_mut(), 5));
    assert_eq!(map(4, 0, 0x2_0001), (null_mut(), 5));
    assert_eq!(tried(|| MapViewOfFile(mapping, 4, u32::MAX, 0xFFFF_0000, usize::MAX)).0, null_mut());
    let (view, _) = map(1, 0x1_0000, 0);
    let mut told = MemoryBasicInformation {
        base_address: null_mut(),
        allocation_base: null_mut(),
        allocation_protect: 0,
        partition_id: 9,
        region_size: 0,
        state: 0,
        protect: 0,
        kind: 0,
    };
    let inside = view.wrapping_byte_add(0x1001);
    assert_eq!(tried(|| VirtualQuery(inside, out(&mut told), 47)), (0, 24));
    assert_eq!(told.partition_id, 9, "not written");
    assert_eq!(tried(|| VirtualQuery(inside, out(&mut told), 48)), (48, 12345));
    assert_eq!((told.allocation_base, told.protect, told.region_size), (view, 8, 0xF000));
    assert_eq!(tried(|| VirtualQuery(null(), out(&mut told), 48)), (48, 12345));
    assert_eq!((told.state, told.protect, told.allocation_base), (0x1_0000, 1, null_mut()), "free");
    assert_eq!(tried(|| VirtualQuery(std::ptr::without_provenance(1 << 62), out(&mut told), 48)), (0, 87));
    assert_eq!(tried(|| VirtualQuery(view, nowhere(), 48)), (0, 998));
    UnmapViewOfFile(view);
    CloseHandle(mapping);
}

#[test]
fn duplicates_lower_raise_and_keep_the_value() {
    let name = unique("duplicate");
    let (event, _) = tried(|| narrow(&name, |name| CreateEventA(none(), 1, 0, name)));
    let mut copy = null_mut();
    let duplicate = |from, copy: &mut HANDLE, access, options| {
        tried(|| DuplicateHandle(CURRENT_PROCESS, from, CURRENT_PROCESS, out(copy), access, 1, options))
    };
    assert_eq!(duplicate(event, &mut copy, 0, 0), (1, 12345), "down to no right at all");
    assert_eq!(tried(|| SetEvent(copy)), (0, 5));
    let mut raised = null_mut();
    assert_eq!(duplicate(copy, &mut raised, 2, 1), (1, 12345), "and up again, closing the source");
    assert_eq!(tried(|| SetEvent(raised)), (1, 12345));
    assert_eq!(tried(|| CloseHandle(copy)), (0, 6));
    assert_eq!(duplicate(raised, &mut copy, 0, 3), (1, 12345));
    assert_eq!(copy, raised, "the same access keeps the value");
    let mut flags = 0;
    assert_eq!(tried(|| GetHandleInformation(copy, out(&mut flags))), (1, 12345));
    assert_eq!(flags, HANDLE_FLAG_INHERIT);
    assert_eq!(tried(|| SetHandleInformation(copy, 3, 2)), (1, 12345));
    assert_eq!(tried(|| CloseHandle(copy)), (0, 6), "protected");
    assert_eq!(tried(|| SetHandleInformation(copy, 4, 0)), (0, 87));
    assert_eq!(tried(|| SetHandleInformation(copy, 2, 0)), (1, 12345));
    for handle in [event, copy] {
        assert_eq!(tried(|| CloseHandle(handle)), (1, 12345));
    }
    assert_eq!(tried(|| CloseHandle(CURRENT_PROCESS)), (1, 12345));
    assert_eq!(duplicate(null_mut(), &mut copy, 0, 2), (0, 6));
}

#[test]
fn a_waiter_goes_on_when_its_handle_is_closed_and_the_object_is_signaled() {
    let auto = event(false, false);
    let mut other = null_mut();
    assert_eq!(DuplicateHandle(CURRENT_PROCESS, auto, CURRENT_PROCESS, out(&mut other), 0, 0, 2), 1);
    let value = auto.addr();
    let waiter = std::thread::spawn(move || WaitForSingleObject(without_provenance_mut(value), INFINITE));
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert_eq!(tried(|| CloseHandle(auto)), (1, 12345), "a sleeper keeps no close waiting");
    assert_eq!(tried(|| WaitForSingleObject(auto, 0)), (WAIT_FAILED, 6));
    assert_eq!(tried(|| SetEvent(other)), (1, 12345));
    assert_eq!(waiter.join().unwrap(), WAIT_OBJECT_0);
    CloseHandle(other);
}

#[test]
fn three_threads_on_one_handle_and_a_fourth_that_closes_it() {
    root();
    for round in 0..300 {
        let name = format!("closed-{}-{round}", std::process::id());
        let (handle, _) = tried(|| narrow(name.as_bytes(), |name| CreateSemaphoreA(none(), 0, 1_000_000, name)));
        let value = handle.addr();
        let again = move || -> HANDLE { without_provenance_mut(value) };
        std::thread::scope(|scope| {
            scope.spawn(move || while ReleaseSemaphore(again(), 1, nowhere()) != 0 {});
            scope.spawn(move || while WaitForSingleObject(again(), 1) != WAIT_FAILED {});
            scope.spawn(move || while WaitForMultipleObjects(1, read(&again()), 1, 0) != WAIT_FAILED {});
            scope.spawn(move || {
                std::thread::yield_now();
                assert_eq!(CloseHandle(again()), 1);
            });
        });
        assert_eq!(tried(|| narrow(name.as_bytes(), |name| OpenSemaphoreA(2, 0, name))), (null_mut(), 2));
    }
}

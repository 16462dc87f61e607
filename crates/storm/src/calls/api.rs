//! The calls as C sees them; handles and addresses as numbers.
//!
//! # Safety
//! The calls take any number for a handle or an address, and check it (nobody looks into views, so that unmapping them
//! harms nobody). Other pointers are null, or lead to what these types say: so all are safe to call. The types are those
//! of the header, in which a pointer, a handle and a `usize` are passed alike.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::ptr::null;

use lasthandle_ffi as _; // whoever links it finds the calls by their names

/// A pointer to what is borrowed, or null.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub(super) struct Many<'a, T>(*const T, PhantomData<&'a [T]>);

/// A text that ends in NUL.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub(super) struct Text<'a, T>(Many<'a, T>);

impl<'a, T> Many<'a, T> {
    pub(super) const NULL: Self = Self(null(), PhantomData);

    /// The calls read at most 64.
    pub(super) fn new(values: &'a [T; 64]) -> Self {
        Self(values.as_ptr(), PhantomData)
    }
}

impl<'a, T: Default + PartialEq> Text<'a, T> {
    /// None is null.
    pub(super) fn new(text: Option<&'a Vec<T>>) -> Self {
        let Some(text) = text else { return Self(Many::NULL) };
        assert!(text.last() == Some(&T::default()));
        Self(Many(text.as_ptr(), PhantomData))
    }
}

pub(super) type StartRoutine = extern "C-unwind" fn(usize) -> u32;
pub(super) type UserRoutine = extern "C-unwind" fn(usize);
pub(super) type TimerRoutine = extern "C-unwind" fn(usize, u32, u32);

/// A thread's function.
pub(super) extern "C-unwind" fn begin(argument: usize) -> u32 {
    u32::from(argument.to_le_bytes()[0])
}

/// A queued call.
pub(super) extern "C-unwind" fn on_call(_: usize) {}

/// A timer's routine.
pub(super) extern "C-unwind" fn on_time(_: usize, _: u32, _: u32) {}

unsafe extern "C" {
    pub(super) safe fn CreateEventA(
        security: Option<&Security>,
        manual: i32,
        initial: i32,
        name: Text<'_, u8>,
    ) -> usize;
    pub(super) safe fn CreateEventW(
        security: Option<&Security>,
        manual: i32,
        initial: i32,
        name: Text<'_, u16>,
    ) -> usize;
    pub(super) safe fn CreateEventExW(
        security: Option<&Security>,
        name: Text<'_, u16>,
        flags: u32,
        access: u32,
    ) -> usize;
    pub(super) safe fn OpenEventW(access: u32, inherit: i32, name: Text<'_, u16>) -> usize;
    pub(super) safe fn SetEvent(event: usize) -> i32;
    pub(super) safe fn ResetEvent(event: usize) -> i32;
    pub(super) safe fn PulseEvent(event: usize) -> i32;
    pub(super) safe fn CreateMutexW(security: Option<&Security>, owned: i32, name: Text<'_, u16>) -> usize;
    pub(super) safe fn CreateMutexExW(
        security: Option<&Security>,
        name: Text<'_, u16>,
        flags: u32,
        access: u32,
    ) -> usize;
    pub(super) safe fn OpenMutexA(access: u32, inherit: i32, name: Text<'_, u8>) -> usize;
    pub(super) safe fn ReleaseMutex(mutex: usize) -> i32;
    pub(super) safe fn CreateSemaphoreW(
        security: Option<&Security>,
        initial: i32,
        maximum: i32,
        name: Text<'_, u16>,
    ) -> usize;
    pub(super) safe fn OpenSemaphoreW(access: u32, inherit: i32, name: Text<'_, u16>) -> usize;
    pub(super) safe fn ReleaseSemaphore(semaphore: usize, count: i32, previous: Option<&mut i32>) -> i32;
    pub(super) safe fn CreateWaitableTimerA(security: Option<&Security>, manual: i32, name: Text<'_, u8>) -> usize;
    pub(super) safe fn OpenWaitableTimerW(access: u32, inherit: i32, name: Text<'_, u16>) -> usize;
    pub(super) safe fn SetWaitableTimer(
        timer: usize,
        due: Option<&i64>,
        period: i32,
        routine: Option<TimerRoutine>,
        argument: usize,
        resume: i32,
    ) -> i32;
    pub(super) safe fn CancelWaitableTimer(timer: usize) -> i32;
    pub(super) safe fn CreateFileMappingA(
        file: usize,
        security: Option<&Security>,
        protect: u32,
        high: u32,
        low: u32,
        name: Text<'_, u8>,
    ) -> usize;
    pub(super) safe fn CreateFileMappingW(
        file: usize,
        security: Option<&Security>,
        protect: u32,
        high: u32,
        low: u32,
        name: Text<'_, u16>,
    ) -> usize;
    pub(super) safe fn OpenFileMappingW(access: u32, inherit: i32, name: Text<'_, u16>) -> usize;
    pub(super) safe fn MapViewOfFileEx(
        mapping: usize,
        access: u32,
        high: u32,
        low: u32,
        length: usize,
        base: usize,
    ) -> usize;
    pub(super) safe fn UnmapViewOfFile(address: usize) -> i32;
    pub(super) safe fn FlushViewOfFile(address: usize, length: usize) -> i32;
    pub(super) safe fn VirtualQuery(address: usize, information: Option<&mut [u64; 6]>, length: usize) -> usize;
    pub(super) safe fn WaitForSingleObject(object: usize, milliseconds: u32) -> u32;
    pub(super) safe fn WaitForMultipleObjects(count: u32, objects: Many<'_, usize>, all: i32, milliseconds: u32)
    -> u32;
    pub(super) safe fn SignalObjectAndWait(signal: usize, object: usize, milliseconds: u32, alertable: i32) -> u32;
    pub(super) safe fn WaitForMultipleObjectsEx(
        count: u32,
        objects: Many<'_, usize>,
        all: i32,
        milliseconds: u32,
        alertable: i32,
    ) -> u32;
    pub(super) safe fn SleepEx(milliseconds: u32, alertable: i32) -> u32;
    pub(super) safe fn QueueUserAPC(routine: Option<UserRoutine>, thread: usize, argument: usize) -> u32;
    pub(super) safe fn CreateThread(
        security: Option<&Security>,
        stack: usize,
        routine: Option<StartRoutine>,
        argument: usize,
        flags: u32,
        id: Option<&mut u32>,
    ) -> usize;
    pub(super) safe fn OpenThread(access: u32, inherit: i32, id: u32) -> usize;
    pub(super) safe fn GetExitCodeThread(thread: usize, code: Option<&mut u32>) -> i32;
    pub(super) safe fn ResumeThread(thread: usize) -> u32;
    pub(super) safe fn GetCurrentThreadId() -> u32;
    pub(super) safe fn OpenProcess(access: u32, inherit: i32, id: u32) -> usize;
    pub(super) safe fn GetExitCodeProcess(process: usize, code: Option<&mut u32>) -> i32;
    pub(super) safe fn GetProcessId(process: usize) -> u32;
    pub(super) safe fn CreateFileA(
        path: Text<'_, u8>,
        access: u32,
        share: u32,
        security: Option<&Security>,
        disposition: u32,
        flags: u32,
        template: usize,
    ) -> usize;
    pub(super) safe fn ReadFile(
        file: usize,
        buffer: &mut [u8; 64],
        length: u32,
        read: Option<&mut u32>,
        overlapped: usize,
    ) -> i32;
    pub(super) safe fn WriteFile(
        file: usize,
        buffer: &[u8; 64],
        length: u32,
        written: Option<&mut u32>,
        overlapped: usize,
    ) -> i32;
    pub(super) safe fn SetFilePointerEx(file: usize, distance: i64, place: Option<&mut u64>, method: u32) -> i32;
    pub(super) safe fn GetFileSizeEx(file: usize, size: Option<&mut u64>) -> i32;
    pub(super) safe fn SetEndOfFile(file: usize) -> i32;
    pub(super) safe fn VirtualAlloc(address: usize, size: usize, how: u32, protect: u32) -> usize;
    pub(super) safe fn VirtualFree(address: usize, size: usize, how: u32) -> i32;
    pub(super) safe fn VirtualProtect(address: usize, size: usize, protect: u32, old: Option<&mut u32>) -> i32;
    pub(super) safe fn CloseHandle(handle: usize) -> i32;
    pub(super) safe fn DuplicateHandle(
        from: usize,
        source: usize,
        to: usize,
        target: Option<&mut usize>,
        access: u32,
        inherit: i32,
        options: u32,
    ) -> i32;
    pub(super) safe fn GetHandleInformation(handle: usize, flags: Option<&mut u32>) -> i32;
    pub(super) safe fn SetHandleInformation(handle: usize, mask: u32, flags: u32) -> i32;
    pub(super) safe fn GetLastError() -> u32;
    pub(super) safe fn SetLastError(code: u32);
}

/// `SECURITY_ATTRIBUTES`, without a descriptor.
#[repr(C)]
pub(super) struct Security {
    pub(super) length: u32,
    pub(super) descriptor: usize,
    pub(super) inherit: i32,
}

//! Handles that some other program got from plain Windows calls, and ours, meet under the same names.
//!
//! # Safety
//! The raw calls get names that end with a NUL and live through the call; what they return is owned at once.
#![allow(unsafe_code)]

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{GetLastError, HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::JobObjects::CreateJobObjectW;
use windows_sys::Win32::System::Memory::{
    CreateFileMappingW, FILE_MAP_READ, FILE_MAP_WRITE, MapViewOfFile, OpenFileMappingW, PAGE_READWRITE, UnmapViewOfFile,
};
use windows_sys::Win32::System::Threading::CreateEventW;

use super::*;
use crate::sys::Inventory;

pub(super) fn owned(raw: HANDLE) -> Option<OwnedHandle> {
    // SAFETY: not null, so fresh from the call that made it.
    (!raw.is_null()).then(|| unsafe { OwnedHandle::from_raw_handle(raw) })
}

pub(super) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

fn raw_create(name: &str, size: u32) -> Option<OwnedHandle> {
    let name = wide(name);
    // SAFETY: the name ends with a NUL and lives through the call.
    owned(unsafe { CreateFileMappingW(INVALID_HANDLE_VALUE, ptr::null(), PAGE_READWRITE, 0, size, name.as_ptr()) })
}

fn raw_open(name: &str) -> Option<OwnedHandle> {
    let name = wide(name);
    // SAFETY: the name ends with a NUL and lives through the call.
    owned(unsafe { OpenFileMappingW(FILE_MAP_READ | FILE_MAP_WRITE, 0, name.as_ptr()) })
}

fn raw_event(name: &str) -> Option<OwnedHandle> {
    let name = wide(name);
    // SAFETY: the name ends with a NUL and lives through the call.
    owned(unsafe { CreateEventW(ptr::null(), 1, 0, name.as_ptr()) })
}

fn raw_job(name: &str) -> Option<OwnedHandle> {
    let name = wide(name);
    // SAFETY: the name ends with a NUL and lives through the call.
    owned(unsafe { CreateJobObjectW(ptr::null(), name.as_ptr()) })
}

pub(super) fn last_code() -> u32 {
    // SAFETY: reads a number of this thread.
    unsafe { GetLastError() }
}

/// Swaps the first byte of the section for another, as a foreign program would reach it.
fn raw_swap(handle: &OwnedHandle, byte: u8) -> u8 {
    // SAFETY: an open section handle.
    let view = unsafe { MapViewOfFile(handle.as_raw_handle(), FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, 0) };
    assert!(!view.Value.is_null());
    // SAFETY: the first byte of a view mapped for reading and writing; no other thread touches it.
    let before = unsafe { ptr::replace(view.Value.cast::<u8>(), byte) };
    // SAFETY: mapped just now and not used again.
    assert_ne!(unsafe { UnmapViewOfFile(view) }, 0);
    before
}

#[test]
fn a_foreign_program_meets_our_bytes_under_the_plain_name() {
    let name = name("ours");
    let handle = create(&name);
    let view = map(&handle, ViewAccess::ReadWrite).unwrap();
    bytes::write(&view, 0, 0x11);
    let local = name.to_string();
    for met in [raw_open(&local), raw_open(local.strip_prefix("Local\\").unwrap())] {
        assert_eq!(raw_swap(&met.expect("the kernel knows the name"), 0x11), 0x11);
    }
    raw_swap(&raw_open(&local).unwrap(), 0x22);
    assert_eq!(bytes::read(&view, 0), 0x22);
}

#[test]
fn we_meet_a_foreign_program_under_its_name() {
    let name = name("theirs");
    let theirs = raw_create(&name.to_string(), 100).unwrap();
    raw_swap(&theirs, 0x33);
    let ours = open(&name, Access::READ).unwrap();
    let info = Windows.query(&ours).unwrap();
    assert_eq!((info.kind, info.size, info.protection), (Kind::Mapping, 4096, None));
    assert_eq!(bytes::read(&map(&ours, ViewAccess::ReadOnly).unwrap(), 0), 0x33);
    let (_again, disposition) = create_with(Some(&name), MEMORY, &options()).unwrap();
    assert_eq!(disposition, Disposition::Opened);
}

#[test]
fn the_longest_bare_name_reaches_the_kernel_whole() {
    let unique = String::from_utf16(name("long").units()).unwrap();
    let [ours, other] = ["a", "b"].map(|end| format!("{unique:x<32765}{end}"));
    let name = Name::new(&ours).unwrap();
    let _handle = create(&name);
    assert_fails(open(&Name::new(&other).unwrap(), Access::READ), ErrorKind::NotFound, 2);
    assert!(raw_open(&ours).is_some());
    assert!(Windows.list().unwrap().iter().any(|entry| entry.name.as_ref() == Some(&name)));
}

#[test]
fn global_and_local_are_two_places() {
    let local = name("place");
    let global = Name::new(&local.to_string().replace("Local", "Global")).unwrap();
    let _theirs = raw_create(&global.to_string(), 100).unwrap();
    assert_fails(open(&local, Access::READ), ErrorKind::NotFound, 2);
    open(&global, Access::READ).unwrap();
}

#[test]
fn a_name_held_by_another_kind_is_refused_both_ways() {
    let name = name("kind");
    let event = raw_event(&name.to_string()).unwrap();
    assert_fails(open(&name, Access::READ), ErrorKind::WrongKind, 6);
    assert_fails(create_with(Some(&name), MEMORY, &options()), ErrorKind::WrongKind, 6);
    drop(event);
    let _mapping = create(&name);
    assert!(raw_event(&name.to_string()).is_none());
    assert_eq!(last_code(), 6);
}

#[test]
fn jobs_are_told_apart_but_cannot_be_opened_yet() {
    let name = name("job");
    let open = || Windows.open(Kind::Job, &name, Access::READ, false);
    assert_fails(open(), ErrorKind::NotFound, 2);
    let mapping = create(&name);
    assert_fails(open(), ErrorKind::WrongKind, 6);
    drop(mapping);
    let _job = raw_job(&name.to_string()).unwrap();
    assert_fails(open(), ErrorKind::Unsupported, 50);
}

#[test]
fn the_name_is_free_for_others_as_soon_as_our_last_handle_closes() {
    let name = name("free");
    let handle = create(&name);
    let view = map(&handle, ViewAccess::ReadWrite).unwrap();
    bytes::write(&view, 4999, 7);
    drop(handle);
    assert!(raw_open(&name.to_string()).is_none());
    assert_eq!(last_code(), 2);
    assert_eq!(bytes::read(&view, 4999), 7);
    let fresh = raw_create(&name.to_string(), 1).unwrap();
    assert_eq!(raw_swap(&fresh, 1), 0);
}

#[test]
fn a_foreign_event_is_listed_as_what_it_is() {
    let name = name("event");
    let _event = raw_event(&name.to_string()).unwrap();
    let entry = Windows.inspect(&name).unwrap();
    assert_eq!((entry.info.unwrap().kind, entry.holders), (Kind::Event, Some(1)));
    assert!(Windows.list().unwrap().iter().any(|entry| entry.name.as_ref() == Some(&name)));
    assert_eq!(Windows.holders(&name).unwrap().len(), 1);
}

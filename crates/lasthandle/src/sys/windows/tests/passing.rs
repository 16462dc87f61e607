//! Handles that go to other code, and to other processes.
//!
//! # Safety
//! `from_inherited` gets the number that the parent process says it made for this child.
#![allow(unsafe_code)]

use std::io::{BufRead, BufReader, Read, Write};
use std::os::windows::io::{AsHandle, AsRawHandle, OwnedHandle};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::*;
use crate::mapping::Mapping;
use crate::sys::Inventory;
use crate::sys::windows::{nt, runs_under_wine};

const INHERITED: &str = "LASTHANDLE_TEST_INHERITED";

/// This very program, as a child that runs one test of this file.
fn child(test: &str, inherited: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", &format!("sys::windows::tests::passing::{test}")])
        .env(INHERITED, inherited.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// A child gets every inheritable handle that its parent has at that moment, other tests' too.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// In a child: the number the parent passed on. In an ordinary run of the test: nothing.
fn inherited() -> Option<u64> {
    std::env::var(INHERITED).ok()?.parse().ok()
}

#[test]
fn an_owned_handle_goes_out_and_comes_back_with_its_rights() {
    let name = name("owned");
    let handle = create(&name);
    let narrow = Windows.duplicate(&handle, Some(Access::READ), false).unwrap();
    assert_eq!(nt::object(narrow.as_handle()).unwrap().HandleCount, 2);
    let owned: OwnedHandle = narrow.into();
    let back = Handle::from_owned(owned).unwrap();
    assert_eq!(Windows.access(&back), Access::READ | Access::QUERY);
    assert_eq!(Windows.query(&back).unwrap().size, 8192);
    assert_fails(map(&back, ViewAccess::ReadWrite), ErrorKind::AccessDenied, 5);
    map(&back, ViewAccess::CopyOnWrite).unwrap();
}

#[test]
fn a_mapping_is_a_windows_handle_and_back() {
    let name = name("mapping");
    let mapping = Mapping::create_new(&name, 100).unwrap();
    mapping.view().unwrap().write_at(9, b"x").unwrap();
    let copy = Mapping::try_from(mapping.as_handle().try_clone_to_owned().unwrap()).unwrap();
    let owned = OwnedHandle::from(mapping);
    drop(copy);
    drop(open(&name, Access::READ).expect("the owned handle keeps the name"));
    let back = Mapping::try_from(owned).unwrap();
    assert_eq!((back.size(), back.view().unwrap().read::<u8>(9).unwrap()), (4096, b'x'));
    drop(back);
    assert_fails(open(&name, Access::READ), ErrorKind::NotFound, 2);
}

#[test]
fn what_is_no_section_is_refused() {
    let file = TestFile::new("no section", b"x");
    let file = std::fs::File::open(file.path()).unwrap();
    assert_fails(Handle::from_owned(file.into()), ErrorKind::InvalidHandle, 6);
    // SAFETY: numbers that are no handles and stay none: -1 stands for this process, 0 for nothing.
    let refused = unsafe { Handle::from_inherited(u64::MAX) };
    assert_fails(refused, ErrorKind::InvalidHandle, 6);
    // SAFETY: as above.
    let refused = unsafe { Handle::from_inherited(0) };
    assert_fails(refused, ErrorKind::InvalidHandle, 6);
}

#[test]
fn only_an_inheritable_handle_passes_to_a_child_with_the_same_number() {
    let _alone = alone();
    let name = name("inherit");
    let handle = create(&name);
    let view = map(&handle, ViewAccess::ReadWrite).unwrap();
    bytes::write(&view, 1, 0x44);
    let passed = Windows.duplicate(&handle, None, true).unwrap();

    assert_eq!(handle.inherit_value(), None);
    let kept =
        child("child_finds_no_handle", handle.as_handle().as_raw_handle().addr() as u64).wait_with_output().unwrap();
    assert!(kept.status.success(), "{}", String::from_utf8_lossy(&kept.stdout));
    let mut child = child("child_takes_the_handle", passed.inherit_value().unwrap());
    assert!(child.wait().unwrap().success());
    assert_eq!(bytes::read(&view, 2), 0x55);
}

#[test]
fn child_finds_no_handle() {
    let Some(value) = inherited() else { return };
    // SAFETY: the parent made no handle for us under that number. Should the system have put one of its own there,
    // this process ends before it can be missed.
    let found = unsafe { Handle::from_inherited(value) };
    let view = found.and_then(|handle| map(&handle, ViewAccess::ReadOnly));
    assert!(!view.is_ok_and(|view| bytes::read(&view, 1) == 0x44));
}

#[test]
fn child_takes_the_handle() {
    let Some(value) = inherited() else { return };
    // SAFETY: the parent made the handle inheritable for us, and nothing else here knows of it.
    let handle = unsafe { Handle::from_inherited(value) }.unwrap();
    let view = map(&handle, ViewAccess::ReadWrite).unwrap();
    assert_eq!(bytes::read(&view, 1), 0x44);
    bytes::write(&view, 2, 0x55);
}

#[test]
fn a_killed_child_keeps_no_name() {
    let _alone = alone();
    let name = name("killed");
    let handle = create_with(Some(&name), MEMORY, &CreateOptions { inheritable: true, ..options() }).unwrap().0;
    let mut child = child("child_holds_until_the_end_of_its_input", handle.inherit_value().unwrap());
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    while !line.contains("holding") {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "the child ended early");
    }
    drop(handle);
    drop(open(&name, Access::READ).expect("the child holds it"));
    let holders = Windows.holders(&name).unwrap();
    let [holder] = &holders[..] else { panic!("the child alone: {holders:?}") };
    assert_eq!((holder.pid, holder.handle, holder.memory), (child.id(), true, true));
    // Wine 8 tells the program and not its arguments.
    let known = if runs_under_wine() { ".exe" } else { "child_holds_until_the_end" };
    assert!(holder.command.contains(known), "{holder:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_fails(open(&name, Access::READ), ErrorKind::NotFound, 2);
}

#[test]
fn child_holds_until_the_end_of_its_input() {
    let Some(value) = inherited() else { return };
    // SAFETY: the parent made the handle inheritable for us, and nothing else here knows of it.
    let handle = unsafe { Handle::from_inherited(value) }.unwrap();
    println!("holding");
    std::io::stdout().flush().unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    assert!(!handle.as_handle().as_raw_handle().is_null());
}

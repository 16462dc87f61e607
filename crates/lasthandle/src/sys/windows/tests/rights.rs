//! Rights and descriptors, as the kernel sees them.
//!
//! # Safety
//! The descriptor is asked for with a buffer of known size and turned to text while it lives.
#![allow(unsafe_code)]

use std::os::windows::io::{AsHandle, AsRawHandle};
use std::{ptr, slice};

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertSecurityDescriptorToStringSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{DACL_SECURITY_INFORMATION, GetKernelObjectSecurity};

use super::*;
use crate::sys::windows::nt;

fn granted(handle: &Handle) -> u32 {
    nt::object(handle.as_handle()).unwrap().GrantedAccess
}

fn create_for(name: &Name, permissions: Permissions) -> Result<Handle> {
    create_with(Some(name), MEMORY, &CreateOptions { permissions, ..options() }).map(|(handle, _)| handle)
}

/// The object's access list in its text form.
fn dacl(handle: &Handle) -> String {
    let mut words = [0_u64; 128];
    let mut needed = 0;
    let length = nt::length_of(&words);
    let place = words.as_mut_ptr().cast();
    let raw = handle.as_handle().as_raw_handle();
    // SAFETY: an open handle, and a live buffer of that length.
    let done = unsafe { GetKernelObjectSecurity(raw, DACL_SECURITY_INFORMATION, place, length, &raw mut needed) };
    assert_ne!(done, 0);
    let (mut text, mut units) = (ptr::null_mut(), 0);
    // SAFETY: the buffer holds a descriptor, and the places for the results are live.
    let done = unsafe {
        ConvertSecurityDescriptorToStringSecurityDescriptorW(
            place,
            SDDL_REVISION_1,
            DACL_SECURITY_INFORMATION,
            &raw mut text,
            &raw mut units,
        )
    };
    assert_ne!(done, 0);
    // SAFETY: Windows allocated that many units.
    let units = unsafe { slice::from_raw_parts(text, units as usize) };
    let dacl = String::from_utf16_lossy(units);
    // SAFETY: allocated for us by the call above and not used again.
    unsafe { LocalFree(text.cast()) };
    dacl
}

#[test]
fn a_created_handle_has_exactly_the_rights_asked_for() {
    let name = name("exact");
    let read = CreateOptions { access: Access::READ, ..options() };
    let (handle, _) = create_with(Some(&name), MEMORY, &read).unwrap();
    assert_eq!(granted(&handle), 0x5);
    assert_eq!(Windows.access(&handle), Access::READ);
    assert_fails(map(&handle, ViewAccess::ReadWrite), ErrorKind::AccessDenied, 5);
    assert_fails(Windows.duplicate(&handle, Some(Access::WRITE), false), ErrorKind::AccessDenied, 5);
    let more = CreateOptions { access: Access::EXECUTE, ..options() };
    assert_fails(create_with(None, MEMORY, &more), ErrorKind::AccessDenied, 5);
}

#[test]
fn an_opened_or_duplicated_handle_has_exactly_the_rights_asked_for_and_query() {
    let name = name("opened");
    let handle = create(&name);
    for (access, native) in [(Access::WRITE, 0x3), (Access::READ, 0x5), (Access::READ_WRITE, 0x7)] {
        assert_eq!(granted(&open(&name, access).unwrap()), native);
        assert_eq!(granted(&Windows.duplicate(&handle, Some(access), false).unwrap()), native);
    }
    let none = Windows.duplicate(&handle, Some(Access::NONE), false).unwrap();
    assert_eq!(granted(&none), 0x1);
    assert_fails(map(&none, ViewAccess::ReadOnly), ErrorKind::AccessDenied, 5);
    assert_fails(open(&name, Access::NONE), ErrorKind::AccessDenied, 5);
}

#[test]
fn to_ask_for_query_alone_does_not_give_the_contents() {
    let name = name("query");
    let _handle = create(&name);
    let query = open(&name, Access::QUERY).unwrap();
    assert_eq!(granted(&query) & 0xF, 0x1);
    assert_eq!(Windows.query(&query).unwrap().size, 8192);
    assert_fails(map(&query, ViewAccess::ReadOnly), ErrorKind::AccessDenied, 5);
}

#[test]
fn executable_sections_give_executable_views() {
    let name = name("execute");
    let access = Access::READ | Access::EXECUTE;
    let spec = MappingSpec { protection: Protection::ExecuteRead, ..MEMORY };
    let (_handle, _) = create_with(Some(&name), spec, &CreateOptions { access, ..options() }).unwrap();
    let opened = open(&name, access).unwrap();
    assert_eq!(granted(&opened), 0xD);
    map(&opened, ViewAccess::ExecuteRead).unwrap();
    let plain = open(&name, Access::READ).unwrap();
    assert_fails(map(&plain, ViewAccess::ExecuteRead), ErrorKind::AccessDenied, 5);
}

#[test]
fn permissions_become_the_descriptor_they_say() {
    let everyone = create_for(&name("everyone"), Permissions::Everyone).unwrap();
    assert!(dacl(&everyone).contains(";WD)"), "{}", dacl(&everyone));
    let group = create_for(&name("group"), Permissions::Group).unwrap();
    assert_eq!(dacl(&group).matches("(A;").count(), 3, "{}", dacl(&group));
    assert!(dacl(&group).contains(";SY)"), "{}", dacl(&group));
    let own = create_for(&name("own"), Permissions::Owner).unwrap();
    assert!(!dacl(&own).contains(";WD)"), "{}", dacl(&own));
    assert_fails(create_for(&name("mode"), Permissions::Mode(0o600)), ErrorKind::Unsupported, 50);
}

#[test]
fn a_text_that_is_no_descriptor_is_refused_and_nothing_is_made() {
    let name = name("no descriptor");
    for text in ["nonsense", "D:(A;;GA;;;", "D:(A;;GA;;;WD)\0"] {
        let refused = create_for(&name, Permissions::SecurityDescriptor(text.into())).unwrap_err();
        assert!(refused.to_string().contains("no security descriptor"), "{refused}");
        assert_fails(open(&name, Access::READ), ErrorKind::NotFound, 2);
    }
}

#[test]
fn create_opens_an_object_that_grants_what_the_caller_wants_and_no_more() {
    let name = name("read for all");
    let readable = Permissions::SecurityDescriptor("D:(A;;0x5;;;WD)".into());
    let _owner = create_for(&name, readable).unwrap();
    assert_fails(open(&name, Access::WRITE), ErrorKind::AccessDenied, 5);
    assert_fails(create_with(Some(&name), MEMORY, &options()), ErrorKind::AccessDenied, 5);
    let read = CreateOptions { access: Access::READ, ..options() };
    let (handle, disposition) = create_with(Some(&name), MEMORY, &read).unwrap();
    assert_eq!((disposition, granted(&handle)), (Disposition::Opened, 0x5));
}

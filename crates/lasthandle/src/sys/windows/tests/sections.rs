//! Views and memory, where the kernel's own answer is the point.

use super::*;
use crate::sys::windows::runs_under_wine;

fn at(offset: u64, length: u64) -> MapRequest {
    MapRequest { access: ViewAccess::ReadWrite, offset, length, ..MapRequest::default() }
}

fn unnamed(spec: MappingSpec<'_, std::fs::File>) -> Result<Handle> {
    create_with(None, spec, &options()).map(|(handle, _)| handle)
}

#[test]
fn arguments_come_before_the_name() {
    let name = name("arguments");
    let _handle = create(&name);
    let create = |spec| create_with(Some(&name), spec, &options());
    assert_fails(create(MappingSpec { size: 0, ..MEMORY }), ErrorKind::InvalidParameter, 87);
    assert_fails(create(MappingSpec { size: u64::MAX, ..MEMORY }), ErrorKind::TooBig, 8);
    let exclusive = CreateOptions { exclusive: true, ..options() };
    assert_fails(create_with(Some(&name), MEMORY, &exclusive), ErrorKind::AlreadyExists, 183);
    let file = TestFile::new("reserve", b"x");
    let file = std::fs::File::open(file.path()).unwrap();
    let reserve = MappingSpec { reserve: true, file: Some(&file), protection: Protection::ReadOnly, size: 0 };
    let read = CreateOptions { access: Access::READ, ..options() };
    assert_fails(create_with(Some(&name), reserve, &read), ErrorKind::InvalidParameter, 87);
}

#[test]
fn a_view_has_the_length_asked_for_or_reaches_to_the_end() {
    let handle = unnamed(MappingSpec { size: 0x1_0001, ..MEMORY }).unwrap();
    assert_eq!(Windows.query(&handle).unwrap().size, 0x1_1000);
    assert_eq!(Windows.map(&handle, &at(0, 0)).unwrap().length(), 0x1_1000);
    assert_eq!(Windows.map(&handle, &at(0x1_0000, 3)).unwrap().length(), 3);
    assert_fails(Windows.map(&handle, &at(1, 0)), ErrorKind::Misaligned, 1132);
    assert_fails(Windows.map(&handle, &at(0, 0x1_1001)), ErrorKind::AccessDenied, 5);
    assert_fails(Windows.map(&handle, &at(0x2_0000, 0)), ErrorKind::AccessDenied, 5);
    assert_fails(Windows.map(&handle, &at(0, u64::MAX)), ErrorKind::AccessDenied, 5);
}

#[test]
fn a_base_is_taken_or_refused_never_moved() {
    let handle = unnamed(MEMORY).unwrap();
    let based = |base| MapRequest { base: Some(base), populate: true, ..at(0, 0) };
    let view = Windows.map(&handle, &at(0, 0)).unwrap();
    let base = view.as_ptr().addr();
    assert_fails(Windows.map(&handle, &based(base)), ErrorKind::InvalidAddress, 487);
    assert_fails(Windows.map(&handle, &based(base + 4096)), ErrorKind::Misaligned, 1132);
    assert_fails(Windows.map(&handle, &based(0)), ErrorKind::InvalidAddress, 487);
    assert_fails(Windows.map(&handle, &based(usize::MAX & !0xFFFF)), ErrorKind::InvalidAddress, 487);
    drop(view);
    // Another thread's allocation may take the place in between; then the refusal is the right answer.
    match Windows.map(&handle, &based(base)) {
        Ok(view) => assert_eq!(view.as_ptr().addr(), base),
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidAddress),
    }
}

#[test]
fn the_section_says_no_where_an_openers_handle_says_yes() {
    let name = name("read-only");
    let spec = MappingSpec { protection: Protection::ReadOnly, ..MEMORY };
    let _handle = create_with(Some(&name), spec, &CreateOptions { access: Access::READ, ..options() }).unwrap();
    // The kernel grants the right by descriptor, whatever the protection: the refusal comes at map.
    let opened = open(&name, Access::READ_WRITE).unwrap();
    let write = map(&opened, ViewAccess::ReadWrite);
    if runs_under_wine() {
        write.expect("Wine 8 forgets the protection of a section without a file");
    } else {
        assert_fails(write, ErrorKind::AccessDenied, 5);
    }
    map(&opened, ViewAccess::CopyOnWrite).unwrap();
}

#[test]
fn reserved_memory_is_committed_for_all_views() {
    let handle = unnamed(MappingSpec { size: 0x10_0000, reserve: true, ..MEMORY }).unwrap();
    assert!(Windows.query(&handle).unwrap().reserved);
    let (one, other) = (map(&handle, ViewAccess::ReadWrite).unwrap(), map(&handle, ViewAccess::ReadOnly).unwrap());
    assert!(!one.is_committed(0, 1) && !other.is_committed(0, 1));
    one.commit(0x5000, 0x1001).unwrap();
    assert!(one.is_committed(0x5000, 0x2000) && !one.is_committed(0x5000, 0x2001) && !one.is_committed(0x4FFF, 2));
    bytes::write(&one, 0x6FFF, 9);
    assert!(other.is_committed(0x5000, 0x2000));
    assert_eq!(bytes::read(&other, 0x6FFF), 9);
    one.commit(0x4000, 0x8000).unwrap();
    assert_eq!(bytes::read(&other, 0x6FFF), 9);
    assert_fails(one.commit(0xF_FFFF, 2), ErrorKind::OutOfBounds, 87);
    assert!(!one.is_committed(0xF_FFFF, 2));
}

#[test]
fn a_copy_on_write_view_commits_too_and_keeps_its_copies() {
    let handle = unnamed(MappingSpec { size: 0x10_0000, reserve: true, ..MEMORY }).unwrap();
    let (one, copy) = (map(&handle, ViewAccess::ReadWrite).unwrap(), map(&handle, ViewAccess::CopyOnWrite).unwrap());
    copy.commit(0, 0x2000).unwrap();
    assert!(one.is_committed(0, 0x2000));
    bytes::write(&copy, 0, 1);
    copy.commit(0, 0x4000).unwrap();
    bytes::write(&copy, 0x3000, 2);
    assert_eq!((bytes::read(&copy, 0), bytes::read(&copy, 0x3000)), (1, 2));
    assert_eq!((bytes::read(&one, 0), bytes::read(&one, 0x3000)), (0, 0));
}

#[test]
fn protect_follows_may_become() {
    let all = Access::READ_WRITE | Access::EXECUTE;
    let spec = MappingSpec { protection: Protection::ExecuteReadWrite, ..MEMORY };
    let (handle, _) = create_with(None, spec, &CreateOptions { access: all, ..options() }).unwrap();
    for mapped in ViewAccess::ALL {
        for wanted in ViewAccess::ALL {
            let mut view = map(&handle, mapped).unwrap();
            if mapped.may_become(wanted) {
                view.protect(wanted).unwrap();
                assert_eq!(view.access(), wanted);
                view.protect(mapped).unwrap();
            } else {
                assert_fails(view.protect(wanted), ErrorKind::InvalidParameter, 87);
                assert_eq!(view.access(), mapped);
            }
        }
    }
}

#[test]
fn memory_that_no_machine_has_is_refused() {
    let refused = unnamed(MappingSpec { size: 1 << 60, ..MEMORY }).unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::OutOfMemory | ErrorKind::TooBig), "{refused}");
}

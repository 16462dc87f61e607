//! Sections over files: the rows of the rules that hang on how the file is open and how long it is.

use std::fs::{File, OpenOptions};

use super::*;
use crate::sys::windows::runs_under_wine;

fn over(file: &File, size: u64, protection: Protection) -> Result<Handle> {
    let spec = MappingSpec { size, protection, reserve: false, file: Some(file) };
    let access = protection.full_access();
    create_with(None, spec, &CreateOptions { access, ..options() }).map(|(handle, _)| handle)
}

fn read_only(file: &TestFile) -> File {
    File::open(file.path()).unwrap()
}

fn read_write(file: &TestFile) -> File {
    OpenOptions::new().read(true).write(true).open(file.path()).unwrap()
}

#[test]
fn size_zero_is_the_files_size_to_the_byte() {
    let file = TestFile::new("exact", b"hello");
    let handle = over(&read_only(&file), 0, Protection::ReadOnly).unwrap();
    assert_eq!(Windows.query(&handle).unwrap().size, 5);
    let view = map(&handle, ViewAccess::ReadOnly).unwrap();
    assert_eq!((view.length(), bytes::read(&view, 4)), (5, b'o'));
}

#[test]
fn a_view_may_be_asked_for_up_to_the_end_of_the_last_page() {
    let file = TestFile::new("page", b"hello");
    let handle = over(&read_only(&file), 0, Protection::ReadOnly).unwrap();
    let request = |length| MapRequest { length, ..MapRequest::default() };
    assert_eq!(Windows.map(&handle, &request(4096)).unwrap().length(), 4096);
    assert_fails(Windows.map(&handle, &request(4097)), ErrorKind::AccessDenied, 5);
}

#[test]
fn a_file_grows_for_a_writer_and_for_nobody_else() {
    let file = TestFile::new("grow", b"hello");
    for protection in [Protection::ReadOnly, Protection::WriteCopy] {
        assert_fails(over(&read_write(&file), 6, protection), ErrorKind::TooBig, 8);
    }
    assert_eq!(std::fs::read(file.path()).unwrap(), b"hello");
    let handle = over(&read_write(&file), 7, Protection::ReadWrite).unwrap();
    assert_eq!(std::fs::read(file.path()).unwrap(), b"hello\0\0");
    let view = map(&handle, ViewAccess::ReadWrite).unwrap();
    bytes::write(&view, 6, b'!');
    view.flush(0, 7).unwrap();
    assert_eq!(std::fs::read(file.path()).unwrap(), b"hello\0!");
}

#[test]
fn the_file_must_be_open_for_what_the_protection_needs() {
    let file = TestFile::new("rights", b"hello");
    assert_fails(over(&read_only(&file), 0, Protection::ReadWrite), ErrorKind::AccessDenied, 5);
    let write_only = OpenOptions::new().write(true).open(file.path()).unwrap();
    assert_fails(over(&write_only, 0, Protection::ReadOnly), ErrorKind::AccessDenied, 5);
    let copy = over(&read_only(&file), 0, Protection::WriteCopy).unwrap();
    let view = map(&copy, ViewAccess::CopyOnWrite).unwrap();
    bytes::write(&view, 0, b'j');
    view.flush(0, 5).unwrap();
    assert_eq!((bytes::read(&view, 0), std::fs::read(file.path()).unwrap()[0]), (b'j', b'h'));
    assert_fails(map(&copy, ViewAccess::ReadWrite), ErrorKind::AccessDenied, 5);
}

#[test]
fn an_empty_file_has_no_size_to_take() {
    let file = TestFile::new("empty", b"");
    assert_fails(over(&read_write(&file), 0, Protection::ReadWrite), ErrorKind::EmptyFile, 1006);
    assert_eq!(Windows.query(&over(&read_write(&file), 9, Protection::ReadWrite).unwrap()).unwrap().size, 9);
}

#[test]
fn a_read_only_section_stays_so_for_an_opener_whose_handle_may_more() {
    let (file, name) = (TestFile::new("opener", b"hello"), name("opener"));
    let reader = read_only(&file);
    let spec = MappingSpec { size: 0, protection: Protection::ReadOnly, reserve: false, file: Some(&reader) };
    let _handle = create_with(Some(&name), spec, &CreateOptions { access: Access::READ, ..options() }).unwrap();
    // The kernel grants the right by descriptor, whatever the protection: the refusal comes at map.
    let opened = open(&name, Access::READ_WRITE | Access::EXECUTE).unwrap();
    for access in [ViewAccess::ReadWrite, ViewAccess::ExecuteReadWrite] {
        assert_fails(map(&opened, access), ErrorKind::AccessDenied, 5);
    }
    let execute = map(&opened, ViewAccess::ExecuteRead);
    if runs_under_wine() {
        execute.expect("Wine 8 lets a section execute that was made without the right");
    } else {
        assert_fails(execute, ErrorKind::AccessDenied, 5);
    }
}

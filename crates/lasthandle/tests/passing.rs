//! Handles that go to another process on Linux: descriptors, and what they keep.
#![cfg(target_os = "linux")]

mod common;

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};

use lasthandle::{Access, ErrorKind, Mapping};

#[test]
fn a_passed_descriptor_keeps_the_name_on_its_way_and_becomes_a_mapping_again() {
    let _root = common::root();
    let name = common::name("passed");
    let mapping = Mapping::create(&name, 5000).unwrap();
    mapping.view().unwrap().write(0, &1_u32).unwrap();
    let fd = OwnedFd::try_from(mapping).unwrap();
    assert!(Mapping::open(&name).is_ok(), "kept by the descriptor alone");
    let arrived = Mapping::try_from(fd).unwrap();
    assert_eq!((arrived.size(), arrived.view().unwrap().read::<u32>(0).unwrap()), (5000, 1));
    assert!(arrived.access().contains(Access::WRITE));
    drop(arrived);
    assert_eq!(Mapping::open(&name).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_borrowed_descriptor_keeps_the_memory_but_not_the_name() {
    let _root = common::root();
    let name = common::name("borrowed");
    let mapping = Mapping::create(&name, 4096).unwrap();
    let copy = mapping.as_fd().try_clone_to_owned().unwrap();
    drop(mapping);
    assert_eq!(Mapping::open(&name).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(Mapping::try_from(copy).unwrap_err().kind(), ErrorKind::NotFound, "its name has ended");
}

#[test]
fn fewer_rights_arrive_as_fewer_rights() {
    let _root = common::root();
    let name = common::name("lowered");
    let mapping = Mapping::create(&name, 4096).unwrap();
    let reader = mapping.duplicate(Some(Access::READ), false).unwrap();
    let arrived = Mapping::try_from(reader.to_fd().unwrap()).unwrap();
    assert!(!arrived.access().contains(Access::WRITE));
    assert_eq!(arrived.view().unwrap().write(0, &1_u8).unwrap_err().kind(), ErrorKind::AccessDenied);
    let created = Mapping::options().size(4096).access(Access::READ);
    let unnamed = created.clone().create_unnamed().unwrap();
    let named = created.create(common::name("lowered-at-create")).unwrap();
    for lent in [&reader, &unnamed, &named] {
        let flags = rustix::fs::fcntl_getfl(lent.as_fd()).unwrap();
        assert_eq!(flags & rustix::fs::OFlags::RWMODE, rustix::fs::OFlags::RDONLY);
    }
}

#[test]
fn unnamed_memory_is_passed_sealed() {
    let mapping = Mapping::unnamed(5000).unwrap();
    let arrived = Mapping::try_from(mapping.to_fd().unwrap()).unwrap();
    mapping.view().unwrap().write(4990, &3_u64).unwrap();
    assert_eq!((arrived.size(), arrived.view().unwrap().read::<u64>(4990).unwrap()), (5000, 3));
    assert!(rustix::fs::ftruncate(arrived.as_fd(), 0).is_err(), "nobody can truncate it");
    assert_eq!(rustix::fs::fstat(mapping.as_fd()).unwrap().st_mode & 0o777, 0o600);
}

#[test]
fn what_is_no_mapping_is_refused() {
    let file = tempfile::tempfile().unwrap();
    let (socket, _other) = std::os::unix::net::UnixStream::pair().unwrap();
    for fd in [OwnedFd::from(file), OwnedFd::from(socket), OwnedFd::from(File::open("/proc/self/maps").unwrap())] {
        assert_eq!(Mapping::try_from(fd).unwrap_err().kind(), ErrorKind::NotAnObject);
    }
    let over_a_file = tempfile::tempfile().unwrap();
    over_a_file.set_len(10).unwrap();
    let mapping = Mapping::options().file(&over_a_file).create_unnamed().unwrap();
    assert_eq!(mapping.to_fd().unwrap_err().kind(), ErrorKind::Unsupported);
}

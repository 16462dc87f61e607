//! What a mapping promises its user, on every system, beyond the contract's own suite: dispositions, options, errors
//! that say what to do, listings.

mod common;

use std::io::{Read, Seek, Write};

use lasthandle::{Access, ErrorKind, Mapping, Name, Protection, ViewAccess, inspect, list};

#[test]
fn create_says_whether_it_met_an_existing_object() {
    common::root();
    let name = common::name("dispositions");
    let first = Mapping::create(&name, 5000).unwrap();
    assert!(!first.opened_existing());
    first.view().unwrap().write(0, &9_u8).unwrap();
    let second = Mapping::create(&name, 1).unwrap();
    assert!(second.opened_existing(), "and its size stays what it is");
    assert_eq!(second.size(), first.size());
    assert_eq!(second.view().unwrap().read::<u8>(0).unwrap(), 9);
    let error = Mapping::create_new(&name, 5000).unwrap_err();
    assert_eq!((error.kind(), error.windows_code()), (ErrorKind::AlreadyExists, 183));
    assert_eq!(error.object(), Some(name.as_str()));
    drop((first, second));
    assert!(!Mapping::create(&name, 1).unwrap().opened_existing());
}

#[test]
fn the_exact_size_is_known_where_the_system_knows_it() {
    common::root();
    for size in [1, 255, 4096, 4097, 100_000] {
        let name = common::name("sizes");
        let creator = Mapping::create(&name, size).unwrap();
        let opener = Mapping::open(&name).unwrap();
        let expected = if cfg!(windows) { size.next_multiple_of(4096) } else { size };
        assert_eq!((creator.size(), opener.size()), (expected, expected));
        assert_eq!(opener.view().unwrap().len() as u64, expected);
    }
}

#[test]
fn clones_and_duplicates_keep_the_name() {
    common::root();
    let name = common::name("clones");
    let mapping = Mapping::create(&name, 64).unwrap();
    let clone = mapping.try_clone().unwrap();
    drop(mapping);
    let reader = clone.duplicate(Some(Access::READ), false).unwrap();
    drop(clone);
    assert!(Mapping::open(&name).is_ok());
    assert_eq!(reader.view_options().access(ViewAccess::ReadWrite).map().unwrap_err().windows_code(), 5);
    assert_eq!(reader.duplicate(Some(Access::READ_WRITE), false).unwrap_err().windows_code(), 5);
    drop(reader);
    assert_eq!(Mapping::open(&name).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn errors_name_the_operation_the_object_and_the_cure() {
    common::root();
    let name = common::name("errors");
    let missing = Mapping::open(&name).unwrap_err();
    assert_eq!(missing.to_string(), format!("cannot open mapping `{name}`: no object of that name exists"));
    let huge = Mapping::create(&name, 1 << 45).unwrap_err();
    assert!(matches!(huge.windows_code(), 8 | 1455), "{huge}");
    let bad = Mapping::create("Remote\\x", 1).unwrap_err();
    assert_eq!((bad.kind(), bad.windows_code()), (ErrorKind::InvalidName, 3));
    assert_eq!(Mapping::create(&name, 0).unwrap_err().windows_code(), 87);
    assert_eq!(Mapping::create(&name, u64::MAX).unwrap_err().windows_code(), 8);
    assert_eq!(list().unwrap().iter().filter(|entry| entry.label == name).count(), 0, "no trace of a failed create");
}

#[test]
fn a_listing_tells_what_exists() {
    common::root();
    let name = common::name("listed");
    let mapping = Mapping::options().size(70_000).protection(Protection::ReadWrite).create(&name).unwrap();
    let entry = list().unwrap().into_iter().find(|entry| entry.label == name).expect("listed");
    assert_eq!(entry.name, Some(Name::new(&name).unwrap()));
    assert_eq!(entry.holders.unwrap_or(1), 1);
    assert_eq!(entry.info.unwrap().size, mapping.size());
    assert_eq!(inspect(&name).unwrap().label, name);
    drop(mapping);
    assert_eq!(inspect(&name).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_file_is_mapped_extended_and_flushed() {
    common::root();
    let name = common::name("file");
    let mut file = tempfile::tempfile_in(std::env::temp_dir()).unwrap();
    file.write_all(b"12345").unwrap();
    let exact = Mapping::options().file(&file).create_unnamed().unwrap();
    assert_eq!(exact.size(), 5);
    drop(exact);
    let mapping = Mapping::options().file(&file).size(10_000).create_unnamed().unwrap();
    assert_eq!(file.metadata().unwrap().len(), 10_000);
    let view = mapping.view().unwrap();
    assert_eq!(view.read::<[u8; 6]>(0).unwrap(), *b"12345\0");
    view.write_at(9_990, b"0123456789").unwrap();
    view.flush().unwrap();
    let mut content = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut content).unwrap();
    assert_eq!(&content[9_990..], b"0123456789");
    assert_eq!(Mapping::options().file(&file).reserve(true).create(&name).unwrap_err().windows_code(), 87);
}

#[test]
fn a_named_file_is_shared_by_name() {
    common::root();
    let name = common::name("named-file");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    std::fs::write(&path, vec![7_u8; 10_000]).unwrap();
    let file = std::fs::File::options().read(true).write(true).open(&path).unwrap();
    let creator = Mapping::options().file(&file).create(&name).unwrap();
    drop(file);
    let opener = Mapping::open(&name).unwrap();
    assert_eq!(opener.size(), 10_000);
    opener.view().unwrap().write(0, &8_u8).unwrap();
    assert_eq!(creator.view().unwrap().read::<[u8; 2]>(0).unwrap(), [8, 7]);
    opener.view().unwrap().flush().unwrap();
    assert_eq!(std::fs::read(&path).unwrap()[0], 8);
    drop((creator, opener));
    assert_eq!(Mapping::open(&name).unwrap_err().kind(), ErrorKind::NotFound);
    assert!(path.exists(), "the file itself is not ours to remove");
}

#[cfg(target_os = "linux")]
#[test]
fn permissions_are_the_owners_unless_asked_for() {
    use std::os::fd::AsFd;

    use lasthandle::Permissions;

    common::root();
    for (permissions, mode) in [
        (Permissions::Owner, 0o600),
        (Permissions::Group, 0o660),
        (Permissions::Everyone, 0o666),
        (Permissions::Mode(0o044), 0o644),
        (Permissions::Mode(0o777), 0o666),
    ] {
        let mapping = Mapping::options().size(1).permissions(permissions).create_new(common::name("mode")).unwrap();
        let status = rustix::fs::fstat(mapping.as_fd()).unwrap();
        assert_eq!(status.st_mode & 0o777, mode);
    }
    let error = Mapping::options()
        .size(1)
        .permissions(Permissions::SecurityDescriptor("D:".into()))
        .create_new(common::name("mode"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

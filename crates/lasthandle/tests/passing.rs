//! Handles that go to another process on Linux: descriptors, and what they keep.
#![cfg(target_os = "linux")]

mod common;

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use lasthandle::record::{Backing, Description, RECORD_BYTES, Record, StoredName};
use lasthandle::{
    Access, ErrorKind, Event, Kind, Mapping, Mutex, Name, Protection, Result, Semaphore, State, Timeout, Timer,
    Waitable, Waited, wait_all, wait_any,
};
use rustix::fs::{MemfdFlags, SealFlags};
use zerocopy::IntoBytes;

#[test]
fn a_passed_descriptor_keeps_the_name_on_its_way_and_becomes_a_mapping_again() {
    common::root();
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
    common::root();
    let name = common::name("borrowed");
    let mapping = Mapping::create(&name, 4096).unwrap();
    let copy = mapping.as_fd().try_clone_to_owned().unwrap();
    drop(mapping);
    assert_eq!(Mapping::open(&name).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(Mapping::try_from(copy).unwrap_err().kind(), ErrorKind::NotFound, "its name has ended");
}

#[test]
fn fewer_rights_arrive_as_fewer_rights() {
    common::root();
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
    let (socket, _other) = UnixStream::pair().unwrap();
    for fd in [OwnedFd::from(file), OwnedFd::from(socket), OwnedFd::from(File::open("/proc/self/maps").unwrap())] {
        assert_eq!(Mapping::try_from(fd).unwrap_err().kind(), ErrorKind::NotAnObject);
    }
    let over_a_file = tempfile::tempfile().unwrap();
    over_a_file.set_len(10).unwrap();
    let mapping = Mapping::options().file(&over_a_file).create_unnamed().unwrap();
    assert_eq!(mapping.to_fd().unwrap_err().kind(), ErrorKind::Unsupported);
}

/// What arrives is the same object: in what it does, in waits, and by its name.
#[test]
fn sync_objects_are_passed() {
    common::root();
    for name in [None, Some(common::name("passed-sync")), Some(common::name("passed-sync").replace("Local", "Global"))]
    {
        let named = |part: &str| name.as_ref().map(|name| format!("{name}-{part}"));
        let event = match named("event") {
            Some(name) => Event::create(name).unwrap(),
            None => Event::options().create_unnamed().unwrap(),
        };
        let there = Event::try_from(event.to_fd().unwrap()).unwrap();
        there.set().unwrap();
        assert_eq!(wait_any(&[&event, &there], Timeout::Now).unwrap(), Waited::Signaled(0));
        assert_eq!(there.wait(Timeout::Now).unwrap(), Waited::TimedOut);
        assert_eq!(wait_all(&[&event, &there], Timeout::Now).unwrap_err().kind(), ErrorKind::InvalidParameter);
        let further = Event::try_from(there.to_fd().unwrap()).unwrap();
        further.set().unwrap();
        assert_eq!(event.wait(Timeout::Now).unwrap(), Waited::Signaled(0));

        let mutex = match named("mutex") {
            Some(name) => Mutex::create(name).unwrap(),
            None => Mutex::options().create_unnamed().unwrap(),
        };
        let there = Mutex::try_from(mutex.to_fd().unwrap()).unwrap();
        let guard = mutex.lock().unwrap().guard();
        assert_eq!(there.info().unwrap().state, Some(State::Mutex { count: 1, abandoned: false, mine: true }));
        let elsewhere = std::thread::scope(|scope| scope.spawn(|| there.try_lock().unwrap().is_none()).join());
        assert!(elsewhere.unwrap());
        drop(guard);

        let semaphore = Semaphore::options().initial(2).maximum(3);
        let semaphore = match named("semaphore") {
            Some(name) => semaphore.create(name).unwrap(),
            None => semaphore.create_unnamed().unwrap(),
        };
        let fd = OwnedFd::try_from(semaphore).unwrap();
        let there = Semaphore::try_from(fd).unwrap();
        assert_eq!(there.info().unwrap().state, Some(State::Semaphore { count: 2, maximum: 3 }));

        let timer = match named("timer") {
            Some(name) => Timer::create(name).unwrap(),
            None => Timer::options().create_unnamed().unwrap(),
        };
        let fd = OwnedFd::try_from(timer).unwrap();
        if let Some(name) = named("timer") {
            drop(Timer::open(&name).expect("kept by the descriptor alone"));
            drop(fd);
            assert_eq!(Timer::open(&name).unwrap_err().kind(), ErrorKind::NotFound);
        }
    }
}

/// A descriptor cannot tell what a handle may do: documented.
#[test]
fn all_rights_arrive() {
    common::root();
    for named in [false, true] {
        let options = Event::options().access(Access::SYNCHRONIZE).inheritable(true);
        let event = if named { options.create(common::name("weak")) } else { options.create_unnamed() }.unwrap();
        assert_eq!(event.set().unwrap_err().kind(), ErrorKind::AccessDenied);
        let there = Event::try_from(event.to_fd().unwrap()).unwrap();
        there.set().unwrap();
        assert_eq!(event.wait(Timeout::Now).unwrap(), Waited::Signaled(0));
        let blind = event.duplicate(Some(Access::NONE), false).unwrap();
        Event::try_from(blind.to_fd().unwrap()).unwrap().reset().unwrap();
    }
}

#[track_caller]
fn refused<T>(arrived: Result<T>, kind: ErrorKind) {
    let Err(error) = arrived else { panic!("it must be refused as {kind:?}") };
    assert_eq!(error.kind(), kind, "{error}");
}

/// A memory file of that length with these bytes at its end.
fn memory(bytes: &[u8], length: u64, seals: SealFlags) -> OwnedFd {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let fd = rustix::fs::memfd_create("hostile", flags).unwrap();
    rustix::io::pwrite(&fd, bytes, length.saturating_sub(bytes.len() as u64)).unwrap();
    rustix::fs::ftruncate(&fd, length).unwrap();
    rustix::fs::fcntl_add_seals(&fd, seals).unwrap();
    fd
}

fn bytes_of(fd: BorrowedFd<'_>) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(rustix::fs::fstat(fd).unwrap().st_size).unwrap()];
    assert_eq!(rustix::io::pread(fd, &mut bytes, 0).unwrap(), bytes.len());
    bytes
}

/// Whoever could make it shorter could end this process with a SIGBUS: nothing is touched before it is sealed.
#[test]
fn unnamed_ones_must_be_sealed_and_whole() {
    common::root();
    let mutex = Mutex::options().create_unnamed().unwrap();
    let bytes = bytes_of(mutex.to_fd().unwrap().as_fd());
    let page = bytes.len() as u64;
    let arrives = |length, seals| Mutex::try_from(memory(&bytes, length, seals));
    refused(arrives(page, SealFlags::empty()), ErrorKind::NotAnObject);
    refused(arrives(page, SealFlags::GROW), ErrorKind::NotAnObject);
    for length in [0, 1, 2048, page - 1, page + 1, 2 * page] {
        refused(arrives(length, SealFlags::SHRINK), ErrorKind::NotAnObject);
    }
    refused(arrives(page, SealFlags::SHRINK | SealFlags::WRITE), ErrorKind::AccessDenied);
    let copy = arrives(page, SealFlags::SHRINK).expect("all that was wrong was the seal");
    drop(copy.lock().unwrap());
    let mapping = Mapping::unnamed(5000).unwrap();
    let bytes = bytes_of(mapping.as_fd());
    let arrives = |seals| Mapping::try_from(memory(&bytes, bytes.len() as u64, seals));
    refused(arrives(SealFlags::empty()), ErrorKind::NotAnObject);
    assert_eq!(arrives(SealFlags::SHRINK).unwrap().size(), 5000);
}

#[test]
fn what_is_no_sync_object_is_refused() {
    common::root();
    let event = Event::options().create_unnamed().unwrap();
    let mapping = Mapping::unnamed(10).unwrap();
    refused(Mutex::try_from(event.to_fd().unwrap()), ErrorKind::InvalidHandle);
    refused(Mapping::try_from(event.to_fd().unwrap()), ErrorKind::InvalidHandle);
    refused(Event::try_from(mapping.to_fd().unwrap()), ErrorKind::InvalidHandle);
    let named = Timer::create(common::name("no-semaphore")).unwrap();
    refused(Semaphore::try_from(named.to_fd().unwrap()), ErrorKind::InvalidHandle);
    let (socket, _other) = UnixStream::pair().unwrap();
    let (pipe, _writer) = rustix::pipe::pipe().unwrap();
    let device = File::open("/dev/zero").unwrap();
    for fd in [OwnedFd::from(tempfile::tempfile().unwrap()), socket.into(), pipe, device.into()] {
        refused(Event::try_from(fd), ErrorKind::NotAnObject);
    }
}

#[test]
fn who_waits_must_be_able_to_write() {
    common::root();
    let named = Event::create(common::name("to-read")).unwrap();
    for event in [named, Event::options().create_unnamed().unwrap()] {
        let fd = event.to_fd().unwrap();
        let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
        refused(Event::try_from(OwnedFd::from(File::open(&path).unwrap())), ErrorKind::AccessDenied);
        // One that only stands for the file.
        let flags = rustix::fs::OFlags::PATH | rustix::fs::OFlags::CLOEXEC;
        let found = rustix::fs::open(&path, flags, rustix::fs::Mode::empty()).unwrap();
        assert!(Event::try_from(found).is_err());
        let whole = File::options().read(true).write(true).open(&path).unwrap();
        Event::try_from(OwnedFd::from(whole)).unwrap().set().unwrap();
        assert_eq!(event.wait(Timeout::Now).unwrap(), Waited::Signaled(0));
    }
}

/// A record that says what no sender of ours says.
#[test]
fn hostile_records_of_unnamed_ones() {
    common::root();
    let page = rustix::param::page_size();
    let file = |description: &Description| {
        let pages = usize::try_from(description.size).unwrap().next_multiple_of(page) + page;
        let mut bytes = vec![0; pages];
        bytes[pages - page..][..RECORD_BYTES].copy_from_slice(Record::new(description, page).as_bytes());
        memory(&bytes, pages as u64, SealFlags::SHRINK)
    };
    let honest = Description {
        kind: Kind::Event,
        protection: Protection::ReadWrite,
        reserved: false,
        size: 0,
        created: 1,
        creator: 1,
        name: None,
        manual: false,
        maximum: 0,
        backing: None,
        root: None,
        dead: false,
    };
    let event = |description: &Description| Event::try_from(file(description));
    // Made without a root, or under another one, which may be another file system's directory of the same number.
    refused(event(&honest), ErrorKind::UnusableRoot);
    refused(event(&Description { root: Some((1, 1)), ..honest.clone() }), ErrorKind::UnusableRoot);
    refused(event(&Description { kind: Kind::Job, ..honest.clone() }), ErrorKind::InvalidHandle);
    refused(event(&Description { reserved: true, ..honest.clone() }), ErrorKind::NotAnObject);
    let named = Some(StoredName::of(&Name::new("no such name").unwrap()));
    refused(event(&Description { name: named, ..honest.clone() }), ErrorKind::NotFound);
    // A view of it would reach beyond the file.
    let backing = Some(Backing { device: 1, inode: 1, handle_type: 0, handle: Vec::new(), path_length: 9 });
    let over_a_file = Description { kind: Kind::Mapping, size: 9, backing, ..honest.clone() };
    refused(Mapping::try_from(file(&over_a_file)), ErrorKind::NotAnObject);
    // The words may be anything.
    let real = Event::options().create_unnamed().unwrap();
    let mut bytes = bytes_of(real.to_fd().unwrap().as_fd());
    bytes[RECORD_BYTES..].fill(0xFF);
    let wild = Event::try_from(memory(&bytes, page as u64, SealFlags::SHRINK)).unwrap();
    let _ = (wild.wait(Timeout::Now), wild.set(), wild.info());
}

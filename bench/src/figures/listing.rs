//! A listing of many objects beside the least that could tell that each is alive and what it is.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;

use lasthandle::Mapping;
use rustix::fs::{self, FlockOperation, Mode, OFlags, RawDir};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::Result;
use crate::measure::{Bench, Contender, Rival};

const OBJECTS: u64 = 10_000;
/// Descriptors for everything else.
const SPARE: u64 = 64;
const PAGE: u64 = 4096;
/// What a listing reads of an object.
const RECORD: usize = 2048;

pub fn list(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let objects = OBJECTS.min(raise_descriptor_limit()?.saturating_sub(SPARE));
    bench.notes.push(format!("list: {objects} objects of one page"));
    let living: Vec<Mapping> = (0..objects)
        .map(|number| Mapping::create_new(format!("bench-list-{number}"), PAGE))
        .collect::<lasthandle::Result<_>>()?;
    let directory = bench.root.file(&format!("lasthandle-{}", rustix::process::geteuid().as_raw()));
    let ours = Contender::here("list", || {
        let found = lasthandle::list().expect("list");
        assert_eq!(found.len(), living.len());
        assert!(found.iter().all(|entry| entry.info.is_ok()));
    });
    let limit = Contender::here("readdir; open, flock, read, close each", || {
        assert_eq!(look_at_all(&directory), living.len());
    });
    bench.contest(figure, ours, vec![Rival::new(limit, 1.5)])
}

/// A handle to a section has a descriptor; most systems let a program have 1,024 unless it asks for more.
fn raise_descriptor_limit() -> Result<u64> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let wanted = (OBJECTS + SPARE).min(maximum.unwrap_or(u64::MAX));
    setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })?;
    Ok(wanted)
}

/// How many files of the directory say that somebody holds them.
fn look_at_all(directory: &CStr) -> usize {
    let fd = fs::open(directory, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).expect("open");
    let mut buffer = vec![MaybeUninit::uninit(); 32 * 1024];
    let mut entries = RawDir::new(fd.as_fd(), &mut buffer);
    let mut found = 0;
    while let Some(entry) = entries.next() {
        let entry = entry.expect("readdir");
        if !entry.file_name().to_bytes().starts_with(b".") {
            let file =
                fs::openat(&fd, entry.file_name(), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).expect("open");
            fs::flock(&file, FlockOperation::NonBlockingLockShared).expect("flock");
            let mut record = [0; RECORD];
            found += usize::from(rustix::io::pread(&file, &mut record, PAGE).expect("read") == RECORD);
        }
    }
    found
}

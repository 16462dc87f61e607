//! What each step of an open, a create and a close costs: the engine's system calls in its order, each timed between
//! two looks at the clock. `--sites` (feature `sites`) prints the engine's own list, to hold this one against.

use std::ffi::CStr;
use std::hint::black_box;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Instant;

use rustix::fs::{self, AtFlags, CWD, FallocateFlags, Mode, OFlags};
use rustix::io;
use rustix::mm::MapFlags;

use super::lifetime::SIZE;
use crate::Result;
use crate::bare::Mapped;
use crate::measure::{Bench, Spread, Step};

const PAGE: usize = 4096;
/// What the engine reads and writes of a record.
const RECORD: usize = 2048;
/// Holders' locks lie below this.
const LOCKS: i64 = 1 << 62;
const FULL: usize = 4000;
const QUICK: usize = 500;

/// The steps of one operation, and what each took in every run so far.
struct Ladder {
    steps: Vec<(&'static str, Vec<f64>)>,
    next: usize,
}

impl Ladder {
    /// A call whose answer nothing depends on.
    fn ask<T>(&mut self, what: &'static str, call: impl FnOnce() -> io::Result<T>) {
        self.step(what, || call().map(drop)).expect(what);
    }

    fn step<T>(&mut self, what: &'static str, call: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = black_box(call());
        let took = start.elapsed().as_nanos() as f64;
        if self.next == self.steps.len() {
            self.steps.push((what, Vec::new()));
        }
        self.steps[self.next].1.push(took);
        self.next += 1;
        result
    }
}

/// Runs an operation many times, and notes each step without what looking at the clock takes.
fn climb(operation: &'static str, bench: &mut Bench, mut once: impl FnMut(&mut Ladder)) {
    let mut ladder = Ladder { steps: Vec::new(), next: 0 };
    let times = if bench.is_quick() { QUICK } else { FULL };
    for _ in 0..times {
        ladder.next = 0;
        ladder.step("(the clock)", || ());
        once(&mut ladder);
    }
    let clock = Spread::of(ladder.steps[0].1.clone()).median;
    let mut total = 0.0;
    for (what, took) in ladder.steps.drain(..).skip(1) {
        let ns = Spread::of(took.into_iter().map(|ns| (ns - clock).max(0.0)).collect());
        total += ns.median;
        bench.steps.push(Step { operation, what: what.into(), ns });
    }
    let ns = Spread { median: total, low: total, high: total };
    bench.steps.push(Step { operation, what: "all of them".into(), ns });
}

pub fn open(_: &'static str, bench: &mut Bench) -> Result<()> {
    let path = bench.root.file("steps");
    let (living, _lock) = publish(&mut Ladder { steps: Vec::new(), next: 0 }, &path);
    climb("open, map, touch, unmap, close", bench, |ladder| {
        let fd = ladder.step("open the file", || reopen(&path).expect("open"));
        ladder.ask("fstat: a plain file of the right owner?", || fs::fstat(&fd));
        ladder.step("try the exclusive lock: is anybody alive?", || lock(fd.as_fd(), libc::F_WRLCK, 0, LOCKS));
        ladder.step("take the shared lock", || assert!(lock(fd.as_fd(), libc::F_RDLCK, 7, 1)));
        let data = ladder.step("open the file again: a description for views", || reopen(&path).expect("open"));
        ladder.ask("fstat: still the same file?", || fs::fstat(&data));
        ladder.ask("pread the record", || io::pread(&fd, &mut [0; RECORD], SIZE as u64));
        let pin = ladder.step("mmap the record: keeps the lock", || pin(fd.as_fd()));
        ladder.step("close the lock's descriptor", || drop(fd));
        use_and_close(ladder, data, pin);
        let fd = ladder.step("open the file: is it dead now?", || reopen(&path).expect("open"));
        ladder.step("try the exclusive lock: no, it has holders", || lock(fd.as_fd(), libc::F_WRLCK, 0, LOCKS));
        ladder.step("look for a ghost's lock (F_OFD_GETLK)", || find_lock(fd.as_fd(), 7));
        ladder.step("close it", || drop(fd));
    });
    drop(living);
    climb("the bare calls of an open", bench, |ladder| {
        let data = ladder.step("open the file", || reopen(&path).expect("open"));
        ladder.ask("fstat: how long?", || fs::fstat(&data));
        use_bare(ladder, data);
    });
    fs::unlink(&*path)?;
    Ok(())
}

#[allow(clippy::unnecessary_wraps)] // the same shape as the other figures
pub fn create(_: &'static str, bench: &mut Bench) -> Result<()> {
    let path = bench.root.file("steps");
    climb("create, map, touch, unmap, close", bench, |ladder| {
        ladder.step("open the name: not there", || assert!(reopen(&path).is_err()));
        let (data, pin) = publish(ladder, &path);
        use_and_close(ladder, data, pin);
        let fd = ladder.step("open the file: is it dead now?", || reopen(&path).expect("open"));
        ladder.step("take the exclusive lock", || assert!(lock(fd.as_fd(), libc::F_WRLCK, 0, LOCKS)));
        ladder.ask("fstat", || fs::fstat(&fd));
        ladder.ask("pread the record: an object of ours?", || io::pread(&fd, &mut [0; RECORD], SIZE as u64));
        ladder.ask("pwrite the mark of death", || io::pwrite(&fd, b"DEAD", SIZE as u64 + 20));
        ladder.ask("lstat: does the name still lead to it?", || fs::lstat(&*path));
        ladder.step("unlink", || fs::unlink(&*path).expect("unlink"));
        ladder.step("close it: the memory goes", || drop(fd));
    });
    climb("the bare calls of a create", bench, |ladder| {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let data = ladder.step("open a new file", || fs::open(&*path, flags, mode()).expect("open"));
        ladder.ask("fallocate 16 pages", || fs::fallocate(&data, FallocateFlags::empty(), 0, SIZE as u64));
        use_bare(ladder, data);
        ladder.step("unlink: the memory goes", || fs::unlink(&*path).expect("unlink"));
    });
    Ok(())
}

fn use_bare(ladder: &mut Ladder, data: OwnedFd) {
    let view = ladder.step("mmap the view", || Mapped::new(data.as_fd(), SIZE, MapFlags::SHARED));
    ladder.step("write a byte: a page fault", || view.touch(0));
    ladder.step("munmap the view", || drop(view));
    ladder.step("close the file", || drop(data));
}

/// From no file to a name of a locked object: the descriptor for views, and the mapping that keeps the lock.
fn publish(ladder: &mut Ladder, path: &CStr) -> (OwnedFd, Mapped) {
    let directory = path.to_str().expect("UTF-8").rsplit_once('/').expect("absolute").0.to_owned();
    ladder.ask("lstat the directory: still there, still ours?", || fs::lstat(&*directory));
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let data =
        ladder.step("open a file without a name (O_TMPFILE)", || fs::open(&*directory, flags, mode()).expect("open"));
    ladder.step("getrlimit: may a file be that long?", || rustix::process::getrlimit(rustix::process::Resource::Fsize));
    let bytes = (SIZE + PAGE) as u64;
    ladder.ask("fallocate 17 pages: the promise", || fs::fallocate(&data, FallocateFlags::empty(), 0, bytes));
    ladder.ask("pwrite the record", || io::pwrite(&data, &[1; RECORD], SIZE as u64));
    ladder.ask("fstat: which inode, which mode?", || fs::fstat(&data));
    let proc = format!("/proc/self/fd/{}", data.as_raw_fd());
    let flags = OFlags::RDWR | OFlags::CLOEXEC;
    let fd = ladder
        .step("open it again through /proc: the lock's description", || fs::open(&*proc, flags, mode()).expect("open"));
    ladder.step("take the shared lock", || assert!(lock(fd.as_fd(), libc::F_RDLCK, 7, 1)));
    let pin = ladder.step("mmap the record: keeps the lock", || pin(fd.as_fd()));
    ladder.step("close the lock's descriptor", || drop(fd));
    let through_proc = || fs::linkat(CWD, &*proc, CWD, path, AtFlags::SYMLINK_FOLLOW);
    // As the engine does: what this kernel does not permit directly goes through /proc.
    let link = || fs::linkat(&data, c"", CWD, path, AtFlags::EMPTY_PATH).or_else(|_| through_proc());
    ladder.step("linkat: the name", || link().expect("linkat"));
    (data, pin)
}

fn use_and_close(ladder: &mut Ladder, data: OwnedFd, pin: Mapped) {
    ladder.ask("fstat: still our descriptor, still that long?", || fs::fstat(&data));
    let view = ladder.step("mmap the view", || Mapped::new(data.as_fd(), SIZE, MapFlags::SHARED));
    ladder.step("write a byte: a page fault", || view.touch(0));
    ladder.step("munmap the view", || drop(view));
    ladder.ask("fstat: still our descriptor?", || fs::fstat(&data));
    ladder.step("close it", || drop(data));
    ladder.step("munmap the record: the lock goes", || drop(pin));
}

fn mode() -> Mode {
    Mode::RUSR | Mode::WUSR
}

fn reopen(path: &CStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    fs::open(path, flags, Mode::empty())
}

/// The record's page, through the lock's description.
fn pin(fd: BorrowedFd<'_>) -> Mapped {
    Mapped::record(fd, PAGE, SIZE as u64)
}

fn request(kind: i32, start: i64, length: i64) -> libc::flock64 {
    let l_type = i16::try_from(kind).expect("a small constant");
    libc::flock64 { l_type, l_whence: 0, l_start: start, l_len: length, l_pid: 0 }
}

fn lock(fd: BorrowedFd<'_>, kind: i32, start: i64, length: i64) -> bool {
    let mut request = request(kind, start, length);
    // SAFETY: the command takes a pointer to a `flock64`, which lives through the call; `fd` is open.
    unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_OFD_SETLK, &raw mut request) == 0 }
}

fn find_lock(fd: BorrowedFd<'_>, start: i64) {
    let mut request = request(libc::F_WRLCK, start, 1);
    // SAFETY: as in `lock`.
    unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_OFD_GETLK, &raw mut request) };
}

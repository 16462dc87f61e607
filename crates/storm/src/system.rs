//! The unsafe or unusual calls that tests need.
//!
//! # Safety
//! Each function says why it is safe to call where it is called: from single-threaded children, or on values that the
//! caller owns.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::path::Path;

use rustix::mount::{MountFlags, MountPropagationFlags};
use rustix::thread::UnshareFlags;

use lasthandle::Kind;

use crate::child::sync::Sync;

/// Forks. The new process waits until it is killed, at most half a minute, and touches nothing; its number comes back.
///
/// # Errors
/// The kernel's.
pub fn fork_and_wait() -> io::Result<i32> {
    // SAFETY: the child calls only functions that are safe after a fork, and never returns from here.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => wait_for_the_end(),
        pid => Ok(pid),
    }
}

fn wait_for_the_end() -> ! {
    // SAFETY: `alarm` has no preconditions; its signal ends this process, so none outlives its test for long.
    unsafe { libc::alarm(30) };
    // SAFETY: closing our input's copy lets the parent's end of the pipe be noticed; no Rust value in this forked
    // process is used again.
    unsafe { libc::close(0) };
    // SAFETY: as for descriptor 0: the parent's reader must see the end of the output when the real child ends.
    unsafe { libc::close(1) };
    loop {
        // SAFETY: `pause` has no preconditions.
        unsafe { libc::pause() };
    }
}

/// Waits for a forked child that was killed.
pub fn wait_for(pid: i32) {
    // SAFETY: no status is asked for, so no memory is written.
    unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) };
}

/// What foreign code does that thinks it knows best: closes every descriptor from `first` on.
pub fn close_all_from(first: u32) {
    // SAFETY: breaks the I/O safety of whoever owns descriptors here. That is what is tested; the caller owns none
    // but those of the library, which compares them before use.
    unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) };
}

/// Closes the three standard descriptors.
pub fn close_standard() {
    for fd in 0..3 {
        // SAFETY: the standard streams of Rust borrow these numbers and answer with errors when they are gone.
        unsafe { libc::close(fd) };
    }
}

/// Takes a lock on every byte that holders may lock, as a hostile peer would. `false`: somebody is in the way.
pub fn lock_everything(file: &File, exclusive: bool) -> bool {
    lock(file, exclusive, 0, 0)
}

/// Locks one byte, as a holder does.
pub fn lock_one(file: &File) -> bool {
    lock(file, false, 1, 1)
}

fn lock(file: &File, exclusive: bool, start: i64, length: i64) -> bool {
    let kind = if exclusive { libc::F_WRLCK } else { libc::F_RDLCK };
    let request = libc::flock64 {
        l_type: i16::try_from(kind).expect("a small constant"),
        l_whence: 0,
        l_start: start,
        l_len: length,
        l_pid: 0,
    };
    // SAFETY: the argument of this command is a pointer to a `flock64`, which lives through the call.
    unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_SETLK, &raw const request) == 0 }
}

/// A private world of mounts for this thread and the processes that it starts, with a tmpfs at `path`. `false`: not
/// permitted here.
pub fn private_tmpfs(path: &Path, options: &str, flags: MountFlags) -> bool {
    // SAFETY: only the name space of mounts is unshared, of this thread alone; no descriptor table is.
    if unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNS) }.is_err() {
        return false;
    }
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    if rustix::mount::mount_change("/", private).is_err() {
        return false;
    }
    let options = std::ffi::CString::new(options).expect("options without NUL");
    rustix::mount::mount("none", path, "tmpfs", flags, options.as_c_str()).is_ok()
}

/// The kernel's handle for a file: its type and bytes.
pub fn file_handle(file: &impl AsFd) -> Option<(i32, Vec<u8>)> {
    #[repr(C)]
    struct Handle {
        bytes: u32,
        kind: i32,
        data: [u8; 128],
    }
    let mut handle = Handle { bytes: 128, kind: 0, data: [0; 128] };
    let mut mount = 0;
    // SAFETY: `handle` begins like a `file_handle` and has the room that its first field says; the empty path goes
    // with the flag; `mount` is an int.
    let result = unsafe {
        libc::name_to_handle_at(
            file.as_fd().as_raw_fd(),
            c"".as_ptr(),
            (&raw mut handle).cast(),
            &raw mut mount,
            libc::AT_EMPTY_PATH,
        )
    };
    (result == 0).then(|| (handle.kind, handle.data[..handle.bytes as usize].to_vec()))
}

/// Takes over a mapping that the parent made inheritable.
///
/// # Errors
/// The library's.
pub fn adopt(value: u64) -> lasthandle::Result<lasthandle::Mapping> {
    // SAFETY: the tests pass each value on to one child, which takes it over once.
    unsafe { lasthandle::Mapping::from_inherited(value) }
}

/// The same of a sync object.
///
/// # Errors
/// The library's.
pub(crate) fn adopt_sync(kind: Kind, value: u64) -> lasthandle::Result<Sync> {
    use lasthandle::{Event, Mutex, Semaphore, Timer};
    match kind {
        // SAFETY: as above.
        Kind::Event => unsafe { Event::from_inherited(value) }.map(Sync::Event),
        // SAFETY: as above.
        Kind::Mutex => unsafe { Mutex::from_inherited(value) }.map(Sync::Mutex),
        // SAFETY: as above.
        Kind::Semaphore => unsafe { Semaphore::from_inherited(value) }.map(Sync::Semaphore),
        // SAFETY: as above.
        _ => unsafe { Timer::from_inherited(value) }.map(Sync::Timer),
    }
}

/// Counts how often a file is opened, by whomever.
#[derive(Debug)]
pub struct Opens(std::os::fd::OwnedFd);

impl Opens {
    /// From now on.
    ///
    /// # Panics
    /// If the kernel has no watch to give.
    pub fn of(path: &Path) -> Self {
        use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
        let fd = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).expect("a notifier");
        add_watch(&fd, path, WatchFlags::OPEN).expect("a watch");
        Self(fd)
    }

    /// How often it was opened since this was asked last.
    pub fn seen(&self) -> usize {
        let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
        let mut events = rustix::fs::inotify::Reader::new(&self.0, &mut buffer);
        let mut count = 0;
        while events.next().is_ok() {
            count += 1;
        }
        count
    }
}

/// Forks; the new process does `work`, sends its text back and exits as `main` would. The exit status and the text.
///
/// # Errors
/// The kernel's.
pub fn in_a_fork(work: impl FnOnce() -> String) -> io::Result<(i32, String)> {
    use std::io::{Read, Write};
    let (reader, writer) = rustix::pipe::pipe()?;
    let (mut reader, mut writer) = (File::from(reader), File::from(writer));
    // SAFETY: the child goes on with what this thread has; other threads of these tests' children hold no lock that
    // is asked for there.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            drop(reader);
            // SAFETY: no preconditions; a child that hangs ends by this.
            unsafe { libc::alarm(30) };
            let _ = writer.write_all(work().as_bytes());
            std::process::exit(0)
        }
        pid => {
            drop(writer);
            let mut text = String::new();
            let _ = reader.read_to_string(&mut text);
            let mut status = 0;
            // SAFETY: the status is an int of ours.
            unsafe { libc::waitpid(pid, &raw mut status, 0) };
            Ok((status, text))
        }
    }
}

/// Processor time that this process has used.
pub fn processor_time() -> std::time::Duration {
    // SAFETY: a structure of integers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel fills it.
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) };
    let of = |time: libc::timeval| {
        let micros = time.tv_sec.saturating_mul(1_000_000).saturating_add(time.tv_usec);
        std::time::Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    };
    of(usage.ru_utime) + of(usage.ru_stime)
}

/// Registers a sleep at the end of this process, before anything else that will be registered: so it comes last.
pub fn linger_at_exit() {
    extern "C" fn linger() {
        std::thread::sleep(std::time::Duration::from_millis(1500));
    }
    // SAFETY: the handler lives as long as the process.
    unsafe { libc::atexit(linger) };
}

/// The C library's own robust mutexes, in a file that processes share.
#[derive(Debug)]
pub struct Robust(*mut libc::pthread_mutex_t);

// SAFETY: a pthread mutex is made to be used by any thread.
unsafe impl Send for Robust {}

/// How many there are in one file.
pub const ROBUST: usize = 16;

impl Robust {
    /// Maps the file at `path`; `fresh`: makes it.
    ///
    /// # Errors
    /// The kernel's.
    pub fn map(path: &Path, fresh: bool) -> io::Result<Self> {
        let file = File::options().read(true).write(true).create(fresh).truncate(fresh).open(path)?;
        let length = size_of::<libc::pthread_mutex_t>() * ROBUST;
        if fresh {
            file.set_len(length as u64)?;
        }
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a fresh mapping at an address that the kernel chooses.
        let start =
            unsafe { libc::mmap(std::ptr::null_mut(), length, protection, libc::MAP_SHARED, file.as_raw_fd(), 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let all = Self(start.cast());
        if fresh {
            (0..ROBUST).for_each(|at| all.init(at));
        }
        Ok(all)
    }

    fn init(&self, at: usize) {
        let mut attributes = std::mem::MaybeUninit::<libc::pthread_mutexattr_t>::uninit();
        let attributes = attributes.as_mut_ptr();
        // SAFETY: initializes the attributes.
        unsafe { libc::pthread_mutexattr_init(attributes) };
        // SAFETY: initialized above.
        unsafe { libc::pthread_mutexattr_setpshared(attributes, libc::PTHREAD_PROCESS_SHARED) };
        // SAFETY: initialized above.
        unsafe { libc::pthread_mutexattr_setrobust(attributes, libc::PTHREAD_MUTEX_ROBUST) };
        // SAFETY: fresh memory for it, that nobody uses yet.
        unsafe { libc::pthread_mutex_init(self.0.wrapping_add(at), attributes) };
    }

    /// Tries to lock; the C library's error number, 0 for success.
    pub fn try_lock(&self, at: usize) -> i32 {
        // SAFETY: initialized, and mapped as long as the process lives.
        unsafe { libc::pthread_mutex_trylock(self.0.wrapping_add(at % ROBUST)) }
    }

    /// Unlocks; the error number.
    pub fn unlock(&self, at: usize) -> i32 {
        // SAFETY: as above.
        unsafe { libc::pthread_mutex_unlock(self.0.wrapping_add(at % ROBUST)) }
    }
}

/// Becomes the parent of a new name space of processes: the next child is number 1 there. `false`: not permitted.
pub fn new_process_numbers() -> bool {
    // SAFETY: only the name space of later children changes.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWPID) }.is_ok()
}

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

//! Every system call of the engine's protocols, in one table, so that tests can make any of them fail or be the last.
//!
//! Each wrapper is one call; calls that a signal may interrupt are made again. Nothing here knows what an object is.
//!
//! # Safety
//! The two calls that rustix lacks go through `libc`; what each needs is argued where it stands.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{self, AtFlags, CWD, FallocateFlags, MemfdFlags, Mode, OFlags, SealFlags, Stat};
use rustix::io::{self, Errno};

use super::fault::hit;

type Result<T> = std::result::Result<T, Errno>;

/// How a file that may be an object is opened: never created, never followed, never waited for.
const CAREFULLY: OFlags = OFlags::CLOEXEC.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// Whether a file is opened to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    ReadOnly,
    ReadWrite,
}

impl Open {
    fn flags(self) -> OFlags {
        match self {
            Self::ReadOnly => OFlags::RDONLY,
            Self::ReadWrite => OFlags::RDWR,
        }
    }
}

/// A descriptor above the three that programs take to be their terminal.
fn above_standard(fd: OwnedFd) -> Result<OwnedFd> {
    if fd.as_raw_fd() > 2 { Ok(fd) } else { io::fcntl_dupfd_cloexec(&fd, 3) }
}

pub(crate) fn open(path: &CStr, how: Open) -> Result<OwnedFd> {
    hit("open")?;
    above_standard(io::retry_on_intr(|| fs::open(path, how.flags() | CAREFULLY, Mode::empty()))?)
}

/// A descriptor that stands for what lies at `path` without opening it: no device wakes, no FIFO's writer either. For
/// asking, and for [`reopen`].
pub(crate) fn find(path: &CStr) -> Result<OwnedFd> {
    hit("find")?;
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    above_standard(io::retry_on_intr(|| fs::open(path, flags, Mode::empty()))?)
}

pub(crate) fn open_directory(path: &CStr) -> Result<OwnedFd> {
    hit("open_directory")?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    above_standard(io::retry_on_intr(|| fs::open(path, flags, Mode::empty()))?)
}

/// A file without a name in `directory`.
pub(crate) fn open_unnamed(directory: &CStr, mode: u32) -> Result<OwnedFd> {
    hit("open_unnamed")?;
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    above_standard(io::retry_on_intr(|| fs::open(directory, flags, Mode::from_raw_mode(mode)))?)
}

/// A file with a name that must not exist yet.
pub(crate) fn open_exclusive(path: &CStr, mode: u32) -> Result<OwnedFd> {
    hit("open_exclusive")?;
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | CAREFULLY;
    above_standard(io::retry_on_intr(|| fs::open(path, flags, Mode::from_raw_mode(mode)))?)
}

/// A fresh open file description for the file behind `fd`.
pub(crate) fn reopen(fd: BorrowedFd<'_>, how: Open) -> Result<OwnedFd> {
    hit("reopen")?;
    let flags = how.flags() | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let path = proc_path(fd);
    above_standard(io::retry_on_intr(|| fs::open(path.as_str(), flags, Mode::empty()))?)
}

fn proc_path(fd: BorrowedFd<'_>) -> String {
    format!("/proc/self/fd/{}", fd.as_raw_fd())
}

/// Where the file behind `fd` can be found, if anywhere.
pub(crate) fn path_of(fd: BorrowedFd<'_>) -> Result<std::ffi::CString> {
    hit("path_of")?;
    fs::readlink(proc_path(fd).as_str(), Vec::new())
}

pub(crate) fn memfd(executable: bool) -> Result<OwnedFd> {
    hit("memfd")?;
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let finer = if executable { MemfdFlags::EXEC } else { MemfdFlags::NOEXEC_SEAL };
    let fd = match fs::memfd_create("lasthandle", flags | finer) {
        // Kernels before 6.3 know no executable bit to seal.
        Err(Errno::INVAL) => fs::memfd_create("lasthandle", flags),
        other => other,
    };
    above_standard(fd?)
}

/// Forbids everybody to resize a memory file, or to seal it further.
pub(crate) fn seal_size(fd: BorrowedFd<'_>) -> Result<()> {
    hit("seal_size")?;
    fs::fcntl_add_seals(fd, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)
}

/// Whether a memory file can never become shorter; an error for other files.
pub(crate) fn is_sealed(fd: BorrowedFd<'_>) -> Result<bool> {
    hit("is_sealed")?;
    Ok(fs::fcntl_get_seals(fd)?.contains(SealFlags::SHRINK))
}

/// Another number for the same description.
pub(crate) fn duplicate(fd: BorrowedFd<'_>) -> Result<OwnedFd> {
    hit("duplicate")?;
    io::fcntl_dupfd_cloexec(fd, 3)
}

/// Whether `exec` closes the descriptor.
pub(crate) fn set_inheritable(fd: BorrowedFd<'_>, inheritable: bool) -> Result<()> {
    hit("set_inheritable")?;
    let flags = if inheritable { io::FdFlags::empty() } else { io::FdFlags::CLOEXEC };
    io::fcntl_setfd(fd, flags)
}

pub(crate) fn close(fd: OwnedFd) {
    let _ = hit("close");
    drop(fd);
}

pub(crate) fn status(fd: BorrowedFd<'_>) -> Result<Stat> {
    hit("status")?;
    fs::fstat(fd)
}

pub(crate) fn status_at(path: &CStr) -> Result<Stat> {
    hit("status_at")?;
    fs::lstat(path)
}

pub(crate) fn set_mode(fd: BorrowedFd<'_>, mode: u32) -> Result<()> {
    hit("set_mode")?;
    fs::fchmod(fd, Mode::from_raw_mode(mode))
}

pub(crate) fn make_directory(path: &CStr, mode: u32) -> Result<()> {
    hit("make_directory")?;
    fs::mkdir(path, Mode::from_raw_mode(mode))
}

/// Sets the mode of a directory of our own.
pub(crate) fn set_mode_at(path: &CStr, mode: u32) -> Result<()> {
    hit("set_mode_at")?;
    fs::chmod(path, Mode::from_raw_mode(mode))
}

/// Gives the file behind `fd` a name that must not exist yet.
pub(crate) fn link_descriptor(fd: BorrowedFd<'_>, path: &CStr) -> Result<()> {
    /// Whether to try the direct way first. It is cheaper and needs no /proc, but a privilege, or kernel 6.10; where
    /// that is missing the kernel says that there is no such file.
    static DIRECT: AtomicBool = AtomicBool::new(true);
    hit("link_descriptor")?;
    let directly = || fs::linkat(fd, c"", CWD, path, AtFlags::EMPTY_PATH);
    let through_proc = || fs::linkat(CWD, proc_path(fd).as_str(), CWD, path, AtFlags::SYMLINK_FOLLOW);
    if !DIRECT.load(Ordering::Relaxed) {
        return through_proc();
    }
    match directly() {
        Err(Errno::NOENT) => through_proc().inspect(|()| DIRECT.store(false, Ordering::Relaxed)),
        other => other,
    }
}

pub(crate) fn link(from: &CStr, to: &CStr) -> Result<()> {
    hit("link")?;
    fs::linkat(CWD, from, CWD, to, AtFlags::empty())
}

pub(crate) fn unlink(path: &CStr) -> Result<()> {
    hit("unlink")?;
    fs::unlink(path)
}

pub(crate) fn read_at(fd: BorrowedFd<'_>, into: &mut [u8], offset: u64) -> Result<usize> {
    hit("read_at")?;
    io::retry_on_intr(|| io::pread(fd, &mut *into, offset))
}

pub(crate) fn write_at(fd: BorrowedFd<'_>, from: &[u8], offset: u64) -> Result<usize> {
    hit("write_at")?;
    io::retry_on_intr(|| io::pwrite(fd, from, offset))
}

pub(crate) fn set_size(fd: BorrowedFd<'_>, size: u64) -> Result<()> {
    hit("set_size")?;
    io::retry_on_intr(|| fs::ftruncate(fd, size))
}

/// Whether the byte at `at` was ever touched, and where that changes; none: not before the end.
pub(crate) fn data_or_hole(fd: BorrowedFd<'_>, at: u64) -> (bool, Option<u64>) {
    match hit("seek").and_then(|()| fs::seek(fd, fs::SeekFrom::Data(at))) {
        Ok(data) if data > at => (false, Some(data)),
        Err(Errno::NXIO) => (false, None),
        // Of a file system that does not know, all is data.
        Ok(_) | Err(_) => (true, fs::seek(fd, fs::SeekFrom::Hole(at)).ok()),
    }
}

pub(crate) fn allocate(fd: BorrowedFd<'_>, offset: u64, length: u64) -> Result<()> {
    hit("allocate")?;
    // A signal undoes the whole of an interrupted call, so it can simply be made again.
    io::retry_on_intr(|| fs::fallocate(fd, FallocateFlags::empty(), offset, length))
}

/// What a lock conflicts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Conflict {
    pub(crate) exclusive: bool,
    pub(crate) start: u64,
}

/// The kinds of lock on a range of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    Shared,
    Exclusive,
}

/// Tries to lock a range for the open file description behind `fd`, without waiting. `false`: somebody holds a
/// conflicting lock.
pub(crate) fn try_lock(fd: BorrowedFd<'_>, lock: Lock, start: u64, length: u64) -> Result<bool> {
    hit("try_lock")?;
    let mut request = lock_request(lock, start, length);
    match lock_call(fd, libc::F_OFD_SETLK, &mut request) {
        Ok(()) => Ok(true),
        Err(Errno::AGAIN | Errno::ACCESS) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Gives the locks on a range up that the description behind `fd` has.
pub(crate) fn unlock(fd: BorrowedFd<'_>, start: u64, length: u64) -> Result<()> {
    hit("unlock")?;
    let mut request = lock_request(Lock::Shared, start, length);
    request.l_type = i16::try_from(libc::F_UNLCK).expect("a small constant");
    lock_call(fd, libc::F_OFD_SETLK, &mut request)
}

/// A lock of another description that an exclusive one on the range would conflict with. Takes nothing.
pub(crate) fn find_lock(fd: BorrowedFd<'_>, start: u64, length: u64) -> Result<Option<Conflict>> {
    hit("find_lock")?;
    let mut request = lock_request(Lock::Exclusive, start, length);
    lock_call(fd, libc::F_OFD_GETLK, &mut request)?;
    let kind = i32::from(request.l_type);
    let start = u64::try_from(request.l_start).unwrap_or(0);
    Ok((kind != libc::F_UNLCK).then_some(Conflict { exclusive: kind == libc::F_WRLCK, start }))
}

fn lock_request(lock: Lock, start: u64, length: u64) -> libc::flock64 {
    let kind = match lock {
        Lock::Shared => libc::F_RDLCK,
        Lock::Exclusive => libc::F_WRLCK,
    };
    libc::flock64 {
        l_type: i16::try_from(kind).expect("a small constant"),
        l_whence: 0, // SEEK_SET
        l_start: i64::try_from(start).expect("lock positions are below 2^62"),
        l_len: i64::try_from(length).expect("lock positions are below 2^62"),
        l_pid: 0, // must be 0 for locks of descriptions
    }
}

fn lock_call(fd: BorrowedFd<'_>, command: i32, request: &mut libc::flock64) -> Result<()> {
    // SAFETY: for the lock commands the third argument is a pointer to a `flock64`, which `request` is, valid for
    // the call; `fd` is open as it is borrowed.
    let result = unsafe { libc::fcntl(fd.as_raw_fd(), command, std::ptr::from_mut(request)) };
    if result == 0 { Ok(()) } else { Err(last_error()) }
}

/// The kernel's handle for a file, which differs even where a new file got an old one's inode: its type and bytes.
pub(crate) fn file_handle(fd: BorrowedFd<'_>) -> Result<(i32, Vec<u8>)> {
    #[repr(C)]
    struct Handle {
        bytes: u32,
        kind: i32,
        data: [u8; crate::record::HANDLE_SPACE],
    }
    hit("file_handle")?;
    let data = [0; crate::record::HANDLE_SPACE];
    let mut handle = Handle { bytes: u32::try_from(data.len()).expect("128"), kind: 0, data };
    let mut mount = 0;
    // SAFETY: `handle` begins like a `file_handle` and has room for as many bytes as its first field says; the path
    // is an empty C string, which the flag asks for; `mount` is an int. All live through the call.
    let result = unsafe {
        libc::name_to_handle_at(
            fd.as_raw_fd(),
            c"".as_ptr(),
            std::ptr::from_mut(&mut handle).cast(),
            &raw mut mount,
            libc::AT_EMPTY_PATH,
        )
    };
    if result != 0 {
        return Err(last_error());
    }
    let length = (handle.bytes as usize).min(handle.data.len());
    Ok((handle.kind, handle.data[..length].to_vec()))
}

fn last_error() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL)
}

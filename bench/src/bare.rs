//! The bare calls: what a program pays that keeps no promise about names. No allocation, no check but of success.

pub mod futex;
pub mod posix;
pub mod ring;
pub mod word;

use std::ffi::{CStr, c_void};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{self, FallocateFlags, Mode, OFlags};
use rustix::mm::{self, MapFlags, ProtFlags};

/// A mapping that is unmapped when it is dropped.
pub struct Mapped {
    address: *mut c_void,
    length: usize,
}

impl Mapped {
    pub fn new(fd: BorrowedFd<'_>, length: usize, flags: MapFlags) -> Self {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a fresh mapping at an address that the kernel chooses touches nothing that exists.
        let address = unsafe { mm::mmap(std::ptr::null_mut(), length, protection, flags, fd, 0) }.expect("mmap");
        Self { address, length }
    }

    /// A part of the file, to read.
    pub fn record(fd: BorrowedFd<'_>, length: usize, offset: u64) -> Self {
        // SAFETY: as in `new`.
        let address = unsafe { mm::mmap(std::ptr::null_mut(), length, ProtFlags::READ, MapFlags::SHARED, fd, offset) };
        Self { address: address.expect("mmap"), length }
    }

    pub fn touch(&self, offset: usize) {
        // SAFETY: the byte lies inside the mapping, which is writable and ours alone.
        unsafe { self.at(offset).cast::<u8>().write_volatile(1) };
    }

    /// A place inside the mapping.
    pub fn at(&self, offset: usize) -> *mut c_void {
        assert!(offset < self.length);
        self.address.wrapping_byte_add(offset)
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: exactly what `new` mapped.
        unsafe { mm::munmap(self.address, self.length) }.expect("munmap");
    }
}

/// open-create, fallocate, mmap, touch, munmap, close, unlink.
pub fn create(path: &CStr, bytes: usize) {
    let fd = create_file(path);
    fs::fallocate(&fd, FallocateFlags::empty(), 0, bytes as u64).expect("fallocate");
    Mapped::new(fd.as_fd(), bytes, MapFlags::SHARED).touch(0);
    drop(fd);
    fs::unlink(path).expect("unlink");
}

/// The same with `ftruncate`: memory is not promised.
pub fn create_sparse(path: &CStr, bytes: usize) {
    let fd = create_file(path);
    fs::ftruncate(&fd, bytes as u64).expect("ftruncate");
    Mapped::new(fd.as_fd(), bytes, MapFlags::SHARED).touch(0);
    drop(fd);
    fs::unlink(path).expect("unlink");
}

fn create_file(path: &CStr) -> OwnedFd {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    fs::open(path, flags, Mode::RUSR | Mode::WUSR).expect("open")
}

/// open, fstat, mmap, touch, munmap, close.
pub fn open(path: &CStr) {
    attach(path, MapFlags::SHARED).touch(0);
}

/// open, fstat, mmap, close; with the whole present if `flags` say so.
pub fn attach(path: &CStr, flags: MapFlags) -> Mapped {
    let fd = fs::open(path, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).expect("open");
    let bytes = usize::try_from(fs::fstat(&fd).expect("fstat").st_size).expect("a size");
    Mapped::new(fd.as_fd(), bytes, flags)
}

/// Makes a file for [`open`] whose memory is present.
pub fn prepare(path: &CStr, bytes: usize) {
    let fd = create_file(path);
    fs::fallocate(&fd, FallocateFlags::empty(), 0, bytes as u64).expect("fallocate");
}

//! What the suite needs from a kernel under test besides the contract itself.

use lasthandle::sys::model::FileMode;
use lasthandle::sys::{Inventory, Kernel};

/// A kernel under test, its names and its files. Each row gets a fixture of its own.
pub trait Fixture: Sized + Sync {
    /// The kernel.
    type Kernel: Kernel<Handle: 'static, View: 'static> + Inventory + Sync;
    /// A file on what this kernel calls a disk.
    type Disk: Disk<File = <Self::Kernel as Kernel>::File>;

    /// Bytes that can be reserved at once but would be too much to promise.
    const LARGE_RESERVE: u64;

    /// A fresh fixture.
    fn new() -> Self;

    /// The kernel.
    fn kernel(&self) -> &Self::Kernel;

    /// A word that no other fixture of any process has; every name of the row begins with it.
    fn tag(&self) -> &str;

    /// A new file with these bytes.
    fn disk(&self, bytes: &[u8]) -> Self::Disk;

    /// Why this kernel is known to break the row, if it is. The row must then fail indeed.
    fn departs(_row: &str) -> Option<&'static str> {
        None
    }

    /// The size that a section of memory reports when it was created with `asked` bytes.
    fn reported_size(asked: u64) -> u64 {
        asked
    }
}

/// A file that a row made; gone when dropped.
pub trait Disk {
    /// What sections lie over.
    type File;

    /// Opens it; `None` where the system has no such mode.
    fn open(&self, mode: FileMode) -> Option<Self::File>;

    /// What it holds, read past any view.
    fn bytes(&self) -> Vec<u8>;
}

//! Views: a section's bytes in this process' address space, read and written soundly while others do the same.
//!
//! # Safety
//! Everything rests on two facts. (1) `View::new` is given a mapped range, and the range stays mapped until the
//! `View` is dropped: the system's view is owned and its address never changes. (2) Every access goes through
//! [`View::range`] first, so it lies inside that range. Memory that others write is only ever touched by the opaque
//! copies of [`copy`], by atomics, or by `unsafe` calls that state what the caller owes.
#![allow(unsafe_code)]

use std::sync::atomic::{
    AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering,
};

use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::access::ViewAccess;
use crate::copy;
use crate::error::{Error, ErrorKind, Result};
use crate::sys::{GRANULARITY, Kernel, KernelView, MapRequest, Platform};

type SystemView = <Platform as Kernel>::View;
type SystemHandle = <Platform as Kernel>::Handle;

/// A window on a section's memory.
///
/// A view outlives the [`Mapping`](crate::Mapping) it came from: it keeps the **memory**, not the **name**. It is
/// unmapped when dropped; a process that dies unmaps all its views.
///
/// Other processes may write the same bytes at any time. Copies ([`read_at`](Self::read_at),
/// [`write_at`](Self::write_at), [`read`](Self::read), [`write`](Self::write)) are sound under that, and may be torn;
/// [`atomic`](Self::atomic) gives values that are not. Plain slices need an `unsafe` promise.
///
/// The one thing the kernel does not protect from: who may write the *file* behind a mapping may also truncate it,
/// and then touching the lost pages ends this process with SIGBUS (on Windows the system forbids it). Unnamed
/// mappings are sealed against that.
///
/// # References
/// [`MapViewOfFile`](https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-mapviewoffile),
/// [`mmap`](https://man7.org/linux/man-pages/man2/mmap.2.html)
#[doc(alias = "MapViewOfFile")]
#[doc(alias = "UnmapViewOfFile")]
pub struct View {
    system: SystemView,
    /// Where the caller's first byte lies behind the 64 KiB boundary that the system mapped.
    start: usize,
    length: usize,
}

/// How to map a view; from [`Mapping::view_options`](crate::Mapping::view_options).
#[derive(Clone)]
#[must_use = "nothing is mapped before `map`"]
pub struct ViewOptions<'a> {
    handle: &'a SystemHandle,
    size: u64,
    label: Option<&'a str>,
    request: MapRequest,
}

impl<'a> ViewOptions<'a> {
    pub(crate) fn new(handle: &'a SystemHandle, size: u64, label: Option<&'a str>, access: ViewAccess) -> Self {
        Self { handle, size, label, request: MapRequest { access, ..MapRequest::default() } }
    }

    /// What the view may do. Default: read and write where the handle may write, else read only.
    pub fn access(mut self, access: ViewAccess) -> Self {
        self.request.access = access;
        self
    }

    /// The view's first byte, counted from the section's. Any offset; default 0.
    pub fn offset(mut self, bytes: u64) -> Self {
        self.request.offset = bytes;
        self
    }

    /// The view's length in bytes. Any length up to the section's page-rounded end; 0, the default: to the end.
    pub fn length(mut self, bytes: u64) -> Self {
        self.request.length = bytes;
        self
    }

    /// The address at which the view must lie, a multiple of 64 KiB. Default: wherever there is room.
    #[doc(alias = "MapViewOfFileEx")]
    pub fn base(mut self, address: usize) -> Self {
        self.request.base = Some(address);
        self
    }

    /// Makes every page present before `map` returns: touching pages one by one is several times dearer for large
    /// views. No effect on reserved sections.
    #[doc(alias = "PrefetchVirtualMemory")]
    #[doc(alias = "MAP_POPULATE")]
    pub fn populate(mut self, populate: bool) -> Self {
        self.request.populate = populate;
        self
    }

    /// Maps the view.
    ///
    /// # Errors
    /// [`ErrorKind::AccessDenied`] if the handle or the section's protection does not permit the access, or the
    /// range lies past the page-rounded end of the section; [`ErrorKind::Misaligned`] if the base address is not a
    /// multiple of 64 KiB; [`ErrorKind::InvalidAddress`] if something is mapped there already;
    /// [`ErrorKind::TooBig`] if no address range that long is free.
    pub fn map(self) -> Result<View> {
        self.map_aligned().map_err(|error| error.during("map a view of", self.label.map(String::from)))
    }

    /// The system maps from 64 KiB boundaries; the view begins at the caller's byte behind one.
    fn map_aligned(&self) -> Result<View> {
        let Self { request, size, .. } = *self;
        let start = request.offset % GRANULARITY;
        let length = match request.length {
            // An offset at or past the end leaves nothing to map; the system says so in its own words.
            0 if request.offset < size => size - request.offset,
            asked => asked,
        };
        let past_the_end = || Error::new(ErrorKind::AccessDenied).detail("the range ends past the end of the section");
        let request = MapRequest {
            offset: request.offset - start,
            length: length.checked_add(start).ok_or_else(past_the_end)?,
            ..request
        };
        if length == 0 {
            return Err(past_the_end());
        }
        let start = usize::try_from(start).expect("less than 64 KiB");
        let length = usize::try_from(length).map_err(|_| past_the_end())?;
        let system = Platform::default().map(self.handle, &request)?;
        Ok(View { system, start, length })
    }
}

/// An integer that several processes can share: the atomics of one to eight bytes.
///
/// # Safety
/// Implementors have no padding, accept every bit pattern, and may be touched from several processes at once.
pub unsafe trait SharedAtomic: private::Sealed + Sized {
    /// The plain integer.
    type Value: Copy;

    /// [`AtomicU32::load`] and its kin.
    fn load(&self, order: Ordering) -> Self::Value;
}

mod private {
    pub trait Sealed {}
}

macro_rules! shared_atomics {
    ($($atomic:ty => $value:ty),*) => {$(
        impl private::Sealed for $atomic {}
        // SAFETY: an atomic integer of the standard library has its integer's size and bit validity, no padding,
        // and its operations are lock-free on the 64-bit targets we support, so they hold between processes.
        unsafe impl SharedAtomic for $atomic {
            type Value = $value;

            #[inline]
            fn load(&self, order: Ordering) -> $value {
                <$atomic>::load(self, order)
            }
        }
    )*};
}

shared_atomics!(
    AtomicU8 => u8, AtomicU16 => u16, AtomicU32 => u32, AtomicU64 => u64,
    AtomicI8 => i8, AtomicI16 => i16, AtomicI32 => i32, AtomicI64 => i64
);

impl View {
    /// Its length in bytes: as asked for, or to the section's end.
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> usize {
        self.length
    }

    /// What it may do.
    pub fn access(&self) -> ViewAccess {
        self.system.access()
    }

    /// Its first byte. Valid until the view is dropped; what may be done with it is what [`access`](Self::access)
    /// says, and others may write there at any time.
    pub fn as_ptr(&self) -> *const u8 {
        self.as_mut_ptr()
    }

    /// As [`as_ptr`](Self::as_ptr); writing through it needs a view that can be written.
    pub fn as_mut_ptr(&self) -> *mut u8 {
        self.system.as_ptr().wrapping_add(self.start)
    }

    /// Copies bytes out of the view, from `offset` on, until `into` is full.
    ///
    /// As fast as `memcpy`. While others write, the copy may mix their bytes with older ones.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] if the view ends before, [`ErrorKind::NotCommitted`] if the section is reserved
    /// and nobody committed that memory (Windows only); nothing is copied.
    #[inline]
    pub fn read_at(&self, offset: usize, into: &mut [u8]) -> Result<()> {
        let from = self.range(offset, into.len())?;
        // SAFETY: by fact 2 the range lies in the mapped view, which by fact 1 stays; every view can be read.
        unsafe { copy::from_shared(from, into) };
        Ok(())
    }

    /// Copies bytes into the view, from `offset` on.
    ///
    /// As fast as `memcpy`. A reader, or this process' death in the middle, may see part of it.
    ///
    /// # Errors
    /// As [`read_at`](Self::read_at), and [`ErrorKind::AccessDenied`] if the view is read-only; nothing is copied.
    #[inline]
    pub fn write_at(&self, offset: usize, from: &[u8]) -> Result<()> {
        let to = self.writable_range(offset, from.len())?;
        // SAFETY: by fact 2 the range lies in the mapped view, which by fact 1 stays, and it can be written.
        unsafe { copy::to_shared(to, from) };
        Ok(())
    }

    /// Copies a value out of the view. `offset` needs no alignment.
    ///
    /// # Errors
    /// As [`read_at`](Self::read_at).
    #[inline]
    pub fn read<T: FromBytes + IntoBytes>(&self, offset: usize) -> Result<T> {
        let mut value = T::new_zeroed();
        self.read_at(offset, value.as_mut_bytes())?;
        Ok(value)
    }

    /// Copies a value into the view. `offset` needs no alignment.
    ///
    /// # Errors
    /// As [`write_at`](Self::write_at).
    #[inline]
    pub fn write<T: IntoBytes + Immutable>(&self, offset: usize, value: &T) -> Result<()> {
        self.write_at(offset, value.as_bytes())
    }

    /// An atomic integer in place, shared with everybody who maps the section: for live values, flags, counters.
    ///
    /// ```
    /// # use lasthandle::{Mapping, Result};
    /// # use std::sync::atomic::{AtomicU32, Ordering};
    /// # fn main() -> Result<()> {
    /// let view = Mapping::unnamed(4096)?.view()?;
    /// view.atomic::<AtomicU32>(64)?.fetch_add(1, Ordering::AcqRel);
    /// # assert_eq!(view.read::<u32>(64)?, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] if it does not lie wholly in the view or is not aligned there to its own size;
    /// [`ErrorKind::AccessDenied`] if the view is read-only (see [`load`](Self::load));
    /// [`ErrorKind::NotCommitted`] as for [`read_at`](Self::read_at).
    #[inline]
    pub fn atomic<A: SharedAtomic>(&self, offset: usize) -> Result<&A> {
        Ok(&self.atomics(offset, 1)?[0])
    }

    /// `count` neighbouring atomic integers in place.
    ///
    /// # Errors
    /// As [`atomic`](Self::atomic).
    #[inline]
    pub fn atomics<A: SharedAtomic>(&self, offset: usize, count: usize) -> Result<&[A]> {
        let bytes = count.checked_mul(size_of::<A>()).ok_or_else(|| out_of_bounds(offset, usize::MAX, self.length))?;
        let at = aligned::<A>(self.writable_range(offset, bytes)?, offset)?;
        // SAFETY: `count` elements lie in the writable view (fact 2) for as long as `self` is borrowed (fact 1),
        // aligned; they are atomics, so a shared reference is right whatever others do to the bytes atomically.
        Ok(unsafe { std::slice::from_raw_parts(at, count) })
    }

    /// Loads an integer atomically; unlike [`atomic`](Self::atomic), also from a read-only view.
    ///
    /// # Errors
    /// As [`atomic`](Self::atomic), but for the read-only view.
    #[inline]
    pub fn load<A: SharedAtomic>(&self, offset: usize, order: Ordering) -> Result<A::Value> {
        let at = aligned::<A>(self.range(offset, size_of::<A>())?, offset)?;
        // SAFETY: the element lies in the view (fact 2), aligned; the only operation is a load of at most eight
        // bytes, which the supported targets do with a plain load instruction, so read-only pages suffice.
        Ok(unsafe { &*at }.load(order))
    }

    /// Whether a `T` lies wholly in the view at `offset`, aligned, and may be written.
    pub(crate) fn check_value<T>(&self, offset: usize) -> Result<()> {
        aligned::<T>(self.writable_range(offset, size_of::<T>())?, offset).map(|_| ())
    }

    /// Copies of all bytes in order, fetched some kilobytes at a time.
    pub fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        self.chunks(4096).flatten()
    }

    /// Copies of the view's bytes in order, `size` at a time; the last chunk may be shorter.
    ///
    /// Ends early at memory that cannot be read (see [`ErrorKind::NotCommitted`]).
    ///
    /// # Panics
    /// If `size` is 0.
    pub fn chunks(&self, size: usize) -> impl Iterator<Item = Vec<u8>> + '_ {
        assert_ne!(size, 0, "chunks of no bytes");
        (0..self.length).step_by(size).map_while(move |offset| {
            let mut chunk = vec![0; size.min(self.length - offset)];
            self.read_at(offset, &mut chunk).ok()?;
            Some(chunk)
        })
    }

    /// The bytes as a plain slice.
    ///
    /// # Safety
    /// For as long as the slice lives, nobody may write the bytes: no other process, no other view in this one; and
    /// they must be committed. A mutex that every writer takes gives that; hope does not.
    pub unsafe fn as_slice(&self) -> &[u8] {
        // SAFETY: mapped for as long as `self` is borrowed (fact 1); that nobody writes is the caller's promise.
        unsafe { std::slice::from_raw_parts(self.as_ptr(), self.length) }
    }

    /// The bytes as a plain slice to write.
    ///
    /// # Safety
    /// For as long as the slice lives, nobody else may read or write the bytes: no other process, no other view in
    /// this one. The view must be one that can be written, and the bytes committed.
    pub unsafe fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: mapped for as long as `self` is borrowed (fact 1); that nobody else touches it and that it can be
        // written is the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.as_mut_ptr(), self.length) }
    }

    /// Writes the view's changed bytes to the file behind the section and waits until they are there. Memory:
    /// nothing to do. Others see a write at once, flushed or not.
    ///
    /// # Errors
    /// [`ErrorKind::Os`] if the file's storage fails.
    #[doc(alias = "FlushViewOfFile")]
    pub fn flush(&self) -> Result<()> {
        self.flush_range(0, self.length)
    }

    /// [`flush`](Self::flush) for a part of the view.
    ///
    /// # Errors
    /// As `flush`, and [`ErrorKind::OutOfBounds`].
    pub fn flush_range(&self, offset: usize, length: usize) -> Result<()> {
        self.bounds(offset, length)?;
        self.system.flush(self.start + offset, length).map_err(|error| error.during("flush the view", None))
    }

    /// Promises memory for a range of a reserved section, in whole pages; every view of the section may touch it
    /// from then on. Of any other section all memory is promised already, and nothing happens.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfMemory`], [`ErrorKind::OutOfBounds`].
    #[doc(alias = "VirtualAlloc")]
    #[doc(alias = "MEM_COMMIT")]
    pub fn commit(&self, offset: usize, length: usize) -> Result<()> {
        self.bounds(offset, length)?;
        self.system.commit(self.start + offset, length).map_err(|error| error.during("commit memory of the view", None))
    }

    /// Whether the page at `offset` is committed, and for how many bytes from `offset` on the answer is the same, to the
    /// view's end at most. All of a view is, unless its section is reserved; then on Linux a page that was touched counts
    /// as committed, too.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] if the view ends at `offset` or before.
    #[doc(alias = "VirtualQuery")]
    pub fn committed(&self, offset: usize) -> Result<(bool, usize)> {
        self.bounds(offset, 1)?;
        let (committed, run) = self.system.committed(self.start + offset);
        Ok((committed, run.min(self.length - offset)))
    }

    /// Changes what the view may do, within what it was mapped with.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidParameter`] if that is more than it was mapped with.
    #[doc(alias = "VirtualProtect")]
    pub fn protect(&mut self, access: ViewAccess) -> Result<()> {
        self.system.protect(access).map_err(|error| error.during("protect the view", None))
    }

    #[inline]
    fn bounds(&self, offset: usize, length: usize) -> Result<()> {
        // Not `offset + length <= self.length`: that could overflow, and asking whether it did costs more.
        if offset <= self.length && length <= self.length - offset {
            return Ok(());
        }
        Err(out_of_bounds(offset, length, self.length))
    }

    /// The address of a range that lies inside the view and may be read.
    #[inline]
    fn range(&self, offset: usize, length: usize) -> Result<*mut u8> {
        self.bounds(offset, length)?;
        if !self.system.is_committed(self.start + offset, length) {
            return Err(Error::new(ErrorKind::NotCommitted)
                .cure("commit the range first, in any view of the section")
                .during("access the view", None));
        }
        Ok(self.as_mut_ptr().wrapping_add(offset))
    }

    #[inline]
    fn writable_range(&self, offset: usize, length: usize) -> Result<*mut u8> {
        if !self.system.access().is_writable() {
            return Err(read_only());
        }
        self.range(offset, length)
    }
}

#[inline]
fn aligned<A>(at: *mut u8, offset: usize) -> Result<*const A> {
    let at = at.cast::<A>();
    if at.is_aligned() { Ok(at) } else { Err(out_of_alignment(offset, align_of::<A>())) }
}

#[cold]
fn out_of_bounds(offset: usize, length: usize, view: usize) -> Error {
    Error::new(ErrorKind::OutOfBounds)
        .detail(format!("{length} bytes at offset {offset} do not lie inside the view of {view} bytes"))
        .during("access the view", None)
}

#[cold]
fn out_of_alignment(offset: usize, wanted: usize) -> Error {
    Error::new(ErrorKind::OutOfBounds)
        .detail(format!("offset {offset} is not aligned to {wanted} bytes in memory"))
        .during("access the view", None)
}

#[cold]
fn read_only() -> Error {
    Error::new(ErrorKind::AccessDenied).detail("the view is read-only").during("write to the view", None)
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View")
            .field("address", &self.as_ptr())
            .field("length", &self.length)
            .field("access", &self.access())
            .finish_non_exhaustive()
    }
}

//! A value in shared memory as a plain `&mut T`, for as long as a mutex is held.
//!
//! # Safety
//! Exclusive access rests on three things: the mutex keeps other threads out, of all processes, that keep to the
//! contract of [`Locked::new`]; the flag `held` keeps this very thread from taking the recursive mutex a second time;
//! and the range was checked to lie in the view, aligned, when the `Locked` was made.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};

use zerocopy::{FromBytes, IntoBytes};

use crate::error::{Error, ErrorKind, Result};
use crate::mutex::{Acquired, Mutex, MutexGuard};
use crate::sys::Timeout;
use crate::view::View;

/// A `T` at a place of a [`View`], and the [`Mutex`] that everybody takes before touching it.
///
/// ```
/// use lasthandle::{LockedValue, Locked, Mapping, Mutex};
/// # fn main() -> lasthandle::Result<()> {
/// # let mutex = Mutex::options().create_unnamed()?;
/// # let mapping = Mapping::unnamed(4096)?;
/// // SAFETY: every program that maps this section takes this mutex first, by a `Locked` of its own.
/// let counter: Locked<[u64; 2]> = unsafe { Locked::new(mutex, mapping.view()?, 0)? };
/// match counter.lock()? {
///     LockedValue::Intact(mut value) => value[0] += 1,
///     LockedValue::Suspect(mut value) => *value = [0, 0], // its last owner died while it had it
/// }
/// # assert_eq!(counter.lock()?.into_inner()[0], 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Locked<T> {
    mutex: Mutex,
    view: View,
    offset: usize,
    held: AtomicBool,
    value: PhantomData<T>,
}

// SAFETY: a `T` of plain bytes may be reached from any thread, one at a time, as the mutex sees to.
unsafe impl<T: Send> Send for Locked<T> {}
// SAFETY: as above; a shared `Locked` gives access to the value only under the mutex.
unsafe impl<T: Send> Sync for Locked<T> {}

/// A value that was locked.
#[derive(Debug)]
#[must_use = "dropping it unlocks the value"]
pub enum LockedValue<'a, T> {
    /// As its last owner left it.
    Intact(LockedGuard<'a, T>),
    /// Its last owner ended while it had it: the value may be half-changed. The next owner will not be told again, so
    /// repair it now.
    Suspect(LockedGuard<'a, T>),
}

impl<'a, T> LockedValue<'a, T> {
    /// The guard, whatever the state of the value.
    pub fn into_inner(self) -> LockedGuard<'a, T> {
        match self {
            Self::Intact(guard) | Self::Suspect(guard) => guard,
        }
    }
}

/// Exclusive access to the value; unlocks when dropped. Stays with its thread.
///
/// A panic that drops it unlocks it like any other end of its scope: what was half-changed is not reported then.
#[derive(Debug)]
pub struct LockedGuard<'a, T> {
    locked: &'a Locked<T>,
    // Dropped after `drop` of this guard has cleared the flag.
    _mutex: MutexGuard<'a>,
}

impl<T: FromBytes + IntoBytes> Locked<T> {
    /// Ties the `T` at `offset` of the view to the mutex.
    ///
    /// # Safety
    /// For as long as the `Locked` lives, whoever touches these bytes, in whatever process and through whatever view,
    /// holds this mutex while doing so; and within this process nobody does so but through this one `Locked`.
    ///
    /// # Errors
    /// [`OutOfBounds`](ErrorKind::OutOfBounds) if a `T` does not lie there wholly, or not aligned;
    /// [`AccessDenied`](ErrorKind::AccessDenied) if the view is read-only;
    /// [`NotCommitted`](ErrorKind::NotCommitted).
    pub unsafe fn new(mutex: Mutex, view: View, offset: usize) -> Result<Self> {
        view.check_value::<T>(offset)?;
        Ok(Self { mutex, view, offset, held: AtomicBool::new(false), value: PhantomData })
    }

    /// Locks the value, waiting as long as it takes.
    ///
    /// # Errors
    /// As [`Mutex::lock`]; [`Busy`](ErrorKind::Busy) if this thread has it locked already.
    pub fn lock(&self) -> Result<LockedValue<'_, T>> {
        loop {
            // There is no end to that wait but success or an error.
            if let Some(locked) = self.lock_within(Timeout::Never)? {
                return Ok(locked);
            }
        }
    }

    /// Locks the value, waiting at most so long; none if the time was up.
    ///
    /// # Errors
    /// As [`lock`](Self::lock).
    pub fn lock_within(&self, timeout: impl Into<Timeout>) -> Result<Option<LockedValue<'_, T>>> {
        let Some(acquired) = self.mutex.lock_within(timeout.into())? else { return Ok(None) };
        // Under the mutex only this thread can have set the flag: by a guard that is still alive.
        if self.held.swap(true, Ordering::Relaxed) {
            return Err(Error::new(ErrorKind::Busy)
                .detail("this thread has the value locked already")
                .during("lock a value", self.mutex.label().map(String::from)));
        }
        let suspect = acquired.is_abandoned();
        let guard = LockedGuard { locked: self, _mutex: Acquired::guard(acquired) };
        Ok(Some(if suspect { LockedValue::Suspect(guard) } else { LockedValue::Intact(guard) }))
    }
}

impl<T> LockedGuard<'_, T> {
    fn place(&self) -> *mut T {
        self.locked.view.as_mut_ptr().wrapping_add(self.locked.offset).cast()
    }
}

impl<T: FromBytes + IntoBytes> Deref for LockedGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: in the view and aligned, checked by `new`; any bytes are a `T`; nobody writes while the mutex is held,
        // by the contract of `new`, and in this thread the flag admits one guard at a time.
        unsafe { &*self.place() }
    }
}

impl<T: FromBytes + IntoBytes> DerefMut for LockedGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as for `deref`; and nobody reads either.
        unsafe { &mut *self.place() }
    }
}

impl<T> Drop for LockedGuard<'_, T> {
    fn drop(&mut self) {
        self.locked.held.store(false, Ordering::Relaxed);
    }
}

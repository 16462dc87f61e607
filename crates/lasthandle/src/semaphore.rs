//! Semaphores: a count with a maximum, taken one by one.

use crate::error::{Error, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::object::{Choices, Object, sync_object};
use crate::sys::{Kernel, Platform, Spec};

/// A handle to a semaphore. It is signaled while its count is above 0; each wait that it ends takes one.
///
/// A semaphore has no owner: what a process took and died with is lost. Use a [`Mutex`](crate::Mutex) where that
/// matters.
///
/// # References
/// [Semaphore objects](https://learn.microsoft.com/windows/win32/sync/semaphore-objects)
#[derive(Debug)]
#[doc(alias = "CreateSemaphoreW")]
#[doc(alias = "OpenSemaphoreW")]
pub struct Semaphore(pub(crate) Object);

/// How to create or open a [`Semaphore`].
#[derive(Debug, Clone)]
#[must_use = "nothing is created or opened yet"]
pub struct SemaphoreOptions {
    initial: i32,
    maximum: i32,
    choices: Choices,
}

impl Default for SemaphoreOptions {
    fn default() -> Self {
        Self { initial: 0, maximum: i32::MAX, choices: Choices::default() }
    }
}

sync_object!(Semaphore, SemaphoreOptions, Kind::Semaphore, "create semaphore", "open semaphore");

impl SemaphoreOptions {
    /// The count from the start, 0 to the maximum. Default: 0.
    pub fn initial(mut self, count: i32) -> Self {
        self.initial = count;
        self
    }

    /// The most that the count may be, at least 1. Default: `i32::MAX`.
    pub fn maximum(mut self, count: i32) -> Self {
        self.maximum = count;
        self
    }

    fn spec<F>(&self) -> Spec<'static, F> {
        Spec::Semaphore { initial: self.initial, maximum: self.maximum }
    }
}

impl Semaphore {
    /// Creates a semaphore, or opens the one that has the name.
    ///
    /// # Errors
    /// See [`SemaphoreOptions::create`].
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>, initial: i32, maximum: i32) -> Result<Self> {
        Self::options().initial(initial).maximum(maximum).create(name)
    }

    /// Adds `count` to its count and returns what it was before.
    ///
    /// # Errors
    /// [`TooManyPosts`](crate::ErrorKind::TooManyPosts) past the maximum: nothing changes;
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter) for a count below 1;
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied) without [`Access::MODIFY`](crate::Access::MODIFY);
    /// [`Busy`](crate::ErrorKind::Busy) as [`Event::set`](crate::Event::set).
    #[doc(alias = "ReleaseSemaphore")]
    #[inline]
    pub fn release(&self, count: i32) -> Result<u32> {
        let released = Platform::default().release_semaphore(self.0.handle(), count);
        released.map_err(|error| self.0.during(error, "release semaphore"))
    }
}

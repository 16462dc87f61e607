//! Mutexes: owned by a thread, taken again by it, and never lost with it.

use std::marker::PhantomData;

use crate::error::{Error, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::object::{Choices, Object, sync_object};
use crate::sys::{Kernel, Platform, Spec, Timeout, Waited};

/// A handle to a mutex.
///
/// A **thread** owns it, and may take it again; it is free after as many releases. When the owner ends without releasing
/// it (returns, panics past its guard, is killed), the next who takes it is told that it was **abandoned**, once:
/// whatever the mutex protects may be half-changed.
///
/// On Linux that holds also where a stranger removes the files under the root directory: who has handles goes on, a mutex
/// is not given away while its owner lives, and it is abandoned when the owner has ended. What cannot be had, as when the
/// root directory itself is replaced, is listed in `docs/design/waiting.md`.
///
/// ```
/// use lasthandle::{Acquired, Mutex};
/// # fn main() -> lasthandle::Result<()> {
/// # let name = format!("Local\\doc-mutex-{}", std::process::id());
/// let mutex = Mutex::create(name)?;
/// let guard = match mutex.lock()? {
///     Acquired::Owned(guard) => guard,
///     Acquired::Abandoned(guard) => {
///         // … look at the data, repair it …
///         guard
///     }
/// };
/// drop(guard); // released
/// # Ok(())
/// # }
/// ```
///
/// # References
/// [Mutex objects](https://learn.microsoft.com/windows/win32/sync/mutex-objects)
#[derive(Debug)]
#[doc(alias = "CreateMutexW")]
#[doc(alias = "OpenMutexW")]
pub struct Mutex(pub(crate) Object);

/// How to create or open a [`Mutex`].
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is created or opened yet"]
pub struct MutexOptions {
    owned: bool,
    choices: Choices,
}

sync_object!(Mutex, MutexOptions, Kind::Mutex, "create mutex", "open mutex");

impl MutexOptions {
    /// The creating thread owns a fresh mutex from the start, and must [`release`](Mutex::release) it. An existing one
    /// is not taken. Default: nobody.
    #[doc(alias = "bInitialOwner")]
    pub fn initially_owned(mut self, owned: bool) -> Self {
        self.owned = owned;
        self
    }

    fn spec<F>(&self) -> Spec<'static, F> {
        Spec::Mutex { owned: self.owned }
    }
}

/// A mutex that was taken.
#[derive(Debug)]
#[must_use = "dropping it releases the mutex"]
pub enum Acquired<'a> {
    /// As usual.
    Owned(MutexGuard<'a>),
    /// From an owner that ended without releasing it; it is this thread's now.
    #[doc(alias = "WAIT_ABANDONED")]
    Abandoned(MutexGuard<'a>),
}

impl<'a> Acquired<'a> {
    /// The guard either way, for who needs no repair.
    pub fn guard(self) -> MutexGuard<'a> {
        match self {
            Self::Owned(guard) | Self::Abandoned(guard) => guard,
        }
    }

    /// Whether the owner before ended without releasing it.
    pub fn is_abandoned(&self) -> bool {
        matches!(self, Self::Abandoned(_))
    }
}

/// Releases the mutex once when dropped. Stays with its thread, which owns the mutex:
///
/// ```compile_fail,E0277
/// let mutex = lasthandle::Mutex::options().create_unnamed().unwrap();
/// let guard = mutex.lock().unwrap().guard();
/// std::thread::scope(|scope| {
///     scope.spawn(move || drop(guard)); // cannot be sent between threads
/// });
/// ```
#[derive(Debug)]
#[must_use = "dropping it releases the mutex"]
pub struct MutexGuard<'a> {
    mutex: &'a Mutex,
    stays: PhantomData<*const ()>,
}

impl Drop for MutexGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        // It can only fail if this thread has released the mutex by hand more often than it took it.
        let _ = self.mutex.release();
    }
}

impl Mutex {
    /// Creates a mutex that nobody owns, or opens the one that has the name.
    ///
    /// # Errors
    /// See [`MutexOptions::create`].
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::options().create(name)
    }

    /// Takes it, waiting as long as it takes.
    ///
    /// # Errors
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied) without [`Access::SYNCHRONIZE`](crate::Access::SYNCHRONIZE).
    #[doc(alias = "WaitForSingleObject")]
    #[inline]
    pub fn lock(&self) -> Result<Acquired<'_>> {
        loop {
            // There is no end to that wait but success or an error.
            if let Some(acquired) = self.lock_within(Timeout::Never)? {
                return Ok(acquired);
            }
        }
    }

    /// Takes it if it is free, this thread's own, or abandoned.
    ///
    /// # Errors
    /// As [`lock`](Self::lock).
    #[inline]
    pub fn try_lock(&self) -> Result<Option<Acquired<'_>>> {
        self.lock_within(Timeout::Now)
    }

    /// Takes it, waiting at most so long; none if the time was up.
    ///
    /// # Errors
    /// As [`lock`](Self::lock).
    #[inline]
    pub fn lock_within(&self, timeout: Timeout) -> Result<Option<Acquired<'_>>> {
        let waited = Platform::default().wait(&[self.0.handle()], false, timeout);
        let guard = MutexGuard { mutex: self, stays: PhantomData };
        match waited {
            Ok(Waited::Signaled(_)) => Ok(Some(Acquired::Owned(guard))),
            Ok(Waited::Abandoned(_)) => Ok(Some(Acquired::Abandoned(guard))),
            Ok(Waited::TimedOut) => {
                std::mem::forget(guard);
                Ok(None)
            }
            Err(error) => {
                std::mem::forget(guard);
                Err(self.0.during(error, "lock mutex"))
            }
        }
    }

    /// Releases it once: what a guard does, for who took the mutex by a wait for several objects.
    ///
    /// # Errors
    /// [`NotOwner`](crate::ErrorKind::NotOwner) if this thread does not own it.
    #[doc(alias = "ReleaseMutex")]
    #[inline]
    pub fn release(&self) -> Result<()> {
        Platform::default().release_mutex(self.0.handle()).map_err(|error| self.0.during(error, "release mutex"))
    }
}

//! One type for the four kinds of objects that can be waited for.

use lasthandle::{Access, Event, Mutex, Result, Semaphore, Timeout, Timer, Waitable, Waited};

/// A sync object of some kind.
#[derive(Debug)]
pub(crate) enum Sync {
    Event(Event),
    Mutex(Mutex),
    Semaphore(Semaphore),
    Timer(Timer),
}

/// Into it, and out of it: none if it is of another kind.
macro_rules! kinds {
    ($($method:ident -> $kind:ident),*) => {
        $(impl From<$kind> for Sync {
            fn from(object: $kind) -> Self {
                Self::$kind(object)
            }
        })*

        impl Sync {
            $(#[inline]
            pub(crate) fn $method(&self) -> Option<&$kind> {
                if let Self::$kind(object) = self { Some(object) } else { None }
            })*

            /// As `waitable().wait()`, without the call through a pointer.
            #[inline]
            pub(crate) fn wait(&self, timeout: Timeout) -> Result<Waited> {
                match self {
                    $(Self::$kind(object) => object.wait(timeout),)*
                }
            }

            pub(crate) fn duplicate(&self, access: Option<Access>, inheritable: bool) -> Result<Self> {
                match self {
                    $(Self::$kind(object) => object.duplicate(access, inheritable).map(Self::$kind),)*
                }
            }

            pub(crate) fn inherit_value(&self) -> Option<u64> {
                match self {
                    $(Self::$kind(object) => object.inherit_value(),)*
                }
            }

            pub(crate) fn label(&self) -> Option<&str> {
                match self {
                    $(Self::$kind(object) => object.label(),)*
                }
            }

            #[inline]
            pub(crate) fn waitable(&self) -> &dyn Waitable {
                match self {
                    $(Self::$kind(object) => object,)*
                }
            }
        }
    };
}

kinds!(event -> Event, mutex -> Mutex, semaphore -> Semaphore, timer -> Timer);

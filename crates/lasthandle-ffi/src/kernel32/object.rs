//! What handles lead to.

use lasthandle::{Event, Mapping, Mutex, Semaphore, Timer, Waitable};

use super::code::Code;

/// An object. Files, processes and threads are to come here: a variant each, with the places below where they differ.
pub(crate) enum Object {
    Mapping(Mapping),
    Event(Event),
    Mutex(Mutex),
    Semaphore(Semaphore),
    Timer(Timer),
}

/// Access to the object of one kind; another is the wrong handle.
macro_rules! kinds {
    ($($method:ident -> $kind:ident),*) => {$(
        #[inline]
        pub(crate) fn $method(&self) -> Result<&$kind, Code> {
            if let Self::$kind(object) = self { Ok(object) } else { Err(Code::INVALID_HANDLE) }
        }
    )*};
}

impl Object {
    kinds!(mapping -> Mapping, event -> Event, mutex -> Mutex, semaphore -> Semaphore, timer -> Timer);

    /// The object to wait for. Sections cannot be waited for.
    #[inline]
    pub(crate) fn waitable(&self) -> Result<&dyn Waitable, Code> {
        match self {
            Self::Mapping(_) => Err(Code::ACCESS_DENIED),
            Self::Event(event) => Ok(event),
            Self::Mutex(mutex) => Ok(mutex),
            Self::Semaphore(semaphore) => Ok(semaphore),
            Self::Timer(timer) => Ok(timer),
        }
    }
}

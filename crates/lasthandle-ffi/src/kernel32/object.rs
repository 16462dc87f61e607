//! What handles lead to.

use std::os::fd::{AsFd, BorrowedFd};

use lasthandle::{Event, Mapping, Mutex, Semaphore, Timeout, Timer, Waitable, Waited};

use super::code::Code;
use super::file::File;
use super::process::{Process, Role};
use super::threads::Thread;
use crate::sync::Sync;

/// An object.
pub(crate) enum Object {
    Mapping(Mapping),
    Sync(Sync),
    File(File),
    Process(Process),
    Thread(Thread),
}

impl From<Mapping> for Object {
    fn from(mapping: Mapping) -> Self {
        Self::Mapping(mapping)
    }
}

impl From<Process> for Object {
    fn from(process: Process) -> Self {
        Self::Process(process)
    }
}

impl From<File> for Object {
    fn from(file: File) -> Self {
        Self::File(file)
    }
}

impl From<Thread> for Object {
    fn from(thread: Thread) -> Self {
        Self::Thread(thread)
    }
}

impl<T: Into<Sync>> From<T> for Object {
    fn from(object: T) -> Self {
        Self::Sync(object.into())
    }
}

/// Access to the object of one kind; another is the wrong handle.
macro_rules! kinds {
    ($($method:ident -> $kind:ident),*) => {$(
        #[inline]
        pub(crate) fn $method(&self) -> Result<&$kind, Code> {
            match self {
                Self::Sync(object) => object.$method().ok_or(Code::INVALID_HANDLE),
                _ => Err(Code::INVALID_HANDLE),
            }
        }
    )*};
}

impl Object {
    kinds!(event -> Event, mutex -> Mutex, semaphore -> Semaphore, timer -> Timer);

    pub(crate) fn mapping(&self) -> Result<&Mapping, Code> {
        if let Self::Mapping(mapping) = self { Ok(mapping) } else { Err(Code::INVALID_HANDLE) }
    }

    pub(crate) fn file(&self) -> Result<&File, Code> {
        if let Self::File(file) = self { Ok(file) } else { Err(Code::INVALID_HANDLE) }
    }

    /// A process; not the handle of its first thread.
    pub(crate) fn process(&self) -> Result<&Process, Code> {
        match self {
            Self::Process(process) if process.role() == Role::Process => Ok(process),
            _ => Err(Code::INVALID_HANDLE),
        }
    }

    /// What can be a program's standard input or output.
    pub(crate) fn descriptor(&self) -> Result<BorrowedFd<'_>, Code> {
        Ok(self.file()?.as_fd())
    }

    /// Waits for the object. Sections cannot be waited for.
    #[inline]
    pub(crate) fn wait(&self, timeout: Timeout) -> Result<Waited, Code> {
        match self {
            Self::Mapping(_) => Err(Code::ACCESS_DENIED),
            Self::Sync(object) => Ok(object.wait(timeout)?),
            Self::Process(process) => process.wait(timeout),
            // Nothing goes on in the background: a file is always ready.
            Self::File(_) => Ok(Waited::Signaled(0)),
            Self::Thread(thread) => thread.wait(timeout),
        }
    }

    /// The object to wait for beside others.
    #[inline]
    pub(crate) fn waitable(&self) -> Result<&dyn Waitable, Code> {
        match self {
            Self::Mapping(_) => Err(Code::ACCESS_DENIED),
            Self::Sync(object) => Ok(object.waitable()),
            Self::Process(process) => process.waitable(),
            Self::File(file) => file.waitable(),
            Self::Thread(thread) => thread.waitable(),
        }
    }
}

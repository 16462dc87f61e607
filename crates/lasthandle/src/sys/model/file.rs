//! A file in memory. Its bytes are the memory that views map, so views and file are always coherent.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::memory::Memory;
use crate::access::Protection;
use crate::error::{Error, ErrorKind, Result};

/// Bytes a model file can grow to. Its memory is there from the start, so that growing never moves it.
pub const FILE_CAPACITY: u64 = 16 * 1024 * 1024;

/// What a file was opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileMode {
    /// Reading and writing.
    ReadWrite,
    /// Reading only.
    ReadOnly,
    /// Writing only.
    WriteOnly,
    /// Neither.
    NoAccess,
}

/// An open file.
#[derive(Debug, Clone)]
pub struct ModelFile {
    content: Arc<Content>,
    mode: FileMode,
}

#[derive(Debug)]
struct Content {
    memory: Arc<Memory>,
    length: Mutex<u64>,
}

impl ModelFile {
    /// A new file with these bytes, open for reading and writing.
    ///
    /// # Errors
    /// [`ErrorKind::TooBig`] past [`FILE_CAPACITY`]; [`ErrorKind::OutOfMemory`].
    pub fn new(bytes: &[u8]) -> Result<Self> {
        let memory = Arc::new(Memory::zeroed(FILE_CAPACITY)?);
        let file = Self { content: Arc::new(Content { memory, length: Mutex::new(0) }), mode: FileMode::ReadWrite };
        file.extend_to(bytes.len() as u64)?;
        file.content.memory.write(0, bytes.iter().copied());
        Ok(file)
    }

    /// The same file, opened once more.
    #[must_use]
    pub fn reopen(&self, mode: FileMode) -> Self {
        Self { content: Arc::clone(&self.content), mode }
    }

    /// What it holds now, whatever it was opened for.
    pub fn bytes(&self) -> Vec<u8> {
        let length = usize::try_from(*self.length()).expect("no larger than its memory");
        self.content.memory.read(0, length)
    }

    /// The size of a section over this file, in bytes, if such a section may be: `AccessDenied`, `EmptyFile`,
    /// `TooBig`. `asked` 0: the size of the file. Changes nothing.
    pub(super) fn section_size(&self, asked: u64, protection: Protection) -> Result<u64> {
        self.permits(protection)?;
        let length = *self.length();
        match asked {
            0 if length == 0 => Err(Error::new(ErrorKind::EmptyFile)),
            0 => Ok(length),
            _ if asked > length && !protection.is_writable() => {
                Err(Error::new(ErrorKind::TooBig).detail("the section may not extend the file"))
            }
            _ => Ok(asked),
        }
    }

    /// Extends the file with zeros; never shortens it.
    pub(super) fn extend_to(&self, size: u64) -> Result<()> {
        if size > FILE_CAPACITY {
            return Err(Error::new(ErrorKind::TooBig).detail("a model file holds no more than 16 MiB"));
        }
        let mut length = self.length();
        *length = size.max(*length);
        Ok(())
    }

    pub(super) fn memory(&self) -> Arc<Memory> {
        Arc::clone(&self.content.memory)
    }

    fn permits(&self, protection: Protection) -> Result<()> {
        let permitted = match self.mode {
            FileMode::ReadWrite => true,
            FileMode::ReadOnly => !protection.is_writable(),
            FileMode::WriteOnly | FileMode::NoAccess => false,
        };
        let refused = || Error::new(ErrorKind::AccessDenied).detail("the file is not open for what views would do");
        permitted.then_some(()).ok_or_else(refused)
    }

    fn length(&self) -> MutexGuard<'_, u64> {
        self.content.length.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

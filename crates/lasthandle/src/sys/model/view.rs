//! A mapped view: a window of a section's memory, or a private copy of one.

use std::ops::Range;
use std::sync::Arc;

use super::memory::{Memory, PAGE};
use super::section::Section;
use crate::access::ViewAccess;
use crate::error::{Error, ErrorKind, Result};
use crate::sys::{KernelView, MapRequest};

/// A view. It shares the section, so it keeps the memory; it does not know the object, so it does not keep the name.
///
/// A copy-on-write view has its own copy from the start: nobody may rely on seeing what others write after it was
/// mapped, nor on not seeing it.
#[derive(Debug)]
pub struct ModelView {
    section: Arc<Section>,
    private: Option<Memory>,
    window: Range<usize>,
    mapped: ViewAccess,
    access: ViewAccess,
}

impl ModelView {
    /// Maps what `request` asks for; the handle's rights and the alignment are the caller's affair.
    pub(super) fn map(section: &Arc<Section>, request: &MapRequest) -> Result<Self> {
        let window = section.window(request)?;
        if request.base.is_some() {
            // The model's memory lies where the allocator put it: every other address counts as in use.
            return Err(Error::new(ErrorKind::InvalidAddress).detail("the model cannot choose an address"));
        }
        let window = as_index(window.start)..as_index(window.end);
        let private = request
            .access
            .copies_on_write()
            .then(|| section.memory().copy_of(window.start, window.len()))
            .transpose()?;
        Ok(Self { section: Arc::clone(section), private, window, mapped: request.access, access: request.access })
    }

    /// A range of the view as a range of the section.
    fn range(&self, offset: usize, length: usize) -> Result<Range<u64>> {
        match offset.checked_add(length) {
            Some(end) if end <= self.window.len() => {
                Ok((self.window.start + offset) as u64..(self.window.start + end) as u64)
            }
            _ => Err(Error::new(ErrorKind::OutOfBounds)),
        }
    }
}

impl KernelView for ModelView {
    fn as_ptr(&self) -> *mut u8 {
        match &self.private {
            Some(memory) => memory.as_ptr(0),
            None => self.section.memory().as_ptr(self.window.start),
        }
    }

    fn length(&self) -> usize {
        self.window.len()
    }

    fn access(&self) -> ViewAccess {
        self.access
    }

    fn flush(&self, offset: usize, length: usize) -> Result<()> {
        // The file's bytes are the memory.
        self.range(offset, length).map(drop)
    }

    fn commit(&self, offset: usize, length: usize) -> Result<()> {
        self.section.commit(self.range(offset, length)?)
    }

    fn is_committed(&self, offset: usize, length: usize) -> bool {
        self.range(offset, length).is_ok_and(|range| self.section.is_committed(range))
    }

    fn committed(&self, offset: usize) -> (bool, usize) {
        let first = self.is_committed(offset, 1);
        let mut pages = (offset..self.length()).filter(|&at| at as u64 % PAGE == 0);
        let change = pages.find(|&at| self.is_committed(at, 1) != first);
        (first, change.unwrap_or(self.length()) - offset)
    }

    fn protect(&mut self, access: ViewAccess) -> Result<()> {
        if !self.mapped.may_become(access) {
            return Err(Error::new(ErrorKind::InvalidParameter).detail("the view was not mapped for that"));
        }
        if !self.is_committed(0, self.length()) {
            return Err(Error::new(ErrorKind::NotCommitted));
        }
        self.access = access;
        Ok(())
    }
}

fn as_index(offset: u64) -> usize {
    usize::try_from(offset).expect("the memory is allocated, so its offsets are indices")
}

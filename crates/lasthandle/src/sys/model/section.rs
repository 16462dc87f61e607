//! What a mapping is, apart from its name: what handles lead to, and views keep.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::ModelFile;
use super::memory::{Budget, Memory, PAGE, Promise};
use crate::access::{Access, Protection};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::sys::{Info, MapRequest, MappingSpec};

/// A section. Views share it, so its memory lasts as long as the last of them.
#[derive(Debug)]
pub(super) struct Section {
    size: u64,
    protection: Protection,
    memory: Arc<Memory>,
    /// The pages that were committed, if it was reserved.
    committed: Option<Mutex<BTreeSet<u64>>>,
    /// What it may count on; nothing for a file.
    promise: Mutex<Promise>,
    created: SystemTime,
}

/// The size of the section that `spec` asks for, if the arguments make sense. Looks at no name, changes nothing.
pub(super) fn validated_size(spec: &MappingSpec<'_, ModelFile>, access: Access) -> Result<u64> {
    let invalid = |why| Err(Error::new(ErrorKind::InvalidParameter).detail(why));
    match spec.file {
        None if spec.size == 0 => return invalid("a section of memory needs a size"),
        Some(_) if spec.reserve => return invalid("a section over a file cannot be reserved"),
        _ => {}
    }
    if isize::try_from(spec.size).is_err() {
        return Err(Error::new(ErrorKind::TooBig));
    }
    if !spec.protection.full_access().contains(access) {
        return Err(Error::new(ErrorKind::AccessDenied).detail("the protection does not give these rights"));
    }
    spec.file.map_or(Ok(spec.size), |file| file.section_size(spec.size, spec.protection))
}

impl Section {
    /// A fresh section of `size` bytes, as [`validated_size`] gave it.
    pub(super) fn new(spec: &MappingSpec<'_, ModelFile>, size: u64, budget: &Arc<Budget>) -> Result<Self> {
        let at_once = if spec.reserve || spec.file.is_some() { 0 } else { size.next_multiple_of(PAGE) };
        let promise = Promise::new(budget, at_once)?;
        let memory = match spec.file {
            None => Arc::new(Memory::zeroed(size)?),
            Some(file) => {
                file.extend_to(size)?;
                file.memory()
            }
        };
        Ok(Self {
            size,
            protection: spec.protection,
            memory,
            committed: spec.reserve.then(Mutex::default),
            promise: Mutex::new(promise),
            created: SystemTime::now(),
        })
    }

    pub(super) fn info(&self) -> Info {
        Info {
            kind: Kind::Mapping,
            size: self.size,
            protection: Some(self.protection),
            reserved: self.committed.is_some(),
            file: None,
            created: Some(self.created),
            creator: Some(std::process::id()),
            state: None,
        }
    }

    pub(super) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The bytes a view shows, if the section can have such a view.
    pub(super) fn window(&self, request: &MapRequest) -> Result<Range<u64>> {
        let denied = |why| Err(Error::new(ErrorKind::AccessDenied).detail(why));
        if !self.protection.permits(request.access) {
            return denied("the section's protection does not permit such a view");
        }
        let length = if request.length == 0 { self.size.saturating_sub(request.offset) } else { request.length };
        match request.offset.checked_add(length) {
            Some(end) if length > 0 && end <= self.size.next_multiple_of(PAGE) => Ok(request.offset..end),
            _ => denied("the view would reach past the end of the section"),
        }
    }

    /// Commits the pages that `range` touches, all or none.
    pub(super) fn commit(&self, range: Range<u64>) -> Result<()> {
        let Some(committed) = &self.committed else { return Ok(()) };
        let mut committed = committed.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh: Vec<u64> = pages(range).filter(|page| !committed.contains(page)).collect();
        let mut promise = self.promise.lock().unwrap_or_else(PoisonError::into_inner);
        promise.grow(fresh.len() as u64 * PAGE)?;
        committed.extend(fresh);
        Ok(())
    }

    pub(super) fn is_committed(&self, range: Range<u64>) -> bool {
        let Some(committed) = &self.committed else { return true };
        let committed = committed.lock().unwrap_or_else(PoisonError::into_inner);
        pages(range).all(|page| committed.contains(&page))
    }
}

fn pages(range: Range<u64>) -> Range<u64> {
    range.start / PAGE..range.end.div_ceil(PAGE)
}

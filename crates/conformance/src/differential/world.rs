//! A kernel with the handles and views that a sequence has so far, and what each step shows.

use lasthandle::sys::{Disposition, Info, Inventory, Kernel, KernelView, MapRequest, MappingSpec, Spec};
use lasthandle::{Access, Error, ErrorKind, Kind, Name, Protection, Result, ViewAccess};

use super::op::Op;
use crate::bytes::{load, store};
use crate::case::{options, view_rights};

/// What is compared after a step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// The step met no handle or view to work on.
    Nothing,
    /// It is done, and there is nothing to see.
    Done,
    /// It failed with this Windows code.
    Refused(u32),
    /// A handle; `None` where nobody said whether the object was made or met.
    Handle(Option<Disposition>, Access),
    /// What an object says of itself; memory sizes in whole pages, the finest that every system knows.
    Object { kind: Kind, size: u64, reserved: bool, protection: Option<Protection> },
    /// A view, in whole pages.
    View(usize, ViewAccess),
    /// Whether what was just committed is.
    Committed(bool),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// One side of the comparison.
pub(super) struct World<'a, K: Kernel> {
    kernel: &'a K,
    names: &'a [Name],
    handles: Vec<K::Handle>,
    views: Vec<K::View>,
}

impl<'a, K: Kernel + Inventory> World<'a, K> {
    /// A world without handles or views.
    pub(super) fn new(kernel: &'a K, names: &'a [Name]) -> Self {
        Self { kernel, names, handles: Vec::new(), views: Vec::new() }
    }

    /// Does one step.
    pub(super) fn step(&mut self, op: &Op) -> Shown {
        self.attempt(op).unwrap_or_else(|error| Shown::Refused(error.windows_code()))
    }

    /// What every name leads to.
    pub(super) fn state(&self) -> Vec<Shown> {
        let look = |name| self.kernel.inspect(name).and_then(|entry| Ok(object(&entry.info?)));
        let code = |error: Error| Shown::Refused(error.windows_code());
        self.names.iter().map(|name| look(name).unwrap_or_else(code)).collect()
    }

    /// Drops every handle, but no view.
    pub(super) fn close_all(&mut self) {
        self.handles.clear();
    }

    /// The step as it makes sense to both sides, which this one decides: ranges cut to the view, which may be
    /// longer on a system that knows whole pages only; nothing read, written or copied that is not committed.
    /// `None`: leave it out.
    pub(super) fn settle(&self, op: &Op) -> Option<Op> {
        match *op {
            Op::Write { view, offset, length, byte } => {
                let (offset, length) = self.touchable(view, offset, length)?;
                self.view(view)?.access().is_writable().then_some(Op::Write { view, offset, length, byte })
            }
            Op::Read { view, offset, length } => {
                let (offset, length) = self.touchable(view, offset, length)?;
                Some(Op::Read { view, offset, length })
            }
            Op::Commit { view, offset, length } => {
                // Whether a view that only reads may commit is left to the system.
                let (offset, length) = self.inside(view, offset, length)?;
                self.view(view)?.access().writes_through().then_some(Op::Commit { view, offset, length })
            }
            Op::Protect { view, .. } => {
                // Where memory is committed always, there is always something to protect.
                let view = self.view(view)?;
                view.is_committed(0, view.length()).then(|| op.clone())
            }
            Op::Map { handle, access, .. } if access.copies_on_write() => {
                // A copy is made page by page as they are touched; what is not committed cannot be.
                let handle = &self.handles[latest(&self.handles, handle)?];
                (!self.kernel.query(handle).ok()?.reserved).then(|| op.clone())
            }
            _ => Some(op.clone()),
        }
    }

    fn inside(&self, view: usize, offset: usize, length: usize) -> Option<(usize, usize)> {
        let view = self.view(view)?;
        let offset = offset % view.length();
        Some((offset, length.min(view.length() - offset)))
    }

    fn touchable(&self, view: usize, offset: usize, length: usize) -> Option<(usize, usize)> {
        let (offset, length) = self.inside(view, offset, length)?;
        self.view(view)?.is_committed(offset, length).then_some((offset, length))
    }

    fn view(&self, view: usize) -> Option<&K::View> {
        latest(&self.views, view).map(|at| &self.views[at])
    }

    fn attempt(&mut self, op: &Op) -> Result<Shown> {
        match *op {
            Op::Create { .. } | Op::Open { .. } => self.make(op),
            Op::Close { handle } | Op::Duplicate { handle, .. } | Op::Query { handle } | Op::Map { handle, .. } => {
                match latest(&self.handles, handle) {
                    None => Ok(Shown::Nothing),
                    Some(handle) => self.with_handle(op, handle),
                }
            }
            Op::Unmap { view }
            | Op::Write { view, .. }
            | Op::Read { view, .. }
            | Op::Protect { view, .. }
            | Op::Commit { view, .. } => match latest(&self.views, view) {
                None => Ok(Shown::Nothing),
                Some(view) => self.with_view(op, view),
            },
        }
    }

    fn make(&mut self, op: &Op) -> Result<Shown> {
        match *op {
            Op::Create { name, size, protection, reserve, exclusive, access } => {
                let spec = Spec::Mapping(MappingSpec { size, protection, reserve, file: None });
                let options = lasthandle::sys::CreateOptions { exclusive, ..options(access) };
                let name = name.map(|name| &self.names[name]);
                let (handle, disposition) = self.kernel.create(name, &spec, &options)?;
                Ok(self.keep(handle, Some(disposition)))
            }
            Op::Open { name, access } => {
                let handle = self.kernel.open(Kind::Mapping, &self.names[name], access, false)?;
                Ok(self.keep(handle, None))
            }
            _ => unreachable!("only these make handles from names"),
        }
    }

    fn keep(&mut self, handle: K::Handle, disposition: Option<Disposition>) -> Shown {
        let rights = view_rights(self.kernel.access(&handle));
        self.handles.push(handle);
        Shown::Handle(disposition, rights)
    }

    fn with_handle(&mut self, op: &Op, at: usize) -> Result<Shown> {
        match *op {
            Op::Close { .. } => drop(self.handles.remove(at)),
            Op::Duplicate { access, .. } => {
                let handle = self.kernel.duplicate(&self.handles[at], access, false)?;
                return Ok(self.keep(handle, None));
            }
            Op::Map { access, offset, length, .. } => {
                let request = MapRequest { access, offset, length, ..MapRequest::default() };
                let view = self.kernel.map(&self.handles[at], &request)?;
                if access.copies_on_write() {
                    make_private(&view);
                }
                let shown = Shown::View(view.length().next_multiple_of(4096), view.access());
                self.views.push(view);
                return Ok(shown);
            }
            _ => return self.kernel.query(&self.handles[at]).map(|info| object(&info)),
        }
        Ok(Shown::Done)
    }

    fn with_view(&mut self, op: &Op, at: usize) -> Result<Shown> {
        match *op {
            Op::Write { offset, length, .. } | Op::Read { offset, length, .. }
                if !self.views[at].is_committed(offset, length) =>
            {
                return Err(Error::new(ErrorKind::NotCommitted));
            }
            Op::Unmap { .. } => drop(self.views.remove(at)),
            Op::Write { offset, length, byte, .. } => store(&self.views[at], offset, &vec![byte; length]),
            Op::Read { offset, length, .. } => return Ok(Shown::Bytes(load(&self.views[at], offset, length))),
            Op::Protect { access, .. } => {
                let outcome = self.views[at].protect(access);
                let view = Shown::View(self.views[at].length().next_multiple_of(4096), self.views[at].access());
                return outcome.map(|()| view);
            }
            Op::Commit { offset, length, .. } => {
                self.views[at].commit(offset, length)?;
                return Ok(Shown::Committed(self.views[at].is_committed(offset, length)));
            }
            _ => unreachable!("the other steps are about handles and names"),
        }
        Ok(Shown::Done)
    }
}

/// The place of the one that many before the latest.
fn latest<T>(of: &[T], back: usize) -> Option<usize> {
    of.len().checked_sub(back + 1)
}

/// Writes each page of a copy-on-write view once, so that it no longer follows what others write: until then, both
/// following and not following is right.
fn make_private(view: &impl KernelView) {
    for page in (0..view.length()).step_by(4096) {
        let byte = load(view, page, 1);
        store(view, page, &byte);
    }
}

fn object(info: &Info) -> Shown {
    Shown::Object {
        kind: info.kind,
        size: info.size.next_multiple_of(4096),
        reserved: info.reserved,
        protection: info.protection,
    }
}

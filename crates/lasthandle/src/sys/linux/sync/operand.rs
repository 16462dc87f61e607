//! A sync object as the protocol takes it: what its verbs need lies beside one another in the handle.
//!
//! Its words lie in its own record page; or inside a section; or, of a **watch**, in private memory. A watch is a mutex
//! that a thread of another process seems to own: who waits for it sleeps on that thread's life, and takes it from the
//! dead. So that all who wait are told, each wait does that to words of its own ([`Operand::for_one_wait`]).
//!
//! # Safety
//! An [`Operand`] keeps what the words that it points to lie in.
#![allow(unsafe_code)]

use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::life::Lives;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::protocol::{Form, Id};
use crate::record::Description;
use crate::sys::KernelView;
use crate::sys::linux::handle::Object;
use crate::sys::linux::identity::Identity;
use crate::sys::linux::page::Words;
use crate::sys::linux::view::View;

/// One object of an operation.
#[derive(Debug, Clone)]
pub(crate) struct Operand {
    words: NonNull<Words>,
    pub(crate) form: Form,
    pub(crate) lives: &'static Lives,
    pub(super) place: WordsPlace,
    keeps: Keeps,
}

/// Which words they are: in which file, and where in it. Of shared ones, the same in all processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WordsPlace {
    device: u64,
    inode: u64,
    offset: usize,
}

/// What the words lie in.
#[derive(Debug, Clone)]
enum Keeps {
    Object { _object: Arc<Object> },
    View { _view: Arc<View> },
    Watch(Arc<Words>),
}

// SAFETY: the words are atomics, which any thread may use while they are mapped; the rest is `Send` and `Sync`.
unsafe impl Send for Operand {}
// SAFETY: as above.
unsafe impl Sync for Operand {}

/// The same object is the same words, whatever the handle.
impl PartialEq for Operand {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl Eq for Operand {}

impl Operand {
    /// None if it is no sync object.
    pub(crate) fn of(object: &Arc<Object>) -> Option<Self> {
        let (words, lives) = match (&object.holder, &object.unnamed) {
            (Some(holder), _) => (holder.words()?, holder.spot().lives),
            (None, Some(unnamed)) => (unnamed.page.words()?, unnamed.lives),
            (None, None) => return None,
        };
        let words = NonNull::from(words);
        let form = form(&object.description);
        let place = WordsPlace::in_file(object.identity, 0);
        Some(Self { words, form, lives, place, keeps: Keeps::Object { _object: Arc::clone(object) } })
    }

    /// An object whose words lie at `offset` of the section of that identity, which `view` maps from its first byte on.
    #[allow(clippy::cast_ptr_alignment)] // looked at
    pub(super) fn inside(
        section: Identity,
        view: &Arc<View>,
        offset: usize,
        form: Form,
        lives: &'static Lives,
    ) -> Result<Self> {
        let refuse = |kind, why: &'static str| Err(Error::new(kind).detail(why));
        let words = view.as_ptr().wrapping_add(offset).cast::<Words>();
        if !words.is_aligned() {
            return refuse(ErrorKind::InvalidParameter, "the offset is not a multiple of 64");
        }
        if offset.checked_add(size_of::<Words>()).is_none_or(|end| end > view.length()) {
            return refuse(ErrorKind::OutOfBounds, "the view ends before");
        }
        if !view.access().writes_through() {
            return refuse(ErrorKind::AccessDenied, "the view does not write what others see");
        }
        let words = NonNull::new(words).ok_or_else(|| Error::new(ErrorKind::OutOfBounds))?;
        let place = WordsPlace::in_file(section, offset);
        Ok(Self { words, form, lives, place, keeps: Keeps::View { _view: Arc::clone(view) } })
    }

    /// Something to wait for the end of that thread with.
    pub(super) fn watch(lives: &'static Lives, thread: Id) -> Self {
        let kept = Arc::new(Words::default());
        kept.state.store(thread.word(), Ordering::Relaxed);
        let words = NonNull::from(&*kept);
        let place = WordsPlace { device: 0, inode: 0, offset: words.addr().get() };
        Self { words, form: Form::Mutex, lives, place, keeps: Keeps::Watch(kept) }
    }

    /// Whether it only tells of a thread's end.
    #[inline]
    pub(super) fn is_watch(&self) -> bool {
        matches!(self.keeps, Keeps::Watch(_))
    }

    /// Of a watch: another, of the same thread.
    #[inline]
    pub(super) fn for_one_wait(&self) -> Option<Self> {
        let Keeps::Watch(kept) = &self.keeps else { return None };
        Some(Self::watch(self.lives, Id::in_word(kept.state.load(Ordering::Relaxed))))
    }

    /// Where the state, the claim and the counts lie.
    #[inline]
    pub(crate) fn words(&self) -> &Words {
        // SAFETY: they lie in what `self` keeps, which has them at one address as long as it lives: in the record page of
        // an object; in a view, mapped to be read and written, whose protection nobody changes while it is shared, at an
        // aligned offset inside; in memory of their own. Shared references to them are all there are.
        unsafe { self.words.as_ref() }
    }
}

impl WordsPlace {
    fn in_file(file: Identity, offset: usize) -> Self {
        Self { device: file.device, inode: file.inode, offset }
    }
}

pub(super) fn form(description: &Description) -> Form {
    match description.kind {
        Kind::Event => Form::Event { manual: description.manual },
        Kind::Semaphore => Form::Semaphore { maximum: description.maximum },
        Kind::Timer => Form::Timer { manual: description.manual },
        _ => Form::Mutex,
    }
}

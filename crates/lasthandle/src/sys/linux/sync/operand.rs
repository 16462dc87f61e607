//! A sync object as the protocol takes it: what its verbs need lies beside one another in the handle.
//!
//! # Safety
//! An [`Operand`] keeps the object whose words it points to, and with it the record page that they lie in.
#![allow(unsafe_code)]

use std::ptr::NonNull;
use std::sync::Arc;

use super::life::Lives;
use crate::kind::Kind;
use crate::protocol::Form;
use crate::record::Description;
use crate::sys::linux::handle::Object;
use crate::sys::linux::identity::Identity;
use crate::sys::linux::page::Words;

/// One object of an operation.
#[derive(Debug)]
pub(crate) struct Operand {
    words: NonNull<Words>,
    pub(crate) form: Form,
    pub(crate) lives: &'static Lives,
    pub(crate) identity: Identity,
    _keeps: Arc<Object>,
}

// SAFETY: the words are atomics, which any thread may use while they are mapped; the rest is `Send` and `Sync`.
unsafe impl Send for Operand {}
// SAFETY: as above.
unsafe impl Sync for Operand {}

/// The same object is the same file, whatever the handle.
impl PartialEq for Operand {
    fn eq(&self, other: &Self) -> bool {
        self.identity == other.identity
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
        Some(Self {
            words: NonNull::from(words),
            form: form(&object.description),
            lives,
            identity: object.identity,
            _keeps: Arc::clone(object),
        })
    }

    /// Where the state, the claim and the counts lie.
    #[inline]
    pub(crate) fn words(&self) -> &Words {
        // SAFETY: they were lent by the object that `self` keeps, which has them at one address as long as it lives;
        // shared references to them are all there are.
        unsafe { self.words.as_ref() }
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

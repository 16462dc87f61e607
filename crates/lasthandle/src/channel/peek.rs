//! A channel's memory as one sees it who takes no part: mapped so that it can only be read.
//!
//! # Safety
//! A [`Peek`] keeps its view, whose address and length never change. Every access is checked against that length first;
//! words are aligned, because the view begins at a page and their offsets are checked. Words are read by relaxed atomic
//! loads, the only ones that are defined on memory that cannot be written; bytes by the opaque copies of [`crate::copy`].
#![allow(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering, fence};

use super::memory::Memory;
use crate::access::ViewAccess;
use crate::copy;
use crate::error::Result;
use crate::mapping::Mapping;
use crate::sys::{Kernel, KernelView, MapRequest, Platform};

/// A mapped section that is only read.
#[derive(Debug)]
pub(crate) struct Peek {
    view: Arc<<Platform as Kernel>::View>,
}

impl Peek {
    /// The whole section.
    pub(crate) fn map(mapping: &Mapping) -> Result<Self> {
        let request = MapRequest { access: ViewAccess::ReadOnly, populate: false, ..MapRequest::default() };
        Ok(Self { view: Arc::new(Platform::default().map(mapping.handle(), &request)?) })
    }

    pub(crate) fn length(&self) -> usize {
        self.view.length()
    }

    fn range(&self, at: usize, length: usize) -> *const u8 {
        assert!(at <= self.length() && length <= self.length() - at, "outside of the channel's memory");
        self.view.as_ptr().wrapping_add(at).cast_const()
    }
}

/// The readers of rings only read; who writes here has a bug.
const READS: &str = "who takes no part writes nothing";

impl Memory for Peek {
    #[allow(clippy::cast_ptr_alignment)] // checked
    fn load(&self, at: usize, order: Ordering) -> u64 {
        assert!(at % 8 == 0, "a word that is not aligned");
        let word = self.range(at, 8).cast::<AtomicU64>();
        // SAFETY: eight bytes inside of the view, which `self` keeps mapped; aligned, since the view begins at a page;
        // everybody uses words atomically, and bytes through copies that may race by contract.
        let value = unsafe { &*word }.load(Ordering::Relaxed);
        if order != Ordering::Relaxed {
            fence(order);
        }
        value
    }

    fn read(&self, at: usize, into: &mut [u8]) {
        let from = self.range(at, into.len());
        // SAFETY: that many bytes inside of the view, which `self` keeps mapped.
        unsafe { copy::from_shared(from, into) };
    }

    fn store(&self, _: usize, _: u64, _: Ordering) {
        unreachable!("{READS}");
    }

    fn exchange(&self, _: usize, _: u64, _: u64) -> bool {
        unreachable!("{READS}");
    }

    fn set_bits(&self, _: usize, _: u64) -> u64 {
        unreachable!("{READS}");
    }

    fn clear_bits(&self, _: usize, _: u64) -> u64 {
        unreachable!("{READS}");
    }

    fn write(&self, _: usize, _: &[u8]) {
        unreachable!("{READS}");
    }

    fn light(&self) {}

    fn heavy(&self) -> bool {
        false
    }
}

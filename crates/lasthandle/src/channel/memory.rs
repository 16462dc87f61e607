//! The memory of a channel, as its algorithms see it: words that everybody may read and write at any time, and bytes.
//!
//! The engine is `Shared`; the checkers bring their own (`crates/channel-check`), in which each access is a step.
//!
//! # Safety
//! A `Shared` keeps its view, whose address and length never change. Every access is checked against that length
//! first; words are aligned, because the view begins at a page and their offsets are checked. Words are atomics; bytes
//! are moved by the opaque copies of `crate::copy`, or by atomics.
#![allow(unsafe_code)]
#![allow(clippy::inline_always)] // a call costs as much as the rest: `docs/design/channels.md`

use std::sync::Arc;
use std::sync::atomic::{self, AtomicU64, Ordering};

use super::record::SHORT;
use crate::access::ViewAccess;
use crate::copy;
use crate::sys::{Kernel, KernelView, Platform, barrier, prefetch};

type SystemView = <Platform as Kernel>::View;

/// Words and bytes that other processes use at the same time. Offsets count from the section's start.
pub trait Memory {
    /// Reads the word at `at`, a multiple of 8.
    fn load(&self, at: usize, order: Ordering) -> u64;

    /// Writes it.
    fn store(&self, at: usize, value: u64, order: Ordering);

    /// Writes `to` if it is `from`; whether it was.
    fn exchange(&self, at: usize, from: u64, to: u64) -> bool;

    /// Sets bits; the word before. Sequentially consistent.
    fn set_bits(&self, at: usize, bits: u64) -> u64;

    /// Clears bits; the word before. Sequentially consistent.
    fn clear_bits(&self, at: usize, bits: u64) -> u64;

    /// Copies bytes out: any mixture of what others write meanwhile.
    fn read(&self, at: usize, into: &mut [u8]);

    /// Copies bytes in.
    fn write(&self, at: usize, from: &[u8]);

    /// Says that the line at `at` will be written before long.
    fn prepare(&self, at: usize) {
        let _ = at;
    }

    /// Orders what comes before and what comes after.
    #[inline]
    fn fence(&self, order: Ordering) {
        atomic::fence(order);
    }

    /// Between a store that a sleeper may wait for and the look whether there is one: with [`heavy`](Self::heavy) on
    /// the sleeper's side, at least one of the two sees the other's store.
    fn light(&self);

    /// Between the announcement of a sleeper and its last look. `false`: a sleeper may be missed all the same, and must
    /// look again from time to time.
    fn heavy(&self) -> bool;
}

/// A mapped section.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    base: *mut u8,
    length: usize,
    barrier: barrier::Side,
    view: Arc<SystemView>,
}

// SAFETY: what it offers are atomics, and copies that may race by contract.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    /// The whole of a view that can be written.
    pub(crate) fn new(view: Arc<SystemView>) -> Self {
        assert!(view.access() == ViewAccess::ReadWrite, "a channel's memory is written");
        Self { base: view.as_ptr(), length: view.length(), barrier: barrier::join(), view }
    }

    pub(crate) fn view(&self) -> &Arc<SystemView> {
        &self.view
    }

    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// The address of `length` bytes from `at` on, valid as long as the view.
    #[inline(always)]
    pub(crate) fn range(&self, at: usize, length: usize) -> *mut u8 {
        assert!(at <= self.length && length <= self.length - at, "outside of the channel's memory");
        self.base.wrapping_add(at)
    }

    #[inline(always)]
    #[allow(clippy::cast_ptr_alignment)] // checked
    fn word(&self, at: usize) -> &AtomicU64 {
        assert!(at % 8 == 0, "a word that is not aligned");
        let word = self.range(at, 8).cast::<AtomicU64>();
        // SAFETY: eight bytes inside of the view, which `self` keeps mapped; aligned, since the view begins at a page;
        // everybody uses words atomically, and bytes through copies that may race by contract.
        unsafe { &*word }
    }
}

impl Memory for Shared {
    #[inline(always)]
    fn load(&self, at: usize, order: Ordering) -> u64 {
        self.word(at).load(order)
    }

    #[inline(always)]
    fn store(&self, at: usize, value: u64, order: Ordering) {
        self.word(at).store(value, order);
    }

    fn exchange(&self, at: usize, from: u64, to: u64) -> bool {
        self.word(at).compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    fn set_bits(&self, at: usize, bits: u64) -> u64 {
        self.word(at).fetch_or(bits, Ordering::SeqCst)
    }

    fn clear_bits(&self, at: usize, bits: u64) -> u64 {
        self.word(at).fetch_and(!bits, Ordering::SeqCst)
    }

    #[inline(always)]
    fn read(&self, at: usize, into: &mut [u8]) {
        // More words than two would be gathered by loads wider than the stores, which must wait for them.
        if into.len() <= 16 && at % 8 == 0 {
            return read_words(self, at, into);
        }
        let from = self.range(at, into.len()).cast_const();
        // SAFETY: that many bytes inside of the view, which `self` keeps mapped.
        unsafe { copy::from_shared(from, into) };
    }

    #[inline(always)]
    fn write(&self, at: usize, from: &[u8]) {
        if from.len() <= SHORT && at % 8 == 0 {
            return write_words(self, at, from);
        }
        let to = self.range(at, from.len());
        // SAFETY: that many bytes inside of the view, which `self` keeps mapped; the view can be written.
        unsafe { copy::to_shared(to, from) };
    }

    #[inline]
    fn prepare(&self, at: usize) {
        prefetch::to_be_written(self.base.wrapping_add(at));
    }

    #[inline(always)]
    fn light(&self) {
        self.barrier.light();
    }

    fn heavy(&self) -> bool {
        self.barrier.heavy()
    }
}

/// Few bytes at the start of a word: cheaper so than by a call.
#[inline(always)]
fn read_words(memory: &impl Memory, at: usize, into: &mut [u8]) {
    let mut words = into.chunks_exact_mut(8);
    let mut from = at;
    for word in &mut words {
        word.copy_from_slice(&memory.load(from, Ordering::Relaxed).to_ne_bytes());
        from += 8;
    }
    let rest = words.into_remainder();
    if !rest.is_empty() {
        rest.copy_from_slice(&memory.load(from, Ordering::Relaxed).to_ne_bytes()[..rest.len()]);
    }
}

/// Likewise. What follows in the last word becomes zeros: it belongs to the same record.
#[inline(always)]
fn write_words(memory: &impl Memory, at: usize, from: &[u8]) {
    let mut words = from.chunks_exact(8);
    let mut to = at;
    for word in &mut words {
        memory.store(to, u64::from_ne_bytes(word.try_into().expect("eight bytes")), Ordering::Relaxed);
        to += 8;
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        memory.store(to, u64::from_ne_bytes(last), Ordering::Relaxed);
    }
}

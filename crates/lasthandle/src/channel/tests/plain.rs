//! Memory of this process.

use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicU64, Ordering, fence};

use crate::channel::memory::Memory;

/// Plain words.
pub(super) struct Plain(Vec<AtomicU64>);

impl Plain {
    pub(super) fn new(bytes: usize) -> Self {
        Self((0..bytes / 8).map(|_| AtomicU64::new(0)).collect())
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.load(Relaxed).to_le_bytes()).collect()
    }

    fn word(&self, at: usize) -> &AtomicU64 {
        assert!(at % 8 == 0, "a word that is not aligned");
        &self.0[at / 8]
    }
}

impl Memory for Plain {
    fn load(&self, at: usize, order: Ordering) -> u64 {
        self.word(at).load(order)
    }

    fn store(&self, at: usize, value: u64, order: Ordering) {
        self.word(at).store(value, order);
    }

    fn exchange(&self, at: usize, from: u64, to: u64) -> bool {
        self.word(at).compare_exchange(from, to, SeqCst, SeqCst).is_ok()
    }

    fn set_bits(&self, at: usize, bits: u64) -> u64 {
        self.word(at).fetch_or(bits, SeqCst)
    }

    fn clear_bits(&self, at: usize, bits: u64) -> u64 {
        self.word(at).fetch_and(!bits, SeqCst)
    }

    fn read(&self, at: usize, into: &mut [u8]) {
        for (index, byte) in into.iter_mut().enumerate() {
            let at = at + index;
            *byte = self.word(at - at % 8).load(Relaxed).to_le_bytes()[at % 8];
        }
    }

    fn write(&self, at: usize, from: &[u8]) {
        for (index, byte) in from.iter().enumerate() {
            let at = at + index;
            let word = self.word(at - at % 8);
            let mut bytes = word.load(Relaxed).to_le_bytes();
            bytes[at % 8] = *byte;
            word.store(u64::from_le_bytes(bytes), Relaxed);
        }
    }

    fn light(&self) {
        fence(SeqCst);
    }

    fn heavy(&self) -> bool {
        fence(SeqCst);
        true
    }
}

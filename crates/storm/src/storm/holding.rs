//! What one actor has of one name, and the checks on it.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use lasthandle::{Mapping, View};

use super::board::Board;
use crate::actors::ACTORS;

/// What must never happen, in words.
pub(crate) type Checked<T = ()> = Result<T, String>;

/// A name's size: odd ones too, each name its own.
pub(crate) fn size(name: usize) -> u64 {
    1000 + 3333 * name as u64
}

pub(crate) fn label(name: usize) -> String {
    if name % 4 == 3 { format!("Global\\storm{name}") } else { format!("storm%{name}") }
}

/// A handle and a view, and the number that this actor wrote into its own word of the memory.
#[derive(Debug)]
pub(crate) struct Holding {
    mapping: Mapping,
    view: View,
    mark: u64,
}

impl Holding {
    /// Takes a handle into use: stamps the object if nobody did, and leaves a mark.
    pub(crate) fn new(mapping: Mapping, board: &Board, me: usize) -> Checked<Self> {
        let view = mapping.view().map_err(|error| format!("no view: {error}"))?;
        let mark = board.generations().fetch_add(1, SeqCst);
        word(&view, 0).compare_exchange(0, mark, SeqCst, SeqCst).ok();
        word(&view, 1 + me).store(mark, SeqCst);
        Ok(Self { mapping, view, mark })
    }

    /// The first number that anybody wrote into it: tells one object from another.
    pub(crate) fn stamp(&self) -> u64 {
        word(&self.view, 0).load(SeqCst)
    }

    /// Nothing in the memory is older than `generation`, the next number when the object did not exist yet.
    pub(crate) fn check_fresh(mapping: &Mapping, generation: u64) -> Checked {
        let view = mapping.view().map_err(|error| format!("no view: {error}"))?;
        let mut bytes = vec![0; view.len()];
        view.read_at(0, &mut bytes).map_err(|error| error.to_string())?;
        for chunk in bytes.chunks_exact(8) {
            let number = u64::from_le_bytes(chunk.try_into().expect("eight bytes"));
            if number != 0 && number < generation {
                return Err(format!("memory not fresh: {number}, created at {generation}"));
            }
        }
        Ok(())
    }

    /// The name, opened again, leads to the same memory.
    pub(crate) fn verify(&self, name: usize, me: usize) -> Checked {
        let again = Mapping::open(label(name)).map_err(|error| format!("a name lost while held: {error}"))?;
        if again.size() != size(name) {
            return Err(format!("a half-made object seen: {} bytes", again.size()));
        }
        let view = again.view().map_err(|error| format!("no view: {error}"))?;
        let (stamp, mark) = (word(&view, 0).load(SeqCst), word(&view, 1 + me).load(SeqCst));
        if stamp != self.stamp() || mark != self.mark {
            return Err(format!("two objects under one name: stamps {stamp} and {}", self.stamp()));
        }
        Ok(())
    }

    /// Closes the handle; the view stays.
    pub(crate) fn close(self) -> Kept {
        let stamp = self.stamp();
        drop(self.mapping);
        Kept { view: self.view, stamp, mark: self.mark }
    }
}

/// A view that outlived its handle: it keeps the memory.
#[derive(Debug)]
pub(crate) struct Kept {
    view: View,
    stamp: u64,
    mark: u64,
}

impl Kept {
    /// The memory is still that object's; this actor's own mark may be a newer one, if it opened the object again.
    pub(crate) fn verify(&self, me: usize) -> Checked {
        let (stamp, mark) = (word(&self.view, 0).load(SeqCst), word(&self.view, 1 + me).load(SeqCst));
        if stamp == self.stamp && mark >= self.mark {
            return Ok(());
        }
        Err(format!("a kept view changed: stamp {stamp}, not {}; mark {mark}, not {}", self.stamp, self.mark))
    }
}

fn word(view: &View, at: usize) -> &AtomicU64 {
    const { assert!(8 * (1 + ACTORS) < 1000) };
    view.atomic(at * 8).expect("inside the smallest object")
}

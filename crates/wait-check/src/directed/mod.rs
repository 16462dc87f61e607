//! Programs made for a purpose: each is the smallest that shows its rule, or its mistake.

mod alert;
mod all;
mod any;
mod killed;
mod stuck;
mod time;

use lasthandle::protocol::Limit::{self, Never, Now};

use crate::program::Thing::{Auto, Semaphore};
use crate::program::{Op, Program};

const SOON: Limit = Limit::Until(5);

fn any(objects: &[usize]) -> Op {
    Op::Any(objects.to_vec(), Never)
}

fn any_for(objects: &[usize], limit: Limit) -> Op {
    Op::Any(objects.to_vec(), limit)
}

fn all(objects: &[usize]) -> Op {
    Op::All(objects.to_vec(), Never)
}

fn all_for(objects: &[usize], limit: Limit) -> Op {
    Op::All(objects.to_vec(), limit)
}

fn look(objects: &[usize]) -> Op {
    Op::Any(objects.to_vec(), Now)
}

const UNSET: [crate::Thing; 3] = [Auto(false); 3];
const SET: [crate::Thing; 3] = [Auto(true); 3];
const ZERO: crate::Thing = Semaphore(0, 3);

/// Every directed program.
pub fn programs() -> Vec<Program> {
    [
        any::events(),
        any::semaphores(),
        any::mutexes(),
        all::wait_all(),
        all::wait_all_mutexes(),
        stuck::stuck(),
        time::momentary(),
        time::timers(),
        alert::alerts(),
        killed::killed(),
        killed::looking(),
    ]
    .concat()
}

/// The directed program of this name.
///
/// # Panics
/// If there is none.
pub fn named(name: &str) -> Program {
    let found = programs().into_iter().find(|program| program.name == name);
    found.unwrap_or_else(|| panic!("no program is called {name:?}"))
}

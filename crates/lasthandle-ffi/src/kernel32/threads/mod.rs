//! Threads of this process as objects, and what is queued to them.
//!
//! | file | what it is about |
//! |---|---|
//! | `object.rs` | a thread: has it ended, and with what; waiting for it |
//! | `registry.rs` | which object is which thread's; the end of a thread; threads that others made; fork |
//! | `queue.rs` | what is queued to a thread, and which timers of its have become due |
//! | `start.rs` | a thread's first and last steps |
//! | `calls.rs`, `apc.rs`, `tls.rs` | the calls |

mod apc;
mod calls;
mod object;
mod queue;
mod registry;
mod start;
mod tls;

pub(crate) use apc::{Ready, alertable, arm, run};
pub(crate) use object::Thread;
pub(crate) use queue::{Argument, Routine, TimerRoutine};
pub(crate) use registry::{Lock, forget_others, has_gone, know_caller, lock};

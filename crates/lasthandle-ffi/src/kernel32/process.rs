//! This process and thread; in the folder, other processes.
//!
//! | file | what is in it |
//! |---|---|
//! | `open.rs`, `create.rs` | the calls |
//! | `object.rs`, `ended.rs` | what a process' handle leads to; its end |
//! | `world.rs` | all that this process knows; the thread that hears of their ends |
//! | `command.rs`, `start.rs` | command lines; starting a program |

mod command;
mod create;
mod ended;
mod object;
mod open;
mod start;
pub(crate) mod world;

pub(crate) use object::{ALL_ACCESS, DUP_HANDLE, Process, Role, Target};
pub(crate) use open::{from_descriptor, this_process};

use super::call::{call, export};
use super::passing;
use super::types::{CURRENT_PROCESS, CURRENT_THREAD, HANDLE};

export! {
    /// The number of this process.
    fn GetCurrentProcessId() -> u32 {
        call(0, || {
            // Whoever tells its number may be opened by it.
            passing::serve();
            Ok(std::process::id())
        })
    }

    /// The number of this thread.
    fn GetCurrentThreadId() -> u32 {
        rustix::thread::gettid().as_raw_nonzero().get().unsigned_abs()
    }

    /// The handle that means this process to whoever uses it. Needs not be closed.
    fn GetCurrentProcess() -> HANDLE {
        CURRENT_PROCESS
    }

    /// The same for the thread.
    fn GetCurrentThread() -> HANDLE {
        CURRENT_THREAD
    }
}

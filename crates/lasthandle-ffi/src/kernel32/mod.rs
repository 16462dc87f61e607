//! Windows' own names for the calls, on Linux, where nobody else has them.
//!
//! | file | what is in it |
//! |---|---|
//! | `event.rs`, `mutex.rs`, `semaphore.rs`, `timer.rs`, `section.rs`, `wait.rs`, `handle.rs`, `process.rs`, `error.rs` | the calls, a family a file |
//! | `file/` | files: the calls, and what they stand on |
//! | `table/` | the handles of this process |
//! | `memory/` | its views and other memory |
//! | `threads/` | threads, calls that are queued to them, their variables |
//! | `object.rs` | what handles lead to; processes are to come there |
//! | `fork.rs` | the locks, while the process forks |
//! | `named.rs`, `access.rs` | what creating and opening have in common |
//! | `call.rs`, `code.rs`, `thread.rs` | how a call is exported; last error and errno |
//! | `pointer.rs`, `text.rs`, `types.rs` | arguments |
//!
//! `docs/design/ffi.md` has the decisions.

mod access;
mod call;
mod code;
mod error;
mod event;
mod file;
mod fork;
mod handle;
mod memory;
mod mutex;
mod named;
mod object;
mod pointer;
mod process;
mod section;
mod semaphore;
mod table;
mod text;
mod thread;
mod threads;
mod timer;
mod types;
mod wait;

#[cfg(test)]
mod tests;

//! Windows' own names for the calls, on Linux, where nobody else has them.
//!
//! | file | what is in it |
//! |---|---|
//! | `event.rs`, `mutex.rs`, `semaphore.rs`, `timer.rs`, `section.rs`, `wait.rs`, `handle.rs`, `process.rs`, `critical.rs`, `clock.rs`, `system.rs`, `module.rs`, `security/`, `error.rs` | the calls, a family a file |
//! | `file/` | files: the calls, and what they stand on |
//! | `message/`, `heap.rs` | `FormatMessage`; memory from the C library |
//! | `table/` | the handles of this process |
//! | `memory/` | its views and other memory |
//! | `process/`, `passing/` | other processes; handles that are passed to them and come from them |
//! | `threads/` | threads, calls that are queued to them, their variables |
//! | `background.rs` | threads of our own |
//! | `object.rs` | what handles lead to |
//! | `fork.rs` | the locks, while the process forks |
//! | `named.rs`, `access.rs` | what creating and opening have in common |
//! | `call.rs`, `code.rs`, `thread.rs`, `near.rs` | how a call is exported; last error and errno |
//! | `pointer.rs`, `text.rs`, `types.rs` | arguments |
//!
//! `docs/design/ffi.md` has the decisions.

mod access;
mod background;
mod call;
mod clock;
mod code;
mod critical;
mod error;
mod event;
mod file;
mod fork;
mod handle;
mod heap;
mod key;
mod memory;
mod message;
mod module;
mod mutex;
mod named;
mod near;
mod object;
mod passing;
mod pointer;
mod process;
mod section;
mod security;
mod semaphore;
mod system;
mod table;
mod text;
mod thread;
mod threads;
mod timer;
mod types;
mod wait;

#[cfg(test)]
mod tests;

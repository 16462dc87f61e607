//! The command as its users meet it: real processes, real exit codes. One test binary, so that it links once.

mod acquire;
mod bench;
mod channel;
mod command;
mod common;
mod create;
mod inventory;
mod read_write;
mod serve;
mod signal;
mod wait;

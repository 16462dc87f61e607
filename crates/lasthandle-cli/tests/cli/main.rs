//! The command as its users meet it: real processes, real exit codes. One test binary, so that it links once.

mod command;
mod common;
mod inventory;
mod read_write;
mod serve;

//! Real processes, and what kills them: the tests that show that names end with their holders.
//!
//! | module | what it is |
//! |---|---|
//! | [`root`] | a directory of objects for one test, removed with it |
//! | [`parent`] | a child process to order about, one line a command |
//! | [`child`] | that child's side: what it does for each command |
//! | [`storm`] | many processes, killed at random, that check each other |
//! | [`sync_storm`] | the same for sync objects, with a referee |
//! | [`channel_storm`] | senders and receivers of a channel of any shape, killed at random |
//! | `actors` | what the storms have in common |
//! | [`noise`] | numbers that look random and come again for the same seed |
//! | [`record`] | records as bytes, to be spoilt |
//! | [`decode`] | what must hold of any bytes that are read |
//! | [`calls`] | bytes as programs of kernel32 calls |
//! | [`channel_bytes`] | bytes as what a hostile peer writes into a channel |
//! | [`fuzz`] | hostile records in the place of objects |
//! | [`standard`] | a process without its standard descriptors |
//! | [`system`] | the unsafe or unusual calls that tests need |
//!
//! The tests lie in `tests/`, one file a topic.
#![cfg(target_os = "linux")]
#![allow(clippy::missing_panics_doc)] // a test that cannot be set up panics, everywhere

mod actors;
pub mod calls;
pub mod channel_bytes;
pub mod channel_storm;
pub mod child;
pub mod decode;
pub mod fuzz;
pub mod noise;
pub mod parent;
pub mod record;
pub mod root;
pub mod standard;
pub mod storm;
pub mod sync_storm;
pub mod system;

//! Handles that go to other processes, and come from them.
//!
//! | file | what it is |
//! |---|---|
//! | `parcel.rs` | a handle on its way: a descriptor, and what is to be known of it |
//! | `luggage.rs` | what a child is given when it is started |
//! | `arrival.rs` | how it finds that; and what its parent sends later |
//! | `outbox.rs` | the parent's end of that |
//! | `service.rs` | a thread that does for others of this user what they may: give a handle, take one, close one |
//! | `request.rs` | how to ask another process' thread |
//! | `socket.rs` | messages with a descriptor |
//!
//! `docs/design/ffi.md` says why.

mod arrival;
mod luggage;
mod outbox;
mod parcel;
mod request;
mod service;
mod socket;

pub(crate) use arrival::{Lock, adopt, after_fork, arrived, lock};
pub(crate) use luggage::{Luggage, is_own_variable};
pub(crate) use outbox::Outbox;
pub(crate) use parcel::{Parcel, out_of_the_way};
pub(crate) use request::{close, deliver, fetch};
pub(crate) use service::serve;

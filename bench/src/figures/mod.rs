//! What is measured. One figure, one name.

mod channel;
mod copies;
mod ffi;
mod lifetime;
mod listing;
mod populate;
mod side_by_side;
mod steps;
mod sync;

#[cfg(feature = "sites")]
pub use lifetime::SIZE;
use std::sync::LazyLock;

use crate::Result;
use crate::measure::Bench;
use crate::partner::Part;

/// What the other process can do.
pub static PARTS: LazyLock<Vec<(String, Part)>> = LazyLock::new(|| {
    let mut parts = channel::parts();
    parts.extend(sync::parts().into_iter().map(|(verb, part)| (verb.to_owned(), part)));
    parts
});

type Figure = fn(&'static str, &mut Bench) -> Result<()>;

pub const ALL: &[(&str, Figure)] = &[
    ("create", lifetime::create),
    ("open", lifetime::open),
    ("peers/create", side_by_side::create),
    ("peers/open", side_by_side::open),
    ("populate", populate::populate),
    ("write_at/64B", copies::write::<64>),
    ("write_at/1KiB", copies::write::<0x400>),
    ("write_at/64KiB", copies::write::<0x1_0000>),
    ("write_at/64MiB", copies::write::<0x400_0000>),
    ("read_at/64B", copies::read::<64>),
    ("read_at/1KiB", copies::read::<0x400>),
    ("read_at/64KiB", copies::read::<0x1_0000>),
    ("read_at/64MiB", copies::read::<0x400_0000>),
    ("list", listing::list),
    ("steps/open", steps::open),
    ("steps/create", steps::create),
    ("sync/mutex-free", sync::free::mutex),
    ("sync/event-free", sync::free::event),
    ("sync/semaphore-free", sync::free::semaphore),
    ("sync/set", sync::free::set),
    ("sync/set-again", sync::free::set_again),
    ("sync/set-reset", sync::free::set_reset),
    ("sync/silent", sync::silent::proof),
    ("sync/mutex-contended", sync::contended::mutex),
    ("sync/round-trip/spinning", sync::round_trip::spinning),
    ("sync/round-trip/same-cpu", sync::round_trip::same_cpu),
    ("sync/wake/same-cpu", sync::wake::same_cpu),
    ("sync/wake/other-cpu", sync::wake::other_cpu),
    ("sync/wait-any/8", sync::many::any::<8>),
    ("sync/wait-any/64", sync::many::any::<64>),
    ("sync/wait-any-asleep/8", sync::register::any::<8>),
    ("sync/wait-any-asleep/64", sync::register::any::<64>),
    ("sync/wait-all/2", sync::many::all::<2>),
    ("sync/wait-all/8", sync::many::all::<8>),
    ("sync/wait-all/64", sync::many::all::<64>),
    ("sync/create", sync::names::create),
    ("sync/open", sync::names::open),
    ("sync/peers/mutex", sync::peers::mutex),
    ("sync/peers/event", sync::peers::event),
    ("sync/peers/semaphore", sync::peers::semaphore),
    ("sync/peers/create", sync::peers::create),
    ("sync/peers/open", sync::peers::open),
    ("sync/owner-killed", sync::death::owner),
    ("channel/round-trip/8B", channel::trips::short::<8>),
    ("channel/round-trip/56B", channel::trips::short::<56>),
    ("channel/round-trip/4KiB", channel::trips::page),
    ("channel/round-trip/1MiB", channel::trips::large),
    ("channel/in-place/4KiB", channel::trips::lent::<0x1000>),
    ("channel/in-place/64KiB", channel::trips::lent::<0x1_0000>),
    ("channel/in-place/1MiB", channel::trips::lent::<0x10_0000>),
    ("channel/in-place/16MiB", channel::trips::lent::<0x100_0000>),
    ("channel/one-way/8B", channel::short::<8>),
    ("channel/one-way/56B", channel::short::<56>),
    ("channel/one-way/64B", channel::short::<64>),
    ("channel/one-way/batches", channel::batches),
    ("channel/one-way/4KiB", channel::long::<0x1000>),
    ("channel/one-way/1MiB", channel::long::<0x10_0000>),
    ("channel/two-senders", channel::two_senders),
    ("channel/blocked/same-cpu", channel::same_cpu),
    ("channel/blocked/other-cpu", channel::other_cpu),
    ("channel/broadcast/1", channel::to_one),
    ("channel/broadcast/32", channel::to_many),
    ("channel/latest/write/64B", channel::latest::write::<64>),
    ("channel/latest/write/4KiB", channel::latest::write::<0x1000>),
    ("channel/latest/read/64B", channel::latest::read::<64>),
    ("channel/latest/read/4KiB", channel::latest::read::<0x1000>),
    ("channel/create", channel::names::create),
    ("channel/attach", channel::names::attach),
    ("channel/memory", channel::one_to_one),
    ("ffi/event", ffi::event),
    ("ffi/mutex", ffi::mutex),
    ("ffi/map", ffi::map),
    ("ffi/create", ffi::create),
];

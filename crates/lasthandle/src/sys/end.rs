//! What a channel needs of a system beyond sections and waits: wake-ups that live in the section itself, and to learn
//! at once that the process at the other end has gone.
//!
//! A channel is a named section with a table of **ends** in it: who sends, who receives. Each end has an event by which
//! others wake it, and a [`Token`] that says which process has it. All verbs here take the section's handle; it must be
//! one of a section with a name.
//!
//! The fence that such a channel needs on its fast side is [`barrier`](super::barrier).

use std::sync::Arc;

use super::Kernel;
use crate::access::Permissions;
use crate::error::Result;
use crate::name::Name;

/// Says which process has an end. 0: nobody. Whatever number a hostile peer writes is some process' token or nobody's.
///
/// Linux: the id of a thread's life in the section's world, in the 48 high bits that of the process. Windows: the
/// process' number, and in the upper half a hash of the time at which it was created.
pub type Token = u64;

/// What an object inside a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inner {
    /// An auto-reset event, unset from the start.
    Event,
    /// A mutex, free from the start.
    Mutex,
}

/// Bytes of an object inside a section; it lies at a multiple of that.
pub const INNER_BYTES: usize = 64;

/// A kernel with what channels need of it.
pub trait EndKernel: Kernel {
    /// An event or mutex that belongs to a section: the same one for all who ask for the same `offset` of the same
    /// section. For `Kernel`'s verbs and waits it is as any other; but it is not passed on or inherited.
    ///
    /// Its [`INNER_BYTES`] at `offset` of the section are set aside for it, and are zeros before the first one asks for
    /// it. They may be written by hostile peers: then the object is what such peers make of any of theirs.
    ///
    /// Linux: they are its words. `view` maps the section from its first byte on, and stays mapped as long as the
    /// handle lives; the section's name stays as long, too. Windows: the bytes are not used; it is a named object
    /// `<name>.lasthandle-<offset>`, with `permissions` if it is new. `name` is the section's.
    ///
    /// `InvalidHandle` if `section` is none; `Unsupported` if it has no name (Linux); `InvalidParameter` for an `offset`
    /// that is no multiple of [`INNER_BYTES`]; `OutOfBounds` if the view ends before; `AccessDenied` if it does not
    /// write through; `InvalidName` if no suffix fits behind the name (Windows).
    fn inner(
        &self,
        section: &Self::Handle,
        name: &Name,
        view: &Arc<Self::View>,
        offset: usize,
        what: Inner,
        permissions: &Permissions,
    ) -> Result<Self::Handle>;

    /// The token of this process. It is good until the process ends, but others hear of that end soonest if the thread
    /// that asked runs until then: on Linux each thread gets another, so a thread that takes an end over may write its
    /// own there. A child of `fork` has no token of its parent's: it asks again.
    fn me(&self, section: &Self::Handle) -> Result<Token>;

    /// Something to wait for that is signaled, or abandoned, at once when the process of that token ends, by `kill -9`
    /// too; to as many waits as there are, from then on. Waiting takes nothing, and no release belongs to it.
    ///
    /// It may say so earlier, or though only a thread has ended (Linux): then ask [`is_alive`](Self::is_alive), and watch
    /// again. `None`: it cannot be watched, or it is this process; ask `is_alive` from time to time.
    fn watch(&self, section: &Self::Handle, peer: Token) -> Result<Option<Self::Handle>>;

    /// Whether the process of that token still runs; `true` also if nobody can tell. It may be said to run for some
    /// microseconds, seldom milliseconds, after a wait for its [`watch`](Self::watch) has ended. Some system calls: no
    /// question for a fast path.
    fn is_alive(&self, section: &Self::Handle, peer: Token) -> bool;
}

//! Many processes on few names, killed at random, that check each other.
//!
//! Each actor creates, opens, maps, verifies and closes; the supervisor kills whom it likes, and some actors are
//! armed to die inside the engine. What must never happen is found by the actors themselves, with the help of a
//! `board` that has nothing to do with names:
//! * *a name lost while held*, *two live objects under one name*: an actor that says on the board that it holds a
//!   name, from before another's call until after it, must be met by that call, with the same stamp in its memory;
//! * *a dead object opened*: a call that was alone with its name from beginning to end cannot have opened anything;
//! * *memory not fresh*: what `created` gives contains no number drawn before;
//! * *a half-made object seen*: any other error, and any other size.

mod actor;
mod board;
mod holding;
mod supervisor;

pub use actor::act;
pub use supervisor::{Report, Storm, command};

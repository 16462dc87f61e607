//! Sync objects of the model, and waiting for them.
//!
//! | file | what it is about |
//! |---|---|
//! | `object` | what each kind is: is it signaled, take it, signal it |
//! | `timer` | time, and what it does to timers |
//! | `dispatcher` | the one lock, who waits, and who may go |
//! | `thread` | who a thread is, and that it has ended |
//! | `verbs` | kinds, rights and arguments |

mod dispatcher;
mod object;
mod thread;
mod timer;
pub(super) mod verbs;

pub(super) use dispatcher::Dispatcher;
pub use dispatcher::ModelAlert;
pub(super) use verbs::Waitable;

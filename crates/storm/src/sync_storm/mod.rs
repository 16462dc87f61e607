//! Many processes on few sync objects, killed at random; what must never happen is found by the actors themselves and
//! by a referee that is not killed.
//!
//! | never | found by |
//! |---|---|
//! | two owners of a mutex; an owner's death not told | the actor that takes it: the board still names an owner, and the wait did not say *abandoned* |
//! | *abandoned*, though the owner lives | the same actor: the process that the board names is no corpse, and does not become one |
//! | *abandoned* told more often than owners died | the referee, at the end of the round |
//! | a semaphore's count invented, or lost without a death | the referee, at the end of the round |
//! | a part of a wait-all taken | the same: two semaphores that are only ever taken together are left equal, but for deaths in the very call |
//! | an object taken and given back | an actor whose try on what is always signalled fails |
//! | a sleeper beside a signalled object | the referee: it looks every few milliseconds |
//! | a name or a life file left | the supervisor, after the round |

mod actor;
mod board;
mod objects;
mod referee;
mod supervisor;

pub use actor::act;
pub use referee::judge;
pub use supervisor::{Report, SyncStorm, command};

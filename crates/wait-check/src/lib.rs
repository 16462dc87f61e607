//! Drives the wait protocol of lasthandle through all schedules of small programs, with a kill before any step.
//!
//! What runs is [`lasthandle::protocol`] itself, over a machine of the model. What is modelled is below it: words,
//! futex queues, life words, clock. What it is compared with is Windows with every operation at one instant.
//!
//! | file | |
//! |---|---|
//! | `program` | objects and operations of one check |
//! | `state` | all there is at one instant; the kernel's part |
//! | `machine` | one step of one thread |
//! | `search`, `rules` | all schedules; what must not be |
//! | `oracle`, `outcome` | all ends that Windows has; what is compared |
//! | `directed`, `random` | programs made for a purpose, and made by chance |
//! | `show` | words and places, readable |

pub mod directed;
mod machine;
mod oracle;
mod outcome;
mod program;
pub mod random;
mod rules;
mod search;
mod show;
mod state;

pub use oracle::outcomes;
pub use outcome::{Fate, Outcome, Seen};
pub use program::{Op, Program, Thing, WALL};
pub use search::{Failure, Report, check};
pub use state::Answer;

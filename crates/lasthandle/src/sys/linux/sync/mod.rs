//! The wait protocol's machine on Linux: words in record pages, futexes, and the lives of threads.
//!
//! | file | what it is about |
//! |---|---|
//! | `object` | creating, opening, and the verbs |
//! | `machine` | the protocol's view of memory, kernel and clock |
//! | `futex` | sleeping and waking |
//! | `alert` | what ends a wait before its time |
//! | `life` | the lives of a world, and which are this thread's |
//! | `own` `lifefile` | this process' life files |
//! | `thread` | a thread's page in one, and its end |
//! | `vigil` | a sign of life without a name |
//! | `robust` `pages` | the kernel's list, and memory that forks treat specially |
//! | `watch` | whether other threads, of any process, still live |
//! | `operand` | what a verb needs of an object |
//! | `end` | what channels need: objects inside sections, and the ends of processes |
//! | `report` | what the words say, for people |
//! | `spin` | how long to look before sleeping |

mod alert;
mod end;
mod futex;
mod life;
mod lifefile;
mod machine;
pub(crate) mod object;
mod operand;
mod own;
mod pages;
pub(crate) mod report;
mod robust;
mod thread;
mod vigil;
mod watch;

pub use alert::Alert;
pub(crate) use life::Lives;
pub(crate) use operand::Operand;

//! The kinds of named objects. They share one name space.

use std::fmt;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// A file mapping: shared memory, or a window on a file.
    Mapping,
    /// An event.
    Event,
    /// A mutex.
    Mutex,
    /// A semaphore.
    Semaphore,
    /// A waitable timer.
    Timer,
    /// A job.
    Job,
}

impl Kind {
    /// Every kind, in the order of their numbers in the record.
    pub const ALL: [Self; 6] = [Self::Mapping, Self::Event, Self::Mutex, Self::Semaphore, Self::Timer, Self::Job];

    /// One lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mapping => "mapping",
            Self::Event => "event",
            Self::Mutex => "mutex",
            Self::Semaphore => "semaphore",
            Self::Timer => "timer",
            Self::Job => "job",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

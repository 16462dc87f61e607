//! The state of a sync object as `ls` and `info` show it.

use std::time::Duration;

use lasthandle::Entry;
use serde::Serialize;

use crate::units;

/// The stable JSON shape of a state. What a kind does not have, or the system does not tell, is null.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(crate) struct State {
    /// Whether a wait would end at once. Of a mutex: whether nobody owns it.
    signaled: bool,
    /// Event, timer: stays signaled until it is reset or armed anew.
    manual: Option<bool>,
    /// Semaphore: the count. Mutex: how often its owner has taken it.
    count: Option<u32>,
    /// Semaphore.
    maximum: Option<u32>,
    /// Mutex: its owner ended without releasing it, and nobody has taken it since.
    abandoned: Option<bool>,
    /// Timer: until it is due next; null if it is not armed.
    due_seconds: Option<f64>,
    /// Mutex.
    owner: Option<Owner>,
    /// Threads that wait, killed ones perhaps among them; of a mutex 0, or 1 if some may wait.
    waiters: Option<u32>,
}

/// The stable JSON shape of a mutex' owner.
#[derive(Debug, PartialEq, Serialize)]
struct Owner {
    pid: u32,
    thread: u32,
}

impl State {
    /// None: no sync object, or the system does not tell.
    pub(crate) fn of(entry: &Entry) -> Option<Self> {
        let state = entry.info.as_ref().ok()?.state?;
        let owner = entry.owner.map(|owner| Owner { pid: owner.pid, thread: owner.thread });
        let common = Self { owner, waiters: entry.waiters, ..Self::default() };
        Some(match state {
            lasthandle::State::Event { manual, signaled } => Self { signaled, manual: Some(manual), ..common },
            lasthandle::State::Mutex { count, abandoned, .. } => {
                Self { signaled: count == 0, count: Some(count), abandoned: Some(abandoned), ..common }
            }
            lasthandle::State::Semaphore { count, maximum } => {
                Self { signaled: count > 0, count: Some(count), maximum: Some(maximum), ..common }
            }
            lasthandle::State::Timer { manual, signaled, due } => {
                let due_seconds = due.map(|due| due.as_secs_f64());
                Self { signaled, manual, due_seconds, ..common }
            }
        })
    }

    /// For people: `set`, `owned`, `2 of 5`, `due in 3s`.
    pub(crate) fn summary(&self) -> String {
        match *self {
            Self { maximum: Some(maximum), count: Some(count), .. } => format!("{count} of {maximum}"),
            Self { abandoned: Some(true), .. } => "abandoned".into(),
            Self { abandoned: Some(false), signaled, .. } => (if signaled { "free" } else { "owned" }).into(),
            Self { signaled: true, .. } => "signaled".into(),
            Self { due_seconds: Some(due), .. } => {
                let due = Duration::try_from_secs_f64(due).unwrap_or(Duration::MAX);
                format!("due in {}", units::show_age(due))
            }
            _ => "not signaled".into(),
        }
    }

    /// For people: which thread owns it.
    pub(crate) fn owner(&self) -> Option<String> {
        self.owner.as_ref().map(|Owner { pid, thread }| format!("process {pid}, thread {thread}"))
    }

    /// For people: how many wait, as far as that is known.
    pub(crate) fn waiters(&self) -> Option<String> {
        match (self.waiters?, self.abandoned) {
            (0, _) => Some("none".into()),
            (_, Some(_)) => Some("perhaps some".into()),
            (count, None) => Some(count.to_string()),
        }
    }

    /// For people: how it is reset.
    pub(crate) fn reset(&self) -> Option<String> {
        self.manual.map(|manual| if manual { "manual" } else { "auto" }.into())
    }
}

#[cfg(test)]
mod tests {
    use lasthandle::{Info, Kind};

    use super::*;

    fn state(kind: Kind, state: lasthandle::State, waiters: u32) -> State {
        let state = Some(state);
        let info =
            Info { kind, size: 0, protection: None, reserved: false, file: None, created: None, creator: None, state };
        let owner = (kind == Kind::Mutex).then_some(lasthandle::Owner { pid: 7, thread: 8 });
        let entry =
            Entry { name: None, label: "X".into(), info: Ok(info), holders: None, owner, waiters: Some(waiters) };
        State::of(&entry).unwrap()
    }

    #[test]
    fn each_kind_says_what_it_is_now() {
        let event = |manual, signaled| state(Kind::Event, lasthandle::State::Event { manual, signaled }, 3);
        assert_eq!(event(false, true).summary(), "signaled");
        assert_eq!(event(true, false).summary(), "not signaled");
        assert_eq!(
            (event(true, false).reset(), event(false, false).reset()),
            (Some("manual".into()), Some("auto".into()))
        );
        assert_eq!(event(true, false).waiters(), Some("3".into()));

        let mutex = |count, abandoned| {
            state(Kind::Mutex, lasthandle::State::Mutex { count, abandoned, mine: false }, u32::from(count > 0))
        };
        assert_eq!(mutex(0, false).summary(), "free");
        assert_eq!(mutex(2, false).summary(), "owned");
        assert_eq!(mutex(0, true).summary(), "abandoned");
        assert!(mutex(0, true).signaled && mutex(0, false).signaled && !mutex(1, false).signaled);
        assert_eq!(mutex(1, false).owner(), Some("process 7, thread 8".into()));
        assert_eq!(
            (mutex(1, false).waiters(), mutex(0, false).waiters()),
            (Some("perhaps some".into()), Some("none".into()))
        );

        let semaphore = |count| state(Kind::Semaphore, lasthandle::State::Semaphore { count, maximum: 5 }, 0);
        assert_eq!((semaphore(0).summary(), semaphore(0).signaled), ("0 of 5".into(), false));
        assert_eq!((semaphore(2).summary(), semaphore(2).signaled), ("2 of 5".into(), true));

        let manual = Some(false);
        let timer = |signaled, due| state(Kind::Timer, lasthandle::State::Timer { manual, signaled, due }, 0);
        assert_eq!(timer(false, None).summary(), "not signaled");
        assert_eq!(timer(false, Some(Duration::from_millis(61_500))).summary(), "due in 1m 1s");
        assert_eq!(timer(true, Some(Duration::ZERO)).summary(), "signaled");
        assert_eq!(timer(false, Some(Duration::MAX)).due_seconds, Some(Duration::MAX.as_secs_f64()));
        assert_eq!(timer(false, None).reset(), Some("auto".into()));
        let untold = state(Kind::Timer, lasthandle::State::Timer { manual: None, signaled: true, due: None }, 0);
        assert_eq!((untold.manual, untold.reset(), untold.summary()), (None, None, "signaled".into()));
    }
}

//! Faults on purpose: ends the process before the n-th system call, or makes a call fail, so that tests can stop
//! every protocol at every step. Without the feature `fault-injection` nothing of this is compiled in.
//!
//! A child process takes its plan from `LASTHANDLE_FAULT`: `kill:N` ends it before its N-th call (1 is the next),
//! `stop:N` stops it there until somebody continues it,
//! `fail:SITE:ERRNO` makes every call at that site fail with that number, `fail:SITE:ERRNO:N` the next N. Several
//! plans, separated by commas, hold together: killed in the middle of a fall-back.

#[cfg(not(feature = "fault-injection"))]
mod off {
    use rustix::io::Errno;

    #[inline]
    #[allow(clippy::unnecessary_wraps)] // the same shape as with faults
    pub(crate) fn hit(_site: &'static str) -> Result<(), Errno> {
        Ok(())
    }
}

#[cfg(not(feature = "fault-injection"))]
pub(crate) use off::hit;

#[cfg(feature = "fault-injection")]
mod on {
    use std::sync::atomic::{AtomicU8, Ordering};
    use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

    use rustix::io::Errno;
    use rustix::process::{Signal, getpid, kill_process};

    /// What shall go wrong.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Plan {
        /// SIGKILL this process before its `nth` call from now; 1 is the next.
        Kill {
            /// Which call.
            nth: u64,
        },
        /// SIGSTOP this process before its `nth` call from now, so that others can do anything meanwhile.
        Stop {
            /// Which call.
            nth: u64,
        },
        /// Make the next `times` calls at `site` fail.
        Fail {
            /// The call's name, as in [`sites`].
            site: String,
            /// The error number.
            errno: i32,
            /// How often.
            times: u64,
        },
    }

    #[derive(Default)]
    struct State {
        plans: Vec<Plan>,
        sites: Vec<&'static str>,
    }

    const UNKNOWN: u8 = 0;
    const NO: u8 = 1;
    const YES: u8 = 2;

    /// Whether anybody asked for faults here. Else no call takes the lock: it is had across each step of every thread,
    /// and a child that was forked in that moment would wait for it for ever.
    static WANTED: AtomicU8 = AtomicU8::new(UNKNOWN);

    fn is_wanted() -> bool {
        if WANTED.load(Ordering::Relaxed) == UNKNOWN {
            let given = if std::env::var_os("LASTHANDLE_FAULT").is_some() { YES } else { NO };
            // Unless another thread has armed meanwhile.
            let _ = WANTED.compare_exchange(UNKNOWN, given, Ordering::Relaxed, Ordering::Relaxed);
        }
        WANTED.load(Ordering::Relaxed) == YES
    }

    fn state() -> MutexGuard<'static, State> {
        static STATE: OnceLock<Mutex<State>> = OnceLock::new();
        STATE
            .get_or_init(|| {
                let text = std::env::var("LASTHANDLE_FAULT").unwrap_or_default();
                Mutex::new(State { plans: parse(&text).expect("LASTHANDLE_FAULT"), sites: Vec::new() })
            })
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans as the environment gives them; none if one cannot be understood.
    pub fn parse(text: &str) -> Option<Vec<Plan>> {
        text.split(',').filter(|plan| !plan.is_empty()).map(parse_one).collect()
    }

    fn parse_one(text: &str) -> Option<Plan> {
        let mut words = text.split(':');
        let plan = match words.next()? {
            "kill" => Plan::Kill { nth: words.next()?.parse().ok()? },
            "stop" => Plan::Stop { nth: words.next()?.parse().ok()? },
            "fail" => Plan::Fail {
                site: words.next()?.into(),
                errno: words.next()?.parse().ok()?,
                times: words.next().map_or(Some(u64::MAX), |times| times.parse().ok())?,
            },
            _ => return None,
        };
        words.next().is_none().then_some(plan)
    }

    /// From now on these plans; none: everything works.
    pub fn arm(plans: impl IntoIterator<Item = Plan>) {
        *state() = State { plans: plans.into_iter().collect(), sites: Vec::new() };
        WANTED.store(YES, Ordering::Relaxed);
    }

    /// The calls since [`arm`], by name and in order.
    pub fn sites() -> Vec<&'static str> {
        state().sites.clone()
    }

    pub(crate) fn hit(site: &'static str) -> Result<(), Errno> {
        if !is_wanted() {
            return Ok(());
        }
        let mut state = state();
        if state.sites.len() < 1_000_000 {
            state.sites.push(site);
        }
        state.plans.iter_mut().try_for_each(|plan| plan.carry_out(site))
    }

    /// Counts down, once, and signals this process at the end.
    fn signal_at(nth: &mut u64, signal: Signal) {
        if *nth == 1 {
            let _ = kill_process(getpid(), signal);
        }
        *nth = nth.saturating_sub(1);
    }

    impl Plan {
        fn carry_out(&mut self, site: &str) -> Result<(), Errno> {
            match self {
                Self::Kill { nth } => {
                    signal_at(nth, Signal::KILL);
                    Ok(())
                }
                Self::Stop { nth } => {
                    signal_at(nth, Signal::STOP);
                    Ok(())
                }
                Self::Fail { site: failing, errno, times } if failing == site && *times > 0 => {
                    *times -= 1;
                    Err(Errno::from_raw_os_error(*errno))
                }
                Self::Fail { .. } => Ok(()),
            }
        }
    }
}

#[cfg(feature = "fault-injection")]
pub(crate) use on::hit;
#[cfg(feature = "fault-injection")]
pub use on::{Plan, arm, parse, sites};

//! What is queued to a thread, in the order in which it came: calls, and routines of timers that have become due.
//!
//! A thread's timers with routines need no thread and no clock of their own: whoever touches the queue first queues what
//! has become due by then, and an alertable wait lasts no longer than until the next one is. A routine belongs to one
//! arming of its timer, which the timer counts, in shared memory: any later arming or cancel, by whomever, ends it.

use std::collections::VecDeque;
use std::ffi::c_void;
use std::sync::Weak;
use std::time::Duration;

use lasthandle::{Due, Timer};
use rustix::time::{ClockId, clock_gettime};

use super::apc::{Ready, UserRoutine};
use crate::kernel32::clock::file_time;
use crate::kernel32::table::Entry;

/// `PTIMERAPCROUTINE`.
pub(crate) type TimerRoutine = extern "C-unwind" fn(*mut c_void, u32, u32);

/// What goes to a routine. Only its own thread looks at what it leads to.
#[derive(Clone, Copy)]
pub(crate) struct Argument(pub(crate) usize);

impl Argument {
    pub(crate) fn of(pointer: *mut c_void) -> Self {
        Self(pointer.expose_provenance())
    }

    pub(crate) fn pointer(self) -> *mut c_void {
        std::ptr::with_exposed_provenance_mut(self.0)
    }
}

/// A timer's routine, of one arming.
pub(crate) struct Routine {
    /// The handle by which it was armed: when that is closed the routine goes with it.
    timer: Weak<Entry>,
    arming: u32,
    /// When it is due next; none: it was due, once.
    due: Option<Time>,
    period: u64,
    calls: TimerRoutine,
    argument: Argument,
    number: u64,
    is_queued: bool,
}

/// Nanoseconds of one of two clocks.
#[derive(Clone, Copy)]
struct Time {
    at: u64,
    wall: bool,
}

impl Time {
    fn now(wall: bool) -> u64 {
        let now = clock_gettime(if wall { ClockId::Realtime } else { ClockId::Monotonic });
        now.tv_sec.unsigned_abs() * 1_000_000_000 + now.tv_nsec.unsigned_abs()
    }

    fn left(self) -> u64 {
        self.at.saturating_sub(Self::now(self.wall))
    }

    /// By the wall clock.
    fn on_wall(self) -> u64 {
        if self.wall { self.at } else { (Self::now(true) + self.at).saturating_sub(Self::now(false)) }
    }
}

impl Routine {
    pub(crate) fn new(
        timer: Weak<Entry>,
        arming: u32,
        due: Due,
        period: Duration,
        calls: TimerRoutine,
        argument: Argument,
    ) -> Self {
        let nanoseconds = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let due = match due {
            Due::After(after) => Time { at: Time::now(false).saturating_add(nanoseconds(after)), wall: false },
            Due::At(time) => {
                let at = time.duration_since(std::time::SystemTime::UNIX_EPOCH).map_or(0, nanoseconds);
                Time { at, wall: true }
            }
        };
        let period = nanoseconds(period);
        Self { timer, arming, due: Some(due), period, calls, argument, number: 0, is_queued: false }
    }

    fn with_timer<R>(&self, look: impl FnOnce(&Timer) -> R) -> Option<R> {
        let entry = self.timer.upgrade()?;
        entry.object.timer().ok().map(look)
    }

    /// Whether its arming is the timer's last.
    fn holds(&self) -> bool {
        self.with_timer(|timer| timer.armings().ok() == Some(self.arming)) == Some(true)
    }

    /// The time at which it became due, if it has; it is due next a period later. Periods that passed are one.
    fn take_due(&mut self) -> Option<Time> {
        let due = self.due.filter(|due| due.left() == 0)?;
        self.due = (self.period > 0).then(|| {
            let passed = Time::now(due.wall).saturating_sub(due.at) / self.period;
            Time { at: due.at.saturating_add((passed + 1).saturating_mul(self.period)), wall: due.wall }
        });
        Some(due)
    }
}

enum Queued {
    Call(UserRoutine, usize),
    /// The routine of that number, and when it was due.
    Timer(u64, Time),
}

/// What is queued to one thread.
#[derive(Default)]
pub(super) struct Queue {
    calls: VecDeque<Queued>,
    routines: Vec<Routine>,
    last: u64,
}

/// By the wall clock one looks again after this at the latest, as it may be set.
const LONGEST: Duration = Duration::from_millis(500);

impl Queue {
    pub(super) fn push(&mut self, routine: UserRoutine, argument: usize) {
        self.tick();
        self.calls.push_back(Queued::Call(routine, argument));
    }

    pub(super) fn arm(&mut self, mut routine: Routine) {
        self.tick();
        self.last += 1;
        routine.number = self.last;
        self.routines.push(routine);
    }

    /// Queues what has become due. One that is queued already is not queued again.
    fn tick(&mut self) {
        if self.routines.is_empty() {
            return;
        }
        self.routines.retain(Routine::holds);
        let mut due: Vec<(u64, u64, Time)> = Vec::new();
        for routine in &mut self.routines {
            if let Some(time) = routine.take_due() {
                if !std::mem::replace(&mut routine.is_queued, true) {
                    due.push((time.on_wall(), routine.number, time));
                }
            }
        }
        due.sort_unstable_by_key(|(when, number, _)| (*when, *number));
        self.calls.extend(due.into_iter().map(|(_, number, time)| Queued::Timer(number, time)));
    }

    /// Whether something is queued, and if not, when the next timer is due.
    pub(super) fn look(&mut self) -> (bool, Option<Duration>) {
        self.tick();
        let routines = &self.routines;
        let holds = |call: &Queued| match call {
            Queued::Call(..) => true,
            Queued::Timer(number, _) => routines.iter().any(|routine| routine.number == *number),
        };
        self.calls.retain(holds);
        let left = |due: Time| {
            let left = Duration::from_nanos(due.left());
            if due.wall { left.min(LONGEST) } else { left }
        };
        let next = self.routines.iter().filter_map(|routine| routine.due).map(left).min();
        (!self.calls.is_empty(), next)
    }

    /// What is to run next.
    pub(super) fn pop(&mut self) -> Option<Ready> {
        self.tick();
        loop {
            match self.calls.pop_front()? {
                Queued::Call(routine, argument) => return Some(Ready::Call(routine, argument)),
                Queued::Timer(number, time) => {
                    // Gone: armed anew or cancelled since it became due.
                    let Some(at) = self.routines.iter().position(|routine| routine.number == number) else { continue };
                    let routine = &mut self.routines[at];
                    routine.is_queued = false;
                    let ready = Ready::Timer(routine.calls, routine.argument, file_time(time.on_wall()));
                    if routine.due.is_none() {
                        self.routines.swap_remove(at);
                    }
                    return Some(ready);
                }
            }
        }
    }

    pub(super) fn take_routines(&mut self) -> Vec<Routine> {
        std::mem::take(&mut self.routines)
    }
}

/// The thread of these routines ends, and with it their timers.
pub(super) fn cancel(routines: &[Routine]) {
    for routine in routines.iter().filter(|routine| routine.holds()) {
        // The only failure is a claim that is stuck; then the timer runs on, without a routine.
        let _ = routine.with_timer(Timer::cancel);
    }
}

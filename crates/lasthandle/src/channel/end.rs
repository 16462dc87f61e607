//! Ends of a section: taking one, leaving it, sleeping at it; and what one end sees of another.
//!
//! # Protocol
//! 1. An end is taken, and a dead process' end taken over, under the section's lock. Leaving, and burying the dead, need
//!    no lock: [`Seat`] has the words, and is what the checkers search.
//! 2. Who changed what another may sleep for runs the light fence and looks at that end's word; who is about to sleep
//!    sets its word, runs the heavy fence and looks once more. One of them sees the other.
//! 3. Who sleeps also waits for the ends of those who could wake it: the system tells. Then it asks whether that process
//!    is really gone, and buries it.
//! 4. Taking and leaving wake all others: they look whom they have to wait for.
//! 5. Of several threads at one end, such as the halves of a duplex, one has the **bell**: it sleeps by the event. A
//!    wake-up that another took would be lost to it, so the others leave event and words alone, and look from time to
//!    time.
#![allow(clippy::inline_always)] // a call costs as much as the rest: `docs/design/channels.md`
#![allow(clippy::missing_const_for_thread_local, reason = "it is const: a false alarm on Windows' GNU targets")]

use std::fmt;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::layout::{EndAt, Form};
use super::memory::Memory;
use super::seat::Seat;
use super::section::Section;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::Handle;
use crate::object::Object;
use crate::sys::end::{EndKernel, Token};
use crate::sys::{Kernel, Platform, Timeout};

/// How long to sleep where a wake-up may be missed.
const UNSURE: Duration = Duration::from_millis(1);
/// How long to sleep where the end of a process may be missed: the first time and the longest.
const UNWATCHED: (Duration, Duration) = (Duration::from_micros(50), Duration::from_millis(100));

/// How long to sleep where one of several peers may have been stopped between claiming a wake-up and doing it.
const SHARED: Duration = Duration::from_millis(100);

/// Until when to wait.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Deadline {
    Now,
    At(Instant),
    Never,
}

impl Deadline {
    pub(crate) fn is_over(self) -> bool {
        match self {
            Self::Now => true,
            Self::At(time) => Instant::now() >= time,
            Self::Never => false,
        }
    }

    /// What is left of it, and no more than `most`; little, if a wake-up may be missed.
    pub(crate) fn left(self, most: Option<Duration>, sure: bool) -> Timeout {
        let left = match self {
            Self::Now => return Timeout::Now,
            Self::At(time) => Some(time.saturating_duration_since(Instant::now())),
            Self::Never => None,
        };
        let times = [left, most, (!sure).then_some(UNSURE)];
        times.into_iter().flatten().min().map_or(Timeout::Never, Timeout::After)
    }
}

impl From<Timeout> for Deadline {
    fn from(timeout: Timeout) -> Self {
        match timeout {
            Timeout::Now => Self::Now,
            Timeout::Never => Self::Never,
            // So long that no clock shows it: for ever.
            Timeout::After(duration) => Instant::now().checked_add(duration).map_or(Self::Never, Self::At),
        }
    }
}

/// An end that this process has.
#[derive(Debug)]
#[allow(unreachable_pub)] // as in `wait`
pub struct End {
    pub(crate) section: Arc<Section>,
    pub(crate) index: u32,
    at: EndAt,
    seat: Seat,
    event: Object,
    /// Of its taking.
    generation: u64,
    token: AtomicU64,
    /// A child of `fork` does not leave for its parent.
    process: u32,
    /// How often it slept in vain for who cannot be watched.
    polls: AtomicU32,
    /// The thread that sleeps by its event; 0: none.
    bell: AtomicUsize,
}

impl End {
    /// Takes the first of these ends that is free, or whose process is dead.
    pub(crate) fn take(section: &Arc<Section>, of: impl Iterator<Item = u32>) -> Result<Self> {
        section.locked(|| {
            let mut here = Vec::new();
            for index in of {
                let peer = Peer::new(section, index);
                match peer.presence() {
                    Presence::Here => here.push(peer),
                    Presence::Gone | Presence::Never => return Self::enter(section, index),
                }
            }
            Err(occupied(section.layout.form, &here))
        })
    }

    fn enter(section: &Arc<Section>, index: u32) -> Result<Self> {
        let (memory, at) = (&section.memory, EndAt::new(index));
        let event = Object::of_channel(section.event(index)?, section.name.to_string());
        let (token, process) = (Platform::default().me(section.handle())?, std::process::id());
        memory.store(at.process, u64::from(process), Relaxed);
        let seat = Seat::from(at);
        let generation = seat.enter(memory, token);
        let (section, token, polls) = (Arc::clone(section), AtomicU64::new(token), AtomicU32::new(0));
        let bell = AtomicUsize::new(0);
        let end = Self { section, index, at, seat, event, generation, token, process, polls, bell };
        end.wake_others();
        Ok(end)
    }

    /// Says that a message is being written, or no more: of who is killed meanwhile that is told.
    #[inline(always)]
    pub(crate) fn fills(&self, filling: bool) {
        self.section.memory.store(self.at.filling, if filling { self.generation } else { 0 }, Relaxed);
    }

    /// Its event, for waits that know no channels.
    pub(crate) fn event(&self) -> &Object {
        &self.event
    }

    /// Announces that it will sleep, in words of the caller's too. `false`: wake-ups may be missed.
    pub(crate) fn arm(&self, announce: impl FnOnce()) -> bool {
        let mine = self.bell.compare_exchange(0, thread_number(), Acquire, Relaxed).is_ok() || self.has_bell();
        if !mine {
            return false;
        }
        self.show();
        announce();
        self.seat.arm(&self.section.memory)
    }

    /// It does not sleep any more.
    pub(crate) fn disarm(&self, withdraw: impl FnOnce()) {
        if self.has_bell() {
            withdraw();
            self.seat.disarm(&self.section.memory);
            self.bell.store(0, Release);
        }
    }

    /// Whether it is this thread that sleeps by the event.
    pub(crate) fn has_bell(&self) -> bool {
        self.bell.load(Relaxed) == thread_number()
    }

    /// The thread that sleeps here is the one whose life others watch: it is the last to be sure to run.
    fn show(&self) {
        let Ok(now) = Platform::default().me(self.section.handle()) else { return };
        let before = self.token.load(Relaxed);
        if now != before && self.section.memory.exchange(self.at.token, before, now) {
            self.token.store(now, Relaxed);
        }
    }

    /// It was woken.
    pub(crate) fn woken(&self) {
        self.polls.store(0, Relaxed);
    }

    /// How long to sleep at most. If a peer cannot be watched: longer each time, while nothing happens. If there are
    /// several: one of them that is stopped in the middle of a wake-up keeps the others from waking this end.
    pub(crate) fn slice(&self, peers: usize, blind: bool) -> Option<Duration> {
        let (first, longest) = UNWATCHED;
        if blind {
            return Some((first * 2_u32.pow(self.polls.fetch_add(1, Relaxed).min(16))).min(longest));
        }
        (peers > 1).then_some(SHARED)
    }

    fn wake_others(&self) {
        for index in (0..self.section.layout.ends).filter(|&index| index != self.index) {
            let peer = Peer::new(&self.section, index);
            if self.section.memory.load(peer.at.token, SeqCst) != 0 {
                peer.signal();
            }
        }
    }
}

/// No other living thread of this process has the same; not 0.
fn thread_number() -> usize {
    thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| std::ptr::from_ref(here).addr())
}

impl Drop for End {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            return;
        }
        if self.seat.leave(&self.section.memory, self.token.load(Relaxed)) {
            self.wake_others();
        }
    }
}

#[cold]
fn occupied(form: Form, here: &[Peer]) -> Error {
    let error = Error::new(ErrorKind::Occupied);
    let Some(last) = here.last() else { return error.detail("there is no such end") };
    let (who, process) = (form.holder(last.index), last.process());
    match here.len() {
        1 => error.detail(format!("process {process} is its {who}")).cure("close it there"),
        count => error.detail(format!("it has its {count} {who}s; process {process} is one of them")).cure("close one"),
    }
}

/// Who has an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Nobody has ever had it.
    Never,
    Here,
    Gone,
}

/// Another end, as one end sees it.
#[allow(unreachable_pub)] // as in `wait`
pub struct Peer {
    section: Arc<Section>,
    index: u32,
    at: EndAt,
    seat: Seat,
    event: OnceLock<Handle>,
    watched: Mutex<Option<Watched>>,
    /// The watch told that it may have gone.
    told: AtomicBool,
}

struct Watched {
    token: Token,
    handle: Arc<Handle>,
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer").field("index", &self.index).finish_non_exhaustive()
    }
}

impl Peer {
    pub(crate) fn new(section: &Arc<Section>, index: u32) -> Self {
        let at = EndAt::new(index);
        let (watched, told) = (Mutex::new(None), AtomicBool::new(false));
        let (section, seat) = (Arc::clone(section), Seat::from(at));
        Self { section, index, at, seat, event: OnceLock::new(), watched, told }
    }

    /// After a store that the peer may sleep for: wakes it, if it does. No system call if not.
    #[inline(always)]
    pub(crate) fn wake_if_asleep(&self) {
        if self.seat.is_to_be_woken(&self.section.memory) {
            self.signal();
        }
    }

    /// Wakes it, whether it sleeps or will.
    #[cold]
    pub(crate) fn signal(&self) {
        let event = match self.event.get() {
            Some(event) => Ok(event),
            None => self.section.event(self.index).map(|event| self.event.get_or_init(|| event)),
        };
        // A peer that spoils its own event is not woken.
        let _ = event.and_then(|event| Platform::default().set(event));
    }

    /// Whether it left, or is known to be dead. No system call.
    #[inline(always)]
    pub(crate) fn has_gone(&self) -> bool {
        self.seat.has_gone(&self.section.memory)
    }

    /// Whether nobody has it. No system call.
    pub(crate) fn is_absent(&self) -> bool {
        self.section.memory.load(self.at.token, Acquire) == 0
    }

    /// Whether it has gone, as far as the last sleep told.
    pub(crate) fn seems_gone(&self) -> bool {
        if self.section.memory.load(self.at.token, Acquire) != 0 && !self.told.swap(false, Relaxed) {
            return false;
        }
        self.presence() == Presence::Gone
    }

    /// How often the end was taken.
    pub(crate) fn generation(&self) -> u64 {
        self.section.memory.load(self.at.generation, Acquire)
    }

    /// Asks the system. Who is found dead is buried.
    pub(crate) fn presence(&self) -> Presence {
        let memory = &self.section.memory;
        let token = memory.load(self.at.token, SeqCst);
        if token == 0 {
            if memory.load(self.at.generation, Acquire) == 0 {
                return Presence::Never;
            }
            self.seat.note_gone(memory); // who buried it, or left, may have been killed before
            return Presence::Gone;
        }
        if Platform::default().is_alive(self.section.handle(), token) {
            return Presence::Here;
        }
        self.seat.bury(memory, token);
        Presence::Gone
    }

    /// How many messages were being written here by those who were killed.
    pub(crate) fn lost(&self) -> u64 {
        self.section.memory.load(self.at.lost, Acquire)
    }

    /// The number of the process that had it last.
    pub(crate) fn process(&self) -> u64 {
        self.section.memory.load(self.at.process, Relaxed)
    }

    /// What to wait for to hear of its end; none: nobody is there. `Err(())`: it cannot be watched.
    pub(crate) fn watch(&self) -> Result<Option<Result<Arc<Handle>, ()>>> {
        let token = self.section.memory.load(self.at.token, SeqCst);
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if token == 0 {
            *watched = None;
            return Ok(None);
        }
        if let Some(known) = watched.as_ref().filter(|known| known.token == token) {
            return Ok(Some(Ok(Arc::clone(&known.handle))));
        }
        match Platform::default().watch(self.section.handle(), token)? {
            None => {
                // Asked anew after each slice.
                self.told.store(true, Relaxed);
                Ok(Some(Err(())))
            }
            Some(handle) => {
                let handle = Arc::new(handle);
                *watched = Some(Watched { token, handle: Arc::clone(&handle) });
                Ok(Some(Ok(handle)))
            }
        }
    }

    /// The watch told that it may have gone.
    pub(crate) fn told(&self) {
        *self.watched.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.told.store(true, Relaxed);
    }
}

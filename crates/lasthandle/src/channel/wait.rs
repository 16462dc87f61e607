//! Waiting for ends of channels beside other objects.
//!
//! An end is ready by what lies in its ring, or because its peers have gone; its event only says that one should look. So
//! a wait in which an end takes part is a loop: announce, look, sleep on everything, look again.
#![allow(unreachable_pub)] // the module is private, as is meant: the sealed trait behind `Waitable` names it

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use arrayvec::ArrayVec;

use super::end::{Deadline, End, Peer, Presence};
use super::layout::MOST_PEERS;
use super::rx::Rx;
use super::tx::Tx;
use crate::alert::Alert;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::Handle;
use crate::object::Object;
use crate::sys::{Kernel, KernelAlert, MAXIMUM_WAIT_OBJECTS, Platform, Timeout, Waited};
use crate::wait::{Waitable, sealed::Sealed};

/// The other ends that an end waits for.
pub type Peers<'a> = ArrayVec<&'a Peer, { MOST_PEERS as usize }>;

/// What a wait needs of an end.
pub trait Ready: fmt::Debug {
    /// The end.
    fn end(&self) -> &End;

    /// Announces that it will sleep. `false`: wake-ups may be missed.
    fn announce(&self) -> bool;

    /// It does not sleep any more.
    fn withdraw(&self);

    /// Whether an operation would not have to wait.
    fn is_ready(&self) -> bool;

    /// Those whose going makes it ready.
    fn peers(&self) -> Peers<'_>;
}

/// A receiving end to wait for: signaled while there is a message, and when all senders have gone. Waiting takes nothing:
/// receive afterwards.
///
/// It can be waited for alone and by [`wait_any`](crate::wait_any), not by [`wait_all`](crate::wait_all). There it counts
/// as two of the 64 objects, and one more for each further sender.
#[derive(Debug)]
pub struct Readable<'a>(&'a (dyn Ready + Sync));

/// A sending end to wait for: signaled while there is room for the longest message, and when the receiver has gone. As
/// [`Readable`], it counts as two objects.
#[derive(Debug)]
pub struct Writable<'a>(&'a Tx);

impl<'a> Readable<'a> {
    pub(crate) fn new(of: &'a (dyn Ready + Sync)) -> Self {
        Self(of)
    }
}

impl<'a> Writable<'a> {
    pub(crate) fn new(tx: &'a Tx) -> Self {
        Self(tx)
    }
}

impl Ready for Rx {
    fn end(&self) -> &End {
        &self.end
    }

    fn announce(&self) -> bool {
        self.end.arm(|| ())
    }

    fn withdraw(&self) {
        self.end.disarm(|| ());
    }

    fn is_ready(&self) -> bool {
        self.is_readable()
    }

    fn peers(&self) -> Peers<'_> {
        Self::peers(self)
    }
}

impl Ready for Readable<'_> {
    fn end(&self) -> &End {
        self.0.end()
    }

    fn announce(&self) -> bool {
        self.0.announce()
    }

    fn withdraw(&self) {
        self.0.withdraw();
    }

    fn is_ready(&self) -> bool {
        self.0.is_ready()
    }

    fn peers(&self) -> Peers<'_> {
        self.0.peers()
    }
}

impl Ready for Writable<'_> {
    fn end(&self) -> &End {
        &self.0.end
    }

    fn announce(&self) -> bool {
        self.0.announce(self.0.longest())
    }

    fn withdraw(&self) {
        self.0.withdraw();
    }

    fn is_ready(&self) -> bool {
        self.0.is_writable(self.0.longest()) || self.0.peer.has_gone()
    }

    fn peers(&self) -> Peers<'_> {
        [&self.0.peer].into_iter().collect()
    }
}

/// Makes an end something to wait for.
macro_rules! waitable_end {
    ($type:ident) => {
        impl Sealed for $type<'_> {
            fn object(&self) -> &Object {
                self.end().event()
            }

            fn ready(&self) -> Option<&dyn Ready> {
                Some(self)
            }
        }

        impl Waitable for $type<'_> {
            fn wait(&self, timeout: Timeout) -> Result<Waited> {
                let waited = any(&[self], timeout, None)?;
                Ok(waited.expect("nobody alerts a wait without an alert"))
            }

            fn wait_alertable(&self, timeout: Timeout, alert: &Alert) -> Result<Option<Waited>> {
                any(&[self], timeout, Some(alert))
            }
        }
    };
}
waitable_end!(Readable);
waitable_end!(Writable);

/// Waits for any of several objects, of which some are ends. None: it was alerted.
pub(crate) fn any(objects: &[&dyn Waitable], timeout: Timeout, alert: Option<&Alert>) -> Result<Option<Waited>> {
    let deadline = Deadline::from(timeout);
    let ends = || objects.iter().filter_map(|object| object.ready());
    let waited = until_ready(objects, deadline, alert);
    ends().for_each(Ready::withdraw);
    waited
}

fn until_ready(objects: &[&dyn Waitable], deadline: Deadline, alert: Option<&Alert>) -> Result<Option<Waited>> {
    loop {
        let mut sure = true;
        for end in objects.iter().filter_map(|object| object.ready()) {
            sure &= end.announce();
            // Each that is dead is to be buried, which makes its peers ready.
            for peer in end.peers() {
                peer.seems_gone();
            }
        }
        if let Some(waited) = look(objects)? {
            return Ok(Some(waited));
        }
        let late = deadline.is_over();
        let places = Places::of(objects)?;
        match places.sleep(if late { Deadline::Now } else { deadline }, sure, alert)? {
            None => return Ok(None),
            Some(Waited::TimedOut) if late => return Ok(Some(Waited::TimedOut)),
            Some(Waited::TimedOut) => {}
            Some(Waited::Signaled(place)) => match places.whose[place] {
                Whose::Object(index) => return Ok(Some(Waited::Signaled(index))),
                whose => whose.told(),
            },
            Some(Waited::Abandoned(place)) => match places.whose[place] {
                Whose::Object(index) => return Ok(Some(Waited::Abandoned(index))),
                whose => whose.told(),
            },
        }
    }
}

/// If an end is ready: that, or an object before it that is signaled.
fn look(objects: &[&dyn Waitable]) -> Result<Option<Waited>> {
    let ready = objects.iter().position(|object| object.ready().is_some_and(Ready::is_ready));
    let Some(index) = ready else { return Ok(None) };
    let before = objects[..index].iter().enumerate().filter(|(_, object)| object.ready().is_none());
    for (lower, object) in before {
        match Platform::default().wait(&[object.object().handle()], false, Timeout::Now)? {
            Waited::TimedOut => {}
            Waited::Signaled(_) => return Ok(Some(Waited::Signaled(lower))),
            Waited::Abandoned(_) => return Ok(Some(Waited::Abandoned(lower))),
        }
    }
    Ok(Some(Waited::Signaled(index)))
}

/// Sleeps once at an end: until somebody woke it, one of its peers may have gone, or the time is up.
pub(crate) fn sleep(end: &End, peers: &[&Peer], deadline: Deadline, sure: bool) -> Result<()> {
    let mut places = Places::default();
    places.add_end(end, peers)?;
    if let Some(Waited::Signaled(place) | Waited::Abandoned(place)) = places.sleep(deadline, sure, None)? {
        places.whose[place].told();
    }
    Ok(())
}

/// Waits until one of these peers is there, or `was` says that one was; `false`: the time was up.
pub(crate) fn for_company(end: &End, peers: &[&Peer], was: impl Fn() -> bool, deadline: Deadline) -> Result<bool> {
    let come = loop {
        // Who takes an end wakes all others.
        let sure = end.arm(|| ());
        if was() || peers.iter().any(|peer| peer.presence() == Presence::Here) {
            break Ok(true);
        }
        if deadline.is_over() {
            break Ok(false);
        }
        if let Err(error) = sleep(end, &[], deadline, sure) {
            break Err(error);
        }
    };
    end.disarm(|| ());
    come
}

/// What a place of a wait belongs to.
#[derive(Clone, Copy)]
enum Whose<'a> {
    /// The object of that index, which is no end.
    Object(usize),
    /// An end's event: look again.
    End(&'a End),
    /// A peer whose process may have ended.
    Peer(&'a Peer),
}

impl Whose<'_> {
    fn told(self) {
        match self {
            Self::Peer(peer) => peer.told(),
            Self::End(end) => end.woken(),
            Self::Object(_) => {}
        }
    }
}

/// All that a wait sleeps on.
#[derive(Default)]
struct Places<'a> {
    whose: ArrayVec<Whose<'a>, MAXIMUM_WAIT_OBJECTS>,
    handles: ArrayVec<Place<'a>, MAXIMUM_WAIT_OBJECTS>,
    /// How long to sleep at most.
    slice: Option<Duration>,
}

enum Place<'a> {
    Object(&'a Handle),
    Watch(Arc<Handle>),
}

impl Place<'_> {
    fn handle(&self) -> &Handle {
        match self {
            Self::Object(handle) => handle,
            Self::Watch(handle) => handle,
        }
    }
}

impl<'a> Places<'a> {
    fn of(objects: &[&'a dyn Waitable]) -> Result<Self> {
        let mut places = Self::default();
        for (index, object) in objects.iter().enumerate() {
            match object.ready() {
                None => places.add(Whose::Object(index), Place::Object(object.object().handle()))?,
                Some(end) => places.add_end(end.end(), &end.peers())?,
            }
        }
        Ok(places)
    }

    fn add_end(&mut self, end: &'a End, peers: &[&'a Peer]) -> Result<()> {
        if end.has_bell() {
            self.add(Whose::End(end), Place::Object(end.event().handle()))?;
        }
        let mut blind = false;
        for peer in peers {
            match peer.watch()? {
                Some(Ok(handle)) => self.add(Whose::Peer(peer), Place::Watch(handle))?,
                Some(Err(())) => blind = true,
                None => {}
            }
        }
        self.slice = self.slice.into_iter().chain(end.slice(peers.len(), blind)).min();
        Ok(())
    }

    fn add(&mut self, whose: Whose<'a>, place: Place<'a>) -> Result<()> {
        let full = |_| {
            Error::new(ErrorKind::InvalidParameter)
                .detail("a wait takes 64 objects, and an end of a channel counts as two or more of them")
        };
        self.whose.try_push(whose).map_err(full)?;
        self.handles.try_push(place).map_err(|_| Error::new(ErrorKind::InvalidParameter))
    }

    fn sleep(&self, deadline: Deadline, sure: bool, alert: Option<&Alert>) -> Result<Option<Waited>> {
        let handles: ArrayVec<&Handle, MAXIMUM_WAIT_OBJECTS> = self.handles.iter().map(Place::handle).collect();
        let timeout = deadline.left(self.slice, sure);
        if handles.is_empty() {
            return Ok(nap(timeout, alert));
        }
        match alert {
            None => Platform::default().wait(&handles, false, timeout).map(Some),
            Some(alert) => Platform::default().wait_alertable(&handles, false, timeout, alert.kernel()),
        }
    }
}

/// A short sleep of a thread that has nothing to sleep on: another one has the bell.
fn nap(timeout: Timeout, alert: Option<&Alert>) -> Option<Waited> {
    let alerted = match (alert, timeout) {
        (Some(alert), _) => alert.kernel().sleep(timeout),
        (None, Timeout::After(time)) => {
            thread::sleep(time);
            false
        }
        (None, _) => false,
    };
    (!alerted).then_some(Waited::TimedOut)
}

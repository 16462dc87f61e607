//! The same objects of other libraries, by each thread's own clock; and Windows' own as Wine has them, by the clock on
//! the wall, as Wine asks its server.

use std::hint::black_box;

use lasthandle::{Event, Mutex, Semaphore, Timeout, Waitable};
use raw_sync::events::{EventImpl, EventInit, EventState};
use raw_sync::locks::{LockImpl, LockInit};

use crate::Result;
use crate::measure::{Bench, Contender, Rival};
use crate::page::Page;
use crate::peers::{self, Peer};

pub fn mutex(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let page = Page::at(&bench.root.file("peers-mutex"))?;
    let (mutex, theirs) = (Mutex::options().create_new("bench-mutex")?, raw_mutex(&page, 0)?);
    let theirs = Contender::here("crate raw_sync", || drop(black_box(theirs.lock().expect("lock"))));
    let ours = || drop(black_box(mutex.lock().expect("lock")));
    contest(figure, bench, "lock, unlock", ours, Some(theirs))
}

pub fn event(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let page = Page::at(&bench.root.file("peers-event"))?;
    let (event, theirs) = (Event::options().create_new("bench-event")?, raw_event(&page, 0)?);
    let theirs = Contender::here("crate raw_sync", || {
        theirs.set(EventState::Signaled).expect("set");
        theirs.wait(raw_sync::Timeout::Infinite).expect("wait");
    });
    let ours = || {
        event.set().expect("set");
        event.wait(Timeout::Never).expect("wait");
    };
    contest(figure, bench, "set, wait", ours, Some(theirs))
}

pub fn semaphore(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let semaphore = Semaphore::options().create_new("bench-semaphore")?;
    let ours = || {
        semaphore.release(1).expect("release");
        semaphore.wait(Timeout::Never).expect("wait");
    };
    contest(figure, bench, "release, wait", ours, None)
}

pub fn create(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let ours = || drop(Event::options().create_new("bench-new").expect("create"));
    contest(figure, bench, "create, close an event", ours, None)
}

pub fn open(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let _living = Event::options().create_new("bench-living")?;
    let ours = || drop(Event::open("bench-living").expect("open"));
    contest(figure, bench, "open, close an event", ours, None)
}

/// Beside a crate, and the programs that are there and have such an object. We must be ahead of each.
fn contest(
    figure: &'static str,
    bench: &mut Bench,
    label: &str,
    ours: impl Fn(),
    theirs: Option<Contender<'_>>,
) -> Result<()> {
    let verb = figure.rsplit('/').next().unwrap_or(figure);
    let boost = if verb == "event" { vec![] } else { vec![peers::boost(&bench.root.peer_name("boost"))] };
    let (mut boost, mut wine) = (bench.take(boost), bench.take(vec![peers::wine_sync()]));
    let rivals: Vec<_> =
        theirs.into_iter().map(ahead).chain(boost.iter_mut().map(|peer| process(peer, verb))).collect();
    bench.contest(figure, Contender::here(label, &ours), rivals)?;
    let rivals = wine.iter_mut().map(|peer| process(peer, verb)).collect();
    bench.contest(figure, Contender::by_the_wall(format!("{label} (on the wall)"), &ours), rivals)
}

fn ahead(contender: Contender<'_>) -> Rival<'_> {
    Rival::new(contender, 1.0)
}

fn process<'a>(peer: &'a mut Peer, verb: &'static str) -> Rival<'a> {
    ahead(Contender::elsewhere(peer.label, move |times| peer.run(verb, times)))
}

fn raw_mutex(page: &Page, line: usize) -> Result<Box<dyn LockImpl>> {
    let address = page.raw(line).cast();
    // SAFETY: a line of its own has room for a mutex, and the caller keeps the page for as long as it uses it.
    let made = unsafe { raw_sync::locks::Mutex::new(address, address) };
    Ok(made.map_err(|why| why.to_string())?.0)
}

fn raw_event(page: &Page, line: usize) -> Result<Box<dyn EventImpl>> {
    // SAFETY: as in `raw_mutex`; an auto-reset event.
    let made = unsafe { raw_sync::events::Event::new(page.raw(line).cast(), true) };
    Ok(made.map_err(|why| why.to_string())?.0)
}

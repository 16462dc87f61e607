//! The same objects of other libraries, and Windows' own as Wine has them. All by the clock on the wall, as Wine asks
//! its server.

use std::hint::black_box;

use lasthandle::{Event, Mutex, Semaphore, Timeout, Waitable};
use raw_sync::events::{EventImpl, EventInit, EventState};
use raw_sync::locks::{LockImpl, LockInit};

use crate::Result;
use crate::measure::{Bench, Contender, Rival};
use crate::page::Page;
use crate::peers;

pub fn mutex(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let page = Page::at(&bench.root.file("peers-mutex"))?;
    let mutex = Mutex::options().create_new("bench-mutex")?;
    let theirs = raw_mutex(&page, 0)?;
    let ours = Contender::by_the_wall("lock, unlock", || drop(black_box(mutex.lock().expect("lock"))));
    let theirs = Contender::by_the_wall("crate raw_sync", || drop(theirs.lock().expect("lock")));
    contest(figure, bench, "mutex", ours, Some(theirs))
}

pub fn event(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let page = Page::at(&bench.root.file("peers-event"))?;
    let event = Event::options().create_new("bench-event")?;
    let theirs = raw_event(&page, 0)?;
    let ours = Contender::by_the_wall("set, wait", || {
        event.set().expect("set");
        event.wait(Timeout::Never).expect("wait");
    });
    let theirs = Contender::by_the_wall("crate raw_sync", || {
        theirs.set(EventState::Signaled).expect("set");
        theirs.wait(raw_sync::Timeout::Infinite).expect("wait");
    });
    contest(figure, bench, "event", ours, Some(theirs))
}

pub fn semaphore(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let semaphore = Semaphore::options().create_new("bench-semaphore")?;
    let ours = Contender::by_the_wall("release, wait", || {
        semaphore.release(1).expect("release");
        semaphore.wait(Timeout::Never).expect("wait");
    });
    contest(figure, bench, "semaphore", ours, None)
}

pub fn create(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let ours = || drop(Event::options().create_new("bench-new").expect("create"));
    contest(figure, bench, "create", Contender::by_the_wall("create, close an event", ours), None)
}

pub fn open(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let _living = Event::options().create_new("bench-living")?;
    let ours = || drop(Event::open("bench-living").expect("open"));
    contest(figure, bench, "open", Contender::by_the_wall("open, close an event", ours), None)
}

/// Beside a crate, and all programs that are there and have such an object; we must be ahead of each.
fn contest(
    figure: &'static str,
    bench: &mut Bench,
    verb: &'static str,
    ours: Contender<'_>,
    theirs: Option<Contender<'_>>,
) -> Result<()> {
    let mut found = vec![peers::wine_sync()];
    if verb != "event" {
        found.push(peers::boost(&bench.root.peer_name("boost")));
    }
    let mut processes = bench.take(found);
    let mut rivals: Vec<_> = theirs.into_iter().map(|theirs| Rival::new(theirs, 1.0)).collect();
    rivals.extend(
        processes
            .iter_mut()
            .map(|peer| Rival::new(Contender::elsewhere(peer.label, move |times| peer.run(verb, times)), 1.0)),
    );
    bench.contest(figure, ours, rivals)
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

//! Objects that nobody else uses at the moment: no system call, a few atomics.

use std::hint::black_box;

use lasthandle::{Event, Mutex, Semaphore, Timeout, Waitable, Waited};

use super::{nothing, two_atomics};
use crate::Result;
use crate::bare::posix;
use crate::bare::word::cas_swap;
use crate::measure::{Bench, Contender, Rival};
use crate::page::{LINES_PER_PAGE, Page};

/// So many events that are raised one after the other; few enough that the
/// nearest cache has all, which like places in so many pages share a small part of.
const RAISED: u64 = 8;

pub fn mutex(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let page = Page::at(&bench.root.file("bare-mutex"))?;
    let (mutex, robust) = (Mutex::options().create_new("bench-mutex")?, posix::RobustMutex::new(&page, 1));
    let ours = Contender::here("lock, unlock", || drop(black_box(mutex.lock().expect("lock"))));
    let theirs = Contender::here("pthread robust mutex", || {
        black_box(robust.lock());
        robust.unlock();
    });
    bench.contest(figure, ours, vec![two_atomics(page.line(0), 1.15), Rival::new(theirs, 0.85), nothing()])
}

pub fn event(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let event = Event::options().create_new("bench-event")?;
    let ours = Contender::here("set, wait", || {
        event.set().expect("set");
        take(&event);
    });
    beside_semaphore(figure, bench, ours)
}

pub fn semaphore(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let semaphore = Semaphore::options().create_new("bench-semaphore")?;
    let ours = Contender::here("release, wait", || {
        black_box(semaphore.release(1).expect("release"));
        take(&semaphore);
    });
    beside_semaphore(figure, bench, ours)
}

fn beside_semaphore(figure: &'static str, bench: &mut Bench, ours: Contender<'_>) -> Result<()> {
    let page = Page::at(&bench.root.file("bare-semaphore"))?;
    let posix = posix::Semaphore::new(&page, 1);
    let theirs = Contender::here("sem_post, sem_wait", || {
        posix.post();
        posix.wait();
    });
    bench.contest(figure, ours, vec![two_atomics(page.line(0), 1.1), Rival::new(theirs, 1.05), nothing()])
}

/// A set that raises, by itself: many events, so that looking at the clock does not count; they are reset in between.
pub fn set(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let page = Page::at(&bench.root.file("bare-set"))?;
    let new = |manual| move |_| Event::options().manual_reset(manual).create_unnamed();
    let autos = (0..RAISED).map(new(false)).collect::<lasthandle::Result<Vec<_>>>()?;
    let manuals = (0..RAISED).map(new(true)).collect::<lasthandle::Result<Vec<_>>>()?;
    let words: Vec<_> = (0..autos.len()).map(|number| page.line(number * LINES_PER_PAGE)).collect();
    for (label, events) in [("set an auto event", &autos), ("set a manual event", &manuals)] {
        let reset = || events.iter().for_each(|event| event.reset().expect("reset"));
        let raise = || events.iter().for_each(|event| event.set().expect("set"));
        let ours = Contender::prepared(label, RAISED, reset, raise);
        // Spread over pages as the events are.
        let limit = Contender::prepared(
            "compare-and-swap, swap",
            RAISED,
            || (),
            || {
                for word in black_box(&words) {
                    cas_swap(word);
                }
            },
        );
        bench.contest(figure, ours, vec![Rival::new(limit, 0.6)])?;
    }
    Ok(())
}

pub fn set_again(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let page = Page::at(&bench.root.file("bare-set"))?;
    let event = Event::options().signaled(true).create_unnamed()?;
    let ours = Contender::here("set a set event", || event.set().expect("set"));
    bench.contest(figure, ours, vec![two_atomics(page.line(0), 0.6), nothing()])
}

/// Two changes of the state, beside two atomics.
pub fn set_reset(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let page = Page::at(&bench.root.file("bare-set"))?;
    let event = Event::options().manual_reset(true).create_unnamed()?;
    let ours = Contender::here("set, reset a manual event", || {
        event.set().expect("set");
        event.reset().expect("reset");
    });
    bench.contest(figure, ours, vec![two_atomics(page.line(0), None), nothing()])
}

fn take(object: &impl Waitable) {
    assert_eq!(object.wait(Timeout::Never).expect("wait"), Waited::Signaled(0));
}

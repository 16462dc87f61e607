//! Waits for many objects that need not sleep: for any with one signalled, and for all.

use std::hint::black_box;
use std::sync::atomic::Ordering;

use lasthandle::{Event, Semaphore, Timeout, Timer, Waitable, Waited, wait_all, wait_any};

use crate::Result;
use crate::bare::word::cas_swap;
use crate::measure::{Bench, Contender, Rival};
use crate::page::{LINES_PER_PAGE, Page};

/// Nanoseconds that a wait for any may take, and a wait for all for each object.
const ANY: f64 = 100.0;
const ALL: f64 = 40.0;

type Objects = Vec<Box<dyn Waitable>>;

/// Events, semaphores and timers in turn, none of them signalled.
fn mixture(count: usize) -> lasthandle::Result<Objects> {
    let new = |index| -> lasthandle::Result<Box<dyn Waitable>> {
        Ok(match index % 3 {
            0 => Box::new(Event::options().create_unnamed()?),
            1 => Box::new(Semaphore::options().create_unnamed()?),
            _ => Box::new(Timer::options().create_unnamed()?),
        })
    };
    (0..count).map(new).collect()
}

fn references(objects: &Objects) -> Vec<&dyn Waitable> {
    objects.iter().map(AsRef::as_ref).collect()
}

/// The signalled one is a manual event, which stays set; first or last in the order.
pub fn any<const COUNT: usize>(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let page = Page::at(&bench.root.file("bare-many"))?;
    for signalled in [0, COUNT - 1] {
        let mut objects = mixture(COUNT)?;
        objects[signalled] = Box::new(Event::options().manual_reset(true).signaled(true).create_unnamed()?);
        let objects = references(&objects);
        let ours = Contender::here(format!("wait_any, number {signalled} is set"), || {
            let waited = wait_any(black_box(&objects), Timeout::Never).expect("wait");
            assert_eq!(waited, Waited::Signaled(signalled));
        });
        let words: Vec<_> = (0..=signalled).map(|number| page.line(number * LINES_PER_PAGE)).collect();
        let look = Contender::here("a load each up to it", || {
            for word in black_box(&words) {
                black_box(word.load(Ordering::Acquire));
            }
        });
        bench.contest(figure, ours, vec![Rival::new(look, None).within(ANY)])?;
    }
    Ok(())
}

pub fn all<const COUNT: usize>(figure: &'static str, bench: &mut Bench) -> Result<()> {
    let new = |manual| move |_| Event::options().manual_reset(manual).signaled(true).create_unnamed();
    let manuals = (0..COUNT).map(new(true)).collect::<lasthandle::Result<Vec<_>>>()?;
    let autos = (0..COUNT).map(new(false)).collect::<lasthandle::Result<Vec<_>>>()?;
    let semaphores = (0..COUNT)
        .map(|_| Semaphore::options().initial(i32::MAX).create_unnamed())
        .collect::<lasthandle::Result<Vec<_>>>()?;
    let set = || autos.iter().for_each(|event| event.set().expect("set"));
    all_of::<COUNT, _>(figure, bench, "manual events", &manuals, || ())?;
    all_of::<COUNT, _>(figure, bench, "semaphores", &semaphores, || ())?;
    all_of::<COUNT, _>(figure, bench, "auto events, set before", &autos, set)
}

fn all_of<const COUNT: usize, T: Waitable>(
    figure: &'static str,
    bench: &mut Bench,
    what: &str,
    objects: &[T],
    prepare: impl FnMut(),
) -> Result<()> {
    let page = Page::at(&bench.root.file("bare-many"))?;
    let objects: Vec<&dyn Waitable> = objects.iter().map(|object| object as _).collect();
    let ours = Contender::prepared(format!("wait_all, {what}, each"), COUNT as u64, prepare, || {
        assert_eq!(wait_all(black_box(&objects), Timeout::Never).expect("wait"), Waited::Signaled(0));
    });
    let words: Vec<_> = (0..COUNT).map(|number| page.line(number * LINES_PER_PAGE)).collect();
    let limit = Contender::prepared(
        "compare-and-swap, swap each",
        COUNT as u64,
        || (),
        || {
            for word in black_box(&words) {
                cas_swap(word);
            }
        },
    );
    bench.contest(figure, ours, vec![Rival::new(limit, None).within(ALL)])
}

//! Long loops in one process or between several, told in one command.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lasthandle::{ErrorKind, Mapping};

use super::{Answer, Refused, Words, check};

/// `churn NAME THREADS TIMES`: threads of one process create and close one name, each its own way round.
///
/// Whoever is told that it created the object finds it zeroed, and everybody finds the mark of who created it.
pub(super) fn churn(words: &mut Words<'_>) -> Answer {
    let (name, threads, times): (_, u64, u64) = (words.text()?, words.number()?, words.number()?);
    let created = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| churn_one(name, times, &created))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a thread that does not panic"))
    })?;
    Mapping::open(name).map_or_else(
        |error| check(error.kind() == ErrorKind::NotFound, error),
        |_| check(false, "the name outlived its last handle"),
    )?;
    Ok(created.into_inner().to_string())
}

fn churn_one(name: &str, times: u64, created: &AtomicU64) -> Result<(), Refused> {
    for _ in 0..times {
        let mapping = Mapping::create(name, 64)?;
        let view = mapping.view()?;
        let mark = view.atomic::<AtomicU64>(0)?;
        if mapping.opened_existing() {
            // The creator may be about to write its mark.
            check(mark.load(Ordering::Acquire) <= 1, "an old object's memory")?;
        } else {
            created.fetch_add(1, Ordering::Relaxed);
            let before = mark.swap(1, Ordering::AcqRel);
            check(before == 0, "created twice, or not fresh")?;
        }
        // Held by this very handle, so it must be found.
        let again = Mapping::open(name)?;
        check(again.size() == 64, "another size")?;
    }
    Ok(())
}

/// `ghosts NAME TIMES THREADS`: one thread creates and closes while others start children. Each create must make the
/// object anew, for its last handle was closed before.
///
/// Answers how many children ran meanwhile.
pub(super) fn ghosts(words: &mut Words<'_>) -> Answer {
    let (name, times, threads): (_, u64, u64) = (words.text()?, words.number()?, words.number()?);
    let stop = AtomicBool::new(false);
    let started = AtomicU64::new(0);
    let result = std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| start_children(&stop, &started));
        }
        let result = create_and_close(name, times);
        stop.store(true, Ordering::Relaxed);
        result
    });
    result.map(|old| format!("{old} {}", started.into_inner()))
}

fn start_children(stop: &AtomicBool, started: &AtomicU64) {
    while !stop.load(Ordering::Relaxed) {
        let child = Command::new("true").stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        if child.is_ok_and(|mut child| child.wait().is_ok()) {
            started.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// How often an old object was met.
fn create_and_close(name: &str, times: u64) -> Result<u64, Refused> {
    let mut old = 0;
    for _ in 0..times {
        let mapping = Mapping::create(name, 64)?;
        old += u64::from(mapping.opened_existing());
    }
    Ok(old)
}

/// `race NAME TIMES`: creates, opens and closes one name beside other processes that do the same.
///
/// Memory of a fresh object is zero or was written since; the first eight bytes count who was told `created`: one.
/// Answers how often that was this process.
pub(super) fn race(words: &mut Words<'_>) -> Answer {
    let (name, times): (_, u64) = (words.text()?, words.number()?);
    let mut created = 0_u64;
    for round in 0.. {
        // Who was given no processor while the others raced goes on until it was first once.
        if round >= times && created > 0 {
            break;
        }
        let mapping = match round % 3 {
            0 => Mapping::create(name, 8192)?,
            1 => match Mapping::create_new(name, 8192) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                made => made?,
            },
            _ => match Mapping::open(name) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                opened => opened?,
            },
        };
        let view = mapping.view()?;
        let creators = view.atomic::<AtomicU64>(0)?;
        if !mapping.opened_existing() {
            created += 1;
            let before = creators.fetch_add(1, Ordering::AcqRel);
            check(before == 0, format!("{before} others were told that they created this object"))?;
        }
        check(creators.load(Ordering::Acquire) <= 1, "created twice")?;
        check(mapping.size() == 8192, format!("a size of {}", mapping.size()))?;
    }
    Ok(created.to_string())
}

/// `die-often NAME MILLISECONDS`: creates and closes as fast as it can, so that openers keep meeting a dying name.
pub(super) fn die_often(words: &mut Words<'_>) -> Answer {
    let (name, time): (_, u64) = (words.text()?, words.number()?);
    let until = Instant::now() + Duration::from_millis(time);
    let mut lives = 0_u64;
    while Instant::now() < until {
        drop(Mapping::create(name, 4096)?);
        lives += 1;
    }
    Ok(lives.to_string())
}

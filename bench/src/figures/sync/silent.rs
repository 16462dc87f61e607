//! That free objects make no system call: a process that the kernel kills at any call but `read`, `write` and `exit`
//! does each a million times, and answers.
//!
//! # Safety
//! The calls take numbers, or bytes that live through the call.

use lasthandle::{Event, Mutex, Semaphore, Timeout, Waitable, wait_any};

use crate::Result;
use crate::measure::Bench;
use crate::partner::{Part, Partner};

const TIMES: u64 = 1_000_000;

pub const PARTS: &[(&str, Part)] = &[
    ("silent-mutex", |_, times| {
        let mutex = Mutex::options().create_unnamed()?;
        silently(times, || drop(mutex.lock().expect("lock")))
    }),
    ("silent-event", |_, times| {
        let event = Event::options().create_unnamed()?;
        silently(times, || {
            event.set().expect("set");
            event.wait(Timeout::Never).expect("wait");
        })
    }),
    ("silent-semaphore", |_, times| {
        let semaphore = Semaphore::options().create_unnamed()?;
        silently(times, || {
            semaphore.release(1).expect("release");
            semaphore.wait(Timeout::Never).expect("wait");
        })
    }),
    ("silent-set-reset", |_, times| {
        let event = Event::options().manual_reset(true).create_unnamed()?;
        silently(times, || {
            event.set().expect("set");
            event.reset().expect("reset");
        })
    }),
    ("silent-wait-any", |_, times| {
        let (unset, set) =
            (Event::options().create_unnamed()?, Event::options().manual_reset(true).signaled(true).create_unnamed()?);
        silently(times, || {
            wait_any(&[&unset, &set], Timeout::Never).expect("wait");
        })
    }),
    // The proof's own proof: this one calls.
    ("silent-not", |_, times| silently(times, rustix::thread::sched_yield)),
];

pub fn proof(figure: &'static str, bench: &mut Bench) -> Result<()> {
    for (verb, _) in PARTS {
        let partner = Partner::start(bench, bench.cpus.here)?;
        let silent = partner.ask(verb, TIMES).is_ok();
        match (silent, *verb) {
            (false, "silent-not") => {}
            (true, "silent-not") => return Err("a system call went unnoticed".into()),
            (true, verb) => bench.notes.push(format!("{figure}: {verb}, {TIMES} times: no system call")),
            (false, verb) => bench.notes.push(format!("{figure}: {verb}: MISSED, it makes a system call")),
        }
    }
    Ok(())
}

/// Does not return: the process could not do anything else any more.
fn silently(times: u64, mut operation: impl FnMut()) -> Result<f64> {
    // What only the first one needs.
    operation();
    // SAFETY: numbers only.
    if unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_STRICT) } != 0 {
        return Err(std::io::Error::last_os_error().into());
    }
    for _ in 0..times {
        operation();
    }
    let answer = b"0\n";
    // SAFETY: bytes that live through the call.
    unsafe { libc::write(1, answer.as_ptr().cast(), answer.len()) };
    // SAFETY: ends this thread and, as it has no others, the process; nothing is run or freed.
    unsafe { libc::syscall(libc::SYS_exit, 0) };
    unreachable!("exit returned")
}

//! How owners end: killed, by themselves, by becoming another program; and that others are told, once.

use std::time::{Duration, Instant};

use storm::parent::Child;
use storm::root::Root;

use crate::{abandoned_once, life_files, owner_and_other};

#[test]
fn owner_killed() {
    let (root, owner, mut other) = owner_and_other();
    assert_eq!(other.ok("wait 0 one 0"), "timed out");
    owner.kill();
    abandoned_once(&mut other);
    // What the killed one left goes with the next look.
    other.ok("gc");
    assert_eq!(life_files(&root), 1);
    other.finish();
    assert_eq!(root.files(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn last_handle_closed_while_owned() {
    let (_root, mut owner, mut other) = owner_and_other();
    owner.ok("thread 1 open-mutex 0 M");
    owner.ok("unlock 0");
    owner.ok("thread 1 wait 0 one 0");
    owner.ok("thread 1 drop 0");
    owner.ok("drop 0");
    // No handle is left in that process, but the thread that owns it lives.
    assert_eq!(other.ok("wait 300 one 0"), "timed out");
    owner.ok("thread 1 end");
    abandoned_once(&mut other);
}

#[test]
fn thread_ends() {
    let (_root, mut owner, mut other) = owner_and_other();
    owner.ok("mutex 1 N");
    other.ok("open-mutex 1 N");
    owner.ok("thread 1 open-mutex 0 N");
    owner.ok("thread 1 wait 0 one 0");
    other.send("wait 20000 any 1 0");
    std::thread::sleep(Duration::from_millis(100));
    owner.ok("thread 1 end");
    assert_eq!(other.answer("wait").expect("alive").as_deref(), Ok("abandoned 0"));
    // The other mutex is another thread's, which lives.
    assert_eq!(other.ok("wait 0 one 0"), "timed out");
    // And the process that lives on may have it again.
    other.ok("unlock 1");
    assert_eq!(owner.ok("wait 0 one 1"), "signaled 0");
}

#[test]
fn first_thread_executes() {
    let (_root, mut owner, mut other) = owner_and_other();
    other.send("wait 20000 one 0");
    owner.ok("execute");
    assert_eq!(other.answer("wait").expect("alive").as_deref(), Ok("abandoned 0"));
    owner.ok("number");
}

/// The kernel gives such a thread the number of the first one before it looks at its list, so it marks nothing.
#[test]
fn another_thread_executes() {
    let (_root, mut owner, mut other) = owner_and_other();
    owner.ok("thread 1 mutex 1 N owned");
    other.ok("open-mutex 1 N");
    other.send("wait 20000 all 0 1");
    owner.ok("thread 1 execute");
    assert_eq!(other.answer("wait").expect("alive").as_deref(), Ok("abandoned 0"));
    other.ok("unlock 0");
    other.ok("unlock 1");
    owner.ok("number");
}

/// Windows ends all other threads before it gives up what they own: nobody may have it while one still runs.
#[test]
fn a_process_that_takes_long_to_exit_keeps_what_its_threads_own() {
    let root = Root::new();
    let (mut owner, mut other) = (Child::new(&root), Child::new(&root));
    owner.ok("linger-at-exit");
    owner.ok("thread 1 mutex 0 M owned");
    other.ok("open-mutex 0 M");
    assert_eq!(other.ok("wait 0 one 0"), "timed out");
    owner.send("exit 0");
    let begun = Instant::now();
    assert_eq!(other.ok("wait 700 one 0"), "timed out", "taken from a thread that still runs");
    assert_eq!(other.ok("wait 20000 one 0"), "abandoned 0");
    assert!(begun.elapsed() >= Duration::from_millis(700));
}

/// Printed, not judged: this machine has other things to do.
#[test]
fn how_soon_a_death_is_told() {
    let root = Root::new();
    let mut other = Child::new(&root);
    other.ok("mutex 0 M");
    let mut times: Vec<Duration> = (0..60)
        .map(|_| {
            let mut owner = Child::new(&root);
            owner.ok("open-mutex 0 M");
            owner.ok("wait 1000 one 0");
            other.send("wait 20000 one 0");
            std::thread::sleep(Duration::from_millis(10));
            let begun = Instant::now();
            let pid = i32::try_from(owner.id()).ok().and_then(rustix::process::Pid::from_raw).expect("a number");
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("killed");
            assert_eq!(other.answer("wait").expect("alive").as_deref(), Ok("abandoned 0"));
            let time = begun.elapsed();
            other.ok("unlock 0");
            time
        })
        .collect();
    times.sort_unstable();
    println!("owner killed, waiter told: p50 {:?}, p99 {:?}, most {:?}", times[30], times[59], times[59]);
}

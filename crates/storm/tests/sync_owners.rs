//! Mutexes and the many ways in which their owners end, or do not.
#![cfg(target_os = "linux")]

use std::time::{Duration, Instant};

use storm::parent::Child;
use storm::root::Root;

/// Somebody who owns `M` (handle 0), and somebody else who has it open.
fn owner_and_other() -> (Root, Child, Child) {
    let root = Root::new();
    let (mut owner, mut other) = (Child::new(&root), Child::new(&root));
    owner.ok("mutex 0 M owned");
    other.ok("open-mutex 0 M");
    (root, owner, other)
}

fn life_files(root: &Root) -> usize {
    let is_life = |path: &&std::path::PathBuf| path.to_string_lossy().contains("%life.");
    root.files().iter().filter(is_life).count()
}

/// It is told once, and then it is an ordinary mutex.
fn abandoned_once(other: &mut Child) {
    assert_eq!(other.ok("wait 5000 one 0"), "abandoned 0");
    other.ok("unlock 0");
    assert_eq!(other.ok("wait 0 one 0"), "signaled 0");
    other.ok("unlock 0");
}

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

#[test]
fn a_fork_child_owns_nothing() {
    let (_root, mut owner, mut other) = owner_and_other();
    assert_eq!(owner.ok("forked wait 100 one 0"), "timed out");
    let refused = owner.ok("forked unlock 0");
    assert!(refused.contains("NotOwner"), "{refused}");
    // Its end is not the parent's.
    assert_eq!(other.ok("wait 0 one 0"), "timed out");
    owner.ok("unlock 0");
    assert_eq!(other.ok("wait 0 one 0"), "signaled 0");
}

#[test]
fn a_fork_child_lives_on() {
    let (_root, mut owner, mut other) = owner_and_other();
    let child = owner.ok("fork");
    owner.kill();
    abandoned_once(&mut other);
    let child = child.parse().ok().and_then(rustix::process::Pid::from_raw).expect("a number");
    rustix::process::kill_process(child, rustix::process::Signal::KILL).expect("killed");
}

/// The fork child uses the parent's handle, as an owner in its own right, and ends in the ordinary way.
#[test]
fn a_fork_child_uses_the_mutex() {
    let (root, mut owner, mut other) = owner_and_other();
    owner.ok("unlock 0");
    for _ in 0..3 {
        assert_eq!(owner.ok("forked wait 0 one 0 ; unlock 0"), "");
        assert_eq!(owner.ok("wait 0 one 0"), "signaled 0");
        owner.ok("unlock 0");
        // And one that ends with it.
        assert_eq!(owner.ok("forked event 5 E ; mutex 6 N owned ; set 5 ; wait 0 one 0"), "signaled 0");
        abandoned_once(&mut other);
    }
    owner.finish();
    other.ok("gc");
    assert_eq!(life_files(&root), 1, "{:?}", root.files());
}

#[test]
fn three_thousand() {
    const COUNT: usize = 3000;
    let root = Root::new();
    let (mut owner, mut other) = (Child::new(&root), Child::new(&root));
    owner.ok(&format!("take-many many {COUNT}"));
    for at in 0..COUNT {
        other.ok(&format!("open-mutex {at} many{at}"));
    }
    assert_eq!(other.ok("wait 0 any 0 1500 2999"), "timed out");
    owner.kill();
    for at in 0..COUNT {
        assert_eq!(other.ok(&format!("wait 1000 one {at}")), "abandoned 0", "number {at}");
    }
}

#[test]
fn two_handles_in_one_process() {
    let (_root, mut owner, mut other) = owner_and_other();
    owner.ok("open-mutex 1 M");
    assert_eq!(owner.ok("wait 0 one 1"), "signaled 0");
    owner.ok("unlock 0");
    assert_eq!(other.ok("wait 0 one 0"), "timed out");
    // The same object twice: fine for any, refused for all.
    assert_eq!(owner.ok("wait 0 any 1 0"), "signaled 0");
    owner.refused("wait 0 all 1 0", "InvalidParameter");
    owner.ok("unlock 1");
    owner.ok("unlock 1");
    owner.refused("unlock 0", "NotOwner");
    assert_eq!(other.ok("wait 0 one 0"), "signaled 0");
}

#[test]
fn robust_mutexes_of_the_c_library() {
    let (root, mut owner, mut other) = owner_and_other();
    let notes = Root::new();
    let path = notes.path().join("robust");
    owner.ok(&format!("robust make {}", path.display()));
    other.ok(&format!("robust map {}", path.display()));
    // Theirs before and after ours in the thread's list, and taken out of the middle, the front and the end.
    owner.ok("robust lock 0");
    owner.ok("thread 1 mutex 1 N");
    owner.ok(&format!("thread 1 robust map {}", path.display()));
    for command in ["robust lock 1", "robust lock 2", "wait 0 one 1", "robust lock 3", "robust unlock 2"] {
        owner.ok(&format!("thread 1 {command}"));
    }
    owner.ok("thread 1 robust mix 300 1 0".replace("mix 300 1 0", "unlock 3").as_str());
    owner.ok("thread 1 robust lock 3");
    other.ok("open-mutex 1 N");
    owner.ok("thread 1 end");
    // The thread ended with 1 and 3 of theirs and with N of ours; the process goes on with 0 and M.
    assert_eq!(other.ok("robust lock 1"), "130"); // EOWNERDEAD
    assert_eq!(other.ok("robust lock 3"), "130");
    assert_eq!(other.ok("robust lock 2"), "0");
    assert_eq!(other.ok("robust lock 0"), "16"); // EBUSY
    assert_eq!(other.ok("wait 1000 one 1"), "abandoned 0");
    assert_eq!(other.ok("wait 0 one 0"), "timed out");
    owner.ok("robust unlock 0");
    owner.ok("robust lock 0");
    owner.kill();
    assert_eq!(other.ok("robust lock 0"), "130");
    abandoned_once(&mut other);
    drop(root);
}

/// Any order of theirs, with ours in between, in many threads one after another.
#[test]
fn robust_mutexes_in_any_order() {
    let (_root, mut owner, _other) = owner_and_other();
    let notes = Root::new();
    for round in 0..20 {
        let path = notes.path().join(format!("robust{round}"));
        owner.ok(&format!("thread {round} robust make {}", path.display()));
        owner.ok(&format!("thread {round} robust mix 400 {round} {round}").replace("mix 400", "mix 400"));
        owner.ok(&format!("thread {round} end"));
    }
}

#[test]
fn equal_numbers_in_two_name_spaces() {
    let root = Root::new();
    let Some(mut a) = Child::in_new_numbers(&root) else {
        println!("SKIPPED: no name spaces of processes here");
        return;
    };
    let mut b = Child::in_new_numbers(&root).expect("as the first");
    assert_eq!((a.ok("number"), b.ok("number")), ("1".into(), "1".into()));
    a.ok("mutex 0 M owned");
    b.ok("open-mutex 0 M");
    b.ok("mutex 1 N owned");
    a.ok("open-mutex 1 N");
    assert_eq!(b.ok("wait 200 one 0"), "timed out");
    assert_eq!(a.ok("wait 200 one 1"), "timed out");
    b.refused("unlock 0", "NotOwner");
    b.send("wait 20000 one 0");
    std::thread::sleep(Duration::from_millis(50));
    a.kill_inner();
    assert_eq!(b.answer("wait").expect("alive").as_deref(), Ok("abandoned 0"));
    b.kill_inner();
    let mut c = Child::new(&root);
    c.refused("open-mutex 0 M", "NotFound");
}

/// A mutex whose file was truncated harms those who touch it (as SECURITY.md says), and nobody's other mutexes.
#[test]
fn a_peer_truncates_its_own_record() {
    let (root, owner, mut other) = owner_and_other();
    let mut peer = Child::new(&root);
    peer.ok("mutex 0 Broken owned");
    std::fs::File::options().write(true).open(root.file("Broken")).and_then(|file| file.set_len(0)).expect("truncated");
    assert!(peer.try_ask("unlock 0").is_none(), "it should have died of that");
    assert_eq!(peer.signal(), 7);
    assert_eq!(other.ok("wait 0 one 0"), "timed out");
    owner.kill();
    abandoned_once(&mut other);
}

/// Who waits never reads the life file by itself, so its owner may do with it what it likes.
#[test]
fn a_peer_truncates_its_own_life_file() {
    let (root, mut owner, mut other) = owner_and_other();
    let files = root.files();
    assert_eq!(other.ok("wait 10 one 0"), "timed out"); // maps the life page
    other.send("wait 20000 one 0");
    std::thread::sleep(Duration::from_millis(50));
    for file in files.iter().filter(|path| path.to_string_lossy().contains("%life.")) {
        std::fs::File::options().write(true).open(file).and_then(|file| file.set_len(0)).expect("truncated");
    }
    assert_eq!(other.answer("wait").expect("alive").as_deref(), Ok("abandoned 0"));
    other.ok("unlock 0");
    assert_eq!(other.ok("wait 0 one 0"), "signaled 0");
    let _ = owner.try_ask("wait 10 one 0");
    other.ok("unlock 0");
    let mut third = Child::new(&root);
    third.ok("open-mutex 0 M");
    let _ = third.ok("wait 1000 one 0");
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

/// A process that was root and is another user now is one of that user's processes.
#[test]
fn owned_after_a_change_of_user() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: not root, so no other user to be");
        return;
    }
    let root = Root::for_everybody();
    let mut daemon = Child::new(&root);
    daemon.ok("mutex 0 A owned"); // has a life as root
    let mut peer = Child::new(&root);
    peer.ok("open-mutex 0 A");
    daemon.ok("user 12345");
    assert_eq!(peer.ok("wait 300 one 0"), "timed out", "root's");
    daemon.ok("mutex 1 B owned");
    let mut same = Child::of_user(&root, 12345);
    same.ok("open-mutex 0 B");
    assert_eq!(same.ok("wait 300 one 0"), "timed out", "the new user's");
    daemon.ok("unlock 1");
    assert_eq!(same.ok("wait 0 one 0"), "signaled 0");
    assert_eq!(daemon.ok("wait 300 one 1"), "timed out");
    same.kill();
    assert_eq!(daemon.ok("wait 5000 one 1"), "abandoned 0");
    daemon.kill();
    assert_eq!(peer.ok("wait 5000 one 0"), "abandoned 0");
}

/// A process that was root has root's mutexes open still: it waits for them if it did so before; else it may not make
/// what it needs for that any more. It never takes them from the living.
#[test]
fn waiting_after_a_change_of_user() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: not root, so no other user to be");
        return;
    }
    let root = Root::for_everybody();
    let (mut daemon, mut peer) = (Child::new(&root), Child::new(&root));
    daemon.ok("mutex 0 A");
    daemon.ok("thread 1 open-mutex 0 A");
    daemon.ok("thread 1 wait 0 one 0");
    daemon.ok("thread 1 unlock 0");
    daemon.ok("thread 2 open-mutex 0 A");
    peer.ok("open-mutex 0 A");
    for who in ["", "thread 1 ", "thread 2 "] {
        daemon.ok(&format!("{who}user 12345"));
    }
    assert_eq!(peer.ok("wait 0 one 0"), "signaled 0");
    assert_eq!(daemon.ok("thread 1 wait 300 one 0"), "timed out", "taken from a living owner");
    let mut stranger = Child::new(&root);
    stranger.ok("open-mutex 0 A");
    stranger.ok("user 12345");
    stranger.refused("wait 300 one 0", "AccessDenied");
}

#[test]
fn global_mutex_of_another_user() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: not root, so no other user to be");
        return;
    }
    for umask in ["22", "77"] {
        let root = Root::for_everybody();
        let (mut a, mut b) = (Child::of_user(&root, 12345), Child::of_user(&root, 65534));
        a.ok(&format!("umask {umask}"));
        a.ok("mutex 0 Global\\M owned everyone");
        b.ok("open-mutex 0 Global\\M");
        assert_eq!(b.ok("wait 200 one 0"), "timed out", "umask {umask}");
        a.kill();
        assert_eq!(b.ok("wait 5000 one 0"), "abandoned 0", "umask {umask}");
        b.ok("unlock 0");
    }
}

/// Who waits does not keep something of everybody for whom it ever waited.
#[test]
fn watched_lives_are_forgotten() {
    let root = Root::new();
    let mut waiter = Child::new(&root);
    waiter.ok("mutex 0 M");
    let mappings = |waiter: &mut Child| -> usize {
        waiter.ok("own").split_whitespace().nth(2).and_then(|count| count.parse().ok()).expect("a count")
    };
    let before = mappings(&mut waiter);
    for _ in 0..4 {
        let mut owners = Child::new(&root);
        for thread in 0..90 {
            owners.ok(&format!("thread {thread} open-mutex 0 M"));
            owners.ok(&format!("thread {thread} wait 5000 one 0"));
            assert_eq!(waiter.ok("wait 1ns one 0"), "timed out");
            assert_eq!(waiter.ok("wait 1 one 0"), "timed out");
            owners.ok(&format!("thread {thread} unlock 0"));
        }
        owners.finish();
    }
    let after = mappings(&mut waiter);
    assert!(after < before + 300, "{after} mappings, {before} before");
}

/// Whose mutex it is does not depend on what the thread used last.
#[test]
fn mine_in_both_name_spaces() {
    let root = Root::for_everybody();
    let mut child = Child::new(&root);
    child.ok("mutex 0 M owned");
    child.ok("mutex 1 Global\\M owned");
    for mutex in [0, 1] {
        assert_eq!(child.ok(&format!("state {mutex}")), "Mutex { count: 1, abandoned: false, mine: true }");
    }
    assert_eq!(child.ok("wait 0 all 0 1"), "signaled 0");
    for mutex in [0, 0, 1, 1] {
        child.ok(&format!("unlock {mutex}"));
    }
    assert_eq!(child.ok("state 1"), "Mutex { count: 0, abandoned: false, mine: false }");
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

//! A stranger removes the names of living processes' life files: `rm -r`, a cleaner, the end of a login session. No
//! mutex is given away for that while its owner lives, and each is given on once the owner has ended.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::PathBuf;

use storm::parent::{Child, owner_and_other};
use storm::root::Root;

fn life_files(root: &Root) -> Vec<PathBuf> {
    root.files().into_iter().filter(|path| path.to_string_lossy().contains("%life.")).collect()
}

fn remove_directory(root: &Root) {
    fs::remove_dir_all(root.local()).expect("removed");
}

fn remove_life_files(root: &Root) {
    let files = life_files(root);
    assert!(!files.is_empty());
    for file in files {
        fs::remove_file(file).expect("removed");
    }
}

/// Copies in the place of the files: the same names and bytes, but nobody has locked them.
fn replace_life_files(root: &Root) {
    for file in life_files(root) {
        let bytes = fs::read(&file).expect("read");
        fs::remove_file(&file).expect("removed");
        fs::write(&file, bytes).expect("written");
    }
}

fn move_directory(root: &Root) {
    fs::rename(root.local(), root.path().join("elsewhere")).expect("moved");
}

fn remove_everything(root: &Root) {
    fs::remove_dir_all(root.path()).expect("removed");
}

const REMOVALS: [fn(&Root); 4] = [remove_directory, remove_life_files, replace_life_files, move_directory];

/// Told within ten seconds.
fn abandoned_once(other: &mut Child) {
    storm::parent::abandoned_once(other, 10_000);
}

#[test]
fn before_anybody_looked() {
    for remove in REMOVALS {
        let (root, owner, mut other) = owner_and_other();
        remove(&root);
        assert_eq!(other.ok("wait 0 one 0"), "timed out");
        assert_eq!(other.ok("wait 1200 one 0"), "timed out");
        assert_eq!(other.ok("state 0"), "Mutex { count: 1, abandoned: false, mine: false }");
        owner.kill();
        abandoned_once(&mut other);
    }
}

/// A thread that has its page already, and takes no other: that it makes or opens a mutex is the occasion.
#[test]
fn put_back_by_a_create_or_an_open() {
    for remove in REMOVALS {
        for opens in [false, true] {
            let (root, mut owner, _other) = owner_and_other();
            let mut maker = Child::new(&root);
            remove(&root);
            if opens {
                maker.ok("mutex 0 N");
                owner.ok("open-mutex 1 N");
            } else {
                owner.ok("mutex 1 N");
            }
            let files = life_files(&root);
            assert_eq!(files.iter().filter(|file| file.starts_with(root.local())).count(), 1, "{files:?}");
        }
    }
}

#[test]
fn while_somebody_waits() {
    for remove in REMOVALS {
        let (root, owner, mut other) = owner_and_other();
        assert_eq!(other.ok("wait 10 one 0"), "timed out"); // has seen the owner's page
        remove(&root);
        assert_eq!(other.ok("wait 1200 one 0"), "timed out");
        other.send("wait 20000 one 0");
        std::thread::sleep(std::time::Duration::from_millis(300));
        owner.kill();
        assert_eq!(other.answer("wait").expect("alive").as_deref(), Ok("abandoned 0"));
        other.ok("unlock 0");
    }
}

/// One thread of a process that lives on: that its process lives says nothing of it.
#[test]
fn a_thread_ends_afterwards() {
    for remove in REMOVALS {
        for seen in [false, true] {
            let (root, mut owner, mut other) = owner_and_other();
            owner.ok("thread 1 mutex 1 N owned");
            other.ok("open-mutex 1 N");
            if seen {
                assert_eq!(other.ok("wait 10 any 0 1"), "timed out");
            }
            remove(&root);
            assert_eq!(other.ok("wait 600 any 0 1"), "timed out");
            owner.ok("thread 1 end");
            assert_eq!(other.ok("wait 10000 any 0 1"), "abandoned 1");
            assert_eq!(other.ok("wait 600 one 0"), "timed out");
            owner.kill();
            abandoned_once(&mut other);
        }
    }
}

/// The owner makes and takes other mutexes in the directory that is made again, and those who come there later see it.
#[test]
fn in_the_directory_made_again() {
    for remove in REMOVALS {
        let (root, mut owner, mut other) = owner_and_other();
        owner.ok("thread 3 mutex 3 P owned");
        other.ok("open-mutex 3 P");
        remove(&root);
        owner.ok("mutex 2 O owned");
        owner.ok("thread 1 mutex 1 N owned");
        assert_eq!(life_files(&root).iter().filter(|file| file.starts_with(root.local())).count(), 1);
        let mut later = Child::new(&root);
        later.ok("open-mutex 1 N");
        later.ok("open-mutex 2 O");
        assert_eq!(later.ok("wait 300 any 1 2"), "timed out");
        assert_eq!(other.ok("wait 300 any 0 3"), "timed out");
        // A thread that had its page before, and one that took it afterwards.
        owner.ok("thread 3 end");
        assert_eq!(other.ok("wait 10000 any 0 3"), "abandoned 1");
        owner.ok("thread 1 end");
        assert_eq!(later.ok("wait 10000 any 2 1"), "abandoned 1");
        assert_eq!(later.ok("wait 0 one 2"), "timed out");
        later.ok("unlock 1");
        owner.ok("unlock 2");
        assert_eq!(later.ok("wait 0 one 2"), "signaled 0");
        later.ok("unlock 2");
        owner.ok("wait 0 one 2");
        owner.kill();
        assert_eq!(later.ok("wait 10000 one 2"), "abandoned 0");
        abandoned_once(&mut other);
    }
}

/// A mutex that is nowhere in the directory.
#[test]
fn a_fork_child_waits_for_an_unnamed_one() {
    let root = Root::new();
    let mut owner = Child::new(&root);
    owner.ok("mutex 0 - owned");
    remove_directory(&root);
    assert_eq!(owner.ok("forked wait 600 one 0"), "timed out");
    owner.ok("unlock 0");
    assert_eq!(owner.ok("forked wait 600 one 0"), "signaled 0");
}

/// What the child has from its parent is no sign that the parent lives.
#[test]
fn a_fork_child_lives_on() {
    for remove in REMOVALS {
        let (root, mut owner, mut other) = owner_and_other();
        let child = owner.ok("fork");
        remove(&root);
        assert_eq!(other.ok("wait 600 one 0"), "timed out");
        owner.kill();
        abandoned_once(&mut other);
        let child = child.parse().ok().and_then(rustix::process::Pid::from_raw).expect("a number");
        rustix::process::kill_process(child, rustix::process::Signal::KILL).expect("killed");
    }
}

/// The owner closed every descriptor, and comes back to the library afterwards.
#[test]
fn foreign_code_closes_descriptors() {
    for remove in REMOVALS {
        let (root, mut owner, mut other) = owner_and_other();
        owner.ok("close-all-from 3");
        owner.ok("thread 1 open-mutex 0 M");
        owner.ok("thread 1 wait 0 one 0");
        remove(&root);
        assert_eq!(other.ok("wait 600 one 0"), "timed out");
        owner.kill();
        abandoned_once(&mut other);
    }
}

/// A killed owner's life file is swept before somebody looks for it: absent is dead then.
#[test]
fn swept_because_dead() {
    let (root, owner, mut other) = owner_and_other();
    let mut sweeper = Child::new(&root);
    sweeper.ok("gc");
    assert_eq!(life_files(&root).len(), 1, "of the living");
    assert_eq!(other.ok("wait 600 one 0"), "timed out");
    owner.kill();
    sweeper.ok("gc");
    assert_eq!(life_files(&root).iter().filter(|file| !file.exists()).count(), 0);
    abandoned_once(&mut other);
}

/// The root itself is another one: nothing is concluded from what is not in it.
#[test]
fn the_root_is_replaced() {
    for made_again in [false, true] {
        for seen in [false, true] {
            let (root, owner, mut other) = owner_and_other();
            let waited = if seen { other.ok("wait 10 one 0") } else { String::new() };
            assert!(waited.is_empty() || waited == "timed out");
            remove_everything(&root);
            if made_again {
                fs::create_dir(root.path()).expect("made");
            }
            let answer = other.ask("wait 700 one 0");
            assert!(!matches!(answer.as_deref(), Ok("signaled 0" | "abandoned 0")), "{answer:?}");
            owner.kill();
            if seen {
                abandoned_once(&mut other);
            } else {
                let answer = other.ask("wait 700 one 0");
                assert!(!matches!(answer.as_deref(), Ok("signaled 0")), "{answer:?}");
            }
        }
    }
}

/// The owner puts its life file back, and is stopped, or killed, before each call of that.
#[test]
fn at_every_step_of_putting_it_back() {
    for remove in [remove_directory as fn(&Root), replace_life_files] {
        for fault in ["stop", "kill"] {
            let mut reached = 0;
            for nth in 1.. {
                let (root, mut owner, mut other) = owner_and_other();
                remove(&root);
                owner.ok(&format!("arm {fault}:{nth}"));
                owner.send("mutex 2 N");
                let hit = if fault == "stop" { owner.stops() } else { owner.answer("mutex").is_none() };
                if fault == "stop" {
                    assert_eq!(other.ok("wait 0 one 0"), "timed out", "stopped before call {nth}");
                    assert_eq!(other.ok("wait 150 one 0"), "timed out", "stopped before call {nth}");
                    owner.go_on();
                }
                owner.kill();
                abandoned_once(&mut other);
                other.ok("gc");
                assert!(life_files(&root).len() <= 1, "{fault} {nth}: {:?}", root.files());
                assert!(!root.files().iter().any(|file| file.to_string_lossy().contains("%tmp.")), "{fault} {nth}");
                reached += u32::from(hit);
                if !hit {
                    break;
                }
            }
            assert!(reached > 10, "{fault}: {reached} calls");
        }
    }
}

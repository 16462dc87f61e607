//! Others in the same thread or on the same files: robust mutexes of the C library, peers that truncate.

use std::time::Duration;

use storm::parent::Child;
use storm::root::Root;

use crate::{abandoned_once, owner_and_other};

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
    owner.ok("thread 1 robust unlock 3");
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
        owner.ok(&format!("thread {round} robust mix 400 {round} {round}"));
        owner.ok(&format!("thread {round} end"));
    }
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

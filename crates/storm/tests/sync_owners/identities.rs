//! Who an owner is: not its handle, not its process' number, not its user, and not its parent.

use std::time::Duration;

use storm::parent::Child;
use storm::root::Root;

use crate::{abandoned_once, life_files, owner_and_other};

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

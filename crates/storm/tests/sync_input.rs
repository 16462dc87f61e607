//! Bad input, missing rights, extreme times, and descriptors that somebody else closed.
#![cfg(target_os = "linux")]

use std::time::Duration;

use storm::parent::Child;
use storm::root::Root;

fn child() -> (Root, Child) {
    let root = Root::for_everybody();
    let mut child = Child::new(&root);
    for command in ["event 0 E", "mutex 1 M", "semaphore 2 S 0 5", "timer 3 T"] {
        child.ok(command);
    }
    (root, child)
}

#[test]
fn rights_are_asked_of_every_verb() {
    let (_root, mut child) = child();
    for (at, kind, name) in [(10, "event", "E"), (20, "mutex", "M"), (30, "semaphore", "S"), (40, "timer", "T")] {
        for (more, access) in [(0, "query"), (1, "modify"), (2, "synchronize")] {
            child.ok(&format!("open-{kind} {} {name} {access}", at + more));
        }
    }
    for verb in ["set 10", "set 12", "reset 12", "pulse 12", "post 30", "post 32", "arm-timer 40 1", "cancel 42"] {
        assert_eq!(child.refused(verb, "AccessDenied").code, 5, "{verb}");
    }
    for verb in ["set 11", "pulse 11", "reset 11", "post 31", "arm-timer 41 100000", "cancel 41"] {
        child.ok(verb);
    }
    for at in [10, 11, 20, 21, 30, 31, 40, 41] {
        for wait in [format!("wait 0 one {at}"), format!("wait 0 any 0 {at}"), format!("wait 0 all {at} 0")] {
            assert_eq!(child.refused(&wait, "AccessDenied").code, 5, "{wait}");
        }
    }
    assert_eq!(child.ok("wait 0 any 12 22 32 42"), "signaled 1");
    // Releasing a mutex needs no right.
    child.ok("unlock 20");
}

#[test]
fn counts_of_objects() {
    let (root, mut child) = child();
    let list = |count: usize| vec!["0"; count].join(" ");
    for how in ["any", "all"] {
        assert_eq!(child.refused(&format!("wait 0 {how}"), "InvalidParameter").code, 87);
        assert_eq!(child.refused(&format!("wait 0 {how} {}", list(65)), "InvalidParameter").code, 87);
    }
    assert_eq!(child.ok(&format!("wait 0 any {}", list(64))), "timed out");
    assert_eq!(child.refused(&format!("wait 0 all {}", list(2)), "InvalidParameter").code, 87);
    // 64 mutexes that somebody else owns: twice as many words to sleep on, which is as many as the kernel takes.
    child.ok("thread 1 take-many x 64");
    for at in 0..64 {
        child.ok(&format!("open-mutex {} x{at}", 100 + at));
    }
    let all: Vec<String> = (100..164).map(|at| at.to_string()).collect();
    for how in ["any", "all"] {
        assert_eq!(child.ok(&format!("wait 50 {how} {}", all.join(" "))), "timed out");
    }
    child.send(&format!("wait 20000 any {}", all.join(" ")));
    std::thread::sleep(Duration::from_millis(50));
    let mut other = Child::new(&root);
    other.ok("open-mutex 0 x63");
    assert_eq!(other.ok("wait 0 one 0"), "timed out");
    drop(child);
    let waited = other.ok("wait 5000 one 0");
    assert_eq!(waited, "abandoned 0");
}

#[test]
fn extreme_times() {
    let (root, mut child) = child();
    for time in ["0", "now", "0ns", "1ns"] {
        for wait in ["one 0", "any 0 2", "all 0 1"] {
            assert_eq!(child.ok(&format!("wait {time} {wait}")), "timed out");
        }
    }
    let mut other = Child::new(&root);
    other.ok("open-event 0 E");
    let longest = u64::MAX;
    for wait in [format!("wait {longest} one 0"), format!("wait {longest} any 2 0"), format!("wait {longest} all 1 0")]
    {
        child.send(&wait);
        std::thread::sleep(Duration::from_millis(50));
        other.ok("set 0");
        assert!(child.answer(&wait).expect("alive").expect("signalled").starts_with("signaled"), "{wait}");
    }
    child.ok(&format!("arm-timer 3 {longest} {longest}"));
    assert_eq!(child.ok("wait 1 one 3"), "timed out");
    child.ok(&format!("arm-timer 3 0 {longest}"));
    assert_eq!(child.ok("wait 1000 one 3"), "signaled 0");
    assert_eq!(child.ok("wait 1 one 3"), "timed out");
}

#[test]
fn bad_numbers() {
    let (_root, mut child) = child();
    for bad in
        ["semaphore 9 Z -1 5", "semaphore 9 Z 6 5", "semaphore 9 Z 0 0", "semaphore 9 Z 0 -1", "post 2 0", "post 2 -1"]
    {
        assert_eq!(child.refused(bad, "InvalidParameter").code, 87, "{bad}");
    }
    assert_eq!(child.refused("post 2 6", "TooManyPosts").code, 298);
    assert_eq!(child.ok("post 2 5"), "0");
    assert_eq!(child.refused("post 2 1", "TooManyPosts").code, 298);
    assert_eq!(child.refused("post 2 2147483647", "TooManyPosts").code, 298);
    assert_eq!(child.ok("state 2"), "Semaphore { count: 5, maximum: 5 }");
    for other in ["event 9 M", "mutex 9 E", "semaphore 9 T 0 1", "timer 9 S", "open-mutex 9 E", "create 9 E 10"] {
        assert_eq!(child.refused(other, "WrongKind").code, 6, "{other}");
    }
    assert_eq!(child.refused("open-mutex 9 none", "NotFound").code, 2);
    assert_eq!(child.refused("unlock 1", "NotOwner").code, 288);
}

/// Foreign code closes what it does not own: no handle of ours needs a descriptor.
#[test]
fn every_descriptor_closed() {
    let (root, mut child) = child();
    child.ok("wait 0 one 1");
    child.ok("thread 1 open-mutex 1 M");
    child.ok("thread 2 mutex 1 N owned");
    child.ok("close-all-from 3");
    child.ok("unlock 1");
    for command in ["wait 0 one 1", "unlock 1", "set 0", "wait 0 one 0", "post 2", "wait 0 all 2 1", "unlock 1"] {
        child.ok(command);
    }
    assert_eq!(child.ok("thread 1 wait 0 one 1"), "signaled 0", "a thread that owns something for the first time");
    assert_eq!(child.ok("wait 50 one 1"), "timed out");
    child.ok("open-mutex 5 N");
    assert_eq!(child.ok("wait 50 one 5"), "timed out");
    child.ok("mutex 6 Fresh owned");
    let mut other = Child::new(&root);
    other.ok("open-mutex 0 Fresh");
    other.ok("open-mutex 1 M");
    assert_eq!(other.ok("wait 50 any 0 1"), "timed out");
    child.kill();
    assert_eq!(other.ok("wait 5000 all 0 1"), "abandoned 0");
}

/// No descriptor is to be had: what is open goes on, and a first lock says what is missing.
#[test]
fn no_descriptor_to_be_had() {
    let (root, mut child) = child();
    child.ok("limit files 40");
    child.ok("take-descriptors");
    for command in ["set 0", "wait 0 one 0", "post 2", "wait 0 one 2"] {
        child.ok(command);
    }
    assert_eq!(child.refused("wait 0 one 1", "TooManyFiles").code, 4);
    child.ok("give-descriptors");
    assert_eq!(child.ok("wait 0 one 1"), "signaled 0");
    drop(root);
}

/// A limit on the size of files ends processes that pass it, by a signal.
#[test]
fn a_limit_on_the_size_of_files() {
    let root = Root::new();
    let mut child = Child::new(&root);
    child.ok("mutex 0 M");
    child.ok("limit file-size 1000000");
    assert_eq!(child.ok("wait 0 one 0"), "signaled 0");
    child.ok("limit file-size 100");
    child.refused("thread 1 mutex 1 N owned", "OutOfMemory");
    child.ok("unlock 0");
}

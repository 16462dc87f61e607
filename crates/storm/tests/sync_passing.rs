//! Sync objects that go elsewhere: into the program that a process becomes, to other users, without descriptors.
#![cfg(target_os = "linux")]

use storm::parent::Child;
use storm::root::Root;

const KINDS: [&str; 4] = ["event", "mutex", "semaphore", "timer"];

/// The words of an unnamed object outlive the program that made it; what its threads owned is abandoned, once.
#[test]
fn what_is_inheritable_survives_an_exec() {
    for name in ["-", "N"] {
        let root = Root::new();
        let mut a = Child::new(&root);
        for (number, make) in [(0, "event"), (1, "mutex"), (2, "semaphore"), (3, "timer")] {
            let part = if name == "-" { "-".into() } else { format!("{name}{number}") };
            let rest = ["manual", "owned", "1 3", ""][number];
            a.ok(&format!("{make} {number} {part} {rest} inheritable"));
        }
        a.ok("event 4 Lost");
        for command in ["set 0", "post 2 1", "arm-timer 3 0"] {
            a.ok(command);
        }
        let values = [0, 1, 2, 3].map(|number| a.ok(&format!("heirloom {number}")));
        a.refused("heirloom 4", "Check");
        a.ok("execute");
        for (number, kind) in KINDS.iter().enumerate() {
            a.ok(&format!("inherit {kind} {number} {}", values[number]));
            a.refused(&format!("heirloom {number}"), "Check");
        }
        for (wait, answer) in [
            ("wait 0 one 0", "signaled 0"),
            ("wait 0 one 1", "abandoned 0"),
            ("wait 0 one 1", "signaled 0"),
            ("wait 0 one 2", "signaled 0"),
            ("wait 0 one 2", "signaled 0"),
            ("wait 0 one 2", "timed out"),
            ("wait 0 one 3", "signaled 0"),
        ] {
            assert_eq!(a.ok(wait), answer, "{wait} {name}");
        }
        a.refused("open-event 9 Lost", "NotFound");
        a.refused("inherit event 9 999", "InvalidHandle");
        // Who took them over did not leave them to its own children.
        a.ok("execute");
        for value in &values {
            a.refused(&format!("inherit event 9 {value}"), "InvalidHandle");
        }
        a.ok("gc");
        assert_eq!(root.files(), Vec::<std::path::PathBuf>::new());
    }
}

/// The lives of its owners are its maker's: who cannot see them could take a mutex from the living.
#[test]
fn another_user_is_told_why_not() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: not root, so no other user to be");
        return;
    }
    for kind in KINDS {
        let root = Root::for_everybody();
        let mut daemon = Child::new(&root);
        daemon.ok(&format!("{kind} 0 -"));
        daemon.ok(&format!("{kind} 2 Global\\X everyone"));
        daemon.ok("pass 0 1");
        daemon.ok("user 12345");
        let refusal = daemon.refused("pass 0 1", "AccessDenied");
        for part in ["processes of one user", "of user 0", "of user 12345", "Global"] {
            assert!(refusal.text.contains(part), "{part} in {refusal:?}");
        }
        daemon.ok("pass 2 3");
    }
}

/// A descriptor for each is a convenience, and no reason to run out of them.
#[test]
fn more_of_them_than_descriptors() {
    let root = Root::new();
    let mut a = Child::new(&root);
    a.ok("limit files 64");
    for number in 0..200 {
        a.ok(&format!("event {number} -"));
        a.ok(&format!("set {number}"));
    }
    a.ok("pass 0 1000");
    assert_eq!(a.ok("wait 0 one 1000"), "signaled 0");
    let refusal = a.refused("pass 199 1000", "Unsupported");
    assert!(refusal.text.contains("create it inheritable"), "{refusal:?}");
    a.ok("event 500 - inheritable");
    a.ok("pass 500 501");
}

#[test]
fn foreign_code_that_closes_every_descriptor() {
    let root = Root::new();
    let mut a = Child::new(&root);
    a.ok("event 0 - inheritable");
    a.ok("close-all-from 3");
    a.ok("set 0");
    assert_eq!(a.ok("wait 0 one 0"), "signaled 0");
    a.refused("pass 0 1", "InvalidHandle");
    let path = root.path().join("stranger");
    for number in 3..6 {
        assert_eq!(a.ok(&format!("file-at {}", path.display())), number.to_string());
    }
    let before = a.ok("own");
    a.refused("pass 0 1", "InvalidHandle");
    a.ok("drop 0");
    assert_eq!(before.split(' ').next(), a.ok("own").split(' ').next(), "a stranger's descriptor was closed");
}

//! Where the kernel cannot sleep on several words; and what waiting costs.
#![cfg(target_os = "linux")]

use std::time::Duration;

use storm::parent::Child;
use storm::root::Root;

const NO_SYSTEM_CALL: &str = "arm fail:sleep_on_many:38";

#[test]
fn without_sleep_on_several_words() {
    for fault in [NO_SYSTEM_CALL, "arm fail:sleep_on_many:1"] {
        let root = Root::new();
        let (mut a, mut b) = (Child::new(&root), Child::new(&root));
        for child in [&mut a, &mut b] {
            child.ok(fault);
            for command in ["event 0 E", "mutex 1 M", "semaphore 2 S 0 5"] {
                child.ok(command);
            }
        }
        b.ok("wait 0 one 1");
        for (wait, signal, answer) in [
            ("wait 20000 any 1 0 2", "post 2", "signaled 2"),
            ("wait 20000 any 2 0 1", "set 0", "signaled 1"),
            ("wait 20000 one 1", "unlock 1", "signaled 0"),
        ] {
            a.send(wait);
            std::thread::sleep(Duration::from_millis(60));
            b.ok(signal);
            assert_eq!(a.answer(wait).expect("alive").as_deref(), Ok(answer), "{wait}");
        }
        a.ok("unlock 1");
        b.ok("wait 0 one 1");
        a.send("wait 20000 all 1");
        b.kill();
        assert_eq!(a.answer("wait").expect("alive").as_deref(), Ok("abandoned 0"));
    }
}

/// Microseconds of processor time in so many milliseconds, at most a thousandth.
fn idles(child: &mut Child, objects: &str) -> u64 {
    child.ok(&format!("idle 1500 {objects}")); // what only the first wait needs, and polls that are short at first
    let used = child.ok(&format!("idle 4000 {objects}")).parse().expect("a number");
    println!("{objects}: {used} µs in 4 s");
    used
}

#[test]
fn an_idle_waiter_uses_nothing() {
    let root = Root::new();
    let mut owner = Child::new(&root);
    owner.ok("mutex 0 M owned");
    let run = |fault: Option<&str>, objects: &'static str| {
        let mut child = Child::new(&root);
        fault.map(|fault| child.ok(fault));
        for command in ["open-mutex 0 M", "event 1 E", "event 2 F manual", "semaphore 3 S 0 1", "timer 4 T"] {
            child.ok(command);
        }
        std::thread::spawn(move || (objects, idles(&mut child, objects)))
    };
    // The aim is a thousandth, and what is used is printed; a busy machine with cold caches is forgiven ten times that.
    // Who burned its processor would use all of it.
    let all = [
        (40_000, run(None, "1")),
        (40_000, run(None, "0")),
        (40_000, run(None, "0 1 2 3 4")),
        (80_000, run(Some(NO_SYSTEM_CALL), "0")),
        (80_000, run(Some(NO_SYSTEM_CALL), "0 1 2 3 4")),
    ];
    for (most, (objects, used)) in all.map(|(most, waiter)| (most, waiter.join().expect("no panic"))) {
        assert!(used < most, "{objects}: {used} µs in 4 s");
    }
}

//! Many mutexes, many owners, many threads: what grows with them, and what must not.

use storm::parent::Child;
use storm::root::Root;

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

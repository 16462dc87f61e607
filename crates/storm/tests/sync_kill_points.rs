//! A process is killed before each system call of each operation on sync objects, in turn: create, open, close, and
//! what a first lock makes. Whatever the call: no name is left (once somebody looks), no mutex stays locked, and the
//! next create starts afresh.
#![cfg(target_os = "linux")]

use storm::parent::Child;
use storm::root::Root;

/// What the victim does before, and what it is killed in.
struct Operation {
    before: &'static [&'static str],
    command: &'static str,
    faults: &'static str,
}

const FIRST_LOCK: Operation = Operation { before: &["open-mutex 0 M"], command: "wait 0 one 0", faults: "" };

#[test]
fn create_open_and_close() {
    for command in ["event 0 E manual", "semaphore 0 E 2 3", "timer 0 E", "mutex 0 E", "mutex 0 E owned"] {
        for faults in ["", "fail:open_unnamed:95", "fail:reopen:2"] {
            kill_everywhere(&Operation { before: &[], command, faults });
        }
    }
    kill_everywhere(&Operation { before: &[], command: "open-mutex 0 M", faults: "" });
    kill_everywhere(&Operation { before: &["mutex 0 E"], command: "drop 0", faults: "" });
    kill_everywhere(&Operation { before: &["mutex 0 E owned"], command: "drop 0", faults: "" });
    kill_everywhere(&Operation { before: &["event 0 E"], command: "drop 0", faults: "" });
}

#[test]
fn first_lock() {
    kill_everywhere(&FIRST_LOCK);
    kill_everywhere(&Operation { before: &["mutex 0 Global\\E"], ..FIRST_LOCK });
    // The second thread's page; and a fork child's own file.
    let before = &["open-mutex 0 M", "wait 0 one 0", "unlock 0", "thread 1 open-mutex 0 M"];
    kill_everywhere(&Operation { before, command: "thread 1 wait 0 one 0", ..FIRST_LOCK });
}

/// Each thread finds the life file used up, makes the next one, and is the last of it.
#[test]
fn one_life_file_after_another() {
    let before = &["open-mutex 0 M", "wait 0 one 0", "unlock 0"];
    kill_everywhere(&Operation { before, command: "lives 0 2", faults: "fail:life_file_is_full:28" });
    // The first one stays, for its owner.
    let before = &["open-mutex 0 M", "wait 0 one 0", "thread 1 mutex 0 E"];
    kill_everywhere(&Operation { before, command: "thread 1 wait 0 one 0", faults: "fail:life_file_is_full:28" });
}

#[test]
fn release_and_end() {
    let before = &["open-mutex 0 M", "wait 0 one 0"];
    let Operation { faults, .. } = FIRST_LOCK;
    kill_everywhere(&Operation { before, command: "gc", faults });
    let before = &["thread 1 open-mutex 0 M", "thread 1 wait 0 one 0"];
    kill_everywhere(&Operation { before, command: "gc", faults });
    kill_everywhere(&Operation { before, command: "thread 1 wait 0 one 0", faults: "" });
}

/// A dead owner's mutex: looked at, taken; and the waiter is killed at every step of that.
#[test]
fn looking_at_the_dead() {
    let root = Root::new();
    let mut keeper = Child::new(&root);
    keeper.ok("mutex 0 M");
    let mut told = 0;
    for nth in 1..60 {
        let mut owner = Child::new(&root);
        owner.ok("open-mutex 0 M");
        assert!(owner.ok("wait 1000 one 0").ends_with(" 0"));
        owner.kill();
        let mut victim = Child::new(&root);
        victim.ok("open-mutex 0 M");
        victim.ok(&format!("arm kill:{nth}"));
        let answer = victim.try_ask("wait 2000 one 0");
        victim.kill();
        if let Some(answer) = answer {
            assert_eq!(answer.as_deref(), Ok("abandoned 0"), "armed for {nth}");
            told += 1;
        }
        // Nobody was told yet, or the one who was died with it.
        assert_eq!(keeper.ok("wait 5000 one 0"), "abandoned 0", "killed before call {nth}");
        keeper.ok("unlock 0");
        assert_eq!(keeper.ok("wait 0 one 0"), "signaled 0");
        keeper.ok("unlock 0");
        if told > 2 {
            break;
        }
    }
    assert!(told > 0, "more calls than expected");
}

/// Counts the operation's calls, then kills a process before each.
fn kill_everywhere(operation: &Operation) {
    let root = Root::for_everybody();
    let mut keeper = Child::new(&root);
    keeper.ok("mutex 0 M");
    let victim = || {
        let mut victim = Child::new(&root);
        for command in operation.before {
            victim.ok(command);
        }
        victim
    };
    let mut first = victim();
    first.ok(&format!("arm {}", if operation.faults.is_empty() { "none" } else { operation.faults }));
    let _ = first.ask(operation.command);
    let calls = first.ok("sites").split_whitespace().count();
    first.kill();
    keeper.ok("gc");
    let mut died = 0;
    for nth in 1..=calls {
        // The one before left its mark on M, or not.
        assert!(keeper.ok("wait 5000 one 0").ends_with(" 0"));
        keeper.ok("unlock 0");
        let mut victim = victim();
        victim.ok(&format!("arm kill:{nth},{}", operation.faults));
        match victim.try_ask(operation.command) {
            None => {
                assert_eq!(victim.signal(), 9);
                died += 1;
            }
            Some(_) => victim.kill(),
        }
        let context = format!("`{}` with `{}`, killed before call {nth}", operation.command, operation.faults);
        expect_clean(&root, &mut keeper, &context);
    }
    assert!(died > 0 || calls == 0, "`{}`: nobody died in {calls} calls", operation.command);
}

fn expect_clean(root: &Root, keeper: &mut Child, context: &str) {
    for name in ["E", "Global\\E"] {
        keeper.refused(&format!("open-mutex 9 {name}"), "NotFound");
    }
    assert_eq!(keeper.ok("list"), "Local\\M=1", "{context}");
    keeper.ok("gc");
    let files = root.files();
    let others = files.iter().filter(|path| **path != root.file("M"));
    let lives = others.filter(|path| path.to_string_lossy().contains("%life.")).count();
    assert!(lives <= 1 && files.len() <= 2, "{context}: {files:?}");
    assert_eq!(keeper.ok("mutex 9 E owned"), "created", "{context}");
    for command in ["unlock 9", "drop 9"] {
        keeper.ok(command);
    }
}

/// Somebody looks at an owner that has just ended, and is stopped between that look and what it makes of it. Meanwhile
/// another thread of the owner's process takes the mutex: it must not be mistaken for the dead one.
#[test]
fn a_thread_is_not_taken_for_one_that_ended() {
    let mut reached = 0;
    for first in 1..8 {
        for second in first + 1..9 {
            let root = Root::new();
            let (mut owner, mut waiter) = (Child::new(&root), Child::new(&root));
            owner.ok("mutex 0 M");
            for thread in [1, 2] {
                owner.ok(&format!("thread {thread} open-mutex 0 M"));
            }
            owner.ok("thread 1 wait 0 one 0");
            waiter.ok("open-mutex 0 M");
            assert_eq!(waiter.ok("wait 0 one 0"), "timed out");
            waiter.ok(&format!("arm stop:{first},stop:{second}"));
            waiter.send("wait 0 one 0");
            let first_stop = waiter.stops();
            owner.ok("thread 1 unlock 0");
            owner.ok("thread 1 end");
            if first_stop {
                waiter.go_on();
            }
            let second_stop = first_stop && waiter.stops();
            let taken = owner.ok("thread 2 wait 0 one 0");
            if second_stop {
                waiter.go_on();
                reached += 1;
            }
            let got = waiter.answer("wait").expect("alive").expect("an answer");
            let owners = [&taken, &got].iter().filter(|answer| **answer != "timed out").count();
            assert_eq!(owners, 1, "stopped before calls {first} and {second}: `{taken}` and `{got}`");
        }
    }
    assert!(reached > 0);
}

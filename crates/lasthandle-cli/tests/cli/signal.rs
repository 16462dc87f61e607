//! `set`, `reset`, `pulse`, `release` and `timer`: what changes a sync object.

use std::time::{Duration, Instant};

use crate::common::Sandbox;

fn is_signaled(sandbox: &Sandbox, name: &str) -> bool {
    let outcome = sandbox.run(["wait", name, "--timeout", "0s"]);
    match outcome.code {
        Some(0) => true,
        Some(124) => false,
        _ => panic!("{outcome:?}"),
    }
}

#[test]
fn set_and_reset_an_event_of_either_sort() {
    let sandbox = Sandbox::new();
    let (auto, manual) = (sandbox.name(), sandbox.name());
    let _auto = sandbox.create("event", &auto, []);
    let _manual = sandbox.create("event", &manual, ["--manual"]);
    for name in [&auto, &manual] {
        assert!(!is_signaled(&sandbox, name));
        for _ in 0..2 {
            let set = sandbox.run(["set", name]);
            assert_eq!((set.code, &*set.text(), &*set.err), (Some(0), "", ""));
        }
    }
    assert!(is_signaled(&sandbox, &auto) && !is_signaled(&sandbox, &auto), "one set lets one go");
    assert!(is_signaled(&sandbox, &manual) && is_signaled(&sandbox, &manual), "it stays set");
    for name in [&auto, &manual] {
        sandbox.run(["set", name]).assert_code(0);
        sandbox.run(["reset", name]).assert_code(0);
        assert!(!is_signaled(&sandbox, name));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn pulse_lets_those_go_who_wait_now() {
    let sandbox = Sandbox::new();
    let (auto, manual) = (sandbox.name(), sandbox.name());
    let _auto = sandbox.create("event", &auto, []);
    let _manual = sandbox.create("event", &manual, ["--manual"]);
    let two = || [sandbox.spawn(["wait", &manual]), sandbox.spawn(["wait", &manual])];
    let waiters = two();
    sandbox.await_waiters(&manual, 2);
    std::thread::sleep(Duration::from_millis(100)); // from being counted to being asleep
    sandbox.run(["pulse", &manual]).assert_code(0);
    for waiter in waiters {
        waiter.outcome().assert_code(0);
    }
    let waiter = sandbox.spawn(["wait", &auto]);
    sandbox.await_waiters(&auto, 1);
    std::thread::sleep(Duration::from_millis(100));
    sandbox.run(["pulse", &auto]).assert_code(0);
    waiter.outcome().assert_code(0);
    for name in [&auto, &manual] {
        sandbox.run(["pulse", name]).assert_code(0);
        assert!(!is_signaled(&sandbox, name), "a pulse leaves it not set");
    }
}

#[test]
fn release_adds_to_a_semaphore_up_to_its_maximum() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.create("semaphore", &name, ["--initial", "1", "--max", "4"]);
    let released = sandbox.run(["release", &name, "--json"]).json();
    assert_eq!(released, serde_json::json!({"name": name, "added": 1, "before": 1}));
    let text = sandbox.run(["release", &name, "2"]).assert_code(0).text();
    assert_eq!(text, format!("Released 2 of `{name}`: its count was 2.\n"));
    sandbox.run(["release", &name]).assert_error(1, &["maximum", &name]);
    for _ in 0..4 {
        assert!(is_signaled(&sandbox, &name));
    }
    assert!(!is_signaled(&sandbox, &name), "the release past the maximum left something");
    for count in ["0", "-1", "2147483648", "x"] {
        sandbox.run(["release", &name, "--", count]).assert_error(2, &[count]);
    }
}

#[test]
fn release_of_a_mutex_says_that_only_its_owner_can() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let owner = sandbox.create("mutex", &name, ["--owned"]);
    let refused = sandbox.run(["release", &name]);
    refused.assert_error(1, &[&name, "does not own", "lasthandle acquire"]);
    if cfg!(target_os = "linux") {
        assert!(refused.err.contains(&format!("process {}", owner.child.id())), "{refused:?}");
    }
    assert!(!is_signaled(&sandbox, &name), "it was released all the same");
    drop(owner);
    let _free = sandbox.create("mutex", &name, []);
    sandbox.run(["release", &name]).assert_error(1, &["does not own"]);
}

#[test]
fn a_timer_is_due_after_a_while_again_and_again_until_cancelled() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.create("timer", &name, []);
    assert!(!is_signaled(&sandbox, &name), "nobody has armed it");

    let start = Instant::now();
    sandbox.run(["timer", &name, "--after", "300ms"]).assert_code(0);
    sandbox.run(["wait", &name]).assert_code(0);
    assert!(start.elapsed() >= Duration::from_millis(300));
    assert!(!is_signaled(&sandbox, &name), "once means once");

    let start = Instant::now();
    sandbox.run(["timer", &name, "--after", "0s", "--every", "200ms"]).assert_code(0);
    for _ in 0..3 {
        sandbox.run(["wait", &name]).assert_code(0);
    }
    assert!(start.elapsed() >= Duration::from_millis(400));
    sandbox.run(["timer", &name, "--cancel"]).assert_code(0);
    sandbox.run(["wait", &name, "--timeout", "0s"]); // takes what was due before, if it was
    sandbox.run(["wait", &name, "--timeout", "500ms"]).assert_error(124, &[&name, "500ms"]);
}

#[test]
fn a_timer_is_due_at_a_time_and_a_manual_one_stays_signaled() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.create("timer", &name, ["--manual"]);
    sandbox.run(["timer", &name, "--at", "2020-02-02 20:20:20"]).assert_code(0);
    assert!(is_signaled(&sandbox, &name) && is_signaled(&sandbox, &name));
    sandbox.run(["timer", &name, "--at", "2200-01-01T00:00:00Z"]).assert_code(0);
    assert!(!is_signaled(&sandbox, &name));
}

#[test]
fn bad_input_is_misuse() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.create("timer", &name, []);
    let bad: [&[&str]; 9] = [
        &[],
        &["--every", "1s"],
        &["--after", "1"],
        &["--after", "1s", "--at", "2030-01-01 00:00:00"],
        &["--after", "1s", "--cancel"],
        &["--cancel", "--every", "1s"],
        &["--after", "1s", "--every", "0s"],
        &["--after", "1s", "--every", "1us"],
        &["--at", "noon"],
    ];
    for args in bad {
        sandbox.run(["timer", &name].into_iter().chain(args.iter().copied())).assert_error(2, &[]);
    }
}

#[test]
fn what_is_missing_or_of_another_kind_is_refused() {
    let sandbox = Sandbox::new();
    let (missing, event) = (sandbox.name(), sandbox.name());
    let (mutex, mapping) = (sandbox.name(), sandbox.name());
    let _event = sandbox.create("event", &event, []);
    let _mutex = sandbox.create("mutex", &mutex, []);
    let _mapping = sandbox.serve(&mapping, []);
    let timer = |name| ["timer", name, "--after", "1s"];
    for verb in ["set", "reset", "pulse", "release"] {
        sandbox.run([verb, &missing]).assert_error(3, &[&missing]);
        sandbox.run([verb, &mapping]).assert_error(1, &[&mapping]);
    }
    for verb in ["set", "reset", "pulse"] {
        sandbox.run([verb, &mutex]).assert_error(1, &[&mutex, "another kind"]);
    }
    sandbox.run(["release", &event]).assert_error(1, &[&event, "event"]);
    sandbox.run(timer(&missing)).assert_error(3, &[&missing]);
    sandbox.run(timer(&event)).assert_error(1, &[&event, "another kind"]);
}

//! `create`: each kind, what it says, and every way to end it; and what `ls`, `info` and `who` tell of sync objects.

use std::time::{Duration, Instant};

use crate::common::Sandbox;

const KINDS: [(&str, &[&str]); 4] =
    [("event", &[]), ("mutex", &[]), ("semaphore", &["--initial", "1", "--max", "2"]), ("timer", &[])];

#[test]
fn each_kind_tells_its_steps_lives_and_ends() {
    let sandbox = Sandbox::new();
    for (kind, args) in KINDS {
        let name = sandbox.name();
        let mut first = sandbox.create(kind, &name, args.iter().copied());
        let pid = first.child.id();
        let expected = [
            serde_json::json!({"step": "created", "name": name, "kind": kind, "owned": false}),
            serde_json::json!({"step": "ready", "pid": pid, "until": "Press Enter to end."}),
        ];
        assert_eq!(first.steps, expected);
        let info = sandbox.run(["info", &name, "--json"]).json();
        assert_eq!((&info["kind"], &info["size"]), (&kind.into(), &serde_json::Value::Null));

        let second = sandbox.create(kind, &name, args.iter().copied());
        assert!(second.step("opened").is_some() && second.step("created").is_none(), "{:?}", second.steps);
        first.type_in(b"\n");
        first.assert_ends("enter");
        sandbox.run(["info", &name]).assert_code(0);
        second.kill();
        sandbox.run(["info", &name]).assert_error(3, &[&name]);
    }
}

#[test]
fn tells_the_same_to_people() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let text = sandbox.run(["create", "mutex", &name, "--owned", "--for", "10ms"]).assert_code(0).text();
    let lines: Vec<&str> = text.lines().collect();
    let expected = [
        &*format!("The mutex `{name}` is created and owned by this process."),
        "Ready. Ends after 10ms, or with Ctrl-C.",
        "The time is over.",
        "It is closed.",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn ends_at_the_end_of_input_or_by_time_and_then_not_by_input() {
    let sandbox = Sandbox::new();
    let mut server = sandbox.create("event", &sandbox.name(), []);
    server.end_input();
    server.assert_ends("end-of-input");

    let start = Instant::now();
    let mut server = sandbox.create("timer", &sandbox.name(), ["--for", "700ms"]);
    server.type_in(b"\n");
    server.end_input();
    server.assert_ends("time");
    assert!(start.elapsed() >= Duration::from_millis(700));
}

#[cfg(unix)]
#[test]
fn ends_well_by_signals() {
    let sandbox = Sandbox::new();
    for signal in ["INT", "TERM", "HUP"] {
        let name = sandbox.name();
        let server = sandbox.create("mutex", &name, ["--owned"]);
        server.signal(signal);
        server.assert_ends("signal");
        sandbox.run(["info", &name]).assert_error(3, &[]);
    }
}

#[test]
fn a_name_of_another_kind_is_refused() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    for (kind, args) in KINDS {
        let _server = sandbox.create(kind, &name, args.iter().copied());
        for (other, args) in KINDS.into_iter().filter(|(other, _)| *other != kind) {
            let refused = sandbox.run(["create", other, &name].into_iter().chain(args.iter().copied()));
            refused.assert_error(1, &[&name, "another kind"]);
        }
        sandbox.run(["serve", &name]).assert_error(1, &[&name, "another kind"]);
    }
}

#[test]
fn bad_input_is_misuse() {
    let sandbox = Sandbox::new();
    sandbox.run(["create", "job", "x"]).assert_error(2, &["job"]);
    sandbox.run(["create", "event", ""]).assert_error(2, &["<NAME>"]);
    sandbox.run(["create", "semaphore", "x"]).assert_error(2, &["--initial"]);
    for (initial, maximum) in [("0", "0"), ("-1", "1"), ("0", "2147483648"), ("2", "1"), ("x", "1")] {
        let (initial, maximum) = (format!("--initial={initial}"), format!("--max={maximum}"));
        sandbox.run(["create", "semaphore", "x", &initial, &maximum]).assert_error(2, &[]);
    }
    sandbox.run(["info", "x"]).assert_error(3, &[]);
}

#[test]
fn a_mutex_that_was_owned_is_released_at_the_end() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let mut owner = sandbox.create("mutex", &name, ["--owned"]);
    let _second = sandbox.create("mutex", &name, []);
    sandbox.run(["wait", &name, "--timeout", "0s"]).assert_error(124, &[&name]);
    owner.type_in(b"\n");
    owner.assert_ends("enter");
    sandbox.run(["wait", &name, "--timeout", "0s"]).assert_code(0);
    // An existing one is not taken.
    let third = sandbox.create("mutex", &name, ["--owned"]);
    assert_eq!(third.step("opened").unwrap()["owned"], false);
    sandbox.run(["wait", &name, "--timeout", "0s"]).assert_code(0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_state_of_each_kind_is_told() {
    let sandbox = Sandbox::new();
    let null = serde_json::Value::Null;
    let state = |known: serde_json::Value| {
        let mut whole = serde_json::json!({
            "signaled": null, "manual": null, "count": null, "maximum": null, "abandoned": null, "due_seconds": null,
            "owner": null, "waiters": 0,
        });
        whole.as_object_mut().unwrap().extend(known.as_object().unwrap().clone());
        whole
    };
    let (event, mutex) = (sandbox.name(), sandbox.name());
    let (semaphore, timer) = (sandbox.name(), sandbox.name());
    let _event = sandbox.create("event", &event, ["--manual", "--set"]);
    assert_eq!(sandbox.state(&event), state(serde_json::json!({"signaled": true, "manual": true})));
    let owner = sandbox.create("mutex", &mutex, ["--owned"]);
    let pid = owner.child.id();
    let owned = serde_json::json!({
        "signaled": false, "count": 1, "abandoned": false, "owner": {"pid": pid, "thread": pid},
    });
    assert_eq!(sandbox.state(&mutex), state(owned));
    let _semaphore = sandbox.create("semaphore", &semaphore, ["--initial", "2", "--max", "5"]);
    let two = serde_json::json!({"signaled": true, "count": 2, "maximum": 5});
    assert_eq!(sandbox.state(&semaphore), state(two));
    let _timer = sandbox.create("timer", &timer, []);
    assert_eq!(sandbox.state(&timer), state(serde_json::json!({"signaled": false, "manual": false})));
    sandbox.run(["timer", &timer, "--after", "1h"]).assert_code(0);
    assert!((3000.0..=3600.0).contains(&sandbox.state(&timer)["due_seconds"].as_f64().unwrap()));
    let listed = sandbox.run(["ls", "--json"]).json();
    assert!(listed.as_array().unwrap().iter().all(|object| object["state"] != null), "{listed}");

    let table = sandbox.run(["ls"]).assert_code(0).text();
    for told in ["  signaled", "  2 of 5", "  due in ", &format!("owned by process {pid}, thread {pid}")] {
        assert!(table.contains(told), "no {told:?} in {table}");
    }
    let processes = sandbox.run(["who", &mutex, "--json"]).json();
    assert_eq!((&processes[0]["pid"], &processes[0]["owner"]), (&pid.into(), &pid.into()));
    let who = sandbox.run(["who", &mutex]).assert_code(0).text();
    assert!(who.contains(&format!("owner: thread {pid}")), "{who}");

    let _second = sandbox.create("mutex", &mutex, []);
    owner.kill();
    let abandoned = serde_json::json!({"signaled": true, "count": 0, "abandoned": true});
    assert_eq!(sandbox.state(&mutex), state(abandoned));
    assert!(sandbox.run(["info", &mutex]).assert_code(0).text().contains("abandoned"));
}

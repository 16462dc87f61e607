//! `send`, `recv` and `tap`: what goes in comes out, who waits for whom, and who is told what.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use serde_json::Value;

use crate::common::{Background, Sandbox, wait};

const LONG: &str = "60s";

impl Sandbox {
    /// What `tap` shows, as soon as the channel is there and `ready` says so.
    fn tap(&self, name: &str, ready: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let told = self.run(["tap", name, "--json"]);
            if told.code == Some(0) {
                let channel = told.json();
                if ready(&channel) {
                    return channel;
                }
            }
            assert!(Instant::now() < end, "{told:?}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// A sender of lines whose input is this file.
    fn send_lines(&self, name: &str, lines: &[u8], args: &[&str]) -> Background {
        let path = self.files.path().join("lines");
        std::fs::write(&path, lines).unwrap();
        let mut command = self.command(["send", name, "--lines"].iter().chain(args));
        command.stdin(std::fs::File::open(path).unwrap()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Background::start(&mut command)
    }
}

fn is_sleeping(end: usize) -> impl Fn(&Value) -> bool {
    move |channel| channel["ends"][end]["state"] == "here" && channel["ends"][end]["sleeps"] == true
}

#[test]
fn a_text_reaches_a_receiver_that_waits_for_it_and_one_that_comes_later() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let receiver = sandbox.spawn(["recv", &name, "--timeout", LONG]);
    sandbox.tap(&name, is_sleeping(0));
    sandbox.run(["send", &name, "Grüße", "--timeout", LONG]).assert_code(0);
    assert_eq!(receiver.outcome().assert_code(0).text(), "Grüße\n");

    let sender = sandbox.spawn(["send", &name, "later", "--timeout", LONG]);
    sandbox.tap(&name, is_sleeping(1));
    assert_eq!(sandbox.run(["recv", &name, "--timeout", LONG]).assert_code(0).text(), "later\n");
    sender.outcome().assert_code(0);
    sandbox.run(["tap", &name]).assert_error(3, &[&name]);
}

#[test]
fn lines_go_to_one_receiver_after_another_and_the_sender_ends_after_the_last() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let sender = sandbox.send_lines(&name, b"one\ntwo\r\n\nfour", &["--timeout", LONG]);
    for expected in ["one", "two", "", "four"] {
        let received = sandbox.run(["recv", &name, "--timeout", LONG]).assert_code(0).text();
        assert_eq!(received, format!("{expected}\n"));
    }
    sender.outcome().assert_code(0);
}

#[test]
fn following_ends_with_the_senders_and_keeping_open_does_not() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let lines: Vec<String> = (0..5000).map(|number| format!("line {number}")).collect();
    let lines = lines.join("\n") + "\n";
    let receiver = sandbox.spawn(["recv", &name, "--follow", "--timeout", LONG]);
    sandbox.send_lines(&name, lines.as_bytes(), &["--timeout", LONG]).outcome().assert_code(0);
    assert_eq!(receiver.outcome().assert_code(0).text(), lines.replace('\r', ""));

    let receiver = sandbox.spawn(["recv", &name, "--follow", "--keep-open", "--count", "3", "--timeout", LONG]);
    for message in ["a", "b", "c"] {
        sandbox.run(["send", &name, message, "--timeout", LONG]).assert_code(0);
    }
    assert_eq!(receiver.outcome().assert_code(0).text(), "a\nb\nc\n");
}

#[test]
fn all_of_the_input_is_one_message_byte_by_byte_however_long() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let bytes: Vec<u8> = (0..=255).cycle().take(100_001).collect();
    let receiver = {
        let (sandbox, name) = (&sandbox, &name);
        thread::scope(|scope| {
            let sending = scope.spawn(|| sandbox.run_with(["send", name, "--stdin", "--timeout", LONG], &bytes));
            let channel = sandbox.tap(name, |channel| channel["lanes"][0]["messages"] == 1);
            assert_eq!(channel["max_message"], bytes.len());
            let received = sandbox.run(["recv", name, "--raw", "--timeout", LONG]);
            sending.join().unwrap().assert_code(0);
            received
        })
    };
    receiver.assert_code(0);
    assert!(receiver.out == bytes, "{} bytes", receiver.out.len());
}

#[test]
fn json_has_text_or_base64() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let sender = sandbox.send_lines(&name, b"text\n\xFF\x00\n", &["--timeout", LONG]);
    let told = sandbox.run(["recv", &name, "--count", "2", "--json", "--timeout", LONG]).assert_code(0).text();
    sender.outcome().assert_code(0);
    let lines: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [first, second] = &*lines else { panic!("{told}") };
    let expected = serde_json::json!({"sequence": 0, "time": first["time"], "length": 4, "text": "text", "base64": null, "lost": 0});
    assert_eq!(first, &expected);
    assert!(first["time"].as_str().unwrap().ends_with('Z'));
    assert_eq!((&second["sequence"], &second["length"], &second["text"]), (&1.into(), &2.into(), &Value::Null));
    let decoded = base64::engine::general_purpose::STANDARD.decode(second["base64"].as_str().unwrap()).unwrap();
    assert_eq!(decoded, b"\xFF\0");
}

#[test]
fn time_outs_are_exit_code_124_on_both_sides() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    sandbox.run(["recv", &name, "--timeout", "0s"]).assert_error(124, &[&name, "sender"]);
    sandbox.run(["recv", &name, "--follow", "--timeout", "100ms"]).assert_error(124, &[&name, "100ms"]);
    sandbox.run(["send", &name, "x", "--timeout", "100ms"]).assert_error(124, &[&name, "100ms"]);
    let full = ["send", &name, "--lines", "--capacity", "4K", "--max-message", "56", "--timeout", "100ms"];
    sandbox.run_with(full, &b"x\n".repeat(64)).assert_error(124, &[&name, "room"]);
    sandbox.run(["send", &name, "x", "--no-wait"]).assert_code(0);
    sandbox.run(["tap", &name]).assert_error(3, &[&name, "no object"]);
}

#[test]
fn a_second_sender_or_receiver_is_refused_and_senders_makes_room() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let mut receiver = sandbox.spawn(["recv", &name, "--senders", "2", "--count", "3", "--timeout", LONG]);
    sandbox.tap(&name, is_sleeping(0));
    sandbox.run(["recv", &name]).assert_error(1, &[&name, "process "]);
    sandbox.run(["send", &name, "1", "--timeout", LONG]).assert_code(0);
    assert!(receiver.is_running());
    for message in ["2", "3"] {
        sandbox.run(["send", &name, message, "--timeout", LONG]).assert_code(0);
    }
    assert_eq!(receiver.outcome().assert_code(0).text(), "1\n2\n3\n");

    let sender = sandbox.spawn(["send", &name, "x", "--timeout", LONG]);
    sandbox.tap(&name, is_sleeping(1));
    sandbox.run(["send", &name, "y"]).assert_error(1, &[&name, "process "]);
    drop(sender);
}

/// What was sent before stays for the next receiver, and a sender that was killed ends who follows it, at once.
#[test]
fn killed_sides_are_noticed_and_followed_by_others() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let receiver = sandbox.spawn(["recv", &name, "--follow", "--keep-open", "--timeout", LONG]);
    sandbox.tap(&name, is_sleeping(0));
    drop(receiver); // killed
    let sender = sandbox.spawn(["send", &name, "after", "--timeout", LONG]);
    sandbox.tap(&name, is_sleeping(1));
    let receiver = sandbox.spawn(["recv", &name, "--follow", "--timeout", LONG]);
    sender.outcome().assert_code(0);
    assert_eq!(receiver.outcome().assert_code(0).text(), "after\n");

    let sender = sandbox.spawn(["send", &name, "last words", "--timeout", LONG]);
    sandbox.tap(&name, |channel| channel["lanes"][0]["messages"] == 1);
    let mut command = sandbox.command(["tap", &name, "--follow", "--for", LONG]);
    let mut tap = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut seen = String::new();
    BufReader::new(tap.stdout.take().unwrap()).read_line(&mut seen).unwrap();
    assert_eq!(seen, "last words\n");
    let start = Instant::now();
    drop(sender); // killed, with nobody there
    assert_eq!(wait(&mut tap).code(), Some(0), "a tap ends with the last end");
    assert!(start.elapsed() < Duration::from_secs(30), "not only when its time is up");
}

#[test]
fn a_tap_shows_what_passes_and_consumes_nothing() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let sender = sandbox.send_lines(&name, b"first\nsecond\n", &["--timeout", LONG]);
    let channel = sandbox.tap(&name, |channel| channel["lanes"][0]["messages"] == 2);
    let ends = &channel["ends"];
    assert_eq!(
        (&ends[0]["role"], &ends[0]["state"], &ends[0]["pid"]),
        (&"receives".into(), &"never".into(), &Value::Null)
    );
    assert_eq!((&ends[1]["role"], &ends[1]["state"], &ends[1]["taken"]), (&"sends".into(), &"here".into(), &1.into()));
    let told = sandbox.run(["tap", &name]).assert_code(0).text();
    for part in [&*name, "65536 bytes", "ROLE", "receives", "free", "sends"] {
        assert!(told.contains(part), "no {part:?} in {told}");
    }
    let seen = sandbox.run(["tap", &name, "--follow", "--for", "200ms"]).assert_code(0).text();
    assert_eq!(seen, "first\nsecond\n");
    let seen = sandbox.run(["tap", &name, "--follow", "--json", "--for", "200ms"]).assert_code(0).text();
    let first: Value = serde_json::from_str(seen.lines().next().unwrap()).unwrap();
    assert_eq!((&first["lane"], &first["text"]), (&0.into(), &"first".into()));
    let received = sandbox.run(["recv", &name, "--count", "2", "--timeout", LONG]).assert_code(0).text();
    assert_eq!(received, "first\nsecond\n");
    sender.outcome().assert_code(0);
}

#[test]
fn bad_input_is_told_in_one_line() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    sandbox.run(["send", &name]).assert_error(2, &["TEXT", "--stdin", "--lines"]);
    sandbox.run(["send", &name, "x", "--lines"]).assert_error(2, &["--lines"]);
    sandbox.run(["send", &name, "x", "--capacity", "0"]).assert_error(2, &["size"]);
    sandbox.run(["send", &name, "x", "--senders", "61"]).assert_error(2, &["60"]);
    sandbox.run(["recv", &name, "--count", "0"]).assert_error(2, &["1 or more"]);
    sandbox.run(["recv", &name, "--keep-open"]).assert_error(2, &["--follow"]);
    sandbox.run(["recv", &name, "--max-message", "2G"]).assert_error(2, &["2147483520"]);
    sandbox.run(["send", &name, "longer", "--max-message", "5"]).assert_error(1, &["6 bytes", "at most 5"]);
    let long = sandbox.run_with(["send", &name, "--lines", "--max-message", "5"], b"short\nlonger\n");
    long.assert_error(1, &["line 2", "5 bytes", "--max-message"]);
    let _server = sandbox.serve(&name, []);
    for verb in [&["send", &name, "x"][..], &["recv", &name], &["tap", &name]] {
        sandbox.run(verb.iter().copied()).assert_error(1, &[&name, "no channel"]);
    }
}

//! `serve`: what it makes, what it says, and every way to end it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::common::{Sandbox, Server, wait};

/// Windows tells a size in whole pages only.
fn exact(size: u64) -> u64 {
    if cfg!(windows) { size.next_multiple_of(4096) } else { size }
}

#[test]
fn tells_each_step_in_order() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let mut server = sandbox.serve(&name, []);
    let pid = server.child.id();
    let expected = [
        serde_json::json!({"step": "created", "name": name, "size": exact(256)}),
        serde_json::json!({"step": "mapped", "bytes": exact(256)}),
        serde_json::json!({
            "step": "written", "bytes": 56, "encoding": "utf16", "message": "Message from first process.",
        }),
        serde_json::json!({"step": "ready", "pid": pid, "until": "Press Enter to end."}),
    ];
    assert_eq!(server.steps, expected);
    server.type_in(b"\n");
    server.assert_ends("enter");
    sandbox.run(["read", &name]).assert_error(3, &[&name]);
}

#[test]
fn tells_the_same_to_people() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let outcome = sandbox.run(["serve", &name, "--message", "Hi", "--encoding", "utf8", "--for", "10ms"]);
    outcome.assert_code(0);
    let text = outcome.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 7, "{text}");
    assert!(lines[0].starts_with(&format!("The mapping `{name}` is created: {} bytes", exact(256))), "{text}");
    assert_eq!(lines[2], "The message is written: \"Hi\" (3 bytes of utf8).");
    assert_eq!(lines[4..], ["The time is over.", "The view is unmapped.", "The mapping is closed."]);
    assert_eq!(outcome.err, "");
}

#[test]
fn ends_at_the_end_of_input() {
    let sandbox = Sandbox::new();
    let mut server = sandbox.serve(&sandbox.name(), []);
    server.end_input();
    server.assert_ends("end-of-input");
}

#[test]
fn ends_by_time_and_then_not_by_enter_or_the_end_of_input() {
    let sandbox = Sandbox::new();
    let start = Instant::now();
    let mut server = sandbox.serve(&sandbox.name(), ["--for", "700ms"]);
    server.type_in(b"\n");
    server.end_input();
    server.assert_ends("time");
    assert!(start.elapsed() >= Duration::from_millis(700));
}

#[cfg(unix)]
#[test]
fn ends_well_by_signals_whatever_it_waits_for() {
    let sandbox = Sandbox::new();
    for signal in ["INT", "TERM", "HUP"] {
        for wait in [&[] as &[&str], &["--for", "1h"]] {
            let name = sandbox.name();
            let server = sandbox.serve(&name, wait.iter().copied());
            server.signal(signal);
            server.assert_ends("signal");
            sandbox.run(["info", &name]).assert_error(3, &[]);
        }
    }
}

#[test]
fn killed_it_leaves_no_name() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    sandbox.serve(&name, []).kill();
    sandbox.run(["read", &name]).assert_error(3, &[]);
    let next = sandbox.serve(&name, []);
    assert!(next.step("created").is_some(), "the dead server's object was met: {:?}", next.steps);
}

#[test]
fn an_existing_name_is_opened_as_it_is_and_said_so() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _first = sandbox.serve(&name, ["--size", "8192", "--message", "first"]);
    let second = sandbox.serve(&name, ["--size", "1M", "--message", "second"]);
    assert_eq!(second.step("opened").unwrap()["size"], 8192);
    assert_eq!(second.step("created"), None);
    assert_eq!(sandbox.run(["read", &name]).text(), "second\n");
    // It does not grow for what does not fit.
    let long = "x".repeat(5000);
    sandbox.run(["serve", &name, "--message", &long]).assert_error(1, &["10002 bytes", "8192 bytes"]);
    assert_eq!(sandbox.run(["read", &name]).text(), "second\n");
}

#[test]
fn the_size_follows_the_message_unless_it_was_given() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let long = "x".repeat(5000);
    let server = sandbox.serve(&name, ["--message", &long]);
    assert_eq!(server.step("created").unwrap()["size"], exact(10_002));
    assert_eq!(sandbox.run(["read", &name]).text().trim_end(), long);
    drop(server);

    // 11 units and the NUL are 24 bytes.
    let refused = sandbox.run(["serve", &name, "--message", "eleven here", "--size", "23"]);
    refused.assert_error(1, &["24 bytes", "--size says 23 bytes", "--size 24"]);
    sandbox.run(["info", &name]).assert_error(3, &[]);
    let fits = sandbox.serve(&name, ["--message", "eleven here", "--size", "24"]);
    assert_eq!(sandbox.run(["read", &name]).text(), "eleven here\n");
    drop(fits);
}

#[test]
fn serves_a_file_as_it_is() {
    let sandbox = Sandbox::new();
    let (name, path) = (sandbox.name(), sandbox.files.path().join("content"));
    let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    std::fs::write(&path, &content).unwrap();
    let path_text = path.to_str().unwrap();
    let server = sandbox.serve(&name, ["--file", path_text]);
    assert_eq!(server.step("created").unwrap()["size"], exact(100_000));
    let written = server.step("written").unwrap();
    assert_eq!((&written["bytes"], &written["encoding"]), (&100_000.into(), &serde_json::Value::Null));
    assert_eq!(sandbox.run(["read", &name, "--raw", "--length", "100000"]).out, content);
    drop(server);
    sandbox.run(["serve", &name, "--file", path_text, "--size", "99999"]).assert_error(1, &["100000", "99999"]);

    std::fs::write(&path, b"").unwrap();
    sandbox.run(["serve", &name, "--file", path_text]).assert_error(1, &["--size"]);
    let empty = sandbox.serve(&name, ["--file", path_text, "--size", "16"]);
    assert_eq!(empty.step("written").unwrap()["bytes"], 0);
    drop(empty);
    std::fs::remove_file(&path).unwrap();
    sandbox.run(["serve", &name, "--file", path_text]).assert_error(1, &["cannot open", "content"]);
    sandbox.run(["serve", &name, "--file", "."]).assert_error(1, &[]);
}

#[test]
fn serves_standard_input_as_it_is() {
    let sandbox = Sandbox::new();
    for size in [&[] as &[&str], &["--size", "300000"]] {
        let name = sandbox.name();
        let content: Vec<u8> = (0..=250).cycle().take(300_000).collect();
        let args = ["serve", &name, "--json", "--stdin", "--for", "1h"];
        let mut command = sandbox.command(args.iter().chain(size));
        let mut server = Server::start(&mut command, &content);
        server.await_step("ready");
        assert_eq!(sandbox.run(["read", &name, "--raw", "--length", "300000"]).out, content);
        server.kill();
    }
    let name = sandbox.name();
    let longer = sandbox.run_with(["serve", &name, "--stdin", "--size", "4096"], &[7; 5000]);
    longer.assert_error(1, &["longer", "4096"]);
    sandbox.run_with(["serve", &name, "--stdin"], b"").assert_error(1, &["--size"]);
    sandbox.run(["info", &name]).assert_error(3, &[]);
}

#[cfg(unix)]
#[test]
fn with_content_from_standard_input_only_a_signal_or_time_ends_it() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let mut server = Server::start(&mut sandbox.command(["serve", &name, "--json", "--stdin"]), b"content");
    assert_eq!(server.await_step("ready")["until"], "Press Ctrl-C to end.");
    std::thread::sleep(Duration::from_millis(100));
    assert!(server.is_running());
    server.signal("TERM");
    server.assert_ends("signal");
}

#[test]
fn goes_on_serving_when_nobody_reads_its_steps() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let mut command = sandbox.command(["serve", &name, "--for", "1h"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let text = sandbox.run(["read", &name, "--wait", "60s"]);
    assert_eq!(text.assert_code(0).text(), "Message from first process.\n");
    assert!(child.try_wait().unwrap().is_none());
    child.kill().unwrap();
    wait(&mut child);
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
    assert_eq!(said, "");
}

#[cfg(unix)]
#[test]
fn started_with_descriptors_0_to_2_closed_it_serves() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let script = format!("exec {} serve '{name}' --for 1h <&- >&- 2>&-", env!("CARGO_BIN_EXE_lasthandle"));
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &script]).env("LASTHANDLE_ROOT", sandbox.root.path());
    let mut child = command.spawn().unwrap();
    let read = sandbox.run(["read", &name, "--wait", "60s"]);
    child.kill().unwrap();
    wait(&mut child);
    assert_eq!(read.assert_code(0).text(), "Message from first process.\n");
}

#[test]
fn bad_names_sizes_and_durations_are_misuse() {
    let sandbox = Sandbox::new();
    for name in ["", "\\x", "a\\b", "Local\\", "Global\\", "local\\x", "Local\\a\\b"] {
        sandbox.run(["serve", name]).assert_error(2, &["<NAME>"]);
    }
    for size in ["0", "0K", "-1", "", "12Q", "1 2", "99999999999T"] {
        sandbox.run(["serve", "x", &format!("--size={size}")]).assert_error(2, &["--size"]);
    }
    for duration in ["5", "", "-5s", "5 parsecs"] {
        sandbox.run(["serve", "x", &format!("--for={duration}")]).assert_error(2, &["--for"]);
    }
    sandbox.run(["serve", "x", "--message", "a", "--stdin"]).assert_error(2, &["--message"]);
    sandbox.run(["serve", "x", "--file", "a", "--encoding", "utf8"]).assert_error(2, &["--encoding"]);
    // The command lines of Windows end before such a name does.
    if !cfg!(windows) {
        sandbox.run(["info", &"n".repeat(32_767)]).assert_error(2, &["32,766"]);
    }
    sandbox.run(["info", "x"]).assert_error(3, &[]);
}

#[test]
fn more_than_there_is_memory_is_a_clear_error() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    for size in ["1000T", "8388607T"] {
        sandbox.run(["serve", &name, "--size", size]).assert_error(1, &["create mapping", &name]);
        sandbox.run(["info", &name]).assert_error(3, &[]);
    }
}

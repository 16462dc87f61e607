//! The command as a whole: help, version, misuse, completions, manual, and the demo.

use crate::common::Sandbox;

const VERBS: [&str; 22] = [
    "serve",
    "read",
    "write",
    "create",
    "set",
    "reset",
    "pulse",
    "release",
    "timer",
    "wait",
    "acquire",
    "send",
    "recv",
    "tap",
    "ls",
    "info",
    "who",
    "gc",
    "bench",
    "demo",
    "completions",
    "man",
];
const KINDS: [&str; 4] = ["event", "mutex", "semaphore", "timer"];

#[test]
fn help_tells_names_units_exit_codes_and_json() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(["--help"]).assert_code(0).text();
    for part in VERBS.iter().chain(&["124", "64K", "300ms", "LASTHANDLE_ROOT", "NO_COLOR", "whole_name"]) {
        assert!(help.contains(part), "no {part:?} in the help");
    }
    for verb in VERBS {
        assert!(sandbox.run([verb, "--help"]).assert_code(0).text().contains("Usage: "), "{verb}");
    }
    for kind in KINDS {
        assert!(sandbox.run(["create", kind, "--help"]).assert_code(0).text().contains("Usage: "), "{kind}");
    }
    let version = sandbox.run(["--version"]).assert_code(0).text();
    assert_eq!(version.trim_end(), concat!("lasthandle ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn misuse_is_exit_code_2_and_one_line() {
    let sandbox = Sandbox::new();
    sandbox.run([]).assert_code(2);
    sandbox.run(["frobnicate"]).assert_error(2, &["frobnicate", "--help"]);
    sandbox.run(["ls", "--frob"]).assert_error(2, &["--frob"]);
    sandbox.run(["ls", "surplus"]).assert_error(2, &["surplus"]);
    sandbox.run(["serve", "x", "--siz", "1"]).assert_error(2, &["--size"]);
    sandbox.run(["completions", "cmd.com"]).assert_error(2, &["cmd.com", "bash"]);
    for verb in ["info", "who", "read", "serve", "set", "reset", "pulse", "release", "wait", "send", "recv", "tap"] {
        sandbox.run([verb]).assert_error(2, &["<NAME>"]);
    }
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_no_text_is_misuse() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new();
    let name = std::ffi::OsStr::from_bytes(b"\xFF");
    crate::common::finish(&mut sandbox.command(["read".as_ref(), name]), b"").assert_error(2, &["UTF-8"]);
}

#[test]
fn completions_know_the_verbs() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = sandbox.run(["completions", shell]).assert_code(0).text();
        assert!(VERBS.iter().all(|verb| script.contains(verb)), "{shell}");
    }
}

#[test]
fn the_manual_has_a_page_a_verb() {
    let sandbox = Sandbox::new();
    let all = sandbox.run(["man"]).assert_code(0).text();
    assert_eq!(all.matches(".TH ").count(), 1 + VERBS.len() + KINDS.len());
    assert!(all.contains(".SH \"EXIT CODES\""), "no exit codes");
    let directory = sandbox.files.path().join("pages");
    sandbox.run(["man", "--out", directory.to_str().unwrap()]).assert_code(0);
    let mut pages: Vec<String> =
        std::fs::read_dir(&directory).unwrap().map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
    let mut expected: Vec<String> = VERBS.iter().map(|verb| format!("lasthandle-{verb}.1")).collect();
    expected.push("lasthandle.1".into());
    expected.extend(KINDS.map(|kind| format!("lasthandle-create-{kind}.1")));
    pages.sort();
    expected.sort();
    assert_eq!(pages, expected);
}

#[test]
fn the_demo_keeps_its_promises() {
    let sandbox = Sandbox::new();
    let story = sandbox.run(["demo", "--json"]).json();
    assert_eq!(story["ok"], true);
    let steps = story["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["ok"] == true), "{story}");
    let names: Vec<&str> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    for step in ["client-read", "name-ended", "server-killed", "name-gone", "memory-given-back", "nothing-left"] {
        assert!(names.contains(&step), "no {step:?} in {names:?}");
    }
    let told = sandbox.run(["demo"]).assert_code(0).text();
    assert!(told.contains("All as promised") && !told.contains("WRONG"), "{told}");
    let left = sandbox.run(["ls", "--json"]).text();
    assert!(!left.contains("lasthandle-demo"), "{left}");
}

#[cfg(unix)]
#[test]
fn a_demo_that_cannot_keep_them_fails() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    std::fs::set_permissions(sandbox.root.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let outcome = sandbox.run(["demo", "--json"]);
    outcome.assert_code(1);
    let story: serde_json::Value = serde_json::from_slice(&outcome.out).unwrap();
    assert_eq!(story["ok"], false);
}

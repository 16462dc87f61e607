//! `ls`, `info`, `who` and `gc`: what exists, who keeps it, and what a kill leaves.

use crate::common::{Sandbox, finish};
use serde_json::Value;

fn listed(sandbox: &Sandbox, name: &str) -> Option<Value> {
    let objects = sandbox.run(["ls", "--json"]).json();
    objects.as_array().unwrap().iter().find(|object| object["name"] == name).cloned()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[cfg(target_os = "linux")]
fn files_below(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

const OBJECT_KEYS: [&str; 13] = [
    "age_seconds",
    "created",
    "creator",
    "error",
    "file",
    "holders",
    "kind",
    "name",
    "protection",
    "reserved",
    "size",
    "state",
    "whole_name",
];

#[test]
fn ls_shows_living_objects_and_no_others() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    assert_eq!(listed(&sandbox, &name), None);
    let server = sandbox.serve(&name, ["--size", "8192"]);
    let second = sandbox.serve(&name, []);
    let object = listed(&sandbox, &name).expect("it is listed");
    assert_eq!(keys(&object), OBJECT_KEYS);
    assert_eq!((&object["kind"], &object["size"]), (&"mapping".into(), &8192.into()));
    assert_eq!((&object["whole_name"], &object["error"]), (&true.into(), &Value::Null));
    if cfg!(target_os = "linux") {
        assert_eq!((&object["holders"], &object["creator"]), (&2.into(), &server.child.id().into()));
        assert_eq!((&object["protection"], &object["reserved"]), (&"read-write".into(), &false.into()));
        assert!((0.0..3600.0).contains(&object["age_seconds"].as_f64().unwrap()), "{object}");
    }
    drop(second);
    server.kill();
    assert_eq!(listed(&sandbox, &name), None);
}

#[test]
fn ls_is_a_table_for_people() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.serve(&name, ["--size", "64K"]);
    let text = sandbox.run(["ls"]).assert_code(0).text();
    let head: Vec<&str> = text.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["KIND", "NAME", "SIZE", "HOLDERS", "AGE"]);
    let row = text.lines().find(|line| line.contains(&name)).expect("a row");
    assert!(row.starts_with("mapping  ") && row.contains("64.00 KiB"), "{row}");
    assert!(!text.contains('\u{1b}'), "colour although this is no terminal");
}

#[test]
fn colour_is_for_those_who_want_it() {
    let sandbox = Sandbox::new();
    let head = |variables: &[(&str, &str)]| {
        let mut command = sandbox.command(["ls"]);
        command.envs(variables.iter().copied());
        finish(&mut command, b"").assert_code(0).text()
    };
    assert!(head(&[("CLICOLOR_FORCE", "1")]).starts_with('\u{1b}'));
    assert!(head(&[("NO_COLOR", "1")]).starts_with("KIND"));
}

#[test]
fn a_name_has_no_power_over_the_terminal() {
    let sandbox = Sandbox::new();
    let name = format!("{}\u{1b}[2J\n\u{7}", sandbox.name());
    let _server = sandbox.serve(&name, []);
    let table = sandbox.run(["ls"]).text();
    assert!(table.contains("\\u{1b}[2J\\n\\u{7}") && !table.contains('\u{1b}'), "{table}");
    let info = sandbox.run(["info", &name]).text();
    assert!(info.contains("\\u{1b}[2J\\n\\u{7}") && !info.contains('\u{1b}'), "{info}");
    assert!(listed(&sandbox, &name).is_some(), "JSON has the name itself");
}

#[test]
fn info_tells_of_one_object_and_is_no_holder() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let server = sandbox.serve(&name, ["--size", "12K"]);
    let object = sandbox.run(["info", &name, "--json"]).json();
    assert_eq!(keys(&object), OBJECT_KEYS);
    assert_eq!((&object["name"], &object["size"]), (&name.clone().into(), &(12 << 10).into()));
    let text = sandbox.run(["info", &name]).assert_code(0).text();
    assert!(text.contains("12288 bytes (12.00 KiB)"), "{text}");
    if cfg!(target_os = "linux") {
        assert_eq!(object["holders"], 1);
        assert!(text.contains(&format!("process {}", server.child.id())), "{text}");
    }
    server.kill();
    for args in [&["info", &*name] as &[&str], &["info", &name, "--json"], &["who", &name], &["who", &name, "--json"]] {
        sandbox.run(args.iter().copied()).assert_error(3, &[&name]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn who_tells_the_holders_with_their_commands() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let first = sandbox.serve(&name, []);
    let second = sandbox.serve(&name, ["--for", "1h"]);
    let processes = sandbox.run(["who", &name, "--json"]).json();
    let processes = processes.as_array().unwrap();
    let mut expected = [first.child.id(), second.child.id()];
    expected.sort_unstable();
    assert_eq!(
        processes.iter().map(|process| process["pid"].as_u64().unwrap()).collect::<Vec<_>>(),
        expected.map(u64::from)
    );
    for process in processes {
        assert_eq!(keys(process), ["command", "handle", "memory", "owner", "pid"]);
        assert_eq!((&process["handle"], &process["memory"]), (&true.into(), &true.into()));
        assert_eq!(process["owner"], Value::Null);
        assert!(process["command"].as_str().unwrap().contains(" serve "), "{process}");
    }
    let text = sandbox.run(["who", &name]).assert_code(0).text();
    let row = text.lines().find(|line| line.contains("--for 1h")).expect("a row");
    assert!(row.contains(&second.child.id().to_string()) && row.contains("handle, memory"), "{row}");
}

#[cfg(target_os = "linux")]
#[test]
fn gc_gives_back_what_a_kill_left_and_a_dry_run_only_tells() {
    let sandbox = Sandbox::new();
    let (dead, alive) = (sandbox.name(), sandbox.name());
    let _server = sandbox.serve(&alive, []);
    sandbox.serve(&dead, ["--size", "1M"]).kill();
    let check = |report: &Value, removed: bool| {
        let items = report["leftovers"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{report}");
        assert_eq!(keys(&items[0]), ["bytes", "error", "kind", "name", "removed"]);
        assert!(items[0]["bytes"].as_u64().unwrap() >= 1 << 20, "{report}");
        assert_eq!((&items[0]["removed"], &items[0]["error"]), (&removed.into(), &Value::Null));
        assert_eq!((&report["bytes"], &report["dry_run"]), (&items[0]["bytes"], &(!removed).into()));
        assert_eq!((&items[0]["kind"], &items[0]["name"]), (&"object".into(), &dead.as_str().into()));
    };
    let files = || files_below(sandbox.root.path()).len();
    let before = files();
    check(&sandbox.run(["gc", "--dry-run", "--json"]).json(), false);
    let text = sandbox.run(["gc", "--dry-run"]).assert_code(0).text();
    assert!(text.contains(&dead) && text.contains("would be given back"), "{text}");
    assert_eq!(files(), before, "a dry run changed something");
    check(&sandbox.run(["gc", "--json"]).json(), true);
    assert_eq!(files(), before - 1);
    assert_eq!(sandbox.run(["gc"]).assert_code(0).text(), "Nothing was left behind.\n");
    assert!(listed(&sandbox, &alive).is_some(), "a living object was collected");
}

#[cfg(target_os = "linux")]
#[test]
fn gc_calls_a_life_file_what_it_is() {
    let sandbox = Sandbox::new();
    let (owned, alive) = (sandbox.name(), sandbox.name());
    let _living = sandbox.create("mutex", &alive, ["--owned"]);
    sandbox.create("mutex", &owned, ["--owned"]).kill();
    let text = sandbox.run(["gc", "--dry-run"]).assert_code(0).text();
    assert!(text.contains("A life file of a process that ended: "), "{text}");
    assert!(!text.contains("%life"), "{text}");
    let report = sandbox.run(["gc", "--json"]).json();
    let mut items: Vec<_> =
        report["leftovers"].as_array().unwrap().iter().map(|it| (&it["kind"], &it["name"])).collect();
    items.sort_by_key(|item| item.0.to_string());
    assert_eq!(items, [(&"life".into(), &Value::Null), (&"object".into(), &owned.as_str().into())], "{report}");
    assert_eq!(sandbox.run(["gc"]).assert_code(0).text(), "Nothing was left behind.\n");
}

#[cfg(windows)]
#[test]
fn gc_finds_nothing_where_the_system_cleans_up() {
    let sandbox = Sandbox::new();
    sandbox.serve(&sandbox.name(), []).kill();
    let report = sandbox.run(["gc", "--json"]).json();
    assert_eq!(report, serde_json::json!({"dry_run": false, "bytes": 0, "leftovers": []}));
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_damaged_or_foreign_is_shown_and_does_not_hide_the_rest() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.serve(&name, []);
    let damaged = sandbox.name();
    let server = sandbox.serve(&damaged, []);
    let files = files_below(sandbox.root.path()).into_iter();
    let path = files.max_by_key(|path| std::fs::metadata(path).unwrap().modified().unwrap()).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    let length = file.metadata().unwrap().len();
    std::os::unix::fs::FileExt::write_all_at(&file, &[0xA5; 4096], length - 4096).unwrap();

    let objects = sandbox.run(["ls", "--json"]).json();
    let objects = objects.as_array().unwrap();
    assert_eq!(objects.len(), 2, "{objects:?}");
    let bad = objects.iter().find(|object| object["error"] != Value::Null).expect("the damaged one");
    assert!(bad["kind"] == Value::Null && bad["size"] == Value::Null, "{bad}");
    let text = sandbox.run(["ls"]).assert_code(0).text();
    assert!(text.contains(&name) && text.lines().any(|line| line.starts_with('?')), "{text}");
    let info = sandbox.run(["info", &damaged]);
    assert!(info.code == Some(1) && info.err.starts_with("lasthandle: "), "{info:?}");
    drop(server);
}

#[cfg(unix)]
#[test]
fn a_root_that_is_not_to_be_trusted_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    std::fs::set_permissions(sandbox.root.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    for args in [&["ls"] as &[&str], &["serve", "x"], &["read", "x"], &["gc"]] {
        let outcome = sandbox.run(args.iter().copied());
        outcome.assert_error(1, &[sandbox.root.path().to_str().unwrap()]);
    }
}

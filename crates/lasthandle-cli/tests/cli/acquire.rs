//! `acquire`: who has it, how its command ends, and what is left when a holder is killed.

use crate::common::Sandbox;

const LASTHANDLE: &str = env!("CARGO_BIN_EXE_lasthandle");

#[test]
fn a_mutex_has_one_holder_at_a_time() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.create("mutex", &name, []);
    let mut holder = sandbox.acquire(&name);
    let refused = sandbox.run(["acquire", &name, "--timeout", "50ms", "--", LASTHANDLE, "--version"]);
    refused.assert_error(124, &[&name, "50ms"]);
    assert_eq!(refused.text(), "", "its command ran");
    let waiter = sandbox.spawn(["acquire", &name, "--", LASTHANDLE, "--version"]);
    holder.end_input();
    holder.assert_ends("end-of-input");
    let outcome = waiter.outcome();
    assert_eq!((outcome.code, &*outcome.err), (Some(0), ""), "an orderly end is no abandonment");
    assert!(outcome.text().starts_with("lasthandle "), "{outcome:?}");
}

#[test]
fn a_semaphore_has_as_many_as_its_count() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.create("semaphore", &name, ["--initial", "2", "--max", "2"]);
    let mut holders = [sandbox.acquire(&name), sandbox.acquire(&name)];
    let look = || sandbox.run(["acquire", &name, "--timeout", "0s", "--", LASTHANDLE, "--version"]);
    look().assert_error(124, &[&name]);
    holders.iter_mut().for_each(crate::common::Server::end_input);
    for holder in holders {
        holder.assert_ends("end-of-input");
    }
    for _ in 0..3 {
        look().assert_code(0);
    }
    sandbox.run(["release", &name]).assert_error(1, &["maximum"]);
}

#[test]
fn the_commands_exit_code_is_passed_on_and_the_mutex_given_back() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.create("mutex", &name, []);
    let run = |command: &[&str]| sandbox.run(["acquire", &name, "--"].iter().chain(command).copied());
    run(&[LASTHANDLE, "--version"]).assert_code(0);
    run(&[LASTHANDLE, "info", "no-such-object"]).assert_error(3, &["no-such-object"]);
    run(&[LASTHANDLE, "--frob"]).assert_error(2, &["--frob"]);
    run(&["no-such-command-anywhere"]).assert_error(127, &["no-such-command-anywhere"]);
    if cfg!(unix) {
        run(&["/"]).assert_error(126, &["/"]);
        run(&["sh", "-c", "exit 77"]).assert_code(77);
        run(&["sh", "-c", "kill -9 $$"]).assert_code(137);
        run(&["sh", "-c", "kill -INT $$"]).assert_code(130);
    }
    sandbox.run(["wait", &name, "--timeout", "0s"]).assert_code(0);
}

#[test]
fn input_and_output_are_the_commands() {
    let sandbox = Sandbox::new();
    let (name, mapping) = (sandbox.name(), sandbox.name());
    let _server = sandbox.create("mutex", &name, []);
    let _mapping = sandbox.serve(&mapping, ["--size", "64"]);
    let write = ["acquire", &name, "--", LASTHANDLE, "write", &mapping, "--stdin"];
    sandbox.run_with(write, b"H\0i\0\0\0").assert_code(0);
    let read = sandbox.run(["acquire", &name, "--", LASTHANDLE, "read", &mapping]);
    assert_eq!(read.assert_code(0).text(), "Hi\n");
}

#[test]
fn bad_input_has_its_exit_codes() {
    let sandbox = Sandbox::new();
    let (event, missing) = (sandbox.name(), sandbox.name());
    let _event = sandbox.create("event", &event, ["--set"]);
    sandbox.run(["acquire", &event]).assert_error(2, &["COMMAND"]);
    sandbox.run(["acquire", &event, LASTHANDLE]).assert_error(2, &[]);
    sandbox.run(["acquire", &missing, "--", LASTHANDLE]).assert_error(3, &[&missing]);
    sandbox.run(["acquire", &event, "--", LASTHANDLE]).assert_error(1, &[&event, "event"]);
    sandbox.run(["wait", &event, "--timeout", "0s"]).assert_code(0); // the refusal took nothing
}

#[test]
fn a_missing_mutex_is_created_if_asked_for() {
    let sandbox = Sandbox::new();
    let (name, semaphore) = (sandbox.name(), sandbox.name());
    let run = |name| sandbox.run(["acquire", name, "--create", "--timeout", "0s", "--", LASTHANDLE, "info", name]);
    assert!(run(&name).assert_code(0).text().contains("mutex"));
    sandbox.run(["info", &name]).assert_error(3, &[]);
    let mut holder = sandbox.acquire_with(&name, &["--create"]);
    run(&name).assert_error(124, &[&name]);
    holder.end_input();
    holder.assert_ends("end-of-input");
    // What exists is taken as it is.
    let _server = sandbox.create("semaphore", &semaphore, ["--initial", "1", "--max", "1"]);
    assert!(run(&semaphore).assert_code(0).text().contains("semaphore"));
}

/// The promise that a lock file cannot make.
#[test]
fn a_killed_holders_mutex_is_had_with_a_note_once() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.create("mutex", &name, []);
    let run = || sandbox.run(["acquire", &name, "--", LASTHANDLE, "info", "no-such-object"]);
    // Killed while somebody waits already, and while nobody does.
    let holder = sandbox.acquire(&name);
    let waiter = sandbox.spawn(["acquire", &name, "--", LASTHANDLE, "--version"]);
    #[cfg(target_os = "linux")]
    sandbox.await_waiters(&name, 1);
    holder.kill();
    waiter.outcome().assert_error(0, &["abandoned", &name]);

    sandbox.acquire(&name).kill();
    let outcome = run();
    outcome.assert_code(3); // the command's own, whatever was before
    assert!(outcome.err.starts_with("lasthandle: the mutex") && outcome.err.contains("abandoned"), "{outcome:?}");
    run().assert_error(3, &["no-such-object"]); // in one line: no second note
}

#[cfg(unix)]
#[test]
fn the_command_is_told_too() {
    let sandbox = Sandbox::new();
    let name = sandbox.name();
    let _server = sandbox.create("mutex", &name, []);
    let told = |outer: Option<&str>| {
        let mut command = sandbox.command(["acquire", &name, "--", "sh", "-c", "echo \"[$LASTHANDLE_ABANDONED]\""]);
        command.env_remove("LASTHANDLE_ABANDONED").envs(outer.map(|value| ("LASTHANDLE_ABANDONED", value)));
        crate::common::finish(&mut command, b"").assert_code(0).text()
    };
    sandbox.acquire(&name).kill();
    assert_eq!(told(None), "[1]\n");
    assert_eq!(told(None), "[]\n");
    assert_eq!(told(Some("1")), "[]\n", "of another mutex, around this one");
}

#[cfg(unix)]
mod signals {
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::process::Command;
    use std::time::Duration;

    use super::LASTHANDLE;
    use crate::common::{Sandbox, Server, finish, wait};

    fn kill(signal: &str, whom: &str) {
        let command = format!("kill -{signal} {whom}");
        assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
    }

    #[test]
    fn term_and_hup_are_passed_on() {
        let sandbox = Sandbox::new();
        let name = sandbox.name();
        let _server = sandbox.create("mutex", &name, []);
        for signal in ["TERM", "HUP"] {
            let holder = sandbox.acquire(&name);
            holder.signal(signal);
            holder.assert_ends("signal"); // the command ended well, so this does
            sandbox.run(["wait", &name, "--timeout", "0s"]).assert_code(0);
        }
    }

    #[test]
    fn ctrl_c_is_for_the_command_and_the_mutex_is_given_back_after_it() {
        let sandbox = Sandbox::new();
        let (name, other) = (sandbox.name(), sandbox.name());
        let _server = sandbox.create("mutex", &name, []);
        let mut command =
            sandbox.command(["acquire", &name, "--", LASTHANDLE, "create", "event", &other, "--json", "--for", "60s"]);
        command.process_group(0); // as a shell does with a job
        let mut holder = Server::start(&mut command, b"");
        holder.signal("INT"); // to this one alone: nobody passes it on
        std::thread::sleep(Duration::from_millis(100));
        assert!(holder.is_running());
        sandbox.run(["wait", &name, "--timeout", "0s"]).assert_error(124, &[]);
        kill("INT", &format!("-{}", holder.child.id())); // what the terminal does
        holder.assert_ends("signal");
        sandbox.run(["wait", &name, "--timeout", "0s"]).assert_code(0);
    }

    #[test]
    fn before_the_command_runs_a_signal_ends_it() {
        let sandbox = Sandbox::new();
        let name = sandbox.name();
        let _owner = sandbox.create("mutex", &name, ["--owned"]);
        let mut child = sandbox.command(["acquire", &name, "--", LASTHANDLE, "--version"]).spawn().unwrap();
        sandbox.await_waiters(&name, 1);
        kill("INT", &child.id().to_string());
        assert_eq!(wait(&mut child).signal(), Some(2));
    }

    /// `nohup`, and `&` in a script.
    #[test]
    fn what_was_ignored_stays_ignored() {
        let sandbox = Sandbox::new();
        let name = sandbox.name();
        let _server = sandbox.create("mutex", &name, []);
        for signal in ["INT", "HUP"] {
            let script = format!(
                "trap '' {signal}; exec {LASTHANDLE} acquire '{name}' -- sh -c 'kill -{signal} $$; echo alive'"
            );
            let mut command = Command::new("sh");
            command.args(["-c", &script]).env("LASTHANDLE_ROOT", sandbox.root.path());
            assert_eq!(finish(&mut command, b"").assert_code(0).text(), "alive\n");
        }
    }

    #[test]
    fn a_parent_that_ignores_its_childrens_end_changes_nothing() {
        let sandbox = Sandbox::new();
        let name = sandbox.name();
        let _server = sandbox.create("mutex", &name, []);
        let script = format!("trap '' CHLD; exec {LASTHANDLE} acquire '{name}' -- sh -c 'exit 5'");
        let mut command = Command::new("bash");
        command.args(["-c", &script]).env("LASTHANDLE_ROOT", sandbox.root.path());
        finish(&mut command, b"").assert_code(5);
    }
}

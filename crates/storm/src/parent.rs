//! A child process to order about: one line a command, one line an answer.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::root::Root;

/// No command takes nearly that long: who does hangs.
const WATCHDOG: Duration = Duration::from_secs(60);

/// Who waits for another's death is told by the system, within some microseconds; a machine may be busy.
const AT_ONCE: Duration = Duration::from_secs(2);
/// Long enough to sleep.
const ASLEEP: Duration = Duration::from_millis(50);

/// A refused command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The error's kind, as `ErrorKind` spells it; `Check` where what was found is not what was expected.
    pub kind: String,
    /// Its Windows code.
    pub code: u32,
    /// Its whole text.
    pub text: String,
}

/// A child of this process. Dropping it kills it.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    answers: Receiver<String>,
    /// An answer that came while something else was waited for.
    early: Option<String>,
}

/// This package's program, which is also what its children run.
///
/// # Panics
/// If the test harness hides it.
pub fn program() -> PathBuf {
    let own = std::env::current_exe().expect("this program's path");
    // A test's own program lies in `deps`, beside which cargo puts the package's.
    match own.parent().filter(|directory| directory.ends_with("deps")) {
        Some(deps) => deps.with_file_name("storm"),
        None => own,
    }
}

impl Child {
    /// Starts a child with its objects under `root`.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn new(root: &Root) -> Self {
        Self::at(root.path())
    }

    /// As `new`, with any root directory.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn at(root: &Path) -> Self {
        Self::run(root, "child")
    }

    /// As `new`, but it is process 1 of a name space of its own. None: not permitted here.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn in_new_numbers(root: &Root) -> Option<Self> {
        let mut child = Self::run(root.path(), "child-in-new-numbers");
        child.ask("number").is_ok().then_some(child)
    }

    /// Ends the process that a child of `in_new_numbers` started, from outside.
    ///
    /// # Panics
    /// If there is none.
    pub fn kill_inner(&self) {
        let path = format!("/proc/{0}/task/{0}/children", self.id());
        let inner = std::fs::read_to_string(path).expect("its children");
        let inner = inner.trim().parse().ok().and_then(rustix::process::Pid::from_raw).expect("one child");
        rustix::process::kill_process(inner, rustix::process::Signal::KILL).expect("killed");
    }

    fn run(root: &Path, what: &str) -> Self {
        let mut command = Command::new(program());
        command.arg(what).env("LASTHANDLE_ROOT", root).env_remove("LASTHANDLE_FAULT");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("a child process");
        let output = process.stdout.take().expect("piped");
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { process, answers, early: None }
    }

    /// As `new`, and it is user and group `user` from now on, with no other group.
    ///
    /// # Panics
    /// If it cannot be started, or may not become that user.
    pub fn of_user(root: &Root, user: u32) -> Self {
        let mut child = Self::new(root);
        child.ok(&format!("user {user}"));
        child
    }

    /// Gives a command; none if the child died of it.
    ///
    /// # Panics
    /// If it hangs.
    pub fn try_ask(&mut self, command: &str) -> Option<Result<String, Refusal>> {
        self.send(command);
        self.answer(command)
    }

    /// Kills it while another sleeps in a command that this ends: what that answers, at once.
    ///
    /// # Panics
    /// If it is not answered at once.
    pub fn told_of_death(self, waiting: &mut Self, command: &str) -> String {
        waiting.send(command);
        std::thread::sleep(ASLEEP);
        let begun = Instant::now();
        self.kill();
        let answer = waiting.answer(command).expect("it lives").expect("it is answered");
        println!("{command}: told after {:?}", begun.elapsed());
        assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
        answer
    }

    /// Gives a command without waiting for the answer.
    pub fn send(&mut self, command: &str) {
        let input = self.process.stdin.as_mut().expect("piped");
        let _ = writeln!(input, "{command}"); // a dead child shows in the answer
    }

    /// Waits for an answer; none if the child died.
    ///
    /// # Panics
    /// If it hangs.
    pub fn answer(&mut self, command: &str) -> Option<Result<String, Refusal>> {
        if let Some(line) = self.early.take() {
            return Some(parse(&line));
        }
        match self.answers.recv_timeout(WATCHDOG) {
            Ok(line) => Some(parse(&line)),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("`{command}` hangs"),
        }
    }

    /// Gives a command.
    ///
    /// # Errors
    /// What the child says.
    ///
    /// # Panics
    /// If it hangs or dies.
    pub fn ask(&mut self, command: &str) -> Result<String, Refusal> {
        self.try_ask(command).unwrap_or_else(|| panic!("the child died of `{command}`: {:?}", self.process.wait()))
    }

    /// Gives a command that must succeed.
    ///
    /// # Panics
    /// If it does not.
    pub fn ok(&mut self, command: &str) -> String {
        self.ask(command).unwrap_or_else(|refusal| panic!("`{command}`: {refusal:?}"))
    }

    /// Gives a command that must fail with that kind of error.
    ///
    /// # Panics
    /// If it does not.
    pub fn refused(&mut self, command: &str, kind: &str) -> Refusal {
        match self.ask(command) {
            Err(refusal) if refusal.kind == kind => refusal,
            other => panic!("`{command}` should be refused as {kind}: {other:?}"),
        }
    }

    /// Waits until a command that was sent stops the child (`true`), or is answered without that; the answer then
    /// still waits to be taken.
    pub fn stops(&mut self) -> bool {
        loop {
            let status = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap_or_default();
            if status.rsplit(") ").next().is_some_and(|fields| fields.starts_with('T')) {
                return true;
            }
            if let Ok(line) = self.answers.recv_timeout(Duration::from_micros(200)) {
                self.early = Some(line);
                return false;
            }
        }
    }

    /// Stops it, and waits until it stands.
    ///
    /// # Panics
    /// If it does not.
    pub fn stop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(pid, rustix::process::Signal::STOP).expect("stopped");
        let begun = Instant::now();
        while !self.stops() {
            assert!(begun.elapsed() < WATCHDOG, "it does not stop");
        }
    }

    /// Lets a stopped child go on.
    pub fn go_on(&self) {
        let pid = rustix::process::Pid::from_child(&self.process);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::CONT);
    }

    /// Its process number.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Ends it with SIGKILL, and waits until it is gone.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Closes its input and waits until it has ended by itself, all its values dropped.
    ///
    /// # Panics
    /// If it ended with a failure.
    pub fn finish(mut self) {
        drop(self.process.stdin.take());
        let status = self.process.wait().expect("a child to wait for");
        assert!(status.success(), "{status}");
    }

    /// Waits for it after it died of a command; the signal that ended it.
    ///
    /// # Panics
    /// If it ended in another way.
    pub fn signal(mut self) -> i32 {
        use std::os::unix::process::ExitStatusExt;
        let status = self.process.wait().expect("a child to wait for");
        status.signal().unwrap_or_else(|| panic!("{status}"))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end();
    }
}

fn parse(line: &str) -> Result<String, Refusal> {
    if let Some(answer) = line.strip_prefix("ok") {
        return Ok(answer.trim().to_owned());
    }
    let mut words = line.splitn(4, ' ').skip(1);
    let kind = words.next().unwrap_or_default().to_owned();
    let code = words.next().and_then(|code| code.parse().ok()).unwrap_or(0);
    Err(Refusal { kind, code, text: words.next().unwrap_or(line).to_owned() })
}

/// Somebody who owns the mutex `M` (handle 0), and somebody else who has it open.
pub fn owner_and_other() -> (Root, Child, Child) {
    let root = Root::new();
    let (mut owner, mut other) = (Child::new(&root), Child::new(&root));
    owner.ok("mutex 0 M owned");
    other.ok("open-mutex 0 M");
    (root, owner, other)
}

/// A mutex (handle 0) of a dead owner is told as abandoned within so many milliseconds, once; and then it is an ordinary
/// one.
pub fn abandoned_once(other: &mut Child, milliseconds: u32) {
    assert_eq!(other.ok(&format!("wait {milliseconds} one 0")), "abandoned 0");
    other.ok("unlock 0");
    assert_eq!(other.ok("wait 0 one 0"), "signaled 0");
    other.ok("unlock 0");
}

//! Real processes under a watchdog, each test with a root directory and names of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Nothing here takes a tenth of this; what does hangs.
const WATCHDOG: Duration = Duration::from_secs(120);

/// A root directory (mode 0700), and one for files, that go with the test.
pub(crate) struct Sandbox {
    pub(crate) root: TempDir,
    pub(crate) files: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Outcome {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.out.clone()).expect("the output is text")
    }

    pub(crate) fn json(&self) -> Value {
        self.assert_code(0);
        serde_json::from_slice(&self.out).expect("the output is JSON")
    }

    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    /// The exit code, and one line on stderr that begins as promised and contains the words.
    #[track_caller]
    pub(crate) fn assert_error(&self, code: i32, words: &[&str]) {
        self.assert_code(code);
        assert!(self.err.starts_with("lasthandle: "), "{self:?}");
        assert_eq!(self.err.trim_end().lines().count(), 1, "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "no {word:?} in {self:?}");
        }
    }
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let directory = || tempfile::Builder::new().prefix("lasthandle-cli-").tempdir().expect("a temporary directory");
        Self { root: directory(), files: directory() }
    }

    /// A name that no other test uses: on Windows they all share one name space.
    pub(crate) fn name(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let root = self.root.path().file_name().unwrap().to_str().unwrap();
        format!("Local\\{root}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn command<A: AsRef<std::ffi::OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lasthandle"));
        command.args(args).env("LASTHANDLE_ROOT", self.root.path());
        for variable in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
            command.env_remove(variable);
        }
        command
    }

    /// Runs a command to its end, with no input.
    pub(crate) fn run<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Outcome {
        finish(&mut self.command(args), b"")
    }

    /// Runs a command to its end, with this input through a pipe.
    pub(crate) fn run_with<'a>(&self, args: impl IntoIterator<Item = &'a str>, input: &[u8]) -> Outcome {
        finish(&mut self.command(args), input)
    }

    /// Starts a `create` and waits until it holds the object.
    pub(crate) fn create<'a>(&self, kind: &'a str, name: &'a str, args: impl IntoIterator<Item = &'a str>) -> Server {
        let args = ["create", kind, name, "--json"].into_iter().chain(args);
        Server::start(&mut self.command(args), b"")
    }

    /// Starts a command that holds a mutex or semaphore for as long as its input lasts: it runs a `create`.
    pub(crate) fn acquire(&self, name: &str) -> Server {
        self.acquire_with(name, &[])
    }

    pub(crate) fn acquire_with(&self, name: &str, args: &[&str]) -> Server {
        let other = self.name();
        let command = [env!("CARGO_BIN_EXE_lasthandle"), "create", "event", &other, "--json"];
        Server::start(&mut self.command(["acquire", name].iter().chain(args).chain(&["--"]).chain(&command)), b"")
    }

    /// Starts a command in the background.
    pub(crate) fn spawn<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Background {
        let mut command = self.command(args);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Background(Some(child.expect("it starts")))
    }

    /// What `info` says of the object's state.
    #[cfg(target_os = "linux")]
    pub(crate) fn state(&self, name: &str) -> Value {
        self.run(["info", name, "--json"]).json()["state"].clone()
    }

    /// Waits until so many wait for the object.
    #[cfg(target_os = "linux")]
    pub(crate) fn await_waiters(&self, name: &str, count: u32) {
        let end = Instant::now() + WATCHDOG;
        while self.state(name)["waiters"] != count {
            assert!(Instant::now() < end, "not {count} waiting: {}", self.state(name));
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts a server and waits until it serves.
    pub(crate) fn serve<'a>(&self, name: &'a str, args: impl IntoIterator<Item = &'a str>) -> Server {
        let args = ["serve", name, "--json"].into_iter().chain(args);
        Server::start(&mut self.command(args), b"")
    }
}

/// Starts a program. Wine, now and then, cannot for a moment, and says that this is an internal error of its own.
fn start(command: &mut Command) -> Child {
    const INTERNAL_ERROR: i32 = 1359;
    for _ in 0..5 {
        match command.spawn() {
            Err(error) if cfg!(windows) && error.raw_os_error() == Some(INTERNAL_ERROR) => {
                thread::sleep(Duration::from_millis(100));
            }
            spawned => return spawned.expect("it starts"),
        }
    }
    command.spawn().expect("it starts")
}

/// Runs a command to its end, with this input through a pipe.
pub(crate) fn finish(command: &mut Command, input: &[u8]) -> Outcome {
    let mut child = start(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()));
    let out = collect(child.stdout.take().unwrap());
    let err = collect(child.stderr.take().unwrap());
    let mut to = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeder = thread::spawn(move || drop(to.write_all(&input))); // it may well end before it has read all
    let code = wait(&mut child).code();
    feeder.join().unwrap();
    Outcome { code, out: out.join().unwrap(), err: String::from_utf8(err.join().unwrap()).unwrap() }
}

fn collect(mut from: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).expect("readable");
        bytes
    })
}

/// Waits for the end; a command that hangs is killed and fails the test.
pub(crate) fn wait(child: &mut Child) -> ExitStatus {
    let end = Instant::now() + WATCHDOG;
    loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            return status;
        }
        if Instant::now() > end {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the command hangs");
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// A command in the background, killed at the latest when the test ends.
pub(crate) struct Background(Option<Child>);

impl Background {
    #[cfg(target_os = "linux")]
    pub(crate) fn id(&self) -> u32 {
        self.0.as_ref().unwrap().id()
    }

    /// Waits for its end.
    pub(crate) fn outcome(mut self) -> Outcome {
        let mut child = self.0.take().unwrap();
        let out = collect(child.stdout.take().unwrap());
        let err = collect(child.stderr.take().unwrap());
        let code = wait(&mut child).code();
        Outcome { code, out: out.join().unwrap(), err: String::from_utf8(err.join().unwrap()).unwrap() }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A running `serve --json` or `create --json`, killed at the latest when the test ends.
pub(crate) struct Server {
    pub(crate) child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// The steps so far.
    pub(crate) steps: Vec<Value>,
}

impl Server {
    pub(crate) fn start(command: &mut Command, input: &[u8]) -> Self {
        let mut child = start(command.stdin(Stdio::piped()).stdout(Stdio::piped()));
        let mut to = child.stdin.take().unwrap();
        to.write_all(input).unwrap();
        let from = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = channel();
        thread::spawn(move || from.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        let mut server = Self { child, input: Some(to), lines, steps: Vec::new() };
        if input.is_empty() {
            server.await_step("ready");
        } else {
            server.input = None;
        }
        server
    }

    /// Waits for a step and returns it.
    #[track_caller]
    pub(crate) fn await_step(&mut self, step: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(WATCHDOG).unwrap_or_else(|_| panic!("no {step:?}: {:?}", self.steps));
            let value: Value = serde_json::from_str(&line).expect("each line is JSON");
            self.steps.push(value.clone());
            if value["step"] == step {
                return value;
            }
        }
    }

    pub(crate) fn step(&self, step: &str) -> Option<&Value> {
        self.steps.iter().find(|value| value["step"] == step)
    }

    pub(crate) fn type_in(&mut self, text: &[u8]) {
        self.input.as_mut().expect("its input is open").write_all(text).unwrap();
    }

    pub(crate) fn end_input(&mut self) {
        self.input = None;
    }

    #[cfg(unix)]
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sends a signal by name.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: &str) {
        let command = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
    }

    /// Waits for the good end: why it came, then closed (what is mapped is unmapped before), exit code 0.
    #[track_caller]
    pub(crate) fn assert_ends(mut self, reason: &str) {
        assert_eq!(self.await_step("ended")["reason"], reason);
        if self.step("mapped").is_some() {
            assert_eq!(self.await_step("unmapped"), serde_json::json!({"step": "unmapped"}));
        }
        assert_eq!(self.await_step("closed"), serde_json::json!({"step": "closed"}));
        assert_eq!(wait(&mut self.child).code(), Some(0));
    }

    /// As `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        wait(&mut self.child);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

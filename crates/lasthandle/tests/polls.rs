//! Who looks with a time of zero, and so never sleeps, learns with the first look that the other side was killed.

mod common;

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lasthandle::ErrorKind::Disconnected;
use lasthandle::channel::{Broadcaster, LatestReader, LatestWriter, Presence, Receiver, Sender, Subscriber, Tap};

/// Tells a child what to take, and of which name.
const TASK: &str = "LASTHANDLE_TEST_TASK";
const LONG: Duration = Duration::from_secs(20);

/// In a child: has an end until it is killed. In an ordinary run of the tests: nothing.
#[test]
fn child_that_is_killed() {
    let Ok(task) = std::env::var(TASK) else { return };
    let (what, name) = task.split_once(' ').unwrap();
    let _end: Box<dyn std::any::Any> = match what {
        "sender" => Box::new(Sender::<u64>::open(name).unwrap()),
        "receiver" => Box::new(Receiver::<u64>::open(name).unwrap()),
        "broadcaster" => Box::new(Broadcaster::<u64>::open(name).unwrap()),
        "writer" => Box::new(LatestWriter::<u64>::open(name).unwrap()),
        other => panic!("{other}?"),
    };
    thread::sleep(3 * LONG); // it is killed before
}

/// Another process takes an end, and is killed when it has it.
fn kill(what: &str, name: &str) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", "child_that_is_killed"]).env(TASK, format!("{what} {name}"));
    #[cfg(target_os = "linux")]
    command.env("LASTHANDLE_ROOT", common::path());
    let mut process = Killed(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap());
    let (tap, begun) = (Tap::open(name).unwrap(), Instant::now());
    let is_there =
        || tap.info().ends.iter().any(|end| end.presence == Presence::Here && end.process == Some(process.0.id()));
    while !is_there() {
        assert!(begun.elapsed() < LONG, "it does not come");
        thread::sleep(Duration::from_millis(1));
    }
    process.now();
}

struct Killed(Child);

impl Killed {
    fn now(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = (self.0.kill(), self.0.wait());
    }
}

fn name(of: &str) -> String {
    common::root();
    common::name(of)
}

#[test]
fn a_receiver() {
    let name = name("polls-channel");
    let mut receiver = Receiver::<u64>::create(&*name).unwrap();
    kill("sender", &name);
    assert_eq!(receiver.recv_timeout(Duration::ZERO).unwrap_err().kind(), Disconnected);
}

#[test]
fn a_sender_that_asks_whether_all_was_received() {
    let name = name("polls-sender");
    let mut sender = Sender::<u64>::create(&*name).unwrap();
    kill("receiver", &name);
    assert!(sender.wait_received(Duration::ZERO).unwrap(), "nothing was sent");
    sender.send(&1).unwrap();
    assert_eq!(sender.wait_received(Duration::ZERO).unwrap_err().kind(), Disconnected);
    assert_eq!(Receiver::<u64>::open(&*name).unwrap().recv().unwrap(), 1);
}

#[test]
fn a_receiver_of_a_broadcast() {
    let name = name("polls-broadcast");
    let mut receiver = Subscriber::<u64>::create(&*name).unwrap();
    kill("broadcaster", &name);
    assert_eq!(receiver.recv_timeout(Duration::ZERO).unwrap_err().kind(), Disconnected);
    Broadcaster::<u64>::open(&*name).unwrap().send(&7).unwrap();
    assert_eq!(receiver.recv_timeout(Duration::ZERO).unwrap(), Some(7));
}

#[test]
fn a_reader_of_a_latest_value() {
    let name = name("polls-latest");
    let mut reader = LatestReader::<u64>::create(&*name).unwrap();
    kill("writer", &name);
    assert_eq!(reader.next_timeout(Duration::ZERO).unwrap_err().kind(), Disconnected);
}

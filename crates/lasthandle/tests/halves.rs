//! One end of a channel, and several threads that sleep at it: none takes another's wake-up. The other side is a process
//! of its own: of one's own process an end cannot hear, so it looks from time to time, and would look in time.

mod common;

use std::io::Write;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lasthandle::Waitable;
use lasthandle::channel::{ChannelOptions, Duplex};

/// Tells a child the channel's name.
const TASK: &str = "LASTHANDLE_TEST_TASK";

/// More than any of these needs. Who is not woken finds at the end of it what it waited for, too late.
const LONG: Duration = Duration::from_secs(10);

/// Until a thread sleeps; so short that it has not turned round since, which would put it behind the others.
const MOMENT: Duration = Duration::from_millis(60);

/// This very program, at the other end.
struct Other {
    process: Child,
    orders: ChildStdin,
}

impl Other {
    fn start(name: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "--nocapture", "child_of_the_others"]).env(TASK, name);
        #[cfg(target_os = "linux")]
        command.env("LASTHANDLE_ROOT", common::path());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let orders = process.stdin.take().unwrap();
        Self { process, orders }
    }

    fn tell(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// In a child: does what its parent wants. In an ordinary run of the tests: nothing.
#[test]
fn child_of_the_others() {
    let Ok(name) = std::env::var(TASK) else { return };
    let mut duplex = Duplex::<u64>::open(&*name).unwrap();
    for order in std::io::stdin().lines() {
        match &*order.unwrap() {
            "send" => duplex.sender.send(&7).unwrap(),
            "take" => while duplex.receiver.try_recv().unwrap().is_some() {},
            other => panic!("{other}?"),
        }
    }
}

fn start(of: &str) -> (Duplex<u64>, Other) {
    common::root();
    let name = common::name(of);
    let duplex = ChannelOptions::new().capacity(4096).duplex::<u64>(&*name).unwrap();
    let mut other = Other::start(&name);
    other.tell("send"); // so it is there
    let mut duplex = duplex;
    assert_eq!(duplex.receiver.recv_timeout(LONG).unwrap(), Some(7));
    (duplex, other)
}

#[test]
fn a_thread_that_sends_and_one_that_receives_are_both_woken() {
    let (mut duplex, mut other) = start("halves");
    while duplex.sender.try_send(&0).unwrap() {}
    for sends_first in [true, false, true, false] {
        thread::scope(|scope| {
            let Duplex { sender, receiver } = &mut duplex;
            let mut send = Some(move || assert!(sender.send_timeout(&0, LONG).unwrap(), "no room"));
            let mut sending = sends_first.then(|| scope.spawn(send.take().unwrap()));
            thread::sleep(MOMENT);
            let receiving = scope.spawn(|| receiver.recv_timeout(LONG).unwrap());
            thread::sleep(MOMENT);
            sending = sending.or_else(|| Some(scope.spawn(send.take().unwrap())));
            thread::sleep(MOMENT);
            let start = Instant::now();
            other.tell("send");
            assert_eq!(receiving.join().unwrap(), Some(7));
            other.tell("take");
            sending.unwrap().join().unwrap();
            assert!(start.elapsed() < LONG / 4, "not woken; sends first: {sends_first}");
        });
        while duplex.sender.try_send(&0).unwrap() {}
    }
}

#[test]
fn of_the_threads_that_wait_for_a_message_all_are_told() {
    let (duplex, mut other) = start("waiters");
    thread::scope(|scope| {
        let wait = || duplex.receiver.readable().wait(LONG.into()).unwrap();
        let waiting: Vec<_> = (0..3).map(|_| scope.spawn(wait)).collect();
        thread::sleep(MOMENT);
        let start = Instant::now();
        other.tell("send");
        for waiting in waiting {
            assert_eq!(waiting.join().unwrap(), lasthandle::Waited::Signaled(0));
        }
        assert!(start.elapsed() < LONG / 4, "not woken");
    });
}

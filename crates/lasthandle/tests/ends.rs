//! What channels need of a system: events and mutexes inside a section, and to learn at once that a process has ended.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::Scope;
use std::time::{Duration, Instant};

use lasthandle::sys::end::{EndKernel, INNER_BYTES, Inner, Token};
use lasthandle::sys::{CreateOptions, Kernel, MapRequest, MappingSpec, Platform, Spec};
use lasthandle::{Access, ErrorKind, Kind, Name, Permissions, Protection, Timeout, ViewAccess, Waited};

type Handle = <Platform as Kernel>::Handle;
type View = <Platform as Kernel>::View;

/// Tells a child what to do, and the section's name.
const TASK: &str = "LASTHANDLE_TEST_TASK";

/// A bound for what is certain to happen, so that a test that fails does not hang.
const PATIENCE: Timeout = Timeout::After(Duration::from_secs(60));

/// A section, and what a channel would keep of it.
struct Section {
    name: Name,
    handle: Handle,
    view: Arc<View>,
}

impl Section {
    fn create(name: &str) -> Self {
        common::root();
        let name = Name::new(&common::name(name)).unwrap();
        let memory = MappingSpec { size: 4096, protection: Protection::ReadWrite, reserve: false, file: None };
        let options = CreateOptions {
            access: Access::READ_WRITE,
            permissions: Permissions::Owner,
            inheritable: false,
            exclusive: true,
        };
        let (handle, _) = Platform::default().create(Some(&name), &Spec::Mapping(memory), &options).unwrap();
        Self::of(name, handle)
    }

    fn open(name: &str) -> Self {
        let name = Name::new(name).unwrap();
        let handle = Platform::default().open(Kind::Mapping, &name, Access::READ_WRITE, false).unwrap();
        Self::of(name, handle)
    }

    fn of(name: Name, handle: Handle) -> Self {
        let view = Arc::new(map(&handle, ViewAccess::ReadWrite));
        Self { name, handle, view }
    }

    fn try_inner(&self, offset: usize, what: Inner) -> lasthandle::Result<Handle> {
        Platform::default().inner(&self.handle, &self.name, &self.view, offset, what, &Permissions::Owner)
    }

    fn event(&self, number: usize) -> Handle {
        self.try_inner(number * INNER_BYTES, Inner::Event).unwrap()
    }

    fn mutex(&self, number: usize) -> Handle {
        self.try_inner(number * INNER_BYTES, Inner::Mutex).unwrap()
    }

    fn me(&self) -> Token {
        Platform::default().me(&self.handle).unwrap()
    }

    fn watch(&self, peer: Token) -> Option<Handle> {
        Platform::default().watch(&self.handle, peer).unwrap()
    }

    fn is_alive(&self, peer: Token) -> bool {
        Platform::default().is_alive(&self.handle, peer)
    }

    /// It ends soon.
    fn ends(&self, peer: Token) -> Duration {
        let start = Instant::now();
        while self.is_alive(peer) {
            assert!(start.elapsed() < Duration::from_secs(2), "it is gone and said to run");
            std::thread::sleep(Duration::from_micros(20));
        }
        start.elapsed()
    }
}

fn map(handle: &Handle, access: ViewAccess) -> View {
    Platform::default().map(handle, &MapRequest { access, ..MapRequest::default() }).unwrap()
}

fn wait(objects: &[&Handle], timeout: Timeout) -> Waited {
    Platform::default().wait(objects, false, timeout).unwrap()
}

#[track_caller]
fn refused<T>(result: lasthandle::Result<T>) -> ErrorKind {
    let Err(error) = result else { panic!("it must fail") };
    error.kind()
}

/// This very program, as a process that has an end of the section. It is killed with this value, if it runs still.
struct Peer {
    process: Child,
    /// None: it was told to end.
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    token: Token,
}

impl Peer {
    fn start(section: &Section) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "--nocapture", "child_of_the_others"]).env(TASK, section.name.to_string());
        #[cfg(target_os = "linux")]
        command.env("LASTHANDLE_ROOT", common::path());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let orders = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut peer = Self { process, orders, answers, token: 0 };
        peer.token = peer.ask("token").parse().unwrap();
        peer
    }

    /// What it answers to that order.
    fn ask(&mut self, order: &str) -> String {
        writeln!(self.orders.as_mut().unwrap(), "{order}").unwrap();
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.answers.read_line(&mut line).unwrap(), 0, "it ended");
            // Its test harness writes, too, and leaves its line open.
            if let Some((_, answer)) = line.split_once('>') {
                return answer.trim().to_string();
            }
        }
    }

    /// In the ordinary way.
    fn end(&mut self) {
        self.orders = None;
        assert!(self.process.wait().unwrap().success());
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.kill();
        self.process.wait().unwrap();
    }
}

/// In a child: does what its parent wants. In an ordinary run of the tests: nothing.
#[test]
fn child_of_the_others() {
    let Ok(name) = std::env::var(TASK) else { return };
    let section = &Section::open(&name);
    std::thread::scope(|scope| obey(section, scope));
}

fn obey<'scope>(section: &'scope Section, scope: &'scope Scope<'scope, '_>) {
    let mut thread = None;
    for order in std::io::stdin().lines() {
        let answer = match order.unwrap().as_str() {
            "token" => section.me(),
            "begin a thread" => {
                let (token, answer) = sync_channel(0);
                let (end, ends) = sync_channel::<()>(0);
                let runs = scope.spawn(move || {
                    token.send(section.me()).unwrap();
                    let _ = ends.recv();
                });
                thread = Some((end, runs));
                answer.recv().unwrap()
            }
            "end it" => {
                let (end, runs) = thread.take().unwrap();
                drop(end);
                runs.join().unwrap();
                0
            }
            "set" => {
                Platform::default().set(&section.event(0)).unwrap();
                0
            }
            "lock" => {
                assert_eq!(wait(&[&section.mutex(1)], PATIENCE), Waited::Signaled(0));
                0
            }
            other => panic!("{other}"),
        };
        println!(">{answer}");
    }
}

#[test]
fn an_event_inside_is_the_same_in_all_processes() {
    let section = Section::create("inner-event");
    let (event, other) = (section.event(0), section.event(1));
    let mut peer = Peer::start(&section);
    assert_eq!(wait(&[&event], Timeout::Now), Waited::TimedOut, "unset from the start");
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| wait(&[&other, &event], PATIENCE));
        peer.ask("set");
        assert_eq!(waiter.join().unwrap(), Waited::Signaled(1));
    });
    assert_eq!(wait(&[&event], Timeout::Now), Waited::TimedOut, "it resets itself");
    peer.ask("set");
    assert_eq!(wait(&[&section.event(0)], Timeout::Now), Waited::Signaled(0), "another handle, the same event");
    let copy = Platform::default().duplicate(&event, None, false).unwrap();
    Platform::default().signal_and_wait(&copy, &event, Timeout::Now).unwrap();
    assert_eq!(wait(&[&other], Timeout::Now), Waited::TimedOut, "none but that one was ever set");
}

#[test]
fn a_mutex_inside_is_abandoned_by_who_is_killed() {
    let section = Section::create("inner-mutex");
    let (mutex, event) = (section.mutex(1), section.event(0));
    let mut peer = Peer::start(&section);
    peer.ask("lock");
    assert_eq!(wait(&[&mutex], Timeout::Now), Waited::TimedOut);
    assert_eq!(refused(Platform::default().release_mutex(&mutex)), ErrorKind::NotOwner);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(50));
            peer.kill();
        });
        assert_eq!(wait(&[&event, &mutex], PATIENCE), Waited::Abandoned(1));
    });
    Platform::default().release_mutex(&mutex).unwrap();
    assert_eq!(wait(&[&mutex], Timeout::Now), Waited::Signaled(0), "told once");
    Platform::default().release_mutex(&mutex).unwrap();
}

/// Prints how long it takes to hear of a kill; the bound is for slow machines.
#[test]
fn a_killed_peer_is_heard_of_at_once() {
    let section = Section::create("killed");
    let event = section.event(0);
    for _ in 0..5 {
        let mut peer = Peer::start(&section);
        assert!(section.is_alive(peer.token));
        let watch = section.watch(peer.token).expect("it can be watched");
        assert_eq!(wait(&[&event, &watch], Timeout::After(Duration::from_millis(20))), Waited::TimedOut);
        let (mut killed, token) = (Instant::now(), peer.token);
        std::thread::scope(|scope| {
            let waiters = [0; 3].map(|_| {
                scope.spawn(|| {
                    let waited = wait(&[&event, &watch], PATIENCE);
                    (waited, Instant::now())
                })
            });
            std::thread::sleep(Duration::from_millis(50));
            killed = Instant::now();
            peer.kill();
            for waiter in waiters {
                let (waited, heard) = waiter.join().unwrap();
                assert!(matches!(waited, Waited::Signaled(1) | Waited::Abandoned(1)), "{waited:?}");
                let took = heard - killed;
                println!("heard of it after {took:?}");
                assert!(took < Duration::from_secs(2), "{took:?}");
            }
        });
        println!("gone {:?} after that", section.ends(token));
        for watch in [&watch, &section.watch(token).expect("it has ended, which is told at once")] {
            let again = wait(&[&event, watch], Timeout::Now);
            assert!(matches!(again, Waited::Signaled(1) | Waited::Abandoned(1)), "told again: {again:?}");
        }
    }
}

#[test]
fn a_thread_that_ends_is_not_its_process() {
    let section = Section::create("thread");
    let mut peer = Peer::start(&section);
    let token: Token = peer.ask("begin a thread").parse().unwrap();
    let watch = section.watch(token).expect("it can be watched");
    assert_eq!(wait(&[&watch], Timeout::Now), Waited::TimedOut);
    peer.ask("end it");
    if cfg!(target_os = "linux") {
        assert_eq!(wait(&[&watch], PATIENCE), Waited::Abandoned(0), "it may be told too early");
        assert!(section.watch(token).is_none(), "or it would be told again and again");
    } else {
        assert_eq!(wait(&[&watch], Timeout::Now), Waited::TimedOut);
    }
    assert!(section.is_alive(token));
    peer.kill();
    section.ends(token);
    assert!(section.watch(token).is_some());
}

#[test]
fn a_peer_that_ends_by_itself_is_heard_of_and_leaves_nothing() {
    let section = Section::create("ordinary");
    let mut peer = Peer::start(&section);
    let watch = section.watch(peer.token).expect("it can be watched");
    peer.ask("begin a thread");
    peer.ask("end it");
    assert_eq!(wait(&[&watch], Timeout::Now), Waited::TimedOut, "that thread was not the one");
    #[cfg(target_os = "linux")]
    assert!(life_file(peer.token).is_some());
    peer.end();
    assert_ne!(wait(&[&watch], PATIENCE), Waited::TimedOut);
    section.ends(peer.token);
    #[cfg(target_os = "linux")]
    assert!(life_file(peer.token).is_none());
}

/// Where a process' threads are known to live.
#[cfg(target_os = "linux")]
fn life_file(token: Token) -> Option<std::path::PathBuf> {
    let name = format!("%life.{:012x}", token >> 16);
    let parts = std::fs::read_dir(common::path()).unwrap().flatten();
    let mut files = parts.flat_map(|part| {
        let files = std::fs::read_dir(part.path()).into_iter().flatten().flatten();
        files.chain([part])
    });
    files.find(|file| file.file_name().to_string_lossy().ends_with(&name)).map(|file| file.path())
}

#[test]
#[cfg(target_os = "linux")]
fn a_peer_whose_life_file_a_stranger_removes_runs_on() {
    let section = Section::create("stranger");
    let mut peer = Peer::start(&section);
    let watch = section.watch(peer.token).expect("it can be watched");
    std::fs::remove_file(life_file(peer.token).expect("it lives")).unwrap();
    assert!(section.is_alive(peer.token));
    assert_eq!(wait(&[&watch], Timeout::Now), Waited::TimedOut);
    peer.kill();
    section.ends(peer.token);
    assert_eq!(wait(&[&watch], PATIENCE), Waited::Abandoned(0));
}

#[test]
fn ones_own_process_runs_and_is_not_watched() {
    let section = Section::create("own");
    let mine = section.me();
    let ended = std::thread::scope(|scope| scope.spawn(|| section.me()).join()).unwrap();
    for token in [mine, ended] {
        assert_ne!(token, 0);
        assert!(section.is_alive(token));
        assert!(section.watch(token).is_none());
    }
}

#[test]
fn any_number_may_stand_for_a_token() {
    let section = Section::create("hostile");
    assert!(!section.is_alive(0), "nobody");
    let mut numbers = vec![1, 7, 8, u64::from(u32::MAX), 1 << 16, 1 << 63, u64::MAX, u64::MAX - 7];
    // Numbers that nobody chose, always the same.
    let mut number = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..200 {
        number = number.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        numbers.push(number);
    }
    for token in numbers {
        assert!(!section.is_alive(token), "{token:#x}");
        if let Some(watch) = section.watch(token) {
            let waited = wait(&[&watch], Timeout::Now);
            assert!(matches!(waited, Waited::Signaled(0) | Waited::Abandoned(0)), "{token:#x}: {waited:?}");
        }
    }
    let mine = section.me();
    for bit in 0..64 {
        let _ = (section.is_alive(mine ^ 1 << bit), section.watch(mine ^ 1 << bit));
    }
    assert!(section.is_alive(mine));
}

#[test]
fn what_is_no_place_for_an_object_is_refused() {
    let section = Section::create("refused");
    for (offset, why) in [
        (1, ErrorKind::InvalidParameter),
        (32, ErrorKind::InvalidParameter),
        (1 << 20, ErrorKind::OutOfBounds),
        (usize::MAX - 63, ErrorKind::OutOfBounds),
    ] {
        assert_eq!(refused(section.try_inner(offset, Inner::Event)), why, "{offset}");
    }
    assert!(section.try_inner(4096 - INNER_BYTES, Inner::Mutex).is_ok());
    for access in [ViewAccess::ReadOnly, ViewAccess::CopyOnWrite] {
        let view = Arc::new(map(&section.handle, access));
        let inner =
            Platform::default().inner(&section.handle, &section.name, &view, 0, Inner::Event, &Permissions::Owner);
        assert_eq!(refused(inner), ErrorKind::AccessDenied);
    }
    let event = section.event(0);
    assert_eq!(refused(Platform::default().me(&event)), ErrorKind::InvalidHandle);
    assert_eq!(refused(Platform::default().release_mutex(&event)), ErrorKind::InvalidHandle);
    assert_eq!(refused(Platform::default().map(&event, &MapRequest::default())), ErrorKind::InvalidHandle);
    let _ = Platform::default().query(&event);
}

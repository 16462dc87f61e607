//! A process is killed before each system call of each operation, in turn. Whatever the call: afterwards no name is
//! left (once somebody looks), nobody ever saw half an object, no living object lost its name, and the next create
//! starts afresh.
#![cfg(target_os = "linux")]

use storm::parent::Child;
use storm::root::Root;

const X: &str = "create 0 X 5000";

/// An operation to be killed in.
struct Operation {
    what: &'static str,
    /// Somebody else holds the object all the time.
    live: bool,
    /// A leftover lies in the object's place.
    leftover: bool,
    /// What the victim does before.
    before: &'static [&'static str],
    /// What it is killed in.
    command: &'static str,
    /// Injected errors that hold meanwhile, so that the fall-backs are walked.
    faults: &'static str,
}

const PLAIN: Operation = Operation { what: "", live: false, leftover: false, before: &[], command: X, faults: "" };

#[test]
fn create() {
    kill_everywhere(&Operation { what: "create", ..PLAIN });
    kill_everywhere(&Operation { what: "create-new", command: "create 0 X 5000 new", ..PLAIN });
    kill_everywhere(&Operation { what: "inheritable", command: "create 0 X 5000 inheritable everyone", ..PLAIN });
    kill_everywhere(&Operation { what: "reserved", command: "create 0 X 5000 reserve", ..PLAIN });
}

#[test]
fn create_over_a_leftover() {
    kill_everywhere(&Operation { what: "create", leftover: true, ..PLAIN });
    kill_everywhere(&Operation { what: "create-new", leftover: true, command: "create 0 X 5000 new", ..PLAIN });
}

#[test]
fn create_that_meets_a_living_object() {
    kill_everywhere(&Operation { what: "create", live: true, ..PLAIN });
    kill_everywhere(&Operation { what: "create-new", live: true, command: "create 0 X 5000 new", ..PLAIN });
}

#[test]
fn open() {
    kill_everywhere(&Operation { what: "open", live: true, command: "open 0 X", ..PLAIN });
    kill_everywhere(&Operation { what: "open to read", live: true, command: "open 0 X read", ..PLAIN });
    kill_everywhere(&Operation { what: "reap", leftover: true, command: "open 0 X", ..PLAIN });
}

#[test]
fn close() {
    kill_everywhere(&Operation { what: "close of the last", before: &[X], command: "close 0", ..PLAIN });
    let before = &["open 0 X"];
    kill_everywhere(&Operation { what: "close of another", live: true, before, command: "close 0", ..PLAIN });
    let before = &["create 0 X 5000 inheritable"];
    kill_everywhere(&Operation { what: "close of an inheritable one", before, command: "close 0", ..PLAIN });
}

#[test]
fn map_and_unmap() {
    kill_everywhere(&Operation { what: "map", before: &[X], command: "map 0 0", ..PLAIN });
    kill_everywhere(&Operation { what: "unmap", before: &[X, "map 0 0"], command: "unmap 0", ..PLAIN });
}

#[test]
fn sweep_and_collection() {
    kill_everywhere(&Operation { what: "collect", leftover: true, command: "gc", ..PLAIN });
    kill_everywhere(&Operation { what: "collect beside a living one", live: true, command: "gc", ..PLAIN });
    kill_everywhere(&Operation { what: "list", leftover: true, command: "list", ..PLAIN });
    // The first create of a process sweeps.
    kill_everywhere(&Operation { what: "sweep", leftover: true, command: "create 0 Y 5000", ..PLAIN });
    kill_everywhere(&Operation { what: "sweep beside a living one", live: true, command: "create 0 Y 5000", ..PLAIN });
}

/// No `O_TMPFILE`; no `linkat` from a descriptor; no `/proc`.
const FALL_BACKS: [&str; 3] = ["fail:open_unnamed:95", "fail:link_descriptor:1", "fail:reopen:2"];

#[test]
fn create_in_each_fall_back() {
    for faults in FALL_BACKS {
        kill_everywhere(&Operation { what: "create", faults, ..PLAIN });
        kill_everywhere(&Operation { what: "create-new", command: "create 0 X 5000 new", faults, ..PLAIN });
    }
}

#[test]
fn create_over_a_leftover_in_each_fall_back() {
    for faults in FALL_BACKS {
        kill_everywhere(&Operation { what: "create", leftover: true, faults, ..PLAIN });
    }
}

#[test]
fn close_and_open_in_each_fall_back() {
    for faults in FALL_BACKS {
        kill_everywhere(&Operation { what: "close", before: &[X], command: "close 0", faults, ..PLAIN });
        kill_everywhere(&Operation { what: "open", live: true, command: "open 0 X", faults, ..PLAIN });
    }
}

/// Counts the operation's calls, then kills a process before each.
fn kill_everywhere(operation: &Operation) {
    let mut scene = Scene::new(operation);
    let calls = scene.count_calls(operation);
    assert!(calls > 0, "{}: no call to be killed in", operation.what);
    let seen: u64 = (1..=calls).map(|nth| scene.kill_before(operation, nth)).sum();
    assert!(!operation.live || seen > 0, "{}: the watcher never saw the living object", operation.what);
}

/// The processes around the victim.
struct Scene {
    root: Root,
    /// Holds the object, where it is to live.
    holder: Option<Child>,
    /// Opens the name all the time, and complains of anything but a whole object or none.
    watcher: Child,
    checker: Child,
}

impl Scene {
    fn new(operation: &Operation) -> Self {
        let root = Root::new();
        let holder = operation.live.then(|| {
            let mut holder = Child::new(&root);
            for command in [X, "map 0 0", "fill 0 77"] {
                holder.ok(command);
            }
            holder
        });
        let (watcher, checker) = (Child::new(&root), Child::new(&root));
        let mut scene = Self { root, holder, watcher, checker };
        // The checker's first create sweeps; it shall not do so between the kills.
        scene.checker.ok("create 9 warm-up 1");
        scene.checker.ok("close 9");
        scene
    }

    fn victim(&self, operation: &Operation) -> Child {
        if operation.leftover {
            let mut maker = Child::new(&self.root);
            for command in [X, "map 0 0", "fill 0 5"] {
                maker.ok(command);
            }
            maker.kill();
        }
        let mut victim = Child::new(&self.root);
        for command in operation.before {
            victim.ok(command);
        }
        victim
    }

    fn count_calls(&self, operation: &Operation) -> usize {
        let mut victim = self.victim(operation);
        victim.ok(&format!("arm {}", if operation.faults.is_empty() { "none" } else { operation.faults }));
        let _ = victim.ask(operation.command);
        let sites = victim.ok("sites");
        victim.kill();
        sites.split_whitespace().count()
    }

    /// Tells how often the watcher saw the object meanwhile, whole each time.
    fn kill_before(&mut self, operation: &Operation, nth: usize) -> u64 {
        self.watcher.ok("watch X 5000");
        let mut victim = self.victim(operation);
        victim.ok(&format!("arm kill:{nth},{}", operation.faults));
        match victim.try_ask(operation.command) {
            None => assert_eq!(victim.signal(), 9),
            // The watcher was in the way, or was not: a few calls more or less.
            Some(_) => victim.kill(),
        }
        let seen = self.watcher.ok("unwatch");
        let context = format!("{} with `{}`, killed before call {nth}", operation.what, operation.faults);
        if operation.live {
            self.expect_alive(&context);
        } else {
            self.expect_gone(&context);
        }
        seen.parse().expect("a count")
    }

    /// The name still leads to the holder's memory.
    fn expect_alive(&mut self, context: &str) {
        assert_eq!(self.checker.ask("open 9 X"), Ok("5000".into()), "{context}");
        for command in ["map 9 9", "expect 9 77", "unmap 9", "close 9", "gc"] {
            let answer = self.checker.ask(command);
            assert!(answer.is_ok(), "{context}: {command}: {answer:?}");
        }
        assert_eq!(self.root.files(), [self.root.file("X")], "{context}");
        assert!(self.holder.is_some());
    }

    /// The name is free, nothing is left after a look, and what is created is new.
    fn expect_gone(&mut self, context: &str) {
        self.checker.refused("open 9 X", "NotFound");
        assert_eq!(self.checker.ask("inspect X").map_err(|refusal| refusal.kind), Err("NotFound".into()), "{context}");
        assert_eq!(self.checker.ok("list"), "", "{context}");
        self.checker.ok("gc");
        assert_eq!(self.root.files(), Vec::<std::path::PathBuf>::new(), "{context}");
        assert_eq!(self.checker.ok("create 9 X 5000"), "created", "{context}");
        for command in ["map 9 9", "expect 9 0", "unmap 9", "close 9"] {
            let answer = self.checker.ask(command);
            assert!(answer.is_ok(), "{context}: {command}: {answer:?}");
        }
        assert_eq!(self.root.files(), Vec::<std::path::PathBuf>::new(), "{context}");
    }
}

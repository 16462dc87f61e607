//! Every system call of every operation fails, with each of a handful of errors, once or always: the operation
//! succeeds or says why not, and then no descriptor, no mapping and no name has leaked, and the name is usable.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;

use storm::parent::Child;
use storm::root::Root;

/// EMFILE, ENOMEM, EINTR, ENOSPC, EACCES, EIO, ENOENT.
const ERRORS: [i32; 7] = [24, 12, 4, 28, 13, 5, 2];

/// What is done with failing calls, after what, and what must be closed again when it succeeded.
struct Operation {
    before: &'static [&'static str],
    command: &'static str,
    after: &'static [&'static str],
    /// Somebody else holds the object.
    live: bool,
}

const OPERATIONS: [Operation; 17] = [
    Operation { before: &[], command: "create 0 X 5000", after: &["close 0"], live: false },
    Operation { before: &[], command: "create 0 X 5000 new inheritable", after: &["close 0"], live: false },
    Operation { before: &[], command: "create 0 - 5000", after: &["close 0"], live: false },
    Operation { before: &[], command: "create 0 X 5000", after: &["close 0"], live: true },
    Operation { before: &[], command: "open 0 X", after: &["close 0"], live: true },
    Operation { before: &[], command: "open 0 X read inheritable", after: &["close 0"], live: true },
    Operation { before: &["create 0 X 5000"], command: "close 0", after: &[], live: false },
    Operation { before: &["open 0 X"], command: "close 0", after: &[], live: true },
    Operation { before: &["create 0 X 5000"], command: "map 0 0", after: &["unmap 0", "close 0"], live: false },
    Operation { before: &["create 0 X 5000"], command: "duplicate 0 1", after: &["close 1", "close 0"], live: false },
    Operation { before: &[], command: "event 0 -", after: &["drop 0"], live: false },
    Operation { before: &[], command: "event 0 - inheritable", after: &["drop 0"], live: false },
    Operation { before: &[], command: "event 0 E inheritable", after: &["drop 0"], live: false },
    Operation { before: &["event 0 -"], command: "drop 0", after: &[], live: false },
    Operation { before: &["event 0 -"], command: "pass 0 1", after: &["drop 0", "drop 1"], live: false },
    Operation { before: &["event 0 E"], command: "pass 0 1", after: &["drop 0", "drop 1"], live: false },
    Operation { before: &[], command: "gc", after: &[], live: true },
];

#[test]
fn every_call_of_every_operation() {
    let mut cases = 0;
    let mut failed = 0;
    for operation in &OPERATIONS {
        for faults in ["", "fail:open_unnamed:95,", "fail:reopen:2,"] {
            let mut scene = Scene::new(operation);
            for site in scene.sites(operation, faults) {
                for error in ERRORS {
                    for times in ["", ":1", ":2"] {
                        // On an open descriptor this call does not fail; when it says that the descriptor is not
                        // ours, we do not close it, and that is right.
                        if site == "status" && (times != ":1" || ["close 0", "drop 0"].contains(&operation.command)) {
                            continue;
                        }
                        // Always "not there" is a name that others keep removing: that is busy, after a while.
                        if error == 2 && times.is_empty() {
                            continue;
                        }
                        cases += 1;
                        failed += u64::from(scene.fail(operation, &format!("{faults}fail:{site}:{error}{times}")));
                    }
                }
            }
        }
    }
    println!("{cases} cases, {failed} operations failed");
    assert!(cases > 2000 && failed > cases / 4, "{cases} cases, {failed} failed");
}

struct Scene {
    root: Root,
    victim: Child,
    checker: Child,
    _holder: Option<Child>,
}

impl Scene {
    fn new(operation: &Operation) -> Self {
        let root = Root::new();
        let mut victim = Child::new(&root);
        // Its first create sweeps, and checks directories: that is part of it.
        let checker = Child::new(&root);
        let holder = operation.live.then(|| {
            let mut holder = Child::new(&root);
            for command in ["create 0 X 5000", "map 0 0", "fill 0 77"] {
                holder.ok(command);
            }
            holder
        });
        victim.ok("arm none");
        Self { root, victim, checker, _holder: holder }
    }

    fn sites(&mut self, operation: &Operation, faults: &str) -> BTreeSet<String> {
        for command in operation.before {
            self.victim.ok(command);
        }
        self.victim.ok(&format!("arm {faults},"));
        self.victim.ok(operation.command);
        let sites = self.victim.ok("sites");
        self.victim.ok("arm none");
        for command in operation.after {
            self.victim.ok(command);
        }
        sites.split_whitespace().map(String::from).collect()
    }

    /// Whether the operation failed.
    fn fail(&mut self, operation: &Operation, faults: &str) -> bool {
        let own = self.victim.ok("own");
        for command in operation.before {
            self.victim.ok(command);
        }
        self.victim.ok(&format!("arm {faults}"));
        let outcome = self.victim.ask(operation.command);
        self.victim.ok("arm none");
        let context = format!("{} with {faults}: {outcome:?}", operation.command);
        if let Err(refusal) = &outcome {
            assert!(refusal.code != 0 && refusal.text.len() > 20, "no clean error: {context}");
            assert_ne!(refusal.kind, "Busy", "{context}");
        }
        // What a failed step did not make cannot be closed.
        for command in operation.after {
            let _ = self.victim.ask(command);
        }
        assert_eq!(self.victim.ok("own"), own, "leaked: {context}");
        self.check(operation.live, &context);
        outcome.is_err()
    }

    fn check(&mut self, live: bool, context: &str) {
        if live {
            assert_eq!(self.checker.ask("open 9 X"), Ok("5000".into()), "{context}");
            for command in ["map 9 9", "expect 9 77", "unmap 9", "close 9", "gc"] {
                let answer = self.checker.ask(command);
                assert!(answer.is_ok(), "{context}: {command}: {answer:?}");
            }
            assert_eq!(self.root.files(), [self.root.file("X")], "{context}");
            return;
        }
        assert_eq!(self.checker.ask("open 9 X").map_err(|refusal| refusal.kind), Err("NotFound".into()), "{context}");
        self.checker.ok("gc");
        assert_eq!(self.root.files(), Vec::<std::path::PathBuf>::new(), "{context}");
        assert_eq!(self.checker.ok("create 9 X 5000"), "created", "{context}");
        self.checker.ok("close 9");
    }
}

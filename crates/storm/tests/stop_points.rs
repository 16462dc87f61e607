//! A process is stopped before each system call of each operation, in turn, while another one makes the name die and
//! live again. When it goes on, it must notice: what the other one holds keeps its name, and nobody gets anything
//! else under it.
//!
//! Random storms meet such moments seldom; here each of them comes, every time.
#![cfg(target_os = "linux")]

use storm::parent::Child;
use storm::root::Root;

/// Who does what before, who is stopped in what.
#[derive(Clone, Copy)]
struct Moment {
    /// A process that holds the object before, and closes it while the other is stopped.
    former: bool,
    /// A killed process' leftover lies in the object's place.
    leftover: bool,
    before: &'static str,
    command: &'static str,
    faults: &'static str,
}

const PLAIN: Moment = Moment { former: false, leftover: false, before: "", command: "open 0 X", faults: "" };

#[test]
fn an_open_while_the_name_dies_and_comes_again() {
    stop_everywhere(Moment { former: true, ..PLAIN });
    stop_everywhere(Moment { former: true, command: "open 0 X read", ..PLAIN });
}

#[test]
fn an_open_of_a_leftover_that_another_one_replaces() {
    stop_everywhere(Moment { leftover: true, ..PLAIN });
}

#[test]
fn a_create_beside_another_one() {
    stop_everywhere(Moment { command: "create 0 X 5000", ..PLAIN });
    stop_everywhere(Moment { command: "create 0 X 5000 new", ..PLAIN });
}

#[test]
fn a_create_while_the_name_dies_and_comes_again() {
    stop_everywhere(Moment { former: true, command: "create 0 X 5000", ..PLAIN });
}

#[test]
fn a_create_over_a_leftover_that_another_one_replaces() {
    stop_everywhere(Moment { leftover: true, command: "create 0 X 5000", ..PLAIN });
}

#[test]
fn a_create_without_unnamed_files() {
    let faults = ",fail:open_unnamed:95";
    stop_everywhere(Moment { command: "create 0 X 5000", faults, ..PLAIN });
    stop_everywhere(Moment { leftover: true, command: "create 0 X 5000", faults, ..PLAIN });
}

#[test]
fn a_close_of_the_last_handle_while_the_name_comes_again() {
    stop_everywhere(Moment { before: "create 0 X 5000", command: "close 0", ..PLAIN });
}

#[test]
fn a_close_beside_the_last_but_one() {
    stop_everywhere(Moment { former: true, before: "open 0 X", command: "close 0", ..PLAIN });
}

#[test]
fn a_collection_of_a_leftover_that_another_one_replaces() {
    stop_everywhere(Moment { leftover: true, command: "gc", ..PLAIN });
}

fn stop_everywhere(moment: Moment) {
    let mut stopped = 0;
    while stop_before(moment, stopped + 1) {
        stopped += 1;
    }
    assert!(stopped > 3, "`{}` was stopped {stopped} times only", moment.command);
}

/// Whether there was such a call.
fn stop_before(moment: Moment, nth: usize) -> bool {
    let root = Root::new();
    let (mut victim, mut other, mut checker) = (Child::new(&root), Child::new(&root), Child::new(&root));
    for child in [&mut other, &mut checker] {
        child.ok("create 9 warm-up 1");
        child.ok("close 9");
    }
    prepare(moment, &root, &mut other);
    if !moment.before.is_empty() {
        victim.ok(moment.before);
    }
    victim.ok(&format!("arm stop:{nth}{}", moment.faults));
    victim.send(moment.command);
    let stopped = victim.stops();
    let context = format!("`{}` stopped before call {nth}{}", moment.command, moment.faults);

    let new = live_again(moment, &mut other, &mut checker, &context);
    victim.go_on();
    let outcome = victim.answer(moment.command).expect("alive");
    victim.ok("arm none");
    // In the time that the victim was stopped with an exclusive lock, nobody could do anything: that is all right.
    if let Some(size) = new {
        assert_eq!(checker.ask("open 1 X"), Ok(size), "{context}: the other one's name is lost");
        for command in ["map 1 1", "expect 1 88", "unmap 1", "close 1"] {
            assert!(checker.ask(command).is_ok(), "{context}: {command}: another object under the name");
        }
        if outcome.is_ok() && !matches!(moment.command, "close 0" | "gc") {
            assert!(victim.ask("map 0 0").is_ok(), "{context}: no view");
            assert_eq!(victim.ask("expect 0 88").err(), None, "{context}: it has another object");
        }
    }
    drop((victim, other));
    checker.refused("open 1 X", "NotFound");
    checker.ok("gc");
    assert!(root.files().is_empty(), "{context}: {:?}", root.files());
    stopped
}

fn prepare(moment: Moment, root: &Root, other: &mut Child) {
    if moment.former {
        other.ok("create 0 X 5000");
    }
    if moment.leftover {
        let mut maker = Child::new(root);
        maker.ok("create 0 X 5000");
        maker.kill();
    }
}

/// The name dies, if it can, and comes again; the size of what the other one then holds, filled with 88. None: the
/// name is blocked by the victim.
fn live_again(moment: Moment, other: &mut Child, checker: &mut Child, context: &str) -> Option<String> {
    if moment.former {
        other.ok("close 0");
    }
    match other.ask("create 5 X 6000") {
        Ok(_) => {
            other.ok("map 5 5");
            other.ok("fill 5 88");
            // Dies once more and comes again, if nobody else holds it.
            other.ok("unmap 5");
            other.ok("close 5");
            match other.ask("create 5 X 7000") {
                Ok(_) => {}
                Err(refusal) if refusal.kind == "Busy" => return None,
                Err(refusal) => panic!("{context}: {refusal:?}"),
            }
            other.ok("map 5 5");
            other.ok("fill 5 88");
            Some(checker.ok("open 1 X")).inspect(|_| drop(checker.ok("close 1")))
        }
        Err(refusal) if refusal.kind == "Busy" => None,
        Err(refusal) => panic!("{context}: {refusal:?}"),
    }
}

//! Ways in which processes come, go and share: fork, exec, inheritance, views without handles, threads, races.
#![cfg(target_os = "linux")]

use std::time::{Duration, Instant};

use storm::parent::Child;
use storm::root::Root;

/// Waits until a name is gone: a process that dies beside us needs a moment.
fn expect_gone_soon(child: &mut Child, name: &str) {
    let until = Instant::now() + Duration::from_secs(10);
    while child.ask(&format!("open 9 {name}")).is_ok() {
        child.ok("close 9");
        assert!(Instant::now() < until, "{name} is still there");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.refused(&format!("open 9 {name}"), "NotFound");
}

#[test]
fn a_killed_creator_leaves_nothing_and_a_killed_opener_takes_nothing() {
    let root = Root::new();
    let (mut a, mut b, mut c) = (Child::new(&root), Child::new(&root), Child::new(&root));
    a.ok("create 0 X 4096");
    b.ok("open 0 X");
    c.ok("open 0 X");
    c.kill();
    a.ok("open 1 X");
    a.kill();
    b.ok("open 1 X");
    b.kill();
    assert_eq!(root.files(), [root.file("X")], "nobody has looked yet");
    let mut d = Child::new(&root);
    d.refused("open 0 X", "NotFound");
    assert!(root.files().is_empty());
    assert_eq!(d.ok("create 0 X 4096"), "created");
}

#[test]
fn an_orderly_end_removes_the_name_at_once() {
    let root = Root::new();
    let mut a = Child::new(&root);
    a.ok("create 0 X 4096");
    a.ok("create 1 Global\\Y 4096");
    assert_eq!(root.files().len(), 2);
    a.finish();
    assert!(root.files().is_empty());
}

#[test]
fn a_view_keeps_the_memory_and_not_the_name() {
    let root = Root::new();
    let (mut a, mut b) = (Child::new(&root), Child::new(&root));
    for command in ["create 0 X 70000", "map 0 0", "fill 0 3", "close 0"] {
        a.ok(command);
    }
    b.refused("open 0 X", "NotFound");
    assert_eq!(b.ok("create 0 X 70000"), "created");
    b.ok("map 0 0");
    b.ok("expect 0 0");
    b.ok("fill 0 4");
    a.ok("expect 0 3");
    a.ok("fill 0 9");
    b.ok("expect 0 4");
}

#[test]
fn a_forked_child_keeps_the_name_after_its_parent_closed_and_no_longer_than_it_lives() {
    let root = Root::new();
    let (mut a, mut b) = (Child::new(&root), Child::new(&root));
    a.ok("create 0 X 4096");
    let forked = a.ok("fork");
    let begun = Instant::now();
    a.ok("close 0");
    assert!(begun.elapsed() < Duration::from_millis(200), "a close beside a forked child waits for no ghost");
    b.ok("open 0 X");
    b.ok("close 0");
    a.ok(&format!("end {forked}"));
    b.refused("open 0 X", "NotFound");
    assert!(root.files().is_empty());
}

#[test]
fn a_forked_child_outlives_a_killed_parent() {
    let root = Root::new();
    let (mut a, mut b) = (Child::new(&root), Child::new(&root));
    a.ok("create 0 X 4096");
    let forked: i32 = a.ok("fork").parse().expect("a process number");
    a.kill();
    b.ok("open 0 X");
    b.ok("close 0");
    let pid = rustix::process::Pid::from_raw(forked).expect("a process number");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("our child's child");
    expect_gone_soon(&mut b, "X");
}

/// A fork copies locks of other threads of its parent, which nobody will ever unlock there.
#[test]
fn a_fork_of_a_busy_process_can_go_on() {
    let root = Root::new();
    Child::new(&root).ok("fork-amid 200");
}

#[test]
fn exec_ends_what_was_not_inheritable() {
    let root = Root::new();
    let (mut a, mut b) = (Child::new(&root), Child::new(&root));
    a.ok("create 0 X 4096");
    a.ok("create 1 Y 4096 inheritable");
    let value = a.ok("inherit-value 1");
    a.ok("execute");
    assert_eq!(a.ok("list"), "Local\\Y=1");
    b.refused("open 0 X", "NotFound");
    b.ok("open 0 Y");
    b.ok("close 0");
    a.ok(&format!("adopt 5 {value}"));
    b.ok("open 0 Y");
    b.ok("close 0");
    a.ok("close 5");
    b.refused("open 0 Y", "NotFound");
    assert!(root.files().is_empty());
}

#[test]
fn what_is_no_mapping_is_not_taken_over() {
    let root = Root::new();
    let mut a = Child::new(&root);
    a.refused("adopt 0 999", "InvalidHandle");
    let path = root.path().join("foreign");
    let value = a.ok(&format!("file-at {}", path.display()));
    a.refused(&format!("adopt 0 {value}"), "NotAnObject");
}

#[test]
fn threads_that_create_and_close_one_name() {
    let root = Root::new();
    let created = Child::new(&root).ok("churn X 4 1500");
    assert!(created.parse::<u64>().expect("a count") > 0);
    assert!(root.files().is_empty());
}

#[test]
fn processes_that_race_for_one_name() {
    let root = Root::new();
    let mut racers: Vec<Child> = (0..3).map(|_| Child::new(&root)).collect();
    for racer in &mut racers {
        racer.send("race X 3000");
    }
    let created: Vec<u64> = racers
        .iter_mut()
        .map(|racer| racer.answer("race").expect("alive").expect("no violation").parse().expect("a count"))
        .collect();
    assert!(created.iter().all(|&count| count > 0), "{created:?}");
    assert!(root.files().is_empty());
}

/// The ghost of a closed handle, in a child that is being started, is never met.
#[test]
fn creating_and_closing_while_others_start_children() {
    let root = Root::new();
    let answer = Child::new(&root).ok("ghosts X 15000 2");
    println!("old objects met, children started: {answer}");
    let (old, started) = answer.split_once(' ').expect("two numbers");
    assert_eq!(old, "0", "{answer}");
    assert!(started.parse::<u64>().expect("a count") > 100, "{answer}");
}

#[test]
fn without_standard_descriptors() {
    let root = Root::new();
    Child::new(&root).ok("without-standard X");
    assert!(root.files().is_empty());
}

#[test]
fn foreign_code_that_closes_every_descriptor() {
    let root = Root::new();
    let (mut a, mut b) = (Child::new(&root), Child::new(&root));
    for command in ["create 0 X 4096", "map 0 0", "fill 0 8", "create 1 Y 4096", "create 2 Y 4096"] {
        a.ok(command);
    }
    a.ok("close-all-from 3");
    a.ok("expect 0 8");
    b.ok("open 0 X");
    b.ok("map 0 0");
    b.ok("expect 0 8");
    b.ok("close 0");
    let refusal = a.refused("map 1 0", "InvalidHandle");
    assert!(refusal.text.contains("closed a descriptor"), "{refusal:?}");
    // The numbers go to strangers: they keep their files when the handles close.
    let path = root.path().join("stranger");
    for number in 3..9 {
        assert_eq!(a.ok(&format!("file-at {}", path.display())), number.to_string());
    }
    let before = a.ok("own");
    a.refused("map 1 0", "InvalidHandle");
    for command in ["close 0", "close 1", "close 2"] {
        a.ok(command);
    }
    let after = a.ok("own");
    assert_eq!(before.split(' ').next(), after.split(' ').next(), "a stranger's descriptor was closed");
    b.refused("open 0 X", "NotFound");
    b.refused("open 0 Y", "NotFound");
    assert_eq!(a.ok("create 0 X 4096"), "created");
}

#[test]
fn many_openers_of_a_name_that_keeps_dying() {
    let root = Root::new();
    let mut mortal = Child::new(&root);
    let mut openers: Vec<Child> = (0..4).map(|_| Child::new(&root)).collect();
    for opener in &mut openers {
        opener.ok("watch X 4096");
    }
    let lives: u64 = mortal.ok("die-often X 1500").parse().expect("a count");
    let seen: Vec<u64> = openers.iter_mut().map(|opener| opener.ok("unwatch").parse().expect("a count")).collect();
    println!("{lives} lives, seen {seen:?}");
    assert!(lives > 100, "the creator was kept from its work: {lives}");
    assert!(seen.iter().all(|&seen| seen > 0), "{seen:?}");
    mortal.refused("open 0 X", "NotFound");
    assert!(root.files().is_empty());
}

#[test]
fn holders_are_told_apart_from_views() {
    let root = Root::new();
    let (mut a, mut b) = (Child::new(&root), Child::new(&root));
    for command in ["create 0 X 4096", "map 0 0"] {
        a.ok(command);
    }
    for command in ["open 0 X", "map 0 0"] {
        b.ok(command);
    }
    a.ok("close 0");
    let found = b.ok("holders X");
    assert!(found.contains(&format!("{}:false:true", a.id())), "{found}");
    assert!(found.contains(&format!("{}:true:true", b.id())), "{found}");
}

/// Whoever holds a name is listed, and nothing else, while names come and go.
#[test]
fn listing_while_names_come_and_go() {
    let root = Root::new();
    let (mut keeper, mut mortal, mut looker) = (Child::new(&root), Child::new(&root), Child::new(&root));
    keeper.ok("create 0 A 4096");
    keeper.ok("create 1 Global\\B 4096");
    mortal.send("die-often X 1500");
    let until = Instant::now() + Duration::from_millis(1300);
    let (mut lists, mut with) = (0, 0);
    while Instant::now() < until {
        let listed = looker.ok("list");
        lists += 1;
        with += u64::from(listed.contains("Local\\X"));
        let expected = ["Global\\B=1 Local\\A=1", "Global\\B=1 Local\\A=1 Local\\X=1"];
        assert!(expected.contains(&listed.as_str()), "{listed}");
    }
    println!("{lists} lists, {with} with the mortal one");
    assert!(mortal.answer("die-often").expect("alive").is_ok());
    assert!(lists > 50);
}

//! Ends of channels whose processes are killed: who waits for them learns it at once, a successor goes on where the ring
//! stands, and no message is lost, doubled or torn.
#![cfg(target_os = "linux")]

use std::time::Duration;

use storm::parent::Child;
use storm::root::Root;

/// Long enough to sleep.
const ASLEEP: Duration = Duration::from_millis(50);

fn count(answer: &str, end: &str) -> u64 {
    let (count, how) = answer.split_once(' ').expect("two words");
    assert_eq!(how, end, "{answer}");
    count.parse().expect("a number")
}

fn pair(root: &Root) -> (Child, Child) {
    let (mut sender, mut receiver) = (Child::new(root), Child::new(root));
    sender.ok("channel sender 0 C");
    receiver.ok("channel receiver 0 C");
    (sender, receiver)
}

#[test]
fn a_receiver_is_killed_while_the_sender_waits_for_room() {
    let root = Root::new();
    let (mut sender, mut receiver) = pair(&root);
    let mut next = (1, 1); // to be sent, to be received
    for round in 0..10 {
        // A message or more is on its way, so that the ring is full wherever it stands.
        next.0 += sender.ok(&format!("channel fill 0 7 {}", next.0)).parse::<u64>().expect("a number");
        receiver.ok(&format!("channel recv 0 7 {} 2", next.1));
        next.1 += 2;
        let answer = receiver.told_of_death(&mut sender, &format!("channel send 0 7 {} 1000", next.0));
        next.0 += count(&answer, "Disconnected");
        receiver = Child::new(&root);
        receiver.ok("channel receiver 0 C");
        let left = next.0 - next.1;
        assert!(left > 0, "round {round}: it was full");
        assert_eq!(receiver.ok(&format!("channel recv 0 7 {} {left}", next.1)), format!("{left} Done"));
        next.1 += left;
    }
}

#[test]
fn a_sender_is_killed_between_reserve_and_commit() {
    let root = Root::new();
    let (mut sender, mut receiver) = pair(&root);
    for round in 1..=10 {
        assert_eq!(sender.ok(&format!("channel send 0 {round} 1 3")), "3 Done");
        assert_eq!(sender.ok("channel reserve 0"), "reserved");
        let answer = sender.told_of_death(&mut receiver, &format!("channel recv 0 {round} 1 1000"));
        assert_eq!(count(&answer, "Disconnected"), 3);
        assert_eq!(receiver.ok("channel lost 0"), round.to_string());
        sender = Child::new(&root);
        sender.ok("channel sender 0 C");
    }
}

#[test]
fn a_reserved_message_that_is_not_sent_is_not_lost() {
    let root = Root::new();
    let (mut sender, mut receiver) = pair(&root);
    sender.ok("channel reserve 0");
    let sent: u64 = sender.ok("channel fill 0 1 1").parse().expect("a number");
    assert_eq!(receiver.ok(&format!("channel recv 0 1 1 {sent}")), format!("{sent} Done"));
    sender.ok("channel reserve 0");
    sender.ok("channel close 0");
    assert_eq!(receiver.ok("channel recv 0 1 31 1"), "0 Disconnected");
    assert_eq!(receiver.ok("channel lost 0"), "0");
}

#[test]
fn of_several_senders_one_is_killed() {
    let root = Root::new();
    let (mut receiver, mut first, mut second) = (Child::new(&root), Child::new(&root), Child::new(&root));
    first.ok("channel senders 0 2 C");
    second.ok("channel sender 0 C");
    receiver.ok("channel receiver 0 C");
    receiver.send("channel recv 0 2 1 4");
    std::thread::sleep(ASLEEP);
    first.ok("channel reserve 0");
    first.kill();
    std::thread::sleep(ASLEEP);
    second.ok("channel send 0 2 1 4"); // the receiver has not been told that it is alone
    assert_eq!(receiver.answer("channel recv").expect("it lives").expect("answered"), "4 Done");
    assert_eq!(receiver.ok("channel lost 0"), "1");
    let answer = second.told_of_death(&mut receiver, "channel recv 0 2 5 1");
    assert_eq!(count(&answer, "Disconnected"), 0);
}

#[test]
fn both_ends_of_a_duplex_learn_of_the_others_death() {
    let root = Root::new();
    for waits_to_send in [false, true] {
        let (mut one, mut other) = (Child::new(&root), Child::new(&root));
        one.ok("channel duplex 0 D");
        other.ok("channel duplex 0 D");
        Child::new(&root).refused("channel duplex 0 D", "Occupied");
        other.ok("channel send 0 1 1 2");
        one.ok("channel recv 0 1 1 2");
        let command = if waits_to_send { "channel send 0 1 1 1000" } else { "channel recv 0 1 3 1" };
        let answer = other.told_of_death(&mut one, command);
        assert!(answer.ends_with("Disconnected"), "{answer}");
        let mut successor = Child::new(&root);
        successor.ok("channel duplex 0 D");
        let sent = count(&answer, "Disconnected");
        if sent > 0 {
            assert_eq!(successor.ok(&format!("channel recv 0 1 1 {sent}")), format!("{sent} Done"));
        }
        successor.ok("channel send 0 5 1 2");
        assert_eq!(one.ok("channel recv 0 5 1 2"), "2 Done");
    }
}

#[test]
fn a_child_of_fork_does_not_leave_for_its_parent() {
    let root = Root::new();
    let (mut sender, mut receiver) = pair(&root);
    sender.ok("forked channel close 0");
    receiver.ok("forked channel close 0");
    sender.ok("fork");
    assert_eq!(sender.ok("channel send 0 1 1 9"), "9 Done");
    assert_eq!(receiver.ok("channel recv 0 1 1 9"), "9 Done");
    // A fork that lives on has not the end, whatever it has open: the parent's death counts.
    let answer = sender.told_of_death(&mut receiver, "channel recv 0 1 10 1");
    assert_eq!(count(&answer, "Disconnected"), 0);
}

#[test]
fn nothing_is_left_of_a_channel_whose_processes_were_killed() {
    let root = Root::new();
    let (mut sender, receiver) = pair(&root);
    sender.ok("channel fill 0 1 1");
    sender.kill();
    receiver.kill();
    let mut witness = Child::new(&root);
    assert_eq!(witness.ok("list"), "");
    witness.ok("channel receiver 0 C");
    witness.ok("channel sender 1 C");
    witness.ok("channel send 1 2 1 1");
    assert_eq!(witness.ok("channel recv 0 2 1 1"), "1 Done", "a channel that is new");
    witness.finish();
    let mut witness = Child::new(&root);
    witness.ok("gc");
    assert_eq!(root.files(), Vec::<std::path::PathBuf>::new());
}

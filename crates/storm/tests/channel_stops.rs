//! Ends of channels whose processes are stopped: they hold nobody up but who waits for them.
#![cfg(target_os = "linux")]

use storm::parent::Child;
use storm::root::Root;

#[test]
fn a_stopped_sender_does_not_keep_the_others_messages_back() {
    let root = Root::new();
    let (mut receiver, mut stopped, mut other) = (Child::new(&root), Child::new(&root), Child::new(&root));
    stopped.ok("channel senders 0 2 C");
    other.ok("channel sender 0 C");
    receiver.ok("channel receiver 0 C");
    for round in 0..50 {
        // Wherever it stands, in a copy, in a wake-up or asleep.
        stopped.send("channel send 0 1 1 200");
        std::thread::sleep(std::time::Duration::from_micros(round * 37));
        stopped.stop();
        other.send(&format!("channel send 0 2 {} 30", round * 30 + 1));
        receiver.ok(&format!("channel drain 0 2 {}", round * 30 + 30));
        assert_eq!(other.answer("channel send").expect("it lives").expect("answered"), "30 Done");
        stopped.go_on();
        receiver.ok("channel drain 0 1 200");
        assert_eq!(stopped.answer("channel send").expect("it lives").expect("answered"), "200 Done");
    }
}

#[test]
fn a_sender_stopped_in_the_middle_of_a_wake_up_does_not_keep_the_others_from_waking() {
    let root = Root::new();
    let (mut receiver, mut stopped, mut other) = (Child::new(&root), Child::new(&root), Child::new(&root));
    stopped.ok("channel senders 0 2 C");
    other.ok("channel sender 0 C");
    receiver.ok("channel receiver 0 C");
    receiver.send("channel recv 0 2 1 1");
    stopped.ok("channel claim 1 C");
    other.ok("channel send 0 2 1 1");
    assert_eq!(receiver.answer("channel recv").expect("it lives").expect("in time"), "1 Done");
}

#[test]
fn a_stopped_receiver_is_waited_for_and_goes_on() {
    let root = Root::new();
    let (mut sender, mut receiver) = (Child::new(&root), Child::new(&root));
    sender.ok("channel sender 0 C");
    receiver.ok("channel receiver 0 C");
    for round in 0..20 {
        let (life, first) = (round + 1, round * 1000 + 1);
        receiver.send(&format!("channel recv 0 {life} {first} 300"));
        sender.send(&format!("channel send 0 {life} {first} 300"));
        std::thread::sleep(std::time::Duration::from_micros(round * 211));
        receiver.stop();
        std::thread::sleep(std::time::Duration::from_millis(2));
        receiver.go_on();
        assert_eq!(sender.answer("channel send").expect("it lives").expect("answered"), "300 Done");
        assert_eq!(receiver.answer("channel recv").expect("it lives").expect("answered"), "300 Done");
    }
}

#[test]
fn a_successor_is_let_in_when_a_stopped_process_is_killed() {
    let root = Root::new();
    let (mut sender, mut receiver) = (Child::new(&root), Child::new(&root));
    sender.ok("channel sender 0 C");
    receiver.ok("channel receiver 0 C");
    receiver.stop();
    Child::new(&root).refused("channel receiver 0 C", "Occupied");
    receiver.kill();
    sender.ok("channel send 0 1 1 3");
    let mut successor = Child::new(&root);
    successor.ok("channel receiver 0 C");
    assert_eq!(successor.ok("channel recv 0 1 1 3"), "3 Done");
}

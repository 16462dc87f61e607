//! Senders and receivers of broadcasts and latest values whose processes are killed: who waits for them learns it at once,
//! nobody is held back by the dead, and a successor goes on where the log, or the value, stands.
#![cfg(target_os = "linux")]

use storm::parent::Child;
use storm::root::Root;

fn child(root: &Root, end: &str) -> Child {
    let mut child = Child::new(root);
    child.ok(&format!("channel {end} 0 C"));
    child
}

#[test]
fn a_broadcaster_is_killed_while_receivers_wait() {
    let root = Root::new();
    let mut sender = child(&root, "broadcaster");
    let (mut one, mut other) = (child(&root, "subscriber"), child(&root, "subscriber"));
    for round in 1..=5 {
        assert_eq!(sender.ok(&format!("channel send 0 {round} 1 3")), "3 Done");
        let recv = format!("channel recv 0 {round} 1 1000");
        other.send(&recv);
        assert_eq!(sender.told_of_death(&mut one, &recv), "3 Disconnected");
        assert_eq!(other.answer(&recv).expect("it lives").expect("answered"), "3 Disconnected");
        sender = child(&root, "broadcaster");
    }
    // Who comes late begins with what is sent then; the others have missed nothing.
    let mut late = child(&root, "subscriber");
    assert_eq!(sender.ok("channel send 0 9 1 2"), "2 Done");
    for receiver in [&mut one, &mut other, &mut late] {
        assert_eq!(receiver.ok("channel recv 0 9 1 2"), "2 Done");
    }
}

#[test]
fn a_killed_receiver_holds_nobody_back() {
    let root = Root::new();
    let (mut sender, mut living) = (child(&root, "broadcaster"), child(&root, "subscriber"));
    let mut next = 1;
    for _ in 0..5 {
        let slow = child(&root, "subscriber");
        let first = next;
        next += sender.ok(&format!("channel fill 0 7 {next}")).parse::<u64>().expect("a number");
        assert!(next > first, "there was room");
        assert_eq!(living.ok(&format!("channel recv 0 7 {first} {}", next - first)), format!("{} Done", next - first));
        // One more, which only the slow one has no room for.
        assert_eq!(slow.told_of_death(&mut sender, &format!("channel send 0 7 {next} 1")), "1 Done");
        assert_eq!(living.ok(&format!("channel recv 0 7 {next} 1")), "1 Done");
        next += 1;
    }
}

#[test]
fn a_writer_is_killed_while_readers_wait() {
    let root = Root::new();
    let (mut writer, mut reader) = (child(&root, "writer"), child(&root, "reader"));
    for round in 1..=5 {
        assert_eq!(writer.ok(&format!("channel send 0 {round} 1 3")), "3 Done");
        let recv = format!("channel recv 0 {round} 3 2");
        assert_eq!(writer.told_of_death(&mut reader, &recv), "1 Disconnected");
        // The value outlives its writer.
        assert_eq!(child(&root, "reader").ok(&format!("channel recv 0 {round} 3 1")), "1 Done");
        writer = child(&root, "writer");
    }
}

//! A process that writes nonsense over a channel's memory while others use it: they get errors or nonsense, each call ends
//! in its time, and nobody crashes.
#![cfg(target_os = "linux")]

use storm::parent::Child;
use storm::root::Root;

/// Ends come and go amid the nonsense; how many calls were made.
fn amid_nonsense(kind: [&str; 2], seed: u64) -> u64 {
    let root = Root::new();
    let (mut one, mut other, mut hostile) = (Child::new(&root), Child::new(&root), Child::new(&root));
    let mut calls = 0;
    for round in 0..6 {
        one.ok(&format!("channel {} 0 H{round}", kind[0]));
        other.ok(&format!("channel {} 0 H{round}", kind[1]));
        hostile.send(&format!("scribble H{round} 400 {}", seed + round));
        for _ in 0..4 {
            one.send("channel babble 0 80");
            other.send("channel babble 0 80");
            for end in [&mut one, &mut other] {
                let answer = end.answer("channel babble").expect("nobody crashes").expect("each call ends");
                calls += answer.split(' ').next().expect("a word").parse::<u64>().expect("a number");
            }
            // Successors, as far as the header lets them in.
            for (end, kind) in [&mut one, &mut other].into_iter().zip(kind) {
                end.ok("channel close 0");
                if end.try_ask(&format!("channel {kind} 0 H{round}")).expect("nobody crashes").is_err() {
                    end.ok(&format!("channel {kind} 0 spare"));
                }
            }
        }
        hostile.answer("scribble").expect("it lives").expect("it writes");
        one.ok("channel close 0");
        other.ok("channel close 0");
    }
    calls
}

#[test]
fn nonsense_over_a_channel_harms_nobody() {
    let calls = amid_nonsense(["sender", "receiver"], 1);
    println!("{calls} calls");
    assert!(calls > 1000, "{calls}");
}

#[test]
fn nonsense_over_a_duplex_harms_nobody() {
    let calls = amid_nonsense(["duplex", "duplex"], 100);
    println!("{calls} calls");
    assert!(calls > 200, "{calls}");
}

#[test]
fn nonsense_over_a_broadcast_harms_nobody() {
    let lossless = amid_nonsense(["broadcaster", "subscriber"], 200);
    let lossy = amid_nonsense(["lossy-broadcaster", "lossy-subscriber"], 300);
    println!("{lossless} and {lossy} calls");
    assert!(lossless > 1000 && lossy > 1000, "{lossless}, {lossy}");
}

#[test]
fn nonsense_over_a_latest_value_harms_nobody() {
    let calls = amid_nonsense(["writer", "reader"], 400);
    println!("{calls} calls");
    assert!(calls > 1000, "{calls}");
}

//! Random bytes as what a hostile peer writes into a channel, a bounded run of the fuzz target `channel`.
#![cfg(target_os = "linux")]

use storm::parent::Child;
use storm::root::Root;

#[test]
fn random_bytes_in_a_channel_harm_nobody() {
    let root = Root::new();
    let mut child = Child::new(&root);
    for seed in 1..=4 {
        println!("{}", child.ok(&format!("channel-bytes 500 {seed}")));
    }
}

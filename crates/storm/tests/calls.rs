//! Random programs of kernel32 calls, a bounded run of the fuzz target `calls`.
#![cfg(target_os = "linux")]

use storm::parent::Child;
use storm::root::Root;

#[test]
fn random_programs_of_calls_harm_nobody_and_leave_nothing() {
    let root = Root::new();
    let mut child = Child::new(&root);
    for seed in 1..=3 {
        assert_eq!(child.ok(&format!("calls 60 {seed}")), "done");
    }
}

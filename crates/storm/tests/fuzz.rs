//! Random and spoilt records in the place of objects; the longer run is `storm --fuzz ROUNDS`.
#![cfg(target_os = "linux")]

use storm::parent::Child;
use storm::root::Root;

#[test]
fn hostile_records_harm_nobody() {
    let root = Root::new();
    let mut child = Child::new(&root);
    for seed in 1..=3 {
        let counted = child.ok(&format!("fuzz 1000 {seed}"));
        println!("{counted}");
        let numbers: Vec<u64> = counted.split(' ').filter_map(|word| word.parse().ok()).collect();
        assert!(numbers.iter().all(|&number| number > 30), "hardly anything got past the first check: {counted}");
    }
}

//! A producer and a consumer with two semaphores, a mutex, and waits for all.

use crate::build::{Bench, Language};

#[test]
fn every_number_is_consumed_once() {
    let bench = Bench::new();
    let (producer, consumer) = (bench.example(Language::C, "producer"), bench.example(Language::Cpp, "consumer"));
    for count in [0_u64, 1, 1000, 20_000] {
        let sum = count * (count + 1) / 2;
        let consuming = bench.start(&consumer, &[]);
        let produced = bench.run(&producer, &[&count.to_string()]);
        assert_eq!(produced, (0, format!("producing\nproduced {count}\n")));
        assert_eq!(consuming.finish(), (0, format!("consumed {count}, in all {sum}\n")));
    }
}

//! A timer that calls a function, and one that is waited for.

use crate::build::{Bench, Language};

#[test]
fn a_timer_calls_in_order_and_signals_once() {
    let bench = Bench::new();
    for language in [Language::C, Language::Cpp] {
        let timer = bench.example(language, "timer");
        let expected = "called, in order: 1\nwaited: 0\nonce: 258\n";
        assert_eq!(bench.run(&timer, &["5", "20"]), (0, expected.to_owned()), "{language:?}");
    }
}

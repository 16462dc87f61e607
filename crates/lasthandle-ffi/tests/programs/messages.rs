//! Messages. What the program prints under Wine is the same.

use crate::build::{Bench, Language};

#[test]
fn messages_are_put_together_as_windows_does() {
    let bench = Bench::new();
    for language in Language::ALL {
        let found = bench.run(&bench.program(language, "message"), &[]);
        assert_eq!(found, (0, include_str!("said/message.txt").to_owned()), "{language:?}");
    }
}

//! The programs of Microsoft's documentation, in other words.

use crate::build::{Bench, Language};

#[test]
fn programs_of_the_documentation_do_what_it_says() {
    let bench = Bench::new();
    for language in Language::ALL {
        let found = bench.run(&bench.program(language, "documented"), &[]);
        assert_eq!(found, (0, include_str!("said/documented.txt").into()), "{language:?}");
    }
}

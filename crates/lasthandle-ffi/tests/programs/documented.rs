//! The programs of Microsoft's documentation, in other words; and its rules, call by call.

use crate::build::{Bench, Language};

#[test]
fn programs_of_the_documentation_do_what_it_says() {
    let bench = Bench::new();
    for language in Language::ALL {
        let found = bench.run(&bench.program(language, "documented"), &[]);
        assert_eq!(found, (0, include_str!("said/documented.txt").into()), "{language:?}");
    }
}

#[test]
fn calls_look_at_their_arguments_and_leave_codes_as_windows_does() {
    let bench = Bench::new();
    for language in [Language::C, Language::Cpp] {
        let found = bench.run(&bench.program(language, "semantics"), &[]);
        assert_eq!(found, (0, "faults: 0\n".into()), "{language:?}");
    }
}

//! Memory, locks in the program's own memory, clocks, modules and security descriptors.

use crate::build::{Bench, Language};

/// What a program prints line by line, against what Windows' documentation says.
fn says(bench: &Bench, language: Language, name: &str, expected: &str) {
    let (code, said) = bench.run(&bench.program(language, name), &[]);
    for (found, wanted) in said.lines().zip(expected.lines()) {
        assert_eq!(found, wanted, "{name} as {language:?}");
    }
    assert_eq!((code, said.lines().count()), (0, expected.lines().count()), "{name} as {language:?}:\n{said}");
}

#[test]
fn memory_is_told_committed_protected_and_freed() {
    let bench = Bench::new();
    for language in [Language::C, Language::Cpp] {
        says(&bench, language, "memory", include_str!("memory.txt"));
    }
}

#[test]
fn memory_committed_in_one_process_is_committed_in_another() {
    let bench = Bench::new();
    let program = bench.program(Language::C, "memory");
    let mut holder = bench.start(&program, &[]);
    while holder.line() != "ready" {}
    let (code, said) = bench.run(&program, &["committed"]);
    let expected = "elsewhere, reserved: at 0 of allocation 2, 10000 bytes, state 2000, protect 0, type 40000\n\
                    elsewhere, committed: at 10000 of allocation 2, 3000 bytes, state 1000, protect 2, type 40000\n5\n";
    assert_eq!((code, said.as_str()), (0, expected));
    assert_eq!(holder.finish().0, 0);
}

//! Processes, and handles that are passed between them.

use crate::build::{Bench, Language};

const SAID: &str = "\
inherit: 0, from the child, exit 42, mutex 128
without: exit 10
flag taken back: exit 10
give: 1, source closed 1, set 0, exit 43
take: set 0, exit 44, closed here 1, put in 0
runs: 258 1 259, same 1
no right: 0 5, wrong kind: 0 6
not yet: 258, terminate 1, any 1, all 258, code 77, again 0 5
no rights: 4294967295 5
none: 1 87 1 87
self: 1 258 258
refused: 87 2 3 2 87
";

#[test]
fn parents_and_children_pass_handles_and_see_their_ends() {
    let bench = Bench::new();
    for language in Language::ALL {
        let found = bench.run(&bench.program(language, "processes"), &[]);
        assert_eq!(found, (0, SAID.to_owned()), "{language:?}");
    }
}

#[test]
fn children_begin_as_they_were_told_and_end_as_they_are_seen() {
    let bench = Bench::new();
    let program = bench.program(Language::C, "children");
    let found = bench.run(&program, &[]);
    let expected = "\
code 3
[a b][\"c\"][d\\\\][]
1 0 /
file 5 Written
by fork and exec: 0 descriptors
executed again: 0, set 0
terminated: 300
left open: 0
own: 17 1 1 17 17
signal: c0000005
ignored: 1
taken: 1 1
remains: -1
errors: 5 193 3 267 50 87 206 998 998 87 87
forked: 258 1 1 0 6 8
";
    assert_eq!((found.0, found.1.get(..expected.len())), (0, Some(expected)), "{}", found.1);
    let rest = &found.1[expected.len()..];
    assert!(rest == "strangers: 7\n" || rest.starts_with("SKIPPED"), "{rest}");
}

#[test]
fn children_that_are_killed_while_handles_pass_leave_nothing() {
    let bench = Bench::new();
    let program = bench.program(Language::C, "storm");
    for seed in ["1", "2", "3"] {
        let found = bench.run(&program, &["60", seed]);
        assert_eq!(found, (0, "0 bad, some delivered 1, remains 0\n".to_owned()), "seed {seed}");
    }
}

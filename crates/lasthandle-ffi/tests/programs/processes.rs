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

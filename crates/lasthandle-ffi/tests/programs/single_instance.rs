//! A program of which one instance runs at a time, and which says that the one before crashed.

use crate::build::{Bench, Language};

#[test]
fn one_instance_runs_and_a_crash_is_told_to_who_waited() {
    let bench = Bench::new();
    for language in Language::ALL {
        let program = bench.example(language, "single_instance");
        let mut first = bench.start(&program, &[]);
        assert_eq!(first.line(), "We are alone.");
        assert_eq!(bench.run(&program, &[]), (2, "Another instance is running.\n".into()), "{language:?}");
        assert_eq!(first.finish().0, 0);
        let mut crashing = bench.start(&program, &["crash"]);
        assert_eq!(crashing.line(), "We are alone.");
        assert_eq!(crashing.finish().0, 3);
        let again = (0, "We are alone.\n".to_owned());
        assert_eq!(bench.run(&program, &[]), again, "{language:?}: the mutex went with its last handle");
    }
}

#[test]
fn a_kept_mutex_tells_that_its_owner_was_killed_once() {
    let bench = Bench::new();
    let [one, other] = [Language::CWide, Language::Cpp].map(|language| bench.example(language, "single_instance"));
    // Somebody keeps a handle, so that the name stays when the owner dies.
    let tool = crate::build::sibling("lasthandle", "lasthandle-cli", &[]);
    let keep = ["create", "mutex", "Local\\SampleSingleInstance"];
    let mut keeper = bench.start(&tool, &keep);
    assert!(!keeper.line().is_empty());
    let mut dying = bench.start(&one, &["crash"]);
    assert_eq!(dying.line(), "We are alone.");
    assert_eq!(dying.finish().0, 3);
    let told = (0, "We are alone; the instance before us crashed.\n".to_owned());
    assert_eq!(bench.run(&other, &[]), told);
    assert_eq!(bench.run(&other, &[]), (0, "We are alone.\n".into()), "told once");
    assert_eq!(keeper.finish().0, 0);
}

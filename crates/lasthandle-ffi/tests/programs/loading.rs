//! How the library comes and goes: loaded late, linked statically, never unloaded; handlers of signals and of exit.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build::{Bench, Language, library_folder};

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// A library of the form that takes from the loader's reserve, as ours does.
fn greedy(bench: &Bench, number: usize) -> PathBuf {
    let source = bench.source("greedy.c", "__thread char taken[64] = \"x\"; char *take(void) { return taken; }\n");
    let library = source.with_file_name(format!("libgreedy{number}.so"));
    let mut gcc = Command::new("gcc");
    gcc.args(["-shared", "-fPIC", "-ftls-model=initial-exec", "-o"]).arg(&library).arg(&source);
    assert!(gcc.status().expect("gcc").success());
    library
}

#[test]
fn a_library_loaded_late_by_a_program_with_threads_works_and_stays() {
    let bench = Bench::new();
    let late = bench.program(Language::C, "late");
    let ours = library_folder().join("liblasthandle_ffi.so");
    let others: Vec<_> = (0..10).map(|number| greedy(&bench, number)).collect();
    let system = ["libstdc++.so.6", "libm.so.6", "libgcc_s.so.1"].map(Path::new);
    let all = [ours.as_path()].into_iter().chain(others.iter().map(PathBuf::as_path)).chain(system);
    let arguments: Vec<_> = all.map(text).collect();
    assert_eq!(bench.run(&late, &arguments), (0, "others 13, bad 0, still there: 1\n".into()));
}

#[test]
fn a_program_that_is_linked_statically_does_the_same() {
    let bench = Bench::new();
    let program = bench.statically(Language::C, "waits");
    let (code, said) = bench.run(&program, &[]);
    assert_eq!((code, said), bench.run(&bench.program(Language::C, "waits"), &[]));
    assert!(code == 0);
}

#[test]
fn signal_handlers_that_signal_objects_hang_nowhere() {
    let bench = Bench::new();
    for program in [bench.program(Language::C, "signals"), bench.statically(Language::C, "signals")] {
        assert_eq!(bench.run(&program, &[]), (0, "done\n".into()));
    }
}

#[test]
fn calls_work_to_the_very_end_of_threads_and_programs() {
    let bench = Bench::new();
    let value = "value of a thread: 1\nvalue of a thread: 1\n";
    let exit = "handler of exit: 1\nhandler of exit, registered before the first call: 1\n";
    let end = "destructor of the program: 1\nclosed: 1 1\n";
    let expected = [
        (Language::C, format!("thread: 1\n{value}{exit}{end}")),
        (Language::Cpp, format!("thread: 1\nthread_local object: 1\n{value}{exit}static object: 1\n{end}")),
    ];
    for (language, expected) in expected {
        assert_eq!(bench.run(&bench.program(language, "exits"), &[]), (7, expected), "{language:?}");
    }
}

#[test]
fn a_thread_may_fork_until_its_very_end() {
    let bench = Bench::new();
    let expected = "thread: 0\nvalue of a thread: 0\nmain: 0\nhandler of exit: 0\n";
    assert_eq!(bench.run(&bench.program(Language::C, "late_forks"), &[]), (0, expected.into()));
}

#[test]
fn functions_fail_without_harm_to_the_very_end() {
    let bench = Bench::new();
    let (before, after) = ("6, a message", "6, no message");
    let expected = format!("thread: {before}\nvalue of a thread: {after}\nmain: {before}\nhandler of exit: {after}\n");
    assert_eq!(bench.run(&bench.program(Language::C, "late_lh"), &[]), (0, expected));
}

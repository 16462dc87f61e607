//! Memory, locks in the program's own memory, clocks, modules and security descriptors.

use std::os::unix::fs::PermissionsExt;

use crate::build::{Bench, Language, says};

#[test]
fn memory_is_told_committed_protected_and_freed() {
    says(&Language::NARROW, "memory", &[], include_str!("said/memory.txt"));
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

#[test]
fn critical_sections_are_recursive_and_exclusive() {
    says(&Language::NARROW, "locks", &[], include_str!("said/locks.txt"));
}

#[test]
fn clocks_machine_modules_and_atomics() {
    says(&Language::ALL, "machine", &[], include_str!("said/machine.txt"));
}

#[test]
fn security_descriptors_are_made_and_damaged_ones_refused() {
    says(&Language::ALL, "security", &[], include_str!("said/security.txt"));
}

/// How an event and a mapping with that descriptor are open to others: the modes of their files.
fn modes(bench: &Bench, how: &str) -> (u32, u32) {
    let program = bench.program(Language::C, "security");
    let mut holder = bench.start(&program, &["hold", "Global\\guarded", how]);
    assert_eq!([holder.line(), holder.line(), holder.line()], ["event: good", "mapping: good", "ready"]);
    let files: Vec<_> = std::fs::read_dir(bench.root()).expect("the names").flatten().collect();
    let mode = |end: &str| {
        let file = files.iter().find(|file| file.file_name().to_string_lossy().ends_with(end)).expect("an object");
        file.metadata().expect("its mode").permissions().mode() & 0o777
    };
    let found = (mode("guarded-event"), mode("guarded-mapping"));
    assert_eq!(holder.finish().0, 0);
    found
}

#[test]
fn objects_are_as_open_as_their_descriptor_says() {
    let bench = Bench::new();
    std::fs::set_permissions(bench.root(), std::fs::Permissions::from_mode(0o755)).expect("a directory of ours");
    assert_eq!(modes(&bench, "-"), (0o600, 0o600), "nothing is said");
    assert_eq!(modes(&bench, "null"), (0o666, 0o666), "everybody may do all");
    assert_eq!(modes(&bench, "list"), (0o666, 0o666), "the list says so");
    assert_eq!(modes(&bench, "tD:P(A;;GA;;;SY)(A;;GRGW;;;AU)"), (0o666, 0o666), "the text says so");
    assert_eq!(modes(&bench, "tD:(A;;GR;;;WD)"), (0o600, 0o644), "whoever waits must write");
    assert_eq!(modes(&bench, "tD:(A;;GA;;;BA)"), (0o600, 0o600), "administrators");
}

#[test]
fn bad_addresses_pointers_and_texts_succeed_nowhere() {
    says(&[Language::C], "bad_memory", &[], "addresses: 0\nnull: 0\ntexts: 0\n");
}

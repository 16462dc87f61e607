//! Files, and mappings over them. What the programs print under Wine is the same.

use crate::build::{Bench, Language, says};

#[test]
fn files_do_what_windows_says() {
    says(&Language::ALL, "files", &[], include_str!("said/files.txt"));
}

#[test]
fn mappings_over_files_do_what_windows_says() {
    says(&Language::NARROW, "filemap", &[], include_str!("said/filemap.txt"));
}

#[test]
fn a_mapping_over_a_file_is_found_by_name_and_what_was_written_stays() {
    let bench = Bench::new();
    let c = bench.program(Language::C, "filemap");
    let cpp = bench.program(Language::Cpp, "filemap");
    let file = bench.source("data", "");
    let mut server = bench.start(&c, &["server", file.to_str().expect("a path in UTF-8")]);
    assert_eq!(server.line(), "ready");
    assert_eq!(bench.run(&cpp, &["client"]), (0, "from the server\n".into()));
    assert_eq!(server.finish(), (0, "from the client\n".into()));
    assert_eq!(bench.run(&cpp, &["client"]), (1, "error 6\n".into()), "the name is gone");
    let left = std::fs::read(&file).expect("the file");
    assert!(left.len() == 256 && left.starts_with(b"from the client\0"));
}

#[test]
fn bad_input_opens_nothing_and_leaves_nothing() {
    let bench = Bench::new();
    let (code, said) = bench.run(&bench.program(Language::C, "bad_files"), &[]);
    let expected = "forged: 0\nof other kinds: 0\npaths and flags: 0\nmessages: 0\nopened: 4000\n";
    assert_eq!((code, said.as_str()), (0, expected));
}

#[test]
fn a_process_that_ends_deletes_what_it_did_not_close() {
    let bench = Bench::new();
    let program = bench.program(Language::C, "doomed");
    let file = bench.source("data", "");
    std::fs::remove_file(&file).expect("it was just made");
    let path = file.to_str().expect("a path in UTF-8");
    for _ in 0..2 {
        let mut running = bench.start(&program, &[path]);
        assert_eq!(running.line(), "opened: 1");
        assert_eq!(running.line(), "there: 1");
        assert_eq!(running.finish().0, 0);
        assert!(!file.exists());
    }
}

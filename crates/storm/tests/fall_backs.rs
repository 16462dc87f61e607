//! Systems that lack something: no unnamed files, no names for them, no `/proc`. Everything works, if slower.
#![cfg(target_os = "linux")]

use std::time::{Duration, Instant};

use storm::parent::Child;
use storm::root::Root;

/// No `O_TMPFILE` in the file system, in the kernel; no `linkat` from a descriptor; no `/proc`; none of it.
const FAULTS: [&str; 5] = [
    "fail:open_unnamed:95",
    "fail:open_unnamed:21",
    "fail:link_descriptor:1",
    "fail:reopen:2,fail:path_of:2",
    "fail:open_unnamed:95,fail:link_descriptor:2,fail:reopen:2,fail:path_of:2",
];

#[test]
fn objects_live_and_die_as_they_should() {
    for faults in FAULTS {
        let root = Root::new();
        let (mut a, mut b) = (Child::new(&root), Child::new(&root));
        a.ok(&format!("arm {faults}"));
        b.ok(&format!("arm {faults}"));
        assert_eq!(a.ok("create 0 X 5000"), "created");
        assert_eq!(root.files(), [root.file("X")], "no temporary name is left: {faults}");
        a.refused("create 1 X 5000 new", "AlreadyExists");
        assert_eq!(b.ok("create 0 X 1"), "opened");
        for command in ["map 0 0", "fill 0 4", "close 0"] {
            a.ok(command);
        }
        for command in ["map 0 0", "expect 0 4", "close 0"] {
            b.ok(command);
        }
        b.refused("open 0 X", "NotFound");
        assert!(root.files().is_empty(), "{faults}");
        assert_eq!(b.ok("create 0 Global\\X 5000 everyone"), "created");
        b.kill();
        a.refused("open 0 Global\\X", "NotFound");
        assert!(root.files().is_empty(), "{faults}");
    }
}

#[test]
fn mappings_over_files_are_found_without_proc() {
    let root = Root::new();
    let path = root.path().join("data");
    std::fs::write(&path, vec![9; 5000]).expect("a file");
    let (mut a, mut b) = (Child::new(&root), Child::new(&root));
    a.ok(&format!("create 0 X 0 file={}", path.display()));
    b.ok("arm fail:reopen:2");
    assert_eq!(b.ok("open 0 X"), "5000");
    b.ok("map 0 0");
    b.ok("expect 0 9");
}

/// An object on its way to its name is locked while its memory is being reserved, or who sweeps would take it for a
/// leftover each time anew.
#[test]
fn a_slow_create_beside_those_who_sweep() {
    let root = Root::new();
    let (mut a, mut b) = (Child::new(&root), Child::new(&root));
    a.ok("arm fail:open_unnamed:95");
    b.ok("create 0 warm-up 1");
    a.send(&format!("create 0 X {}", 300_u64 << 20));
    let (mut sweeps, mut swept) = (0, 0);
    while !root.file("X").exists() {
        swept += usize::from(b.ok("gc") != "0 []");
        sweeps += 1;
        assert!(swept < 20, "of {sweeps} sweeps, {swept} took it for a leftover");
    }
    assert_eq!(a.answer("create").expect("alive").as_deref(), Ok("created"));
    assert!(sweeps > 3, "the create was over too soon to say: {sweeps}");
}

/// What a kill leaves in a fall-back has no lock and no object: it goes with the next sweep, unasked.
#[test]
fn temporary_names_of_the_killed_are_swept() {
    let root = Root::new();
    for nth in 1..40 {
        let mut a = Child::new(&root);
        a.ok(&format!("arm fail:open_unnamed:95,kill:{nth}"));
        a.try_ask("create 0 X 5000");
        a.kill();
        if root.files().iter().any(|file| file.to_string_lossy().contains("%tmp.")) {
            break;
        }
    }
    assert!(root.files().iter().any(|file| file.to_string_lossy().contains("%tmp.")), "{:?}", root.files());
    let mut b = Child::new(&root);
    assert_eq!(b.ok("list"), "", "they are no objects");
    b.ok("create 0 Y 10"); // the first create of a process sweeps
    assert_eq!(root.files(), [root.file("Y")]);
}

/// Somebody removes the temporary name each time: that ends, with an error.
#[test]
fn a_temporary_name_that_keeps_vanishing() {
    let root = Root::new();
    let mut a = Child::new(&root);
    for site in ["open", "link"] {
        a.ok(&format!("arm fail:open_unnamed:95,fail:{site}:2"));
        let begun = Instant::now();
        a.refused("create 0 X 5000", "Busy");
        assert!(begun.elapsed() >= Duration::from_millis(1900), "patience: {:?}", begun.elapsed());
        a.ok("arm none");
        assert!(root.files().is_empty());
    }
}

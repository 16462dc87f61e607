//! A name held by something that is no object of ours, or by a spoilt one: each call says so, and the thing stays as
//! it is whatever is swept and collected.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use lasthandle::Kind;
use lasthandle::record::Description;
use storm::parent::Child;
use storm::record::{file, over, page, plain};
use storm::root::Root;

/// A root with its directory, and a process whose first sweep is done.
fn scene() -> (Root, Child) {
    let root = Root::new();
    let mut child = Child::new(&root);
    child.ok("create 0 warm-up 1");
    child.ok("close 0");
    (root, child)
}

/// What a thing is, to see whether it changes.
fn state(path: &Path) -> (u64, u64, u32, Option<Vec<u8>>) {
    let status = fs::symlink_metadata(path).expect("still there");
    let bytes = status.is_file().then(|| fs::read(path).expect("readable"));
    (status.ino(), status.len(), status.mode(), bytes)
}

/// Every call gives that error, and the thing stays.
fn expect_refused(root: &Root, child: &mut Child, kind: &str, says: &[&str]) {
    let path = root.file("X");
    let before = state(&path);
    for command in ["create 0 X 4096", "create 0 X 4096 new", "open 0 X", "open 0 X read"] {
        let refusal = child.refused(command, kind);
        for part in says {
            assert!(refusal.text.contains(part), "{command}: `{part}` in {refusal:?}");
        }
        assert!(refusal.text.contains("Local\\X"), "{refusal:?}");
    }
    child.ok("gc");
    let _ = child.ask("inspect X");
    let _ = child.ask("holders X");
    child.ok("list");
    let mut fresh = Child::new(root);
    fresh.ok("create 0 Y 10"); // sweeps
    fresh.kill();
    child.ok("gc");
    assert_eq!(state(&path), before);
}

#[test]
fn a_directory() {
    let (root, mut child) = scene();
    fs::create_dir(root.file("X")).expect("a directory");
    expect_refused(&root, &mut child, "NotAnObject", &["a directory", "left as it is"]);
}

#[test]
fn a_symbolic_link_even_to_an_object() {
    let (root, mut child) = scene();
    child.ok("create 5 Y 4096");
    symlink(root.file("Y"), root.file("X")).expect("a link");
    expect_refused(&root, &mut child, "NotAnObject", &["a symbolic link"]);
    fs::remove_file(root.file("X")).expect("to remove it");
    symlink("/nowhere", root.file("X")).expect("a link");
    expect_refused(&root, &mut child, "NotAnObject", &["a symbolic link"]);
}

#[test]
fn a_fifo_which_blocks_nobody() {
    let (root, mut child) = scene();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mkfifoat(rustix::fs::CWD, root.file("X"), mode).expect("a FIFO");
    expect_refused(&root, &mut child, "NotAnObject", &["a FIFO"]);
}

#[test]
fn a_socket() {
    let (root, mut child) = scene();
    let _listener = UnixListener::bind(root.file("X")).expect("a socket");
    expect_refused(&root, &mut child, "NotAnObject", &["a socket"]);
}

#[test]
fn plain_files() {
    let page = page();
    let mut cut = file(&plain("X", 10), &[]);
    cut.truncate(page + 100);
    let mut long = file(&plain("X", 10), &[]);
    long.resize(5 * page, 0);
    for bytes in [vec![], vec![1], vec![0; page], vec![0; 3 * page], vec![0xFF; 2 * page], cut, long] {
        let (root, mut child) = scene();
        fs::write(root.file("X"), &bytes).expect("a file");
        expect_refused(&root, &mut child, "NotAnObject", &["no object of this library", "left as it is"]);
    }
}

#[test]
fn a_huge_sparse_file() {
    let (root, mut child) = scene();
    File::create(root.file("X")).expect("a file").set_len(1 << 42).expect("sparse");
    let path = root.file("X");
    for command in ["create 0 X 4096", "open 0 X"] {
        child.refused(command, "NotAnObject");
    }
    child.ok("gc");
    assert_eq!(fs::metadata(&path).expect("still there").len(), 1 << 42);
}

#[test]
fn another_layout_version() {
    let (root, mut child) = scene();
    let mut bytes = file(&plain("X", 10), &[]);
    let record = bytes.len() - page();
    bytes[record + 8] = 9;
    fs::write(root.file("X"), &bytes).expect("a file");
    expect_refused(&root, &mut child, "VersionMismatch", &["version 9", "ours is 1"]);
    let other_pages = {
        let mut bytes = file(&plain("X", 10), &[]);
        bytes[record + 12] ^= 1;
        bytes
    };
    fs::write(root.file("X"), &other_pages).expect("a file");
    expect_refused(&root, &mut child, "VersionMismatch", &["signature"]);
}

/// Alive, so that it is not simply collected: a record that is in order and of another kind.
#[test]
fn another_kind() {
    let (root, mut child) = scene();
    let mut holder = Child::new(&root);
    fs::write(root.file("X"), file(&Description { kind: Kind::Event, size: 0, ..plain("X", 0) }, &[])).expect("a file");
    holder.ok(&format!("lock {} read", root.file("X").display()));
    expect_refused(&root, &mut child, "WrongKind", &["another kind", "event"]);
    let refusal = child.refused("create 0 X 1", "WrongKind");
    assert_eq!(refusal.code, 6);
}

#[test]
fn a_record_of_another_name() {
    let (root, mut child) = scene();
    let mut holder = Child::new(&root);
    holder.ok("create 0 Y 4096");
    fs::rename(root.file("Y"), root.file("X")).expect("to rename it");
    expect_refused(&root, &mut child, "NotAnObject", &["another name"]);
    // Its holder's end leaves it; the next look does not.
    holder.ok("close 0");
    child.refused("open 0 X", "NotFound");
    assert!(!root.file("X").exists());
}

#[test]
fn global_names_too() {
    let (root, mut child) = scene();
    fs::create_dir(root.global("X")).expect("a directory");
    symlink("/etc/passwd", root.global("Y")).expect("a link");
    child.refused("create 0 Global\\X 10", "NotAnObject");
    child.refused("open 0 Global\\Y", "NotAnObject");
    child.ok("gc");
    assert!(root.global("X").is_dir() && root.global("Y").is_symlink());
}

/// Who may write a file may truncate it. Then touching its memory faults, as the documentation says; but no call of
/// ours does.
#[test]
fn a_living_object_truncated_by_a_peer() {
    for size in [0, 1, 4096, 8192, 100_000] {
        let (root, mut child) = scene();
        let mut holder = Child::new(&root);
        holder.ok("create 0 X 20000");
        holder.ok("map 0 0");
        File::options().write(true).open(root.file("X")).expect("the file").set_len(size).expect("another size");
        child.refused("open 0 X", "NotAnObject");
        child.refused("create 0 X 20000", "NotAnObject");
        let _ = child.ask("list");
        let _ = child.ask("holders X");
        match holder.ask("map 1 0") {
            Err(refusal) => assert_eq!(refusal.kind, "NotAnObject"),
            Ok(_) => assert!(size >= 20_000, "mapped past the end of {size}"),
        }
        holder.ok("close 0");
        holder.finish();
        child.ok("gc");
        assert!(root.file("X").exists(), "no object of ours any more: left as it is");
    }
}

#[test]
fn files_behind_mappings_that_are_not_what_they_were() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 6] = [
        ("is not there", |path| fs::remove_file(path).expect("to remove it")),
        ("was replaced", |path| {
            fs::remove_file(path).expect("to remove it");
            fs::write(path, vec![0; 10_000]).expect("another one");
        }),
        ("is a symbolic link now", |path| {
            let other = path.with_extension("moved");
            fs::rename(path, &other).expect("to move it");
            symlink(&other, path).expect("a link");
        }),
        ("is a directory now", |path| {
            fs::remove_file(path).expect("to remove it");
            fs::create_dir(path).expect("a directory");
        }),
        ("is a FIFO now", |path| {
            fs::remove_file(path).expect("to remove it");
            let mode = rustix::fs::Mode::from_raw_mode(0o600);
            rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).expect("a FIFO");
        }),
        ("was made shorter", |path| {
            File::options().write(true).open(path).expect("the file").set_len(9_999).expect("shorter");
        }),
    ];
    for (says, change) in changes {
        let (root, mut child) = scene();
        let place = Root::new();
        let path = place.path().join("data");
        fs::write(&path, vec![1; 10_000]).expect("a file");
        let mut holder = Child::new(&root);
        holder.ok(&format!("create 0 X 0 file={}", path.display()));
        child.ok("open 0 X");
        child.ok("close 0");
        change(&path);
        let refusal = child.refused("open 0 X", "NotAnObject");
        assert!(refusal.text.contains(says), "`{says}` in {refusal:?}");
        holder.ok("close 0");
        assert!(!root.file("X").exists());
    }
}

/// Paths that are no paths.
#[test]
fn hostile_paths_in_a_record() {
    let (root, mut child) = scene();
    let mut holder = Child::new(&root);
    let target = root.path().join("data");
    fs::write(&target, vec![1; 100]).expect("a file");
    let length = target.as_os_str().len();
    let relative = vec![b'x'; length];
    let mut with_nul = target.as_os_str().as_encoded_bytes().to_vec();
    with_nul[3] = 0;
    for path in [relative, with_nul, vec![0; length]] {
        fs::write(root.file("X"), file(&over("X", &target, 100), &path)).expect("a record");
        holder.ok(&format!("lock {} read", root.file("X").display()));
        child.refused("open 0 X read", "NotAnObject");
        fs::remove_file(root.file("X")).expect("to remove it");
    }
}

//! Threads come and go by the ten thousands: none is ever taken for another, and what they need goes with them.
#![cfg(target_os = "linux")]

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use storm::parent::Child;
use storm::root::Root;

fn life_files(root: &Root) -> Vec<PathBuf> {
    root.files().into_iter().filter(|path| path.to_string_lossy().contains("%life.")).collect()
}

fn numbers(text: &str) -> Vec<usize> {
    text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

/// More threads than two life files have pages, one after another.
#[test]
fn forty_thousand_threads() {
    let root = Root::new();
    let mut owner = Child::new(&root);
    owner.ok("mutex 0 M");
    let path = root.file("M");
    let before = numbers(&owner.ok("own"));
    assert_eq!(owner.ok(&format!("lives 0 40000 {}", path.display())), "40000 ids", "ids were given twice");
    let files = life_files(&root);
    assert_eq!(files.len(), 1, "{files:?}");
    let blocks = std::fs::metadata(&files[0]).expect("a file").blocks();
    assert!(blocks < 200, "{blocks} blocks of 512 bytes");
    let after = numbers(&owner.ok("own"));
    assert!(after[0] <= before[0] + 3 && after[1] <= before[1] + 3, "{before:?}, then {after:?}");
    // And it works like the first.
    let mut other = Child::new(&root);
    other.ok("open-mutex 0 M");
    owner.ok("thread 1 open-mutex 0 M");
    owner.ok("thread 1 wait 0 one 0");
    assert_eq!(other.ok("wait 50 one 0"), "timed out");
    owner.ok("thread 1 end");
    assert_eq!(other.ok("wait 5000 one 0"), "abandoned 0");
    other.ok("unlock 0");
    other.finish();
    owner.finish();
    assert_eq!(life_files(&root), Vec::<PathBuf>::new());
    // Thread 1 kept its handle for ever.
    Child::new(&root).ok("gc");
    assert_eq!(root.files(), Vec::<PathBuf>::new());
}

/// Many at once, each with a mutex of its own, which each leaves abandoned.
#[test]
fn threads_side_by_side() {
    let root = Root::new();
    let (mut owner, mut other) = (Child::new(&root), Child::new(&root));
    for number in 0..100 {
        owner.ok(&format!("thread {number} mutex 0 M{number} owned"));
        other.ok(&format!("open-mutex {number} M{number}"));
    }
    for number in (0..100).rev() {
        assert_eq!(other.ok(&format!("wait 0 one {number}")), "timed out");
        owner.ok(&format!("thread {number} end"));
        assert_eq!(other.ok(&format!("wait 5000 one {number}")), "abandoned 0");
    }
    other.finish();
    owner.finish();
    assert_eq!(life_files(&root), Vec::<PathBuf>::new());
}

/// A life file whose pages are used up stays for the threads that still have one, and goes with the last of them.
#[test]
fn a_thread_outlives_thousands() {
    let root = Root::new();
    let (mut owner, mut other) = (Child::new(&root), Child::new(&root));
    owner.ok("thread 1 mutex 0 Old owned");
    owner.ok("thread 2 mutex 0 Lost owned");
    owner.ok("thread 2 end");
    owner.ok("mutex 0 M");
    other.ok("open-mutex 0 Old");
    other.ok("open-mutex 1 Lost");
    owner.ok("lives 0 17000");
    assert_eq!(life_files(&root).len(), 2);
    other.ok("gc");
    assert_eq!(life_files(&root).len(), 2);
    assert_eq!(other.ok("wait 50 one 0"), "timed out");
    owner.ok("thread 1 unlock 0");
    assert_eq!(other.ok("wait 0 one 0"), "signaled 0");
    other.ok("unlock 0");
    owner.ok("thread 1 wait 0 one 0");
    owner.ok("thread 1 end");
    assert_eq!(other.ok("wait 5000 one 0"), "abandoned 0");
    // Owner's second, and ours.
    assert_eq!(life_files(&root).len(), 2);
    assert_eq!(other.ok("wait 5000 one 1"), "abandoned 0", "nobody looked while its owner's file was there");
    owner.ok("lives 0 10");
    owner.finish();
    assert_eq!(life_files(&root).len(), 1);
}

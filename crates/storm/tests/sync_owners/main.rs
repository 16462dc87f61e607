//! Mutexes and the many ways in which their owners end, or do not.
#![cfg(target_os = "linux")]

mod amounts;
mod ends;
mod identities;
mod neighbours;

use storm::parent::Child;
use storm::root::Root;

/// Somebody who owns `M` (handle 0), and somebody else who has it open.
fn owner_and_other() -> (Root, Child, Child) {
    let root = Root::new();
    let (mut owner, mut other) = (Child::new(&root), Child::new(&root));
    owner.ok("mutex 0 M owned");
    other.ok("open-mutex 0 M");
    (root, owner, other)
}

fn life_files(root: &Root) -> usize {
    let is_life = |path: &&std::path::PathBuf| path.to_string_lossy().contains("%life.");
    root.files().iter().filter(is_life).count()
}

/// It is told once, and then it is an ordinary mutex.
fn abandoned_once(other: &mut Child) {
    assert_eq!(other.ok("wait 5000 one 0"), "abandoned 0");
    other.ok("unlock 0");
    assert_eq!(other.ok("wait 0 one 0"), "signaled 0");
    other.ok("unlock 0");
}

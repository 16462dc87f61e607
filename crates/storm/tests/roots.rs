//! Root directories that cannot be used or trusted, and some that come and go.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use storm::parent::Child;
use storm::root::Root;

/// Every call refuses the root, naming it and a cure.
fn expect_unusable(root: &Path, says: &str) {
    let mut child = Child::at(root);
    for command in ["create 0 X 4096", "create 0 Global\\X 4096 new", "open 0 X", "list", "gc", "inspect X"] {
        let refusal = child.refused(command, "UnusableRoot");
        assert_eq!(refusal.code, 161);
        assert!(refusal.text.contains(says), "{command}: `{says}` in {refusal:?}");
        assert!(refusal.text.contains(&*root.to_string_lossy()), "{refusal:?}");
        assert!(refusal.text.contains("; "), "a cure: {refusal:?}");
    }
    // What needs no name needs no root.
    child.ok("create 0 - 4096");
}

#[test]
fn missing() {
    let root = Root::new();
    expect_unusable(&root.path().join("nothing"), "cannot be looked at");
}

#[test]
fn relative() {
    expect_unusable(Path::new("some/where"), "not an absolute path");
}

#[test]
fn a_file() {
    let root = Root::new();
    let path = root.path().join("file");
    fs::write(&path, "").expect("a file");
    expect_unusable(&path, "is a file");
}

#[test]
fn a_symbolic_link() {
    let (root, target) = (Root::new(), Root::new());
    let path = root.path().join("link");
    symlink(target.path(), &path).expect("a link");
    expect_unusable(&path, "is a symbolic link");
    let refusal = Child::at(&path.join("")).refused("create 0 X 4096", "UnusableRoot");
    assert!(refusal.text.contains("is a symbolic link"), "with a slash at its end, too: {refusal:?}");
    assert!(target.files().is_empty());
}

#[test]
fn open_to_the_world() {
    let root = Root::with_mode(0o777);
    expect_unusable(root.path(), "written by everybody");
}

#[test]
fn somebody_elses() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: not root");
        return;
    }
    for mode in [0o755, 0o1777] {
        let root = Root::new();
        chown(root.path(), Some(12345), Some(12345)).expect("its owner");
        fs::set_permissions(root.path(), fs::Permissions::from_mode(mode)).expect("its mode");
        expect_unusable(root.path(), "belongs to user 12345");
    }
}

#[test]
fn not_writable() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: not root");
        return;
    }
    let root = Root::with_mode(0o755);
    let mut child = Child::of_user(&root, 65534);
    for command in ["create 0 X 4096", "create 0 Global\\X 4096"] {
        let refusal = child.refused(command, "UnusableRoot");
        assert!(refusal.text.contains("may write"), "{refusal:?}");
    }
    child.refused("open 0 X", "NotFound");
}

#[test]
fn removed_and_made_again_while_running() {
    let root = Root::new();
    let (mut a, mut b) = (Child::new(&root), Child::new(&root));
    a.ok("create 0 X 4096");
    a.ok("close 0");
    fs::remove_dir_all(root.path()).expect("to remove it");
    a.refused("create 0 X 4096", "UnusableRoot");
    a.refused("open 0 X", "NotFound");
    assert_eq!(a.ok("list"), "");
    fs::create_dir(root.path()).expect("to make it again");
    assert_eq!(a.ok("create 0 X 4096"), "created");
    b.ok("open 0 X");
}

#[test]
fn removed_while_objects_are_held() {
    let root = Root::new();
    let (mut a, mut b) = (Child::new(&root), Child::new(&root));
    for command in ["create 0 X 4096", "map 0 0", "fill 0 5"] {
        a.ok(command);
    }
    fs::remove_dir_all(root.path()).expect("to remove it");
    a.ok("expect 0 5");
    a.ok("map 1 0");
    a.ok("expect 1 5");
    fs::create_dir(root.path()).expect("to make it again");
    // The name is lost to the others, as its directory was; the old object's close leaves the new one alone.
    assert_eq!(b.ok("create 0 X 4096"), "created");
    a.ok("close 0");
    a.ok("expect 1 5");
    a.ok("open 0 X");
    a.ok("map 0 0");
    a.ok("expect 0 0");
    a.finish();
    b.ok("open 1 X");
}

#[test]
fn only_the_local_directory_removed() {
    let root = Root::new();
    let mut a = Child::new(&root);
    a.ok("create 0 X 4096");
    fs::remove_dir_all(root.local()).expect("to remove it");
    assert_eq!(a.ok("create 1 X 4096"), "created");
    a.ok("close 0");
    a.ok("open 2 X");
}

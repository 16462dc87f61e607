//! Two users on one machine, with the kernel's own permissions: what is shared, what is refused, what a hostile
//! neighbour can do and what not. Needs root to become others; says so where it is not.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::time::{Duration, Instant};

use storm::parent::Child;
use storm::record::{file, over, plain};
use storm::root::Root;

const A: u32 = 12345;
const B: u32 = 65534;

/// Whether this process may become other users.
fn may_become_others() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        println!("SKIPPED: not root, so no other user to be");
    }
    root
}

/// A place where everybody may make names, and a process of each of two users.
fn two_users() -> Option<(Root, Child, Child)> {
    may_become_others().then(|| {
        let root = Root::for_everybody();
        let (a, b) = (Child::of_user(&root, A), Child::of_user(&root, B));
        (root, a, b)
    })
}

/// An operation that must end by itself, well before the patience with busy names does.
fn quickly<T>(operation: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let outcome = operation();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    outcome
}

#[test]
fn global_names_shared_with_everyone() {
    let Some((root, mut a, mut b)) = two_users() else { return };
    for command in ["create 0 Global\\X 4096 everyone", "map 0 0", "fill 0 6"] {
        a.ok(command);
    }
    assert_eq!(b.ok("create 0 Global\\X 99"), "opened");
    for command in ["map 0 0", "expect 0 6", "fill 0 7"] {
        b.ok(command);
    }
    a.ok("expect 0 7");
    assert_eq!(fs::metadata(root.global("X")).expect("a file").mode() & 0o777, 0o666);
    // The local names are not the same ones.
    a.ok("create 1 L 4096");
    b.refused("open 1 L", "NotFound");
    b.ok("close 0");
    a.ok("close 0");
    b.refused("open 0 Global\\X", "NotFound");
}

#[test]
fn global_names_for_the_owner_alone_are_refused() {
    let Some((root, mut a, mut b)) = two_users() else { return };
    a.ok("create 0 Global\\X 4096");
    for command in ["open 0 Global\\X", "create 0 Global\\X 4096", "create 0 Global\\X 4096 new"] {
        let refusal = quickly(|| b.refused(command, "AccessDenied"));
        assert_eq!(refusal.code, 5);
        assert!(refusal.text.contains(&format!("user {A}")), "{refusal:?}");
        assert!(refusal.text.contains(&root.global("X").display().to_string()), "{refusal:?}");
    }
    let listed = b.ok("list");
    assert_eq!(listed, "Global\\X=AccessDenied");
    b.ok("gc");
    a.ok("open 1 Global\\X");
}

#[test]
fn reading_shared_and_writing_not() {
    let Some((root, mut a, mut b)) = two_users() else { return };
    for command in ["create 0 Global\\X 4096 mode=644", "map 0 0", "fill 0 6"] {
        a.ok(command);
    }
    b.refused("open 0 Global\\X", "AccessDenied");
    for command in ["open 0 Global\\X read", "map 0 0", "expect 0 6"] {
        b.ok(command);
    }
    b.refused("fill 0 1", "AccessDenied");
    // The reader is a holder like any other.
    a.kill();
    let mut c = Child::of_user(&root, A);
    c.ok("open 0 Global\\X");
    c.ok("close 0");
    b.ok("close 0");
    c.refused("open 0 Global\\X", "NotFound");
}

#[test]
fn left_dead_by_another_user() {
    let Some((root, mut a, mut b)) = two_users() else { return };
    a.ok("create 0 Global\\Shared 4096 everyone");
    a.ok("create 1 Global\\Private 4096");
    a.ok("create 2 Global\\Readable 4096 mode=644");
    b.ok("open 0 Global\\Shared");
    a.kill();
    // B is the last holder, and may not remove A's file from the sticky directory.
    b.ok("close 0");
    for name in ["Global\\Shared", "Global\\Readable"] {
        quickly(|| b.refused(&format!("open 0 {name} read"), "NotFound"));
    }
    quickly(|| b.refused("open 0 Global\\Private", "AccessDenied"));
    for name in ["Shared", "Private", "Readable"] {
        let refusal = quickly(|| b.refused(&format!("create 0 Global\\{name} 4096"), "AccessDenied"));
        assert_eq!(refusal.code, 5);
        let path = root.global(name).display().to_string();
        for part in [path.as_str(), &format!("user {A}"), "lasthandle gc"] {
            assert!(refusal.text.contains(part), "{part} in {refusal:?}");
        }
    }
    assert_eq!(b.ok("list"), "Global\\Private=AccessDenied", "what cannot be looked at is listed as such");
    let mut again = Child::of_user(&root, A);
    assert_eq!(again.ok("gc"), "3 []");
    assert_eq!(b.ok("create 0 Global\\Shared 4096"), "created");
}

#[test]
fn the_owner_creates_over_its_own_leftover() {
    let Some((root, mut a, mut b)) = two_users() else { return };
    a.ok("create 0 Global\\X 4096 everyone");
    b.ok("open 0 Global\\X");
    a.kill();
    b.kill();
    let mut again = Child::of_user(&root, A);
    assert_eq!(again.ok("create 0 Global\\X 4096"), "created");
}

/// Takes the place of a user's directory.
type Squat = fn(&Path);

#[test]
fn squatted_directories() {
    if !may_become_others() {
        return;
    }
    let squats: [(&str, Squat); 5] = [
        ("a file", |path| fs::write(path, "mine").expect("a file")),
        ("a symbolic link", |path| symlink("/tmp", path).expect("a link")),
        ("another user's directory", |path| fs::create_dir(path).expect("a directory")),
        ("open to others", |path| {
            fs::create_dir(path).expect("a directory");
            chown(path, Some(A), Some(A)).expect("its owner");
            fs::set_permissions(path, fs::Permissions::from_mode(0o777)).expect("its mode");
        }),
        ("open to its group", |path| {
            fs::create_dir(path).expect("a directory");
            chown(path, Some(A), Some(A)).expect("its owner");
            fs::set_permissions(path, fs::Permissions::from_mode(0o750)).expect("its mode");
        }),
    ];
    for (what, squat) in squats {
        let root = Root::for_everybody();
        let path = root.local_of(A);
        squat(&path);
        let mut a = Child::of_user(&root, A);
        for command in ["create 0 X 4096", "open 0 X", "list", "gc", "create 0 Global\\X 4096"] {
            let refusal = a.refused(command, "UnusableRoot");
            assert!(refusal.text.contains(&path.display().to_string()), "{what}: {refusal:?}");
            assert!(refusal.text.contains("LASTHANDLE_ROOT") || refusal.text.contains("chmod 700"), "{refusal:?}");
        }
        assert!(fs::symlink_metadata(&path).is_ok(), "{what}: it is still there");
        // The other user is not concerned.
        Child::of_user(&root, B).ok("create 0 X 4096");
    }
}

#[test]
fn a_strangers_file_in_ones_own_directory_is_refused() {
    let Some((root, mut a, _b)) = two_users() else { return };
    a.ok("create 0 warm-up 1");
    let path = root.local_of(A).join("X");
    fs::write(&path, file(&plain("X", 10), &[])).expect("a record");
    chown(&path, Some(B), Some(B)).expect("its owner");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("its mode");
    a.refused("open 0 X", "AccessDenied");
    a.refused("create 0 X 10", "AccessDenied");
    assert!(path.exists());
}

/// The confused deputy: B's record makes root open root's file. It must not be opened at all, not even to look.
#[test]
fn a_hostile_record_over_a_file_of_somebody_else() {
    let Some((root, _a, mut b)) = two_users() else { return };
    let secret = Root::new();
    let path = secret.path().join("secret");
    fs::write(&path, "root's own").expect("a file");
    let place = root.global("X");
    fs::write(&place, file(&over("Global\\X", &path, 10), path.as_os_str().as_encoded_bytes())).expect("a record");
    chown(&place, Some(B), Some(B)).expect("its owner");
    fs::set_permissions(&place, fs::Permissions::from_mode(0o666)).expect("its mode");
    b.ok(&format!("lock {} read", place.display())); // it looks alive
    let mut privileged = Child::new(&root);
    let opens = storm::system::Opens::of(&path);
    for command in ["open 0 Global\\X read", "create 0 Global\\X 10 read"] {
        let refusal = privileged.refused(command, "AccessDenied");
        assert!(refusal.text.contains(&format!("user {B}")), "{refusal:?}");
    }
    assert_eq!(opens.seen(), 0, "the file was opened");
    fs::File::open(&path).expect("the file");
    assert_eq!(opens.seen(), 1, "an open would have been noticed");
}

/// Who owns both, record and file, may be believed.
#[test]
fn a_record_and_a_file_of_the_same_stranger() {
    let Some((root, mut a, _b)) = two_users() else { return };
    let path = root.path().join("data");
    fs::write(&path, vec![b'x'; 5000]).expect("a file");
    chown(&path, Some(A), Some(A)).expect("its owner");
    a.ok(&format!("create 0 Global\\X 0 everyone file={}", path.display()));
    let mut privileged = Child::new(&root);
    assert_eq!(privileged.ok("open 0 Global\\X"), "5000");
    privileged.ok("map 0 0");
    privileged.ok("expect 0 120");
}

/// Who may only read can hold every lock that reading allows. A living name does not suffer; a dead one stays.
#[test]
fn a_reader_that_holds_every_lock_it_can() {
    let Some((root, mut a, mut b)) = two_users() else { return };
    a.ok("create 0 Global\\X 4096 mode=644");
    let path = root.global("X").display().to_string();
    let refusal = b.refused(&format!("lock {path} write"), "Io");
    assert!(refusal.text.contains("denied"), "{refusal:?}");
    b.ok(&format!("lock {path} read"));
    let mut c = Child::of_user(&root, A);
    for _ in 0..20 {
        quickly(|| c.ok("open 0 Global\\X"));
        quickly(|| c.ok("close 0"));
    }
    quickly(|| a.ok("close 0"));
    a.kill();
    // Dead, but for the reader: it is met, as any object is that somebody holds.
    assert_eq!(quickly(|| c.ok("create 0 Global\\X 10")), "opened");
    quickly(|| c.ok("close 0"));
    b.kill();
    assert_eq!(quickly(|| c.ok("create 0 Global\\X 10")), "created");
}

/// Who may write can block a name; the error says who does.
#[test]
fn a_writer_that_holds_the_exclusive_lock() {
    let Some((root, mut a, mut b)) = two_users() else { return };
    a.ok("create 0 Global\\X 4096 everyone");
    let path = root.global("X").display().to_string();
    a.kill();
    b.ok(&format!("lock {path} write"));
    let mut privileged = Child::new(&root);
    for command in ["open 0 Global\\X", "create 0 Global\\X 4096"] {
        let begun = Instant::now();
        let refusal = privileged.refused(command, "Busy");
        assert!(begun.elapsed() >= Duration::from_millis(1900), "patience: {:?}", begun.elapsed());
        assert!(begun.elapsed() < Duration::from_secs(6), "bounded: {:?}", begun.elapsed());
        assert_eq!(refusal.code, 170);
        assert!(refusal.text.contains(&format!("process {} ", b.id())), "{refusal:?}");
    }
    b.kill();
    privileged.refused("open 0 Global\\X", "NotFound");
    assert_eq!(privileged.ok("create 0 Global\\X 4096"), "created");
}

/// Users of a group share a directory that the group may write.
#[test]
fn a_directory_of_a_group() {
    if !may_become_others() {
        return;
    }
    let root = Root::with_mode(0o2770);
    chown(root.path(), Some(A), Some(777)).expect("its owner");
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o2770)).expect("its mode");
    let (mut a, mut b, mut stranger) = (Child::new(&root), Child::new(&root), Child::new(&root));
    a.ok(&format!("groups {A} 777"));
    b.ok(&format!("groups {B} 777"));
    stranger.ok(&format!("groups {B}"));
    a.ok("create 0 Global\\X 4096 group");
    b.ok("open 0 Global\\X");
    stranger.refused("open 0 Global\\X", "UnusableRoot");
    a.kill();
    b.ok("close 0");
    // No sticky bit: who is trusted may remove what another one left.
    assert!(!root.global("X").exists());
    assert_eq!(b.ok("create 0 Global\\X 4096 group"), "created");
}

/// The permissions asked for are the permissions given, in the fall-backs too.
#[test]
fn an_umask_that_takes_everything_away() {
    let Some((_root, mut a, mut b)) = two_users() else { return };
    a.ok("umask 777");
    for faults in ["none", "fail:open_unnamed:95", "fail:link_descriptor:1", "fail:reopen:2"] {
        a.ok(&format!("arm {faults}"));
        a.ok("create 0 Global\\X 4096 everyone");
        b.ok("open 0 Global\\X");
        b.ok("close 0");
        a.ok("close 0");
    }
    a.ok("arm none");
    a.ok("create 0 Local\\X 4096");
    a.ok("close 0");
}

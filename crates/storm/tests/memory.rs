//! Memory, descriptors and address space run out: an error at create that names the limit and the cure, never a fault
//! or a kill afterwards, and nothing leaks.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};

use rustix::mount::MountFlags;
use storm::parent::Child;
use storm::root::Root;

const MIB: u64 = 1 << 20;

/// A root in a tmpfs of its own, which only this thread and its children see.
fn small(options: &str, flags: MountFlags) -> Option<Root> {
    let root = Root::new();
    if !storm::system::private_tmpfs(root.path(), options, flags) {
        println!("SKIPPED: not permitted to mount a tmpfs");
        return None;
    }
    Some(root)
}

#[test]
fn more_than_the_file_system_holds() {
    let Some(root) = small("size=4m,mode=700", MountFlags::empty()) else { return };
    let mut a = Child::new(&root);
    for command in ["create 0 X 8388608", "create 0 X 8388608 new", "create 0 X 4194304", "create 0 Global\\X 8388608"]
    {
        let refusal = a.refused(command, "OutOfMemory");
        assert_eq!(refusal.code, 1455);
        for part in ["4 MiB", "free", "lasthandle gc", "--shm-size"] {
            assert!(refusal.text.contains(part), "{part} in {refusal:?}");
        }
    }
    a.refused("open 0 X", "NotFound");
    assert!(root.files().is_empty());
    // What is promised can be touched, to the last byte.
    a.ok("create 0 X 3145728");
    a.ok("map 0 0");
    a.ok("fill 0 255");
    // Reserving is not promising.
    a.ok("create 1 Y 1073741824 reserve");
    a.ok("map 1 1 0 4096");
    a.ok("fill 1 1");
}

#[test]
fn full_of_small_objects() {
    let Some(root) = small("size=4m,mode=700", MountFlags::empty()) else { return };
    let mut a = Child::new(&root);
    let mut made = 0;
    let refusal = loop {
        match a.ask(&format!("create {made} X{made} 100000")) {
            Ok(_) => made += 1,
            Err(refusal) => break refusal,
        }
    };
    assert_eq!(refusal.kind, "OutOfMemory");
    assert!((20..42).contains(&made), "{made}");
    for number in 0..made {
        a.ok(&format!("map 0 {number}"));
        a.ok("fill 0 9");
    }
    a.ok("unmap 0");
    a.refused("create 99 again 100000", "OutOfMemory");
    a.ok("close 0");
    assert_eq!(a.ok("create 0 again 100000"), "created");
    a.ok("map 0 0");
    a.ok("expect 0 0");
}

#[test]
fn leftovers_of_the_killed_make_room() {
    let Some(root) = small("size=8m,mode=700", MountFlags::empty()) else { return };
    let mut a = Child::new(&root);
    a.ok("create 9 warm-up 1");
    for round in 0..3 {
        let mut doomed: Vec<Child> = (0..3).map(|_| Child::new(&root)).collect();
        for (number, child) in doomed.iter_mut().enumerate() {
            child.ok(&format!("create 0 dead{number} {}", 2 * MIB));
        }
        doomed.into_iter().for_each(Child::kill);
        assert_eq!(root.files().len(), 4 + usize::from(round > 0));
        assert_eq!(a.ok(&format!("create 0 X{round} {}", 6 * MIB)), "created");
        assert_eq!(root.files().len(), 2, "the dead went");
        a.ok("map 0 0");
        a.ok("expect 0 0");
        a.ok("fill 0 1");
        a.ok("unmap 0");
        a.ok(&format!("create 0 small{round} 1")); // closes the large one
    }
}

#[test]
fn no_room_for_names() {
    let Some(root) = small("size=8m,nr_inodes=12,mode=700", MountFlags::empty()) else { return };
    let mut a = Child::new(&root);
    let mut made = 0;
    let refusal = loop {
        match a.ask(&format!("create {made} X{made} 100")) {
            Ok(_) => made += 1,
            Err(refusal) => break refusal,
        }
    };
    assert!((5..12).contains(&made), "{made}");
    assert_eq!(refusal.kind, "OutOfMemory");
    assert!(refusal.text.contains("nr_inodes"), "the cure: {refusal:?}");
    a.ok("close 0");
    a.ok("create 0 Y 100");
}

#[test]
fn a_file_behind_a_mapping_that_cannot_grow() {
    let Some(root) = small("size=4m,mode=700", MountFlags::empty()) else { return };
    let path = root.path().join("data");
    fs::write(&path, "short").expect("a file");
    // (Written in this thread's own mount.)
    let mut a = Child::new(&root);
    a.refused(&format!("create 0 X 8388608 file={}", path.display()), "OutOfMemory");
    assert_eq!(fs::metadata(&path).expect("the file").len(), 5, "a failed create changes nothing");
    a.ok(&format!("create 0 X 100000 file={}", path.display()));
    assert_eq!(fs::metadata(&path).expect("the file").len(), 100_000);
}

#[test]
fn no_executable_views_where_the_mount_forbids_them() {
    let Some(root) = small("size=4m,mode=700", MountFlags::NOEXEC) else { return };
    let mut a = Child::new(&root);
    a.ok("create 0 X 4096 executable");
    let refusal = a.refused("map 0 0 execute", "AccessDenied");
    assert!(refusal.text.contains("forbids executable"), "{refusal:?}");
    a.ok("map 0 0");
    a.ok("fill 0 1");
}

#[test]
fn a_limit_on_the_size_of_files() {
    let root = Root::new();
    let mut a = Child::new(&root);
    a.ok("limit file-size 1000000");
    let refusal = a.refused("create 0 X 2000000", "OutOfMemory");
    assert!(refusal.text.contains("ulimit -f"), "{refusal:?}");
    a.refused("create 0 X 2000000 reserve", "OutOfMemory");
    a.refused("create 0 - 2000000", "OutOfMemory");
    assert!(root.files().is_empty());
    a.ok("create 0 X 900000");
}

#[test]
fn no_descriptor_left() {
    let root = Root::new();
    let (mut a, mut b) = (Child::new(&root), Child::new(&root));
    b.ok("create 0 B 4096");
    a.ok("limit files 40");
    a.ok("create 0 X 4096");
    a.ok("map 0 0");
    let before = a.ok("own");
    a.ok("take-descriptors");
    for command in ["create 1 Y 4096", "create 1 X 4096", "open 1 X", "open 1 B", "create 1 - 4096"] {
        let refusal = a.refused(command, "TooManyFiles");
        assert_eq!(refusal.code, 4);
        assert!(refusal.text.contains("ulimit -n"), "{refusal:?}");
    }
    a.ok("fill 0 1");
    a.ok("map 1 0");
    a.ok("unmap 1");
    a.ok("give-descriptors");
    assert_eq!(a.ok("own"), before, "nothing leaked");
    assert_eq!(root.files().len(), 2, "{:?}", root.files());
    a.ok("create 1 Y 4096");
    a.ok("open 2 B");
}

/// The last close needs a descriptor to look at the name; it has just freed one.
#[test]
fn a_close_without_a_free_descriptor_still_ends_the_name() {
    let root = Root::new();
    let (mut a, mut b) = (Child::new(&root), Child::new(&root));
    a.ok("limit files 40");
    a.ok("create 0 X 4096");
    a.ok("take-descriptors");
    a.ok("close 0");
    assert!(root.files().is_empty());
    b.refused("open 0 X", "NotFound");
}

#[test]
fn a_limit_on_the_address_space() {
    let root = Root::new();
    let mut a = Child::new(&root);
    a.ok(&format!("create 0 X {} reserve", 1_u64 << 40));
    a.ok(&format!("limit memory {}", 1_u64 << 30));
    let refusal = a.refused("map 0 0", "TooBig");
    assert_eq!(refusal.code, 8);
    assert!(refusal.text.contains("ulimit -v"), "{refusal:?}");
    a.ok("map 0 0 65536 65536");
    a.refused("create 1 Y 18446744073709551615", "TooBig");
}

/// The kernel would not refuse what the cgroup cannot hold, but kill.
#[test]
fn a_small_memory_cgroup() {
    let Some(group) = Group::new(48 * MIB) else {
        println!("SKIPPED: no memory cgroup to be made here");
        return;
    };
    let root = Root::new();
    if !fs::read_to_string("/proc/mounts").unwrap_or_default().contains(" /dev/shm tmpfs") {
        println!("SKIPPED: the objects would not lie in memory");
        return;
    }
    let mut a = Child::new(&root);
    a.ok(&format!("cgroup {}", group.path.join("cgroup.procs").display()));
    let refusal = a.refused(&format!("create 0 X {}", 64 * MIB), "OutOfMemory");
    assert_eq!(refusal.code, 1455);
    for part in ["cgroup", "--memory"] {
        assert!(refusal.text.contains(part), "{part} in {refusal:?}");
    }
    a.refused(&format!("create 0 - {}", 64 * MIB), "OutOfMemory");
    // What is promised there can be touched, all of it, without the kernel's killing anybody.
    a.ok(&format!("create 0 X {}", 24 * MIB));
    a.ok("map 0 0");
    a.ok("fill 0 7");
    a.refused(&format!("create 1 Y {}", 30 * MIB), "OutOfMemory");
    // Many small ones end in an error too, before they end in a kill.
    let mut made = 0;
    let refusal = loop {
        match a.ask(&format!("create {} S{made} {}", made + 2, MIB)) {
            Ok(_) => made += 1,
            Err(refusal) => break refusal,
        }
    };
    assert_eq!(refusal.kind, "OutOfMemory");
    assert!((4..30).contains(&made), "{made}");
    a.ok("expect 0 7");
}

/// A memory cgroup below our own, with a limit.
struct Group {
    path: PathBuf,
}

impl Group {
    fn new(limit: u64) -> Option<Self> {
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let find = |controller: &str| {
            own.lines().find_map(|line| {
                let mut fields = line.splitn(3, ':').skip(1);
                (fields.next()? == controller).then(|| fields.next().unwrap_or("/").trim_start_matches('/').to_owned())
            })
        };
        let candidates = [
            find("memory").map(|own| (Path::new("/sys/fs/cgroup/memory").join(own), "memory.limit_in_bytes")),
            find("memory").map(|_| (PathBuf::from("/sys/fs/cgroup/memory"), "memory.limit_in_bytes")),
            find("").map(|own| (Path::new("/sys/fs/cgroup").join(own), "memory.max")),
            Some((PathBuf::from("/sys/fs/cgroup"), "memory.max")),
        ];
        candidates.into_iter().flatten().find_map(|(parent, file)| {
            let group = Self { path: parent.join(format!("storm.{}", std::process::id())) };
            fs::create_dir(&group.path).ok()?;
            fs::write(group.path.join(file), limit.to_string()).ok()?;
            Some(group)
        })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The kernel needs a moment to let the group's last process go.
        for _ in 0..100 {
            if fs::remove_dir(&self.path).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

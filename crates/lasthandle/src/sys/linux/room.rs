//! Whether memory may be promised: running out must be an error at create, never a fault or a kill later.
//!
//! `fallocate` refuses what the file system has no room for. It does not refuse what the machine or the memory
//! cgroup cannot hold: there the kernel kills. So a create first compares its size with the smallest room of all.
//! Asking costs more than a small object does; one answer is good for many small ones, for a second.

use std::fs;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

/// How long an answer is good.
const TRUSTED: Duration = Duration::from_secs(1);
/// What `statfs` calls a tmpfs.
const TMPFS_MAGIC: i64 = 0x0102_1994;
/// What part of the room is lent to small objects without asking again.
const LENT: u64 = 64;

/// A limit, and how much is free under it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Room {
    bytes: u64,
    limit: Limit,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Limit {
    FileSystem { size: u64 },
    Memory,
    Cgroup(PathBuf),
    FileSize,
}

/// Refuses to promise `bytes` in the file system of `fd` if some limit has no room for them.
pub(crate) fn require(fd: BorrowedFd<'_>, bytes: u64) -> Result<()> {
    static CREDIT: Mutex<Option<(u64, Instant)>> = Mutex::new(None);
    // No waiting for the lock: a fork child would inherit one that another thread of its parent had. Who does not get
    // it looks for itself.
    let mut credit = CREDIT.try_lock().ok();
    if let Some(Some((left, until))) = credit.as_deref_mut() {
        if bytes <= *left && Instant::now() < *until {
            *left -= bytes;
            return Ok(());
        }
    }
    let smallest = rooms(fd).into_iter().min_by_key(|room| room.bytes);
    match smallest {
        Some(room) if room.bytes < bytes => Err(refusal(&room, bytes)),
        Some(room) => {
            if let Some(credit) = credit.as_deref_mut() {
                *credit = Some(((room.bytes - bytes) / LENT, Instant::now() + TRUSTED));
            }
            Ok(())
        }
        None => Ok(()),
    }
}

/// Refuses a file longer than this process may make one: the kernel would not fail but kill.
pub(crate) fn require_file_size(end: u64) -> Result<()> {
    match rustix::process::getrlimit(rustix::process::Resource::Fsize).current {
        Some(bytes) if bytes < end => Err(refusal(&Room { bytes, limit: Limit::FileSize }, end)),
        _ => Ok(()),
    }
}

fn rooms(fd: BorrowedFd<'_>) -> Vec<Room> {
    let mut rooms = Vec::new();
    if let Ok(status) = rustix::fs::fstatvfs(fd) {
        // A tmpfs without a limit has no blocks to count.
        if status.f_blocks > 0 {
            let size = status.f_blocks * status.f_frsize;
            rooms.push(Room { bytes: status.f_bavail * status.f_frsize, limit: Limit::FileSystem { size } });
        }
    }
    if is_memory(fd) {
        let info = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let swap = kilobytes(&info, "SwapFree:").unwrap_or(0);
        rooms.extend(kilobytes(&info, "MemAvailable:").map(|free| Room { bytes: free + swap, limit: Limit::Memory }));
        rooms.extend(cgroup_rooms(swap));
    }
    rooms
}

/// Whether the file's bytes are memory: a tmpfs.
fn is_memory(fd: BorrowedFd<'_>) -> bool {
    rustix::fs::fstatfs(fd).is_ok_and(|status| status.f_type == TMPFS_MAGIC)
}

/// A line such as `MemAvailable:  123 kB`, in bytes.
fn kilobytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The room in this process' memory cgroup and in each above it.
fn cgroup_rooms(swap: u64) -> Vec<Room> {
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let Some(hierarchy) = find_hierarchy(&own, &mounts) else { return Vec::new() };
    let mut rooms = Vec::new();
    let mut directory = hierarchy.own.as_path();
    loop {
        rooms.extend(cgroup_room(directory, hierarchy.version, swap));
        match directory.parent() {
            Some(parent) if directory != hierarchy.mount => directory = parent,
            _ => return rooms,
        }
    }
}

/// Where the memory controller's hierarchy is mounted, and this process' group in it.
#[derive(Debug, PartialEq, Eq)]
struct Hierarchy {
    mount: PathBuf,
    own: PathBuf,
    version: u8,
}

/// Reads `/proc/self/cgroup` and `/proc/self/mountinfo`: the first version's memory controller if it is there, else
/// the unified hierarchy.
fn find_hierarchy(own: &str, mounts: &str) -> Option<Hierarchy> {
    let group = |wanted: &dyn Fn(&str) -> bool| {
        own.lines().find_map(|line| {
            let mut fields = line.splitn(3, ':').skip(1);
            fields.next().filter(|controllers| wanted(controllers))?;
            fields.next()
        })
    };
    let first = group(&|controllers| controllers.split(',').any(|name| name == "memory"));
    let (version, path) = match first {
        Some(path) => (1, path),
        None => (2, group(&str::is_empty)?),
    };
    mounts.lines().find_map(|line| {
        // "36 35 98:0 /root /mount options … - type source options"
        let (left, right) = line.split_once(" - ")?;
        let mut right = right.split(' ');
        let (kind, options) = (right.next()?, right.nth(1)?);
        let matches = match version {
            1 => kind == "cgroup" && options.split(',').any(|option| option == "memory"),
            _ => kind == "cgroup2",
        };
        let mut left = left.split(' ').skip(3);
        let (root, mount) = (left.next()?, PathBuf::from(left.next()?));
        // Seen from outside of what is mounted, the group is a path above it: the mount itself is all we can read.
        let inside = Path::new(path).strip_prefix(root).unwrap_or(Path::new("")).to_path_buf();
        let own = if inside.as_os_str().is_empty() { mount.clone() } else { mount.join(inside) };
        matches.then_some(Hierarchy { mount, own, version })
    })
}

/// The limit less what is used and cannot be given back. File pages can; pages of a tmpfs cannot, but by swapping.
fn cgroup_room(directory: &Path, version: u8, swap: u64) -> Option<Room> {
    let (limit, used) = match version {
        1 => ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        _ => ("memory.max", "memory.current"),
    };
    let number = |file: &str| fs::read_to_string(directory.join(file)).ok()?.trim().parse::<u64>().ok();
    let (limit, used) = (number(limit)?, number(used)?);
    let statistics = fs::read_to_string(directory.join("memory.stat")).unwrap_or_default();
    let reclaimable: u64 = ["inactive_file", "active_file"].iter().filter_map(|key| statistic(&statistics, key)).sum();
    let bytes = limit.saturating_sub(used.saturating_sub(reclaimable)).saturating_add(swap);
    Some(Room { bytes, limit: Limit::Cgroup(directory.to_path_buf()) })
}

fn statistic(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.parse().ok())
}

#[cold]
fn refusal(room: &Room, bytes: u64) -> Error {
    let (what, cure) = match &room.limit {
        Limit::FileSystem { size } => (
            format!("its file system is {} large and has {} free", mebibytes(*size), mebibytes(room.bytes)),
            "remove what is not needed there (`lasthandle gc`, `ls -l /dev/shm`), or make it larger: \
             `mount -o remount,size=…` or, for a container, `--shm-size=…`"
                .to_owned(),
        ),
        Limit::Memory => (
            format!("the machine has {} available", mebibytes(room.bytes)),
            "end something, or reserve the memory and commit it bit by bit".to_owned(),
        ),
        Limit::Cgroup(path) => (
            format!("the memory cgroup has room for {}", mebibytes(room.bytes)),
            format!("raise the limit of {} (for a container, `--memory=…`)", path.display()),
        ),
        Limit::FileSize => (
            format!("this process may make files of at most {} bytes", room.bytes),
            "raise the limit (`ulimit -f`)".to_owned(),
        ),
    };
    Error::new(ErrorKind::OutOfMemory).detail(format!("{} are wanted, but {what}", mebibytes(bytes))).cure(cure)
}

/// The error for a file system that is full in the end, with what it says of itself.
#[cold]
pub(crate) fn exhausted(fd: BorrowedFd<'_>, bytes: u64) -> Error {
    let (size, free) = rustix::fs::fstatvfs(fd)
        .map_or((0, 0), |status| (status.f_blocks * status.f_frsize, status.f_bavail * status.f_frsize));
    refusal(&Room { bytes: free, limit: Limit::FileSystem { size } }, bytes)
}

/// Bytes as people read them, rounded up so that nothing reads as 0.
fn mebibytes(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..0x10_0000 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{} MiB", bytes.div_ceil(1024 * 1024)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
25 1 0:23 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
26 1 0:24 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
27 1 0:25 /docker/abc /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu";

    #[test]
    fn the_memory_controller_is_found_in_both_versions() {
        let first = find_hierarchy("5:memory:/user/x\n0::/init", MOUNTS).unwrap();
        assert_eq!(first.own, Path::new("/sys/fs/cgroup/memory/user/x"));
        assert_eq!((first.mount.as_path(), first.version), (Path::new("/sys/fs/cgroup/memory"), 1));
        let second = find_hierarchy("0::/app.slice", MOUNTS).unwrap();
        assert_eq!((second.own.as_path(), second.version), (Path::new("/sys/fs/cgroup/unified/app.slice"), 2));
        assert_eq!(find_hierarchy("", MOUNTS), None);
        assert_eq!(find_hierarchy("garbage", "more garbage"), None);
    }

    #[test]
    fn numbers_are_found_in_the_kernels_tables() {
        assert_eq!(kilobytes("MemFree:  1 kB\nMemAvailable:   2048 kB\n", "MemAvailable:"), Some(2 << 20));
        assert_eq!(statistic("inactive_anon 5\ninactive_file 4096\n", "inactive_file"), Some(4096));
        assert_eq!(statistic("inactive_file_x 1", "inactive_file"), None);
    }
}

//! Which processes keep an object, as `/proc` tells. For people: no decision rests on it.

use std::ffi::CStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::identity::Identity;
use super::place::status_at;
use crate::sys::Holder;

/// What to look for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// The object's own file.
    pub(crate) object: Identity,
    /// Where its record lies: who maps that has a handle.
    pub(crate) record: u64,
    /// The file behind a file-backed section.
    pub(crate) target: Option<Identity>,
}

/// Every process that this user may look into and that has a handle or memory of the object.
pub(crate) fn find(wanted: Wanted) -> Vec<Holder> {
    let mut found: Vec<Holder> = processes().filter_map(|pid| examine(pid, wanted)).collect();
    found.sort_by_key(|holder| holder.pid);
    found
}

/// For an error: the processes that have the file at `path` open, as `pid (command)`.
pub(crate) fn blockers(path: &CStr) -> Vec<String> {
    let Some(status) = status_at(path) else { return Vec::new() };
    let identity = Identity::of(&status);
    processes()
        .filter(|&pid| pid != std::process::id() && has_open(pid, |file| file == identity))
        .map(|pid| format!("process {pid} ({})", command(pid)))
        .collect()
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn examine(pid: u32, wanted: Wanted) -> Option<Holder> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    let mut holder = Holder { pid, command: String::new(), handle: false, memory: false };
    for (offset, identity) in maps.lines().filter_map(mapping) {
        holder.handle |= identity == wanted.object && offset == wanted.record;
        holder.memory |= identity == wanted.object && offset != wanted.record;
        holder.memory |= holder.handle && Some(identity) == wanted.target;
    }
    holder.memory |= has_open(pid, |file| file == wanted.object);
    if !holder.handle && !holder.memory {
        return None;
    }
    holder.command = command(pid);
    Some(holder)
}

/// A line of `maps`: the offset in the file, and which file. `addresses rights offset major:minor inode path`
fn mapping(line: &str) -> Option<(u64, Identity)> {
    let mut fields = line.split_ascii_whitespace().skip(2);
    let offset = u64::from_str_radix(fields.next()?, 16).ok()?;
    let (major, minor) = fields.next()?.split_once(':')?;
    let number = |text| u32::from_str_radix(text, 16).ok();
    let device = rustix::fs::makedev(number(major)?, number(minor)?);
    let inode = fields.next()?.parse().ok().filter(|&inode| inode != 0)?;
    Some((offset, Identity { device, inode }))
}

fn has_open(pid: u32, wanted: impl Fn(Identity) -> bool) -> bool {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    descriptors
        .filter_map(|entry| fs::metadata(entry.path()).ok())
        .any(|file| wanted(Identity { device: file.dev(), inode: file.ino() }))
}

fn command(pid: u32) -> String {
    let arguments = fs::read(Path::new("/proc").join(pid.to_string()).join("cmdline")).unwrap_or_default();
    let words: Vec<_> = arguments.split(|&byte| byte == 0).map(String::from_utf8_lossy).collect();
    words.join(" ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_maps_are_understood() {
        let line = "7f12-7f13 r--s 00011000 00:1a 4242                       /dev/shm/lasthandle-0/x (deleted)";
        let device = rustix::fs::makedev(0, 0x1a);
        assert_eq!(mapping(line), Some((0x11000, Identity { device, inode: 4242 })));
        assert_eq!(mapping("7f12-7f13 rw-p 00000000 00:00 0 [heap]"), None);
        assert_eq!(mapping("nonsense"), None);
    }
}

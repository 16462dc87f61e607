//! What a channel of one number for one sender and one receiver takes: bytes and files, as the file system says.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use lasthandle::channel::{ChannelOptions, Receiver, Sender};

use crate::Result;
use crate::couriers::{Place, iceoryx};
use crate::measure::Bench;
use crate::results::Taken;

/// Of the ring, the least that everybody's default comes near to.
const RING: usize = 4096;
const PAGE: u64 = 4096;
const SHARED_MEMORY: &str = "/dev/shm";

pub fn one_to_one(figure: &'static str, bench: &mut Bench) -> Result<()> {
    // A process that has an end of any channel has a file that says that it lives, one for all. That is not the channel's.
    let _living: Sender<u64> = Sender::create("bench-channel-first")?;
    let ours = taken(bench, || {
        let options = ChannelOptions::new().capacity(RING);
        let sender: Sender<u64> = options.sender("bench-channel-memory")?;
        let receiver: Receiver<u64> = options.receiver("bench-channel-memory")?;
        Ok((sender, receiver))
    })?;
    let aim = Some((RING as u64 + PAGE, 1));
    let (bytes, files) = ours.total(|_| true);
    bench.taken.push(Taken { figure, label: "ours, a ring of 4 KiB", bytes, files, aim });
    let place = Place::here(8)?;
    let theirs = taken(bench, || Ok((iceoryx::create_sender(&place)?, iceoryx::attach_receiver(&place)?)))?;
    let (bytes, files) = theirs.total(|_| true);
    bench.taken.push(Taken { figure, label: "iceoryx2, 32 messages", bytes, files, aim: None });
    let (bytes, files) = theirs.total(|path| !is_of_node(path));
    bench.taken.push(Taken { figure, label: "the same without its nodes", bytes, files, aim: None });
    Ok(())
}

/// What iceoryx2 makes for each process, whatever the number of its channels.
fn is_of_node(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "nodes")
        || path.extension().is_some_and(|end| end == "global_mgmt")
}

/// New files, and those that have grown, each with how many bytes.
struct Grown(Vec<(PathBuf, u64)>);

impl Grown {
    /// Bytes and files.
    fn total(&self, counts: impl Fn(&Path) -> bool) -> (u64, usize) {
        let counted: Vec<u64> = self.0.iter().filter(|(path, _)| counts(path)).map(|(_, bytes)| *bytes).collect();
        (counted.iter().sum(), counted.len())
    }
}

/// What is more while it lives.
fn taken<T>(bench: &Bench, make: impl FnOnce() -> Result<T>) -> Result<Grown> {
    let before = files(bench)?;
    let living = make()?;
    let after = files(bench)?;
    drop(living);
    let grown = |(path, bytes): (PathBuf, u64)| match before.get(&path) {
        None => Some((path, bytes)),
        Some(was) => (bytes > *was).then(|| (path, bytes - was)),
    };
    Ok(Grown(after.into_iter().filter_map(grown).collect()))
}

/// Everything in the root, and what bears its name beside it: the bytes that each file really takes.
fn files(bench: &Bench) -> Result<BTreeMap<PathBuf, u64>> {
    let mut found = BTreeMap::new();
    gather(bench.root.path(), &mut found)?;
    let name = bench.root.peer_name("");
    for entry in fs::read_dir(SHARED_MEMORY)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&name) {
            found.insert(entry.path(), entry.metadata()?.blocks() * 512);
        }
    }
    Ok(found)
}

fn gather(directory: &Path, found: &mut BTreeMap<PathBuf, u64>) -> Result<()> {
    for entry in fs::read_dir(directory)?.flatten() {
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            gather(&entry.path(), found)?;
        } else {
            found.insert(entry.path(), metadata.blocks() * 512);
        }
    }
    Ok(())
}

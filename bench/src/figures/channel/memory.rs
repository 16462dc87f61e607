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
    let ours = taken(bench, || {
        let options = ChannelOptions::new().capacity(RING);
        let sender: Sender<u64> = options.sender("bench-channel-memory")?;
        let receiver: Receiver<u64> = options.receiver("bench-channel-memory")?;
        Ok((sender, receiver))
    })?;
    let aim = Some((RING as u64 + PAGE, 1));
    bench.taken.push(Taken { figure, label: "ours, a ring of 4 KiB", bytes: ours.0, files: ours.1, aim });
    let place = Place::here(8)?;
    let theirs = taken(bench, || Ok((iceoryx::create_sender(&place)?, iceoryx::attach_receiver(&place)?)))?;
    bench.taken.push(Taken { figure, label: "iceoryx2, 32 messages", bytes: theirs.0, files: theirs.1, aim: None });
    Ok(())
}

/// Bytes and files that are more while it lives.
fn taken<T>(bench: &Bench, make: impl FnOnce() -> Result<T>) -> Result<(u64, usize)> {
    let before = files(bench)?;
    let living = make()?;
    let after = files(bench)?;
    drop(living);
    let new = after.iter().filter(|(path, _)| !before.contains_key(*path));
    let grown: u64 = after.iter().map(|(path, bytes)| bytes.saturating_sub(*before.get(path).unwrap_or(&0))).sum();
    Ok((grown, new.count()))
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

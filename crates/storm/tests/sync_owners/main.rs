//! Mutexes and the many ways in which their owners end, or do not.
#![cfg(target_os = "linux")]

mod amounts;
mod ends;
mod identities;
mod neighbours;

use storm::parent::{Child, owner_and_other};
use storm::root::Root;

fn life_files(root: &Root) -> usize {
    let is_life = |path: &&std::path::PathBuf| path.to_string_lossy().contains("%life.");
    root.files().iter().filter(is_life).count()
}

/// Told within five seconds.
fn abandoned_once(other: &mut Child) {
    storm::parent::abandoned_once(other, 5000);
}

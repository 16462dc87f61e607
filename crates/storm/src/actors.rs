//! What both storms have in common: actors, words that all of them map, and what is looked at when they are dead.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::AtomicU64;

use lasthandle::{Mapping, View};

use crate::parent;
use crate::root::Root;

/// Most actors.
pub(crate) const ACTORS: usize = 16;

/// A header of words, and as many for each actor, in a file that all map. It uses no name, no lock and no record.
#[derive(Debug)]
pub(crate) struct Words<const HEADER: usize, const PER_ACTOR: usize>(View);

impl<const HEADER: usize, const PER_ACTOR: usize> Words<HEADER, PER_ACTOR> {
    /// Makes the file at `path` and maps it.
    pub(crate) fn create(path: &Path) -> Self {
        let file = File::options().read(true).write(true).create_new(true).open(path).expect("a fresh board");
        file.set_len(((HEADER + ACTORS * PER_ACTOR) * 8) as u64).expect("the board's size");
        Self::open(path)
    }

    pub(crate) fn open(path: &Path) -> Self {
        let file = File::options().read(true).write(true).open(path).expect("the board");
        let mapping = Mapping::options().file(&file).create_unnamed().expect("the board as a mapping");
        Self(mapping.view().expect("a view of the board"))
    }

    pub(crate) fn word(&self, at: usize) -> &AtomicU64 {
        self.0.atomic(at * 8).expect("inside the board")
    }

    pub(crate) fn of_actor(&self, actor: usize, at: usize) -> &AtomicU64 {
        self.word(HEADER + actor * PER_ACTOR + at)
    }
}

/// Starts this program with these words among those objects, `fault` planned.
pub(crate) fn start(objects: &Root, words: &[&OsStr], fault: Option<&str>) -> Child {
    let mut command = Command::new(parent::program());
    command.args(words).env("LASTHANDLE_ROOT", objects.path()).env_remove("LASTHANDLE_FAULT");
    if let Some(fault) = fault {
        command.env("STORM_FAULT", fault);
    }
    command.spawn().expect("an actor")
}

/// Whether an actor was killed, as it should be; else the violation that it is.
pub(crate) fn was_killed(status: ExitStatus) -> Result<(), String> {
    match status.signal() {
        Some(9) => Ok(()),
        _ => Err(format!("an actor ended by itself: {status}\n")),
    }
}

/// What actors wrote down before they ended by themselves.
pub(crate) fn violations(notes: &Path) -> Vec<String> {
    let files = std::fs::read_dir(notes).into_iter().flatten().flatten();
    let reports = files.filter(|file| file.file_name().to_string_lossy().starts_with("violation"));
    reports.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect()
}

/// After everybody is gone: no name is listed, or that is a violation; and the files that one look leaves.
pub(crate) fn look(witness: &mut parent::Child, objects: &Root) -> (Option<String>, Vec<PathBuf>) {
    let listed = match witness.ask("list") {
        Ok(listed) if listed.is_empty() => None,
        other => Some(format!("still listed: {other:?}\n")),
    };
    let _ = witness.ask("gc");
    (listed, objects.files())
}

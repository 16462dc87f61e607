//! Programs in C that were written for Windows, under Wine with its own kernel32 and on Linux with ours: they print the
//! same. And our library for Windows: it works from C, and leaves Windows' own names alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::side::{Side, fresh};
use super::table::{self, Wrong};
use super::{TARGET, Toolchain, wine_environment};
use crate::machine;

/// Plays the scenes whose titles contain one of these words; all, if there are none.
pub(super) fn run(folder: &Path, toolchain: &Toolchain, words: &[String]) -> Result<()> {
    let root = machine::root()?;
    let mut scenes = table::read(root)?;
    scenes.retain(|scene| words.is_empty() || words.iter().any(|word| scene.title().contains(word)));
    ensure!(!scenes.is_empty(), "no scene has any of these in its title: {}", words.join(" "));
    let windows = library_for_windows(folder, toolchain)?;
    exports_only_ours(&windows)?;
    let names = Names::new()?;
    let [linux, wine] = [linux(folder, &names)?, wine(folder, windows)?];
    let mut wrong = 0;
    for scene in &scenes {
        let mut differences = Vec::new();
        for _ in 0..scene.tries {
            differences = compare(&linux.play(root, scene)?, &wine.play(root, scene)?, &scene.wrong);
            if differences.is_empty() {
                break;
            }
        }
        println!("{} {}", if differences.is_empty() { "same  " } else { "DIFFER" }, scene.title());
        for difference in &differences {
            println!("{difference}");
        }
        wrong += usize::from(!differences.is_empty());
    }
    ensure!(wrong == 0, "{wrong} of {} scenes differ", scenes.len());
    println!("{} scenes print the same on Linux and under Wine", scenes.len());
    Ok(())
}

/// Where names lie while this runs.
struct Names(PathBuf);

impl Names {
    fn new() -> Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let place = PathBuf::from(format!("/dev/shm/lasthandle-programs-{}", std::process::id()));
        fs::DirBuilder::new().mode(0o700).create(&place).context("no place for names")?;
        Ok(Self(place))
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn linux(folder: &Path, names: &Names) -> Result<Side> {
    let built = folder.join("linux");
    let mut cargo = machine::cargo();
    cargo.args(["build", "--quiet", "--package", "lasthandle-ffi"]).env("CARGO_TARGET_DIR", &built);
    machine::run(cargo.current_dir(machine::root()?))?;
    let place = names.0.clone();
    let programs = fresh(folder.join("programs/linux"))?;
    let temporary = programs.clone();
    let environment = Box::new(move |mut command: Command| {
        command.env("LASTHANDLE_ROOT", &place).env("TMPDIR", &temporary);
        command
    });
    Ok(Side { wine: false, folder: programs, library: built.join("debug"), environment })
}

fn wine(folder: &Path, library: PathBuf) -> Result<Side> {
    let programs = fresh(folder.join("programs/wine"))?;
    // Windows looks beside the program.
    fs::copy(library.join("lasthandle_ffi.dll"), programs.join("lasthandle_ffi.dll"))?;
    let folder = folder.to_owned();
    Ok(Side { wine: true, folder: programs, library, environment: Box::new(move |it| wine_environment(it, &folder)) })
}

/// Builds the C interface for Windows: where it lies.
fn library_for_windows(folder: &Path, toolchain: &Toolchain) -> Result<PathBuf> {
    let mut cargo = machine::cargo();
    cargo.args(["build", "--quiet", "--package", "lasthandle-ffi", "--lib"]);
    machine::run(&mut super::for_windows(cargo, toolchain, folder)).context("the library for Windows")?;
    Ok(folder.join("build").join(TARGET).join("debug"))
}

/// On Windows the plain names are the system's: ours are those with the prefix.
fn exports_only_ours(library: &Path) -> Result<()> {
    let dll = library.join("lasthandle_ffi.dll");
    let file = dll.to_str().context("a path in UTF-8")?;
    let text = machine::output("x86_64-w64-mingw32-objdump", &["-p", file]).context("objdump for Windows")?;
    let table = text.split("[Ordinal/Name Pointer] Table").nth(1).context("no table of exports")?;
    let lines = table.lines().skip(1).take_while(|line| line.trim_start().starts_with('['));
    let names: Vec<&str> = lines.filter_map(|line| line.split_whitespace().last()).collect();
    ensure!(names.contains(&"lh_wait_all"), "{file} exports nothing of ours: {names:?}");
    let foreign: Vec<_> = names.iter().filter(|name| !name.starts_with("lh_")).collect();
    ensure!(foreign.is_empty(), "{file} exports names without the prefix: {foreign:?}");
    Ok(())
}

/// Where two transcripts differ, but for what Wine is known to get wrong, and exceptions that are not needed.
fn compare(linux: &[String], wine: &[String], wrong: &[Wrong]) -> Vec<String> {
    let mut found = Vec::new();
    let mut used = vec![false; wrong.len()];
    for index in 0..linux.len().max(wine.len()) {
        let [ours, theirs] = [linux, wine].map(|lines| lines.get(index).map_or("(nothing)", String::as_str));
        if ours == theirs {
            continue;
        }
        match wrong.iter().position(|it| it.linux == ours && it.wine == theirs) {
            Some(known) => used[known] = true,
            None => found.push(format!("  Linux: {ours}\n  Wine:  {theirs}")),
        }
    }
    let unused = wrong.iter().zip(used).filter(|(_, used)| !used);
    found.extend(unused.map(|(it, _)| format!("  not needed: Wine prints {} for {}", it.wine, it.linux)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told_unless_it_is_known_and_a_known_one_must_be_there() {
        let lines = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let wrong = || vec![Wrong { linux: "a".into(), wine: "b".into() }];
        assert!(compare(&lines(&["a", "x"]), &lines(&["b", "x"]), &wrong()).is_empty());
        assert_eq!(compare(&lines(&["a"]), &lines(&["c"]), &wrong()).len(), 2);
        assert_eq!(compare(&lines(&["a"]), &lines(&["a", "b"]), &[]).len(), 1);
    }
}

//! The table of programs that must print the same on both systems.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use toml::{Table, Value};

/// Where the programs' sources lie.
const FOLDERS: [&str; 2] = ["crates/lasthandle-ffi/tests/c", "examples/c"];

pub(super) const TABLE: &str = "crates/lasthandle-ffi/tests/wine.toml";

/// Programs that run together.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) steps: Vec<Step>,
    /// With UNICODE.
    pub(super) wide: bool,
    /// Linked with our library on Windows, too.
    pub(super) library: Library,
    /// Macros for Wine, where a program asks for what is not there.
    pub(super) define: Vec<String>,
    /// How often it may be played until both print the same.
    pub(super) tries: usize,
    pub(super) wrong: Vec<Wrong>,
}

/// Of a scene that the clock decides: what is due within milliseconds may be late on a busy machine, on either side.
const TIMED: usize = 4;

/// How a program is linked with our library for Windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Library {
    None,
    Shared,
    Static,
}

/// A program with its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) program: String,
    pub(super) arguments: Vec<String>,
    pub(super) until: Until,
}

/// What the next step waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    End,
    FirstLine,
    Start,
}

/// A line that Wine 8 gets wrong.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) linux: String,
    pub(super) wine: String,
}

impl Scene {
    fn new(value: &Value) -> Result<Self> {
        let steps = texts(value, "steps").iter().map(|step| Step::new(step)).collect::<Result<Vec<_>>>()?;
        ensure!(!steps.is_empty(), "a scene of {TABLE} has no steps");
        let flag = |key| value.get(key).and_then(Value::as_bool).unwrap_or_default();
        let wrong = value.get("wrong").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Ok(Self {
            steps,
            wide: flag("wide"),
            library: Library::new(value)?,
            define: texts(value, "define"),
            tries: if flag("timed") { TIMED } else { 1 },
            wrong: wrong.iter().map(Wrong::new).collect::<Result<_>>()?,
        })
    }

    /// The scene in a line.
    pub(super) fn title(&self) -> String {
        let steps: Vec<String> = self.steps.iter().map(Step::title).collect();
        let static_library = if self.library == Library::Static { " (static)" } else { "" };
        format!("{}{}{static_library}", steps.join("; "), if self.wide { " (wide)" } else { "" })
    }
}

impl Library {
    fn new(value: &Value) -> Result<Self> {
        match value.get("library").and_then(Value::as_str) {
            None => Ok(Self::None),
            Some("shared") => Ok(Self::Shared),
            Some("static") => Ok(Self::Static),
            Some(other) => bail!("a library that is {other} in {TABLE}"),
        }
    }
}

impl Step {
    fn new(text: &str) -> Result<Self> {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let until = match words.last().map(String::as_str) {
            Some("&") => Until::FirstLine,
            Some("&&") => Until::Start,
            _ => Until::End,
        };
        words.truncate(words.len() - usize::from(until != Until::End));
        ensure!(!words.is_empty(), "a step of {TABLE} names no program");
        Ok(Self { program: words.remove(0), arguments: words, until })
    }

    pub(super) fn title(&self) -> String {
        [std::slice::from_ref(&self.program), &self.arguments].concat().join(" ")
    }

    /// The program's source.
    pub(super) fn source(&self, root: &Path) -> Result<PathBuf> {
        let name = format!("{}.c", self.program);
        let mut places = FOLDERS.iter().map(|folder| root.join(folder).join(&name));
        places.find(|place| place.is_file()).with_context(|| format!("{TABLE} names {name}, which is not there"))
    }
}

impl Wrong {
    fn new(value: &Value) -> Result<Self> {
        let text = |key| value.get(key).and_then(Value::as_str).map(str::to_owned);
        ensure!(text("why").is_some_and(|why| !why.is_empty()), "a wrong line of {TABLE} has no reason");
        let (linux, wine) = (text("linux"), text("wine"));
        Ok(Self { linux: linux.context("no `linux`")?, wine: wine.context("no `wine`")? })
    }
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let list = value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Reads the table; each program must be in it.
pub(super) fn read(root: &Path) -> Result<Vec<Scene>> {
    let table: Table = fs::read_to_string(root.join(TABLE))?.parse().context(TABLE)?;
    let scenes = table.get("scene").and_then(Value::as_array).context("no scenes")?;
    let scenes = scenes.iter().map(Scene::new).collect::<Result<Vec<_>>>()?;
    let absent = table.get("absent").and_then(Value::as_table).context("nothing absent")?;
    let used = scenes.iter().flat_map(|scene| &scene.steps).map(|step| step.program.clone());
    let known: BTreeSet<String> = used.chain(absent.keys().cloned()).collect();
    let missing: Vec<String> = programs(root)?.into_iter().filter(|name| !known.contains(name)).collect();
    ensure!(missing.is_empty(), "programs that are not in {TABLE}: {}", missing.join(" "));
    Ok(scenes)
}

/// The names of all programs.
fn programs(root: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for folder in FOLDERS {
        for entry in fs::read_dir(root.join(folder))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "c") {
                names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_says_what_the_next_waits_for() {
        let step = Step::new("server a b &").expect("a step");
        assert_eq!((step.title().as_str(), step.until), ("server a b", Until::FirstLine));
        assert_eq!(Step::new("consumer &&").expect("a step").until, Until::Start);
        assert_eq!(Step::new("waits").expect("a step").until, Until::End);
        assert!(Step::new("&").is_err());
    }

    #[test]
    fn the_table_knows_every_program() {
        let root = crate::machine::root().expect("the root");
        let scenes = read(root).expect("a whole table");
        assert!(scenes.iter().flat_map(|scene| &scene.steps).all(|step| step.source(root).is_ok()));
    }
}

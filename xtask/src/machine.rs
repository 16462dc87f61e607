//! What the tasks ask of the machine they run on: programs, compilers, folders.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The workspace's root.
pub(crate) fn root() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the workspace")
}

/// A folder of a task's own, under the target directory; made if it is missing.
pub(crate) fn folder(task: &str) -> Result<PathBuf> {
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| Ok(root()?.join("target")), |dir| anyhow::Ok(dir.into()));
    let folder = std::path::absolute(target?)?.join(task);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// The cargo that runs this task.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command that must succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start {name}"))?;
    ensure!(status.success(), "{name} ended with {status}");
    Ok(())
}

/// What a command writes, if it can be started and succeeds.
pub(crate) fn output(program: impl AsRef<OsStr>, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Every rustc on the path, in its order.
pub(crate) fn compilers() -> impl Iterator<Item = PathBuf> {
    directories().map(|directory| directory.join("rustc")).filter(|rustc| rustc.is_file())
}

/// The folder of a compiler and its libraries.
pub(crate) fn sysroot(rustc: &Path) -> Option<PathBuf> {
    output(rustc, &["--print", "sysroot"]).map(PathBuf::from)
}

/// Where the source of a compiler's library lies, if it is there.
pub(crate) fn library_source(sysroot: &Path) -> Option<PathBuf> {
    let source = sysroot.join("lib/rustlib/src/rust/library");
    source.join("std").is_dir().then_some(source)
}

/// The file of a program on the path.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    directories().map(|directory| directory.join(program)).find(|file| file.is_file())
}

fn directories() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).collect::<Vec<_>>().into_iter()
}

/// What to say of something that is not there.
pub(crate) fn missing(what: &str, packages: &str) -> String {
    format!("{what} is missing; on Debian: apt-get install {packages}")
}

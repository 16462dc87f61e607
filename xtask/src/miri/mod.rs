//! Miri over everything that needs no system call: the record code, names, the copies, the model.
//!
//! Miri interprets the standard library from source. A toolchain with the component `rust-src` has it. Where that
//! cannot be had, Debian's source of the release just before is made to fit: see [`library`].

mod library;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::machine;

/// Filters of test names: what runs without a system. They match anywhere in a name, so the engine is taken out again.
const TESTS: [&str; 6] = ["record::", "name::", "copy::", "model::", "--skip", "sys::linux"];

pub(crate) fn run() -> Result<()> {
    let rustc = machine::output("rustup", &["which", "--toolchain", "nightly", "rustc"]);
    let sysroot = rustc.as_deref().and_then(|rustc| machine::sysroot(Path::new(rustc)));
    let miri = machine::output("cargo", &["+nightly", "miri", "--version"]);
    let sysroot =
        miri.and(sysroot).context("Miri is missing; with rustup: rustup +nightly component add miri rust-src")?;
    let folder = machine::folder("miri")?;
    let source = source(&sysroot, &folder)?;
    machine::run(miri_command(&folder, &source).args(["setup", "--quiet"])).context("Miri's library does not build")?;
    let mut test = miri_command(&folder, &source);
    test.args(["test", "--locked", "--package", "lasthandle", "--lib", "--"]).args(TESTS);
    machine::run(&mut test).context("Miri found something, or a test failed")
}

fn miri_command(folder: &Path, source: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["+nightly", "miri"]).env("MIRI_LIB_SRC", source).env("MIRI_SYSROOT", folder.join("sysroot"));
    // The outer cargo's own choices are for another toolchain.
    cargo.env("CARGO_TARGET_DIR", folder.join("build")).env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
    cargo
}

fn source(sysroot: &Path, folder: &Path) -> Result<PathBuf> {
    if let Some(own) = machine::library_source(sysroot) {
        return Ok(own);
    }
    let other = machine::compilers().filter_map(|rustc| machine::sysroot(&rustc));
    let other = other.into_iter().find_map(|sysroot| machine::library_source(&sysroot));
    let other = other.with_context(|| machine::missing("the source of the standard library", "rust-web-src"))?;
    library::fitted(&other, &folder.join("library"))
}

//! The nightly toolchain with the source of a standard library that it can compile.
//!
//! A toolchain with the component `rust-src` has it. Where that cannot be had, Debian's source of the release just
//! before is made to fit: see [`library`].

mod library;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::machine;

pub(crate) struct Nightly {
    /// Where the library's source lies.
    library: PathBuf,
}

impl Nightly {
    pub(crate) fn find() -> Result<Self> {
        let rustc = machine::output("rustup", &["which", "--toolchain", "nightly", "rustc"]);
        let sysroot = rustc.as_deref().and_then(|rustc| machine::sysroot(Path::new(rustc)));
        let sysroot =
            sysroot.context("the nightly toolchain is missing; with rustup: rustup toolchain install nightly")?;
        let library = machine::library_source(&sysroot).map_or_else(from_elsewhere, Ok)?;
        Ok(Self { library })
    }

    /// Its cargo, without the choices of the cargo that runs this task. Miri and `-Zbuild-std` find the source.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.arg("+nightly").env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env_remove("RUSTC");
        cargo.env("MIRI_LIB_SRC", &self.library).env("__CARGO_TESTS_ONLY_SRC_ROOT", &self.library);
        cargo
    }
}

fn from_elsewhere() -> Result<PathBuf> {
    let sysroots = machine::compilers().filter_map(|rustc| machine::sysroot(&rustc));
    let source = sysroots.into_iter().find_map(|sysroot| machine::library_source(&sysroot));
    let source = source.with_context(|| machine::missing("the source of the standard library", "rust-web-src"))?;
    library::fitted(&source, &machine::folder("nightly")?)
}

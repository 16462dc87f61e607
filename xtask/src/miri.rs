//! Miri over everything that needs no system call: the record code, names, the copies, the model,
//! the rings of channels, and what C borrows of their ends.

use anyhow::{Context, Result};

use crate::machine;
use crate::nightly::Nightly;

/// Filters of test names: what runs without a system. They match anywhere in a name, so the engine is taken out again.
const TESTS: [(&str, &[&str]); 2] = [
    ("lasthandle", &["record::", "name::", "copy::", "model::", "channel::", "--skip", "sys::linux"]),
    ("lasthandle-ffi", &["loan::"]),
];

pub(crate) fn run() -> Result<()> {
    machine::output("cargo", &["+nightly", "miri", "--version"])
        .context("Miri is missing; with rustup: rustup +nightly component add miri rust-src")?;
    let nightly = Nightly::find()?;
    let folder = machine::folder("miri")?;
    let miri = |arguments: &[&str]| {
        let mut cargo = nightly.cargo();
        cargo.arg("miri").args(arguments);
        // Objects say when they were made: the model may look at the clock.
        cargo.env("MIRIFLAGS", "-Zmiri-disable-isolation");
        cargo.env("CARGO_TARGET_DIR", folder.join("build")).env("MIRI_SYSROOT", folder.join("sysroot"));
        cargo
    };
    machine::run(&mut miri(&["setup"])).context("Miri's library does not build")?;
    TESTS.into_iter().try_for_each(|(package, tests)| {
        machine::run(miri(&["test", "--locked", "--package", package, "--lib", "--"]).args(tests))
            .with_context(|| format!("Miri found something in {package}, or a test failed"))
    })
}

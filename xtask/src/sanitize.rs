//! LLVM's address sanitizer over the library's tests: reads and writes outside of what is allocated or mapped, use after
//! free, leaks; in the engine's real system calls too, which Miri cannot run.

use anyhow::{Context, Result};

use crate::machine;

/// A target named in full keeps the sanitizer out of build scripts and macros.
const TARGET: &str = "x86_64-unknown-linux-gnu";

pub(crate) fn run() -> Result<()> {
    let mut cargo = machine::cargo();
    cargo.args(["test", "--locked", "--target", TARGET, "--package", "lasthandle", "--package", "conformance"]);
    cargo.args(["--lib", "--tests"]);
    // A stable compiler has the sanitizers, and takes the flag when told that it may.
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address -Cdebug-assertions");
    cargo.env("CARGO_TARGET_DIR", machine::folder("sanitize")?);
    // The first finding ends the test with a report; `abort` keeps a forked child from passing it off as an exit.
    cargo.env("ASAN_OPTIONS", "abort_on_error=1:detect_stack_use_after_return=1");
    machine::run(&mut cargo).context("the tests failed under the address sanitizer")
}

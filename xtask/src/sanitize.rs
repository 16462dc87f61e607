//! LLVM's sanitizers over the library's tests and the conformance suite: in the engine's real system calls too, which
//! Miri cannot run.

use std::process::Command;

use anyhow::{Context, Result};

use crate::machine;
use crate::nightly::Nightly;

/// A target named in full keeps the sanitizer out of build scripts and macros.
const TARGET: &str = "x86_64-unknown-linux-gnu";

const LIBRARY: [&str; 2] = ["lasthandle", "conformance"];
/// Its own tests, and random calls of it. (Programs in C would have to be compiled for the sanitizer, too.)
const C_INTERFACE: [&str; 2] = ["lasthandle-ffi", "storm"];

/// Run the library's tests under one of LLVM's sanitizers.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[arg(value_enum, default_value_t = Sanitizer::Address)]
    sanitizer: Sanitizer,
}

#[derive(clap::ValueEnum, Clone, Copy)]
enum Sanitizer {
    /// Reads and writes outside of what is allocated or mapped, use after free, leaks.
    Address,
    /// Races between threads of one process. Needs a nightly toolchain, for a standard library that takes part.
    Thread,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let (runs, name) = match args.sanitizer {
        Sanitizer::Address => {
            (vec![address(&LIBRARY, &["--tests"]), address(&C_INTERFACE, &["--test", "calls"])], "address")
        }
        Sanitizer::Thread => (vec![thread()?], "thread"),
    };
    for mut cargo in runs {
        // Sanitizers see the calls of the C library alone. One that misses an `munmap` takes the next mapping at that
        // address for the same memory, and finds a race between threads that never shared any.
        cargo.env("RUSTFLAGS", format!("-Zsanitizer={name} --cfg=rustix_use_libc"));
        cargo.env("CARGO_TARGET_DIR", machine::folder(name)?);
        machine::run(&mut cargo).with_context(|| format!("the tests failed under the {name} sanitizer"))?;
    }
    Ok(())
}

fn address(packages: &[&str], tests: &[&str]) -> Command {
    let mut cargo = test(machine::cargo(), packages, tests);
    // A stable compiler has the sanitizers, and takes the flag when told that it may.
    cargo.env("RUSTC_BOOTSTRAP", "1");
    // `abort` keeps a forked child from passing a finding off as an exit. Too much memory is to be refused, not a finding.
    cargo.env("ASAN_OPTIONS", "abort_on_error=1:detect_stack_use_after_return=1:allocator_may_return_null=1");
    // What is kept on purpose is listed, with its reason.
    cargo.env("LSAN_OPTIONS", concat!("suppressions=", env!("CARGO_MANIFEST_DIR"), "/leaks.txt"));
    cargo
}

fn thread() -> Result<Command> {
    // Two handles of one sync object map its words at two addresses; order that one makes and the other sees is no
    // order to this sanitizer. So threads that meet in sync objects of the engine are not for it.
    let mut cargo = test(
        Nightly::find()?.cargo(),
        &LIBRARY,
        &["--test", "mapping", "--test", "passing", "--test", "view", "--test", "model"],
    );
    // An `Arc` whose counting the sanitizer does not see looks like a race: the library must be compiled with it.
    cargo.arg("-Zbuild-std");
    cargo.env("TSAN_OPTIONS", "halt_on_error=1");
    // The address that this test asks for belongs to the sanitizer.
    cargo.args(["--", "--skip", "a_wanted_address_is_kept_or_refused"]);
    Ok(cargo)
}

/// What is tested. Options come before what `--` gives to the tests.
fn test(mut cargo: Command, packages: &[&str], tests: &[&str]) -> Command {
    cargo.args(["test", "--locked", "--target", TARGET]);
    cargo.args(packages.iter().flat_map(|package| ["--package", package]));
    cargo.arg("--lib").args(tests);
    cargo
}

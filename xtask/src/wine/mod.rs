//! The Windows leg: cross-compile for Windows and run under Wine.
//!
//! The target is `win7`, because Wine 8 lacks the random-number library that the plain Windows target imports. It
//! has no standard library to download, so the compiler must have its library's source; Debian's has.

mod programs;
mod side;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::machine::{self, missing, on_path};

const TARGET: &str = "x86_64-win7-windows-gnu";
const LINKER: &str = "x86_64-w64-mingw32-gcc";
const PACKAGES: [&str; 4] = ["lasthandle", "conformance", "lasthandle-cli", "lasthandle-ffi"];

/// Build for Windows, and run the tests under Wine.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[arg(value_enum, default_value_t = Verb::Test)]
    verb: Verb,
    /// More arguments for cargo: `-- --lib`, or `-- -- --nocapture` for the tests themselves. Of `programs`, what is in the
    /// names of those to run.
    #[arg(last = true)]
    more: Vec<String>,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq)]
enum Verb {
    /// Compile all targets.
    Build,
    /// Compile and run the tests, and the programs.
    Test,
    /// Run programs in C on Linux and under Wine, and compare what they print.
    Programs,
    /// Lint what only a Windows build compiles; a warning fails.
    Clippy,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    // Everything of this leg, Wine's disk included, lies in one folder.
    let folder = machine::folder("wine")?;
    clear_temporary(&folder)?;
    let toolchain = Toolchain::find()?;
    on_path(LINKER).with_context(|| missing(LINKER, "gcc-mingw-w64-x86-64"))?;
    if matches!(args.verb, Verb::Test | Verb::Programs) {
        on_path("wine").with_context(|| missing("wine", "wine wine64"))?;
        start_wine(&folder)?;
    }
    if args.verb != Verb::Programs {
        let mut cargo = command(args.verb, &toolchain, &folder)?;
        cargo.args(&args.more);
        if args.verb == Verb::Clippy {
            cargo.args(["--", "-Dwarnings"]);
        }
        machine::run(&mut cargo).context("the Windows leg failed")?;
    }
    let everything = args.verb == Verb::Test && args.more.is_empty();
    if everything || args.verb == Verb::Programs {
        programs::run(&folder, &toolchain, &args.more)?;
    }
    Ok(())
}

fn command(verb: Verb, toolchain: &Toolchain, folder: &Path) -> Result<Command> {
    let mut cargo = match verb {
        Verb::Clippy => Command::new(toolchain.clippy()?),
        _ => machine::cargo(),
    };
    match verb {
        Verb::Build => cargo.args(["build", "--all-targets"]),
        Verb::Test | Verb::Programs => cargo.arg("test"),
        Verb::Clippy => cargo.args(["clippy", "--all-targets"]),
    };
    cargo.args(PACKAGES.iter().flat_map(|package| ["--package", package]));
    Ok(for_windows(cargo, toolchain, folder))
}

/// Makes a cargo compile for Windows, and run under Wine what it runs.
fn for_windows(mut cargo: Command, toolchain: &Toolchain, folder: &Path) -> Command {
    // The compiler of the workspace, of the standard library and of the lints must be one.
    cargo.env("RUSTC", toolchain.program("rustc")).env("RUSTDOC", toolchain.program("rustdoc"));
    // A stable compiler builds its own library from source only when told that it may.
    cargo.env("RUSTC_BOOTSTRAP", "1").args(["-Zbuild-std=std,panic_abort", "--target", TARGET]);
    cargo.env("CARGO_TARGET_DIR", folder.join("build"));
    cargo.env("CARGO_TARGET_X86_64_WIN7_WINDOWS_GNU_LINKER", LINKER);
    cargo.env("CARGO_TARGET_X86_64_WIN7_WINDOWS_GNU_RUNNER", "wine");
    wine_environment(cargo, folder)
}

fn temporary(folder: &Path) -> PathBuf {
    folder.join("tmp")
}

/// Takes away what the linker for Windows leaves: two empty files each time. Not folders: a server of Wine may still use
/// one.
fn clear_temporary(folder: &Path) -> Result<()> {
    let temporary = temporary(folder);
    fs::create_dir_all(&temporary).with_context(|| format!("cannot create {}", temporary.display()))?;
    for entry in fs::read_dir(&temporary)? {
        let path = entry?.path();
        if path.is_file() {
            let _ = fs::remove_file(path);
        }
    }
    Ok(())
}

/// Wine's own disk and temporary files, no messages of its own, and no offers to install more.
fn wine_environment(mut command: Command, folder: &Path) -> Command {
    command.env("WINEPREFIX", folder.join("prefix")).env("TMPDIR", temporary(folder)).env("WINEDEBUG", "-all");
    command.env("WINEDLLOVERRIDES", "mscoree,mshtml=");
    command
}

/// Starts Wine, for a minute beyond its last program. Left to itself its server ends after three seconds, and a
/// program that starts just then fails. Its own programs inherit the streams of whatever starts them, so nothing of
/// ours may: who reads the tests' output would wait for that minute.
fn start_wine(folder: &Path) -> Result<()> {
    for (program, arguments) in [("wineserver", &["-p60"][..]), ("wine", &["wineboot", "--init"])] {
        let mut command = wine_environment(Command::new(program), folder);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().with_context(|| format!("cannot start {program}"))?;
    }
    let disk = folder.join("prefix");
    ensure!(
        disk.join("drive_c/windows/system32/kernel32.dll").exists(),
        "wine could not make its disk in {}",
        disk.display()
    );
    Ok(())
}

/// A compiler with the source of its library.
struct Toolchain {
    sysroot: PathBuf,
}

impl Toolchain {
    /// The first on the path that has the source, which need not be the first on the path.
    fn find() -> Result<Self> {
        machine::compilers()
            .filter_map(|rustc| machine::sysroot(&rustc))
            .find(|sysroot| machine::library_source(sysroot).is_some())
            .map(|sysroot| Self { sysroot })
            .with_context(|| missing("a rustc with its library's source", "rustc-web rust-web-src libstd-rust-web-dev"))
    }

    fn program(&self, name: &str) -> PathBuf {
        self.sysroot.join("bin").join(name)
    }

    fn clippy(&self) -> Result<PathBuf> {
        let clippy = self.program("cargo-clippy");
        ensure!(clippy.is_file(), missing(&clippy.display().to_string(), "rust-web-clippy"));
        Ok(clippy)
    }
}
